package cpu

import (
	"math"
	"slices"
	"testing"

	"autoamp/graph"
	"autoamp/kernels"
)

// TestZerosChangeNoBit trains replicas whose data have few, some and no zeros, in one program, with products that leave zeros out and
// without them, with one, two and three threads. All losses and weights are the same numbers.
func TestZerosChangeNoBit(t *testing.T) {
	t.Parallel()
	if kernels.BestLevel() == kernels.Scalar {
		t.Skip("products that leave zeros out need vector kernels")
	}
	reps := []graph.Replica{
		{Seed: 1, LearningRate: 0.01, P: 0.05}, {Seed: 2, LearningRate: 0.01, P: 0.4},
		{Seed: 3, LearningRate: 0.01, P: 0.5}, {Seed: 4, LearningRate: 0.01, P: 1},
	}
	for _, name := range []string{"denoiser", "rigamp"} {
		var want []float32
		for _, threads := range []int{1, 2, 3} {
			for _, zeros := range []bool{false, true} {
				got := trainWithZeros(t, graph.Config{Model: name, Batch: 70, Dim: 90, Code: 130}, reps, threads, zeros)
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, %d threads, zeros left out: %v: other losses or weights", name, threads, zeros)
				}
			}
		}
	}
}

// trainWithZeros returns the losses of four steps, and the weights after them.
func trainWithZeros(t *testing.T, c graph.Config, reps []graph.Replica, threads int, zeros bool) []float32 {
	t.Helper()
	m, err := graph.New(c)
	if err != nil {
		t.Fatal(err)
	}
	adam := &graph.Update{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Schedule: graph.Schedule{Shape: graph.Constant}}
	p, err := m.Compile(graph.Options{Sample: &graph.Sample{Law: "sparse-gaussian"}, Update: adam})
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(Settings{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := e.Load(reps, p)
	if err != nil {
		t.Fatal(err)
	}
	r := loaded.(*Runner)
	defer r.Close()
	for _, w := range r.workers {
		if !zeros {
			w.zeros = nil
		}
	}
	return trainOnSines(t, r, p, len(reps))
}

func trainOnSines(t *testing.T, r *Runner, p *graph.Program, replicas int) (results []float32) {
	t.Helper()
	for i := range replicas {
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
	losses := make([]float64, 4*replicas)
	if err := r.Run(0, 0, 4, losses); err != nil {
		t.Fatal(err)
	}
	for _, l := range losses {
		results = append(results, float32(l))
	}
	for i := range replicas {
		for _, b := range p.Tensors() {
			values := make([]float32, b.Size())
			if err := r.Read(b.Name, i, values); err != nil {
				t.Fatal(err)
			}
			results = append(results, values...)
		}
	}
	return results
}

// TestMayHaveZeros asserts which products of a training step look for zeros: those with the data as a factor, and for a dictionary model, whose data
// are dense, those with its codes and with rectified codes.
func TestMayHaveZeros(t *testing.T) {
	t.Parallel()
	data := []string{"matmul.tb A", "matmul.ta B"}
	denoiser := graph.Config{Model: "denoiser", Batch: 7, Dim: 9, Code: 8}
	for name, c := range map[string]struct {
		model   graph.Config
		options graph.Options
		want    []string
	}{
		"law":        {denoiser, graph.Options{Sample: &graph.Sample{Law: "sparse-gaussian"}}, data},
		"rows":       {denoiser, graph.Options{Gather: &graph.Gather{Data: "rows", Rows: 20}}, data},
		"the caller": {denoiser, graph.Options{}, data},
		"dictionary": {
			graph.Config{Model: "tied", Batch: 7, Dim: 9, Code: 8},
			graph.Options{Generate: &graph.Generate{Atoms: 8, Support: 2, Lo: 1, Hi: 2, Noise: 0.1}},
			[]string{"matmul.acc A", "matmul A", "matmul.ta A"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := productsWithZeros(t, c.model, c.options); !slices.Equal(got, c.want) {
				t.Errorf("products that look for zeros: %v, want %v", got, c.want)
			}
		})
	}
}

// productsWithZeros names the products of a training program that look for zeros, and the factor.
func productsWithZeros(t *testing.T, c graph.Config, o graph.Options) (found []string) {
	t.Helper()
	m, err := graph.New(c)
	if err != nil {
		t.Fatal(err)
	}
	o.Update = &graph.Update{Rule: graph.Adam, Schedule: graph.Schedule{Shape: graph.Constant}}
	p, err := m.Compile(o)
	if err != nil {
		t.Fatal(err)
	}
	l := &program{Program: p, sums: make([]int, len(p.Buffers))}
	if err := l.group(); err != nil {
		t.Fatal(err)
	}
	for _, g := range l.groups {
		for _, in := range g {
			if in.zerosA {
				found = append(found, in.Op.String()+" A")
			}
			if in.zerosB {
				found = append(found, in.Op.String()+" B")
			}
		}
	}
	return found
}
