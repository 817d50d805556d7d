package bench

import (
	"context"
	_ "embed"
	"errors"
	"strconv"
)

// torchStep is the peer's program; it is passed to Python on the command line, so that the
// suite runs without a source tree.
//
//go:embed peers/torch_step.py
var torchStep string

// errNoTorch: none of the interpreters can import torch.
var errNoTorch = errors.New("no Python that can import torch (Debian: apt install python3-torch); name one with --python")

// findTorch returns the first interpreter that can import torch.
func findTorch(ctx context.Context, candidates []string) (string, error) {
	if path := FindPython(ctx, candidates, "torch"); path != "" {
		return path, nil
	}
	return "", errNoTorch
}

// torchProcess is a PyTorch peer that waits for its turns.
type torchProcess struct {
	about  torchAbout
	faults float64
	*process
}

// torchAbout is the versions that the peer reports.
type torchAbout struct {
	Torch   string `json:"torch"`
	Python  string `json:"python"`
	Adam    string `json:"adam"`
	BLAS    string `json:"blas"`
	Kernels string `json:"kernels"`
}

// String names the versions, and the kernels of OpenBLAS.
func (a torchAbout) String() string {
	s := "torch " + a.Torch + ", Python " + a.Python
	if a.BLAS != "" {
		s += ", " + a.BLAS + " (" + a.Kernels + ")"
	}
	return s
}

// threadsEnv limits the threads of the libraries below torch. torch.set_num_threads does not limit an OpenBLAS with its own threads:
// that OpenBLAS would use all cores.
func threadsEnv(threads int) []string {
	n := strconv.Itoa(threads)
	return []string{"OPENBLAS_NUM_THREADS=" + n, "OMP_NUM_THREADS=" + n, "MKL_NUM_THREADS=" + n}
}

// startTorch starts a peer in mode "eager" or "hand", with some more environment, and waits until it is warm.
func startTorch(ctx context.Context, python, mode string, cell Cell, env ...string) (*torchProcess, error) {
	args := []string{"-c", torchStep, "--serve", "--mode", mode, "--model", cell.model(), "--dim", strconv.Itoa(cell.Dim),
		"--batch", strconv.Itoa(cell.Batch), "--p", strconv.FormatFloat(cell.p(), 'g', -1, 64), "--threads", strconv.Itoa(cell.Threads)}
	t := &torchProcess{}
	var err error
	t.process, err = startProcess(ctx, "torch", 0, &t.about, python, args, append(threadsEnv(cell.Threads), env...))
	return t, err
}

// Run does steps in the peer. The few bytes through a pipe cost microseconds beside a chunk.
func (t *torchProcess) Run(steps int) error {
	var done struct {
		Ms     float64 `json:"ms"`
		Faults float64 `json:"faults"`
	}
	err := t.ask(strconv.Itoa(steps), &done)
	t.faults = done.Faults
	return err
}

// pageFaults is the number of page faults of a step in the last run.
func (t *torchProcess) pageFaults() float64 { return t.faults }
