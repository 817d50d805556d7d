//go:build gpu

package cuda_test

import (
	"testing"

	"autoamp/cuda"
	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/kernels/kerneltest"
)

// TestExecutor runs the conformance suite: on the emulated driver under make test-gpu, on a GPU where there is one.
func TestExecutor(t *testing.T) {
	exec := open(t, cuda.Settings{})
	kerneltest.Run(t, func(*testing.T) graph.Executor { return exec })
}

// open opens the device until the end of the test.
func open(t *testing.T, s cuda.Settings) *cuda.Executor {
	t.Helper()
	e, err := cuda.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// TestAgainstCPU trains every model beside the CPU's executor, in each precision.
func TestAgainstCPU(t *testing.T) {
	reference, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	// The slack of a precision is its unit roundoff divided by the unit roundoff of float32.
	for precision, slack := range map[cuda.Precision]float64{cuda.FP32: 1, cuda.Split: 1 << 7, cuda.TF32: 1 << 13} {
		t.Run(string(precision), func(t *testing.T) {
			kerneltest.Compare(t, open(t, cuda.Settings{Precision: precision}), reference, slack)
		})
	}
}
