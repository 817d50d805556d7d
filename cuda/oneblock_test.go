//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// TestOneBlockRecognises lists what train.cu runs, and what it leaves to graphs.
func TestOneBlockRecognises(t *testing.T) {
	model := func(name string, dim int) train.Config {
		return train.Config{Model: train.ModelConfig{Name: name, Dim: dim}, Batch: 10}
	}
	with := func(c train.Config, change func(c *train.Config)) train.Config {
		change(&c)
		return c
	}
	for name, c := range map[string]struct {
		train.Config
		want bool
	}{
		"shallow":            {model("shallow", 20), true},
		"shallow of haar":    {with(model("shallow", 20), func(c *train.Config) { c.Model.Encoder = "haar" }), true},
		"denoiser":           {model("denoiser", 128), true},
		"denoiser u1":        {with(model("denoiser", 20), func(c *train.Config) { c.Model.Denoiser = "u1" }), true},
		"a spline":           {with(model("denoiser", 20), func(c *train.Config) { c.Model.Denoiser = "spline" }), false},
		"tied":               {with(model("shallow", 20), func(c *train.Config) { c.Model.Tied = true }), false},
		"rigamp":             {model("rigamp", 20), false},
		"large":              {model("shallow", 129), false},
		"a large batch":      {with(model("shallow", 20), func(c *train.Config) { c.Batch = 129 }), false},
		"clipped":            {with(model("shallow", 20), func(c *train.Config) { c.Optimizer.ClipNorm = 1 }), false},
		"stochastic descent": {with(model("shallow", 20), func(c *train.Config) { c.Optimizer.Name = "sgd" }), false},
	} {
		programs := compiled(t, c.Config)
		l, err := newPlan(programs.Train, FP32)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.oneBlock() != nil; got != c.want {
			t.Errorf("%s: recognised is %t, want %t\n%v", name, got, c.want, l)
		}
		if l, err = newPlan(programs.Evaluate, FP32); err != nil || l.oneBlock() != nil {
			t.Errorf("%s: an evaluation trains nothing (%v)", name, err)
		}
	}
}

// blockCase is a program that one block runs.
type blockCase struct {
	name   string
	config train.Config
	steps  int
}

func blockCases() []blockCase {
	sized := func(model string, d int, rate float64, batch int) train.Config {
		return train.Config{Model: train.ModelConfig{Name: model, Dim: d, Rate: rate}, Batch: batch}
	}
	cases := []blockCase{
		{"d=1", sized("shallow", 1, 1, 1), 10}, {"d=3", sized("denoiser", 3, 0.67, 5), 10}, {"d=64", sized("denoiser", 64, 1, 33), 10},
		{"d=65", sized("shallow", 65, 0.5, 64), 10}, {"d=100", sized("denoiser", 100, 1, 100), 10}, {"d=101", sized("denoiser", 101, 0.3, 40), 3},
		{"two tiles", sized("denoiser", 100, 1, 103), 3}, {"half a tile", sized("denoiser", 99, 0.5, 50), 10}, {"d=128", sized("shallow", 128, 0.9, 128), 3},
		{"n>d", sized("shallow", 20, 1.5, 32), 10},
	}
	for _, f := range kernels.Families() {
		c := sized("denoiser", 20, 0.5, 31)
		c.Model.Denoiser = f.String()
		cases = append(cases, blockCase{f.String(), c, 10})
	}
	for _, k := range kernels.Laws() {
		c := sized("shallow", 18, 0.5, 30)
		c.Data.Name = k.String()
		cases = append(cases, blockCase{k.String(), c, 10})
	}
	haar, free := sized("shallow", 20, 0.5, 32), sized("shallow", 20, 0.5, 32)
	haar.Model.Encoder = "haar"
	project := false
	free.Optimizer.Project = &project
	return append(cases, blockCase{"haar", haar, 10}, blockCase{"without projection", free, 10})
}

