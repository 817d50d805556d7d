package cpu_test

import (
	"fmt"
	"testing"

	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/kernels/kerneltest"
)

// TestExecutor runs the conformance suite with one, two and three threads: one model is then
// split over its rows, and several are split over threads with a remainder.
func TestExecutor(t *testing.T) {
	t.Parallel()
	for _, threads := range []int{1, 2, 3} {
		t.Run(fmt.Sprintf("threads=%d", threads), func(t *testing.T) {
			t.Parallel()
			kerneltest.Run(t, func(t *testing.T) graph.Executor { return open(t, threads) })
		})
	}
}

func open(t *testing.T, threads int) *cpu.Executor {
	t.Helper()
	e, err := cpu.New(cpu.Settings{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestStepAllocatesNothing runs steps of one replica on all workers, and of several replicas
// each on its own.
func TestStepAllocatesNothing(t *testing.T) {
	m, err := graph.New(graph.Config{Model: "denoiser", Batch: 32, Dim: 40, Code: 30})
	if err != nil {
		t.Fatal(err)
	}
	adam := &graph.Update{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Schedule: graph.Schedule{Shape: graph.Constant}}
	p, err := m.Compile(graph.Options{Sample: &graph.Sample{Law: "sparse-gaussian"}, Update: adam})
	if err != nil {
		t.Fatal(err)
	}
	for _, replicas := range []int{1, 2, 5} {
		r, err := open(t, 2).Load(make([]graph.Replica, replicas), p)
		if err != nil {
			t.Fatal(err)
		}
		losses := make([]float64, 10*replicas)
		if allocs := testing.AllocsPerRun(20, func() { _ = r.Run(0, 0, 10, losses) }); allocs > 0 {
			t.Errorf("%d replicas: %v allocations in ten steps", replicas, allocs)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
