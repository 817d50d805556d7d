package cpu_test

import (
	"fmt"
	"math"
	"slices"
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

// TestThreadsGiveTheSameBits trains every model with one to four threads, one replica and four. Some are split over threads and
// some are not.
func TestThreadsGiveTheSameBits(t *testing.T) {
	t.Parallel()
	adam := &graph.Update{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, ClipNorm: 0.1,
		Schedule: graph.Schedule{Shape: graph.Constant}}
	for _, c := range []graph.Config{
		{Model: "denoiser"}, {Model: "shallow"}, {Model: "rigamp", Iterations: 3}, {Model: "deep"},
	} {
		t.Run(c.Model, func(t *testing.T) {
			t.Parallel()
			c.Batch, c.Dim, c.Code = 70, 90, 50
			var want []float64
			for threads := 1; threads <= 4; threads++ {
				for _, replicas := range []int{1, 4} {
					if losses := trainLosses(t, c, adam, threads, replicas); want == nil {
						want = losses
					} else if !slices.Equal(losses, want) {
						t.Errorf("%d threads, %d replicas: other losses", threads, replicas)
					}
				}
			}
		})
	}
}

// trainLosses returns the losses of a model that trains beside others with the same seed, in
// several runs, so that all ways to spread it over workers are tried.
func trainLosses(t *testing.T, c graph.Config, u *graph.Update, threads, replicas int) []float64 {
	t.Helper()
	m, err := graph.New(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Options{Sample: &graph.Sample{Law: "sparse-gaussian"}, Update: u})
	if err != nil {
		t.Fatal(err)
	}
	reps := make([]graph.Replica, replicas)
	for i := range reps {
		reps[i] = graph.Replica{Seed: 3, LearningRate: 0.01, P: 0.4}
	}
	r, err := open(t, threads).Load(reps, p)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range reps {
		for _, b := range p.Tensors() {
			values := make([]float32, b.Size())
			for k := range values {
				values[k] = float32(math.Sin(float64(7*k + 1)))
			}
			if b.Kind == graph.Weight {
				if err := r.Write(b.Name, i, values); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	const steps, runs = 5, 6
	var first []float64
	for run := range runs {
		losses := make([]float64, steps*replicas)
		if err := r.Run(0, uint64(run*steps), steps, losses); err != nil {
			t.Fatal(err)
		}
		for s := range steps {
			row := losses[s*replicas : (s+1)*replicas]
			first = append(first, row[0])
			if slices.Max(row) != slices.Min(row) {
				t.Errorf("%d threads: equal replicas have losses %v", threads, row)
			}
		}
	}
	return first
}
