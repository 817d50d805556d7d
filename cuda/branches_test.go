//go:build gpu

package cuda

import (
	"reflect"
	"testing"

	"gorgonia.org/cu"

	"autoamp/graph"
	"autoamp/train"
)

// index is the place of the one node of a step with an op, on an input of that name, or of a kind.
func index(t *testing.T, l *plan, list []node, kind nodeKind, op graph.Kernel, output string) int {
	t.Helper()
	for i, n := range list {
		if n.kind == kind && (op == nil || reflect.TypeOf(n.in.Op) == reflect.TypeOf(op) && l.Buffers[n.in.Out[0]].Name == output) {
			return i
		}
	}
	t.Fatalf("no node %T of %s\n%v", op, output, l)
	return -1
}

// TestBranches checks which launches of the denoiser's step may run side by side, and which may not.
func TestBranches(t *testing.T) {
	l, err := newPlan(compiled(t, train.Config{Model: train.ModelConfig{Name: "denoiser", Dim: 20}, Batch: 10}).Train, FP32)
	if err != nil {
		t.Fatal(err)
	}
	step := l.nodes()
	both := append(l.nodes(), step...)
	b, n := branch(both), len(step)
	data := index(t, l, step, passNode, graph.Sample{}, "x")
	norms := index(t, l, step, passNode, graph.RowNormalize{}, "encoder")
	theta := index(t, l, step, passNode, prepareOp{}, "denoiser.theta.prepared")
	decoder := index(t, l, step, passNode, graph.MatMul{}, "decoder.weight.grad")
	encoder := index(t, l, step, passNode, graph.RowNormalizeGrad{}, "matmul.ta")
	code := index(t, l, step, passNode, graph.MatMul{}, "z")
	finish, update := index(t, l, step, finishNode, nil, ""), index(t, l, step, updateNode, nil, "")
	for _, c := range []struct {
		name    string
		i, j    int
		ordered bool
	}{
		{"data and row norms", data, norms, false}, {"data and θ", data, theta, false}, {"decoder and encoder gradients", decoder, encoder, false},
		{"row norms before the code", code, norms, true}, {"data before the code", code, data, true}, {"the loss and gradients", finish, decoder, false},
		{"all before the update", update, finish, true}, {"all before the update", update, decoder, true}, {"all before the update", update, encoder, true},
		{"the next data and the update", n + data, update, false}, {"the next data after the step's number", n + data, finish, true},
		{"the next row norms after the update", n + norms, update, true}, {"the next θ after the update", n + theta, update, true},
	} {
		i, j := max(c.i, c.j), min(c.i, c.j)
		if got := b.reaches(i, j); got != c.ordered {
			t.Errorf("%s: node %d after node %d is %t, want %t", c.name, i, j, got, c.ordered)
		}
	}
	if b.workspace[decoder] == b.workspace[index(t, l, step, passNode, graph.MatMul{}, "matmul.ta")] {
		t.Error("two products side by side have one workspace")
	}
}

// TestBranchesKeepConflictsApart checks every two conflicting nodes of three steps of every model.
func TestBranchesKeepConflictsApart(t *testing.T) {
	for _, name := range []string{"shallow", "denoiser", "rigamp"} {
		for _, precision := range []Precision{FP32, Split} {
			c := train.Config{Model: train.ModelConfig{Name: name, Dim: 20}, Batch: 10, Optimizer: train.OptimizerConfig{ClipNorm: 1}}
			l, err := newPlan(compiled(t, c).Train, precision)
			if err != nil {
				t.Fatal(err)
			}
			list := append(append(l.nodes(), l.nodes()...), l.nodes()...)
			b := branch(list)
			for i := range list {
				for j := range i {
					shared := list[i].product() && list[j].product() && b.workspace[i] == b.workspace[j]
					if (shared || list[i].conflicts(list[j])) && !b.reaches(i, j) {
						t.Fatalf("%s, %s: nodes %d and %d conflict and are not ordered\n%v", name, precision, j, i, l)
					}
				}
			}
		}
	}
}