// TestOneBlockTrainsLikeOthers compares losses and weights with those of graphs and of the CPU. The products add up in another
// order, hardware's powers and reciprocals have errors of 2 ulp, and Adam divides by the root of a gradient's square: a parameter
// whose gradient is a small difference of large sums, as θ's is, may move by a part of a step.
func TestOneBlockTrainsLikeOthers(t *testing.T) {
	r := newRig(t)
	host, err := cpu.New(cpu.Settings{Threads: 1})
	r.must(err)
	replicas := []graph.Replica{{Seed: 1, LearningRate: 0.001, P: 0.5, Mean: 0.7}, {Seed: 1 << 40, LearningRate: 0.002, P: 0.7, Mean: -1}}
	for _, c := range blockCases() {
		p := compiled(t, c.config).Train
		losses, weights := r.oneBlock(replicas, p, c.steps)
		for name, exec := range map[string]graph.Executor{"graphs": r.Executor, "the CPU": host} {
			r.graphsOnly = true
			wantLosses, want := r.trainSmall(exec, replicas, p, c.steps)
			for i, w := range wantLosses {
				r.near(fmt.Sprintf("%s: loss %d against %s", c.name, i, name), losses[i], w, 2e-5*math.Abs(w))
			}
			for i, w := range want {
				if diff := distance(weights[i], w); !(diff <= 1e-3) {
					t.Errorf("%s: tensor %d differs from that of %s by %.3g of its norm", c.name, i, name, diff)
				}
			}
		}
	}
}

// distance is ‖a − b‖/‖b‖, and 0 where they are equal.
func distance(a, b []float32) float64 {
	var diff, norm float64
	for k, x := range b {
		diff += math.Pow(float64(a[k])-float64(x), 2)
		norm += math.Pow(float64(x), 2)
	}
	if diff == 0 {
		return 0
	}
	return math.Sqrt(diff / norm)
}

// oneBlock trains in one block.
func (r rig) oneBlock(replicas []graph.Replica, p *graph.Program, chunks ...int) ([]float64, [][]float32) {
	r.Helper()
	r.graphsOnly = false
	return r.trainSmall(r.Executor, replicas, p, chunks...)
}

// trainSmall runs a program from given weights, a row of the encoder zero: its codes are coins.
func (r rig) trainSmall(exec graph.Executor, replicas []graph.Replica, p *graph.Program, chunks ...int) ([]float64, [][]float32) {
	r.Helper()
	runner, err := exec.Load(replicas, p)
	r.must(err)
	defer func() { r.must(runner.Close()) }()
	if own, gpu := runner.(*Runner); gpu && (own.programs[0].block == nil) != r.graphsOnly {
		r.Fatalf("in one block: %t", own.programs[0].block != nil)
	}
	r.start(runner, p, len(replicas))
	r.zeroRow(runner, p, len(replicas))
	return r.chunks(runner, p, len(replicas), chunks)
}

// zeroRow clears the first row of every encoder.
func (r rig) zeroRow(runner graph.Runner, p *graph.Program, replicas int) {
	for _, b := range p.Buffers {
		if b.Kind == graph.Weight && b.Name == "encoder.weight" && b.Rows() > 1 {
			for i := range replicas {
				w := make([]float32, b.Size())
				r.must(runner.Read(b.Name, i, w))
				clear(w[:b.Cols()])
				r.must(runner.Write(b.Name, i, w))
			}
		}
	}
}

