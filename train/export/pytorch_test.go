package export_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/train"
	"autoamp/train/codec"
	"autoamp/train/internal/traintest"
	"autoamp/train/rundir"
)

const python = "/usr/bin/python3" // Debian's, which has Debian's python3-torch

// needTorch skips a test where there is no PyTorch.
func needTorch(t *testing.T) {
	t.Helper()
	if err := exec.Command(python, "-c", "import torch, numpy").Run(); err != nil {
		t.Skip("no PyTorch for " + python + "; make onnx installs python3-torch")
	}
}

// readmeCode returns the Python of train/README.md that defines a function.
func readmeCode(t *testing.T, function string) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```python\n(.*?)```").FindAllSubmatch(text, -1) {
		if strings.Contains(string(block[1]), "def "+function+"(") {
			return string(block[1])
		}
	}
	t.Fatalf("train/README.md defines no %s", function)
	return ""
}

// runPython runs a program and returns what it prints.
func runPython(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-c", program}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// decoded trains a denoiser on rows and returns its run directory and what the codec makes of the rows.
func decoded(t *testing.T, rows string) (dir, back string) {
	t.Helper()
	c := train.Config{
		Model: train.ModelConfig{Rate: 0.75}, Data: train.DataConfig{Name: "sparse-gaussian"}, Steps: 60, Batch: 32,
	}
	c.Model.Dim = 16
	dir = filepath.Join(t.TempDir(), "run")
	tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: dir}
	if _, err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	in, err := datasets.OpenArray(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	k, err := codec.Open(dir, 0, traintest.NewCPU(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	codes, back := filepath.Join(t.TempDir(), "x.a1b"), filepath.Join(t.TempDir(), "back.npy")
	if _, err := k.Encode(t.Context(), in, codes); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Decode(t.Context(), codes, back, nil); err != nil {
		t.Fatal(err)
	}
	return dir, back
}

// The lines of the README give in PyTorch what decode gives.
func TestPyTorchRebuildsTheDenoiser(t *testing.T) {
	t.Parallel()
	needTorch(t)
	rows := strings.TrimPrefix(traintest.StoreLaw(t, kernels.Law{Kind: kernels.SparseGaussian, P: 0.4}, 300, 16, 0, 1), "npy:")
	dir, back := decoded(t, rows)
	checkpoint, err := rundir.Newest(dir)
	if err != nil {
		t.Fatal(err)
	}
	program := readmeCode(t, "denoiser") + `
import numpy, sys
x = torch.from_numpy(numpy.load(sys.argv[2]).astype("float32"))
ours = torch.from_numpy(numpy.load(sys.argv[3]))
print((denoiser(load(sys.argv[1]), x) - ours).abs().max().item(), ours.abs().max().item())`
	out := runPython(t, program, filepath.Join(checkpoint.Path, "replica-0000.safetensors"), rows, back)
	var apart, largest float64
	if _, err := fmt.Sscan(out, &apart, &largest); err != nil || !(apart <= 1e-5) || !(largest > 0.1) {
		t.Errorf("PyTorch printed %q (%v): the distance, at most 1e-5, and the largest number", out, err)
	}
}

// Weights of every type that PyTorch saves are the weights of step 0, and float32 arrives as it is.
func TestTrainingStartsFromPyTorch(t *testing.T) {
	t.Parallel()
	needTorch(t)
	program := readmeCode(t, "save") + `
import sys
torch.manual_seed(1)
w = {"denoiser.theta": torch.randn(6, dtype=torch.float64), "decoder.weight": torch.randn(4, 3).half(),
     "encoder.weight": torch.randn(3, 4).bfloat16()}
w["decoder.weight"][0, 0] = 6e-8  # a subnormal number
save(sys.argv[1], w)
print(json.dumps({name: t.float().flatten().tolist() for name, t in w.items()}))`
	path := filepath.Join(t.TempDir(), "start.safetensors")
	var want map[string][]float32
	if err := json.Unmarshal([]byte(runPython(t, program, path)), &want); err != nil {
		t.Fatal(err)
	}
	c := train.Config{Model: train.ModelConfig{Dim: 4, Rate: 0.75, InitFrom: path}, Seeds: []uint64{1, 2}}
	s, err := train.NewStepper(t.Context(), traintest.NewCPU(t, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, values := range want {
		for replica := range 2 {
			if got, err := s.Tensor(name, replica); err != nil || !slices.Equal(got, values) {
				t.Errorf("%s of replica %d is %v, want %v (%v)", name, replica, got, values, err)
			}
		}
	}
}