// TestGraphsOfStepsGiveTheSameBits runs steps one by one and eight at a time.
func TestGraphsOfStepsGiveTheSameBits(t *testing.T) {
	r := newRig(t)
	r.graphsOnly = true
	const steps = 2*graphSteps + 3
	replicas := []graph.Replica{{Seed: 1, LearningRate: 0.01, P: 0.5}, {Seed: 2, LearningRate: 0.02, P: 0.7}}
	for _, name := range []string{"shallow", "denoiser"} {
		p := compiled(t, train.Config{Model: train.ModelConfig{Name: name, Dim: 20}, Batch: 10}).Train
		run := func(chunks ...int) ([]float64, [][]float32) {
			runner, err := r.Load(replicas, p)
			r.must(err)
			defer func() { r.must(runner.Close()) }()
			r.start(runner, p, len(replicas))
			return r.chunks(runner, p, len(replicas), chunks)
		}
		ones := make([]int, steps)
		for i := range ones {
			ones[i] = 1
		}
		wantLosses, want := run(ones...)
		for _, chunks := range [][]int{{steps}, {graphSteps + 1, steps - graphSteps - 1}} {
			losses, got := run(chunks...)
			if !reflect.DeepEqual(losses, wantLosses) || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v steps at a time: losses %v, one by one %v", name, chunks, losses, wantLosses)
			}
		}
	}
}

// chunks runs numbers of steps one after another, and returns the losses of all and the tensors at the end.
func (r rig) chunks(runner graph.Runner, p *graph.Program, replicas int, chunks []int) ([]float64, [][]float32) {
	r.Helper()
	var losses []float64
	for _, n := range chunks {
		part := make([]float64, n*replicas)
		r.must(runner.Run(0, uint64(len(losses)/replicas), n, part))
		losses = append(losses, part...)
	}
	return losses, r.tensors(runner, p, replicas)
}

// start writes the same small numbers into the weights at every call.
func (r rig) start(runner graph.Runner, p *graph.Program, replicas int) {
	r.Helper()
	for _, b := range p.Buffers {
		if b.Kind == graph.Weight {
			for i := range replicas {
				w := numbers(b.Size(), uint64(i), true)
				for k := range w {
					w[k] = max(-1, min(1, w[k]))
				}
				r.must(runner.Write(b.Name, i, w))
			}
		}
	}
}

// tensors are the weights and states of all replicas.
func (r rig) tensors(runner graph.Runner, p *graph.Program, replicas int) [][]float32 {
	r.Helper()
	var all [][]float32
	for _, b := range p.Tensors() {
		for i := range replicas {
			x := make([]float32, b.Size())
			r.must(runner.Read(b.Name, i, x))
			all = append(all, x)
		}
	}
	return all
}

// TestBranchesRunInAnyOrder checks the emulated driver: it runs what is not ordered in both orders, and what is ordered in one.
func TestBranchesRunInAnyOrder(t *testing.T) {
	r := newRig(t)
	r.needEmulator("a GPU may run branches in one order")
	for _, ordered := range []bool{false, true} {
		s, x, two := r.newStream(), r.tensor([]float32{1}, []float32{1}), r.tensor([]float32{2}, []float32{2})
		f, err := r.function("Add")
		r.must(err)
		double, add := r.scale(s, x, two), func() error {
			return launch(f, "Add", s, [3]int{1, testReplicas, 1}, [2]int{256, 1}, x, x, two, int64(1))
		}
		g, err := capture(s, func(c *captured) error {
			if err := c.add(nil, double); err != nil {
				return err
			}
			if ordered {
				return c.add([]int{0}, add)
			}
			return c.add(nil, add)
		})
		r.must(err)
		seen := map[float32]bool{}
		for range 30 {
			r.must(cu.MemcpyDtoDAsync(cu.DevicePtr(x.data), cu.DevicePtr(two.data), 4, s))
			r.must(g.launch(s))
			r.must(s.Synchronize())
			seen[r.read(x, 1)[0][0]] = true
		}
		if want := map[float32]bool{6: true, 8: !ordered}; seen[6] != want[6] || seen[8] != want[8] || len(seen) > 2 {
			t.Errorf("ordered = %t: results %v", ordered, seen)
		}
		r.must(g.destroy())
	}
}