// TestOneBlockContinues runs the same steps in one launch and in several, together and alone: the bits must be the same.
func TestOneBlockContinues(t *testing.T) {
	r := newRig(t)
	replicas := []graph.Replica{{Seed: 1, LearningRate: 0.01, P: 0.5}, {Seed: 2, LearningRate: 0.02, P: 0.7}}
	c := train.Config{Model: train.ModelConfig{Name: "denoiser", Dim: 20}, Batch: 40}
	p := compiled(t, c).Train
	wantLosses, want := r.oneBlock(replicas, p, 12)
	losses, got := r.oneBlock(replicas, p, 1, 4, 7)
	if !reflect.DeepEqual(losses, wantLosses) || !reflect.DeepEqual(got, want) {
		t.Errorf("in several launches: losses %v, in one %v", losses, wantLosses)
	}
	losses, got = r.oneBlock(replicas[:1], p, 12)
	for k, w := range losses {
		if w != wantLosses[2*k] {
			t.Errorf("step %d alone: loss %v, beside another %v", k, w, wantLosses[2*k])
		}
	}
	for k, w := range got {
		if !reflect.DeepEqual(w, want[2*k]) {
			t.Errorf("tensor %d differs where the replica is alone", k)
		}
	}
}

// TestOneBlockStopsAtNaN lets the loss of one replica become infinite: the error names the step, the replica and the tensor that
// graphs name, and its weights are those before the step.
func TestOneBlockStopsAtNaN(t *testing.T) {
	r := newRig(t)
	replicas := []graph.Replica{{Seed: 1, LearningRate: 0.01, P: 0.5}, {Seed: 2, LearningRate: 1e30, P: 0.7}}
	p := compiled(t, train.Config{Model: train.ModelConfig{Name: "shallow", Dim: 20}, Batch: 40}).Train
	var failures []graph.NonFiniteError
	var weights [][][]float32
	for _, graphs := range []bool{false, true} {
		r.graphsOnly = graphs
		runner, err := r.Load(replicas, p)
		r.must(err)
		r.start(runner, p, 2)
		var failure *graph.NonFiniteError
		if err := runner.Run(0, 0, 9, make([]float64, 18)); !errors.As(err, &failure) {
			t.Fatalf("error %v", err)
		}
		failures, weights = append(failures, *failure), append(weights, r.tensors(runner, p, 2))
		r.must(runner.Close())
	}
	if failures[0] != failures[1] || failures[0].Replica != 1 {
		t.Errorf("in one block %v, as graphs %v", &failures[0], &failures[1])
	}
	for k, w := range weights[1] {
		if diff := distance(weights[0][k], w); k%2 == 1 && !(diff <= 1e-3) {
			t.Errorf("tensor %d of the replica that failed differs by %.3g of its norm", k, diff)
		}
	}
}

// TestOneBlockGradients compares what the first step leaves in Adam's first moments, a multiple of the gradients, with the graph's. The
// decoder's gradient is two products with the code, one behind the other: 2.5e-7 was measured in all orders of sums, where a product in
// float32 has 1.9e-7. The surrogate multiplies the error of its argument by up to 2/τ: 4.4e-6. Tolerances are twice as much.
func TestOneBlockGradients(t *testing.T) {
	r := newRig(t)
	replicas := []graph.Replica{{Seed: 1, LearningRate: 0.001, P: 0.5}}
	tolerances := map[string]float64{"encoder.weight.exp_avg": 9e-6, "decoder.weight.exp_avg": 5e-7}
	for _, c := range []struct{ d, batch int }{{17, 31}, {64, 33}, {64, 64}, {99, 50}, {100, 100}, {100, 103}, {128, 128}} {
		for _, model := range []string{"shallow", "denoiser"} {
			p := compiled(t, train.Config{Model: train.ModelConfig{Name: model, Dim: c.d, Rate: 1}, Batch: c.batch}).Train
			_, got := r.oneBlock(replicas, p, 1)
			r.graphsOnly = true
			_, want := r.trainSmall(r.Executor, replicas, p, 1)
			compared := 0
			for k, b := range p.Tensors() {
				tolerance, compare := tolerances[b.Name]
				if !compare {
					continue
				}
				compared++
				if diff := distance(got[k], want[k]); !(diff <= tolerance) {
					t.Errorf("%s, d = %d, batch %d: %s differs by %.3g of its norm, want at most %.3g", model, c.d, c.batch, b.Name, diff, tolerance)
				}
			}
			if compared != len(tolerances) {
				t.Errorf("%s: %d gradients", model, compared)
			}
		}
	}
}
