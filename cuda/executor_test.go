//go:build gpu

package cuda_test

import (
	"testing"

	"autoamp/cuda"
	"autoamp/graph"
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
