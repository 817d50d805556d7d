//go:build gpu

package cuda_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"autoamp/cuda"
	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// TestTrainedErrorIsTheTheorys trains to the theory's value: within 3 % at d = 30 and a short run, where the neglected terms
// of order 1/d² and the run's length leave about 1 % each.
func TestTrainedErrorIsTheTheorys(t *testing.T) {
	shallow := train.Config{Model: train.ModelConfig{Name: "shallow", Dim: 30, Rate: 0.5, Encoder: "trained"}, Steps: 2500, Batch: 64, Seeds: []uint64{1, 2}}
	haar := train.Config{Model: train.ModelConfig{Dim: 50, Encoder: "haar", Tied: true, Name: "shallow"}, Steps: 500, Batch: 64}
	for _, c := range []struct {
		train.Config
		precision cuda.Precision
	}{{shallow, cuda.FP32}, {haar, cuda.FP32}, {haar, cuda.TF32}, {haar, cuda.Split}} {
		t.Run(fmt.Sprintf("%s/%s", c.Model.Encoder, c.precision), func(t *testing.T) {
			s, err := (&train.Trainer{Config: c.Config, Executor: open(t, cuda.Settings{Precision: c.precision})}).Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			p := s.Points[0]
			t.Logf("%.4f ± %.4f, theory %.4f, %.3f ms/step", p.TestMSE, p.TestMSEStderr, p.Expected, s.MsPerStep)
			if p.Gap == nil || math.Abs(*p.Gap) > 0.03 {
				t.Errorf("%.4f ± %.4f, theory %.4f", p.TestMSE, p.TestMSEStderr, p.Expected)
			}
		})
	}
}

// TestResume continues a run of one device on another, and on the same one. On the same one all files have the same
// bytes as the uninterrupted run's; across devices the losses agree to rounding, as long as no sign turns over.
func TestResume(t *testing.T) {
	gpu := open(t, cuda.Settings{})
	host, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name       string
		config     train.Config
		begin, end graph.Executor
		tolerance  float64
	}{
		{"gpu to gpu", graphs, gpu, gpu, 0}, {"gpu to cpu", graphs, gpu, host, 1e-3}, {"cpu to gpu", graphs, host, gpu, 1e-3},
		{"one block", small, gpu, gpu, 0}, {"one block to cpu", small, gpu, host, 1e-3},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole, cut := t.TempDir(), t.TempDir()
			copied := false
			first := train.Trainer{Config: c.config, Executor: c.begin, Dir: whole, Progress: func(p train.Progress) {
				if !copied && p.Step >= 50 {
					copied = true
					if err := os.CopyFS(cut, os.DirFS(whole)); err != nil {
						t.Error(err)
					}
				}
			}}
			want, err := first.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			second := train.Trainer{Config: c.config, Executor: c.end, Dir: cut, Resume: true}
			got, err := second.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range want.Points {
				if math.Abs(got.Points[i].TestMSE-p.TestMSE) > c.tolerance*p.TestMSE {
					t.Errorf("point %d: test error %v, want %v", i, got.Points[i].TestMSE, p.TestMSE)
				}
			}
			if c.tolerance == 0 {
				sameFiles(t, whole, cut, "metrics.csv", "structure.csv", "checkpoints/step-*/*.safetensors")
			}
		})
	}
}

// sameFiles compares files of two runs byte by byte.
func sameFiles(t *testing.T, a, b string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(a, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files %s (%v)", pattern, err)
		}
		for _, path := range paths {
			name, err := filepath.Rel(a, path)
			if err != nil {
				t.Fatal(err)
			}
			x, errX := os.ReadFile(path)
			y, errY := os.ReadFile(filepath.Join(b, name))
			if errX != nil || errY != nil || string(x) != string(y) {
				t.Errorf("%s differs (%v, %v)", name, errX, errY)
			}
		}
	}
}
