//go:build gpu

package cuda

import (
	"slices"
	"strings"
	"testing"

	"autoamp/graph"
	"autoamp/train"
)

// Plans are made without a device, but the compiled programs are real ones.

func compiled(t *testing.T, c train.Config) train.Programs {
	t.Helper()
	p, err := train.Compile(c.WithDefaults())
	if err != nil {
		t.Fatal(err)
	}
	return *p
}

// TestPlanEndsWithUpdates checks the order of a plan, and that the loss comes first and gradient norms lie side by side.
func TestPlanEndsWithUpdates(t *testing.T) {
	c := train.Config{Model: train.ModelConfig{Name: "rigamp", Dim: 20}, Batch: 10, Optimizer: train.OptimizerConfig{ClipNorm: 1}}
	l, err := newPlan(compiled(t, c).Train, FP32)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.steps) != 9 || len(l.norms) != 5 || len(l.sums.norms) != 9 {
		t.Errorf("%d updates, %d norms of sums, %d norms; want 9, 5 and 9\n%v", len(l.steps), len(l.norms), len(l.sums.norms), l)
	}
	if l.sums.first[0] != l.Loss {
		t.Errorf("the first sum is %s, want the loss", l.Buffers[l.sums.first[0]].Name)
	}
	for i, b := range l.sums.norms {
		if l.sums.total[b] != l.sums.total[l.sums.norms[0]]+i {
			t.Errorf("norm %d lies at %d, the first at %d", i, l.sums.total[b], l.sums.total[l.sums.norms[0]])
		}
	}
}

// TestPlanRefuses lists programs that no compiler of ours makes.
func TestPlanRefuses(t *testing.T) {
	temp, sum := graph.Buffer{Name: "t", Kind: graph.Temp, Shape: []int{2, 3}}, graph.Buffer{Name: "s", Kind: graph.Reduction, Shape: []int{1}}
	step := graph.Step{Update: graph.Update{Rule: graph.Momentum}}
	for want, instrs := range map[string][]graph.Instr{
		"before the end of the step":            {{Op: graph.Dot{}, In: []int{0, 0}, Out: []int{1}}, {Op: graph.Scale{}, In: []int{0, 1}, Out: []int{0}}},
		"a tensor that an earlier update reads": {{Op: step, In: []int{0, 0, 0}, Out: []int{0}}, {Op: graph.Add{}, In: []int{0, 0}, Out: []int{0}}},
		"the same update rule":                  {{Op: step, In: []int{0, 0, 0}, Out: []int{0}}, {Op: graph.Step{Update: graph.Update{Rule: graph.Adam}}, In: []int{0, 0, 0, 0}, Out: []int{0}}},
		"op denoise(Family(77)) has no GPU":     {{Op: graph.Denoise{Family: 77}, In: []int{0, 1}, Out: []int{0}}},
		"op sigmoid has no GPU kernel":          {{Op: graph.Activate{Function: "sigmoid"}, In: []int{0}, Out: []int{0}}},
	} {
		_, err := planOf(&graph.Program{Buffers: []graph.Buffer{temp, sum}, Instrs: instrs, Loss: 1}, FP32)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestTerms lists the products of parts, the smallest first.
func TestTerms(t *testing.T) {
	for _, c := range []struct {
		a, b int
		want [][2]int
	}{
		{1, 1, [][2]int{{0, 0}}},
		{1, 2, [][2]int{{0, 1}, {0, 0}}},
		{2, 1, [][2]int{{1, 0}, {0, 0}}},
		{2, 2, [][2]int{{1, 0}, {0, 1}, {0, 0}}},
	} {
		if got := (productOp{a: halves{parts: c.a}, b: halves{parts: c.b}}).terms(); !slices.Equal(got, c.want) {
			t.Errorf("%d and %d parts: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// TestSplitOnce checks that an operand of two products is split once, and that the float32 code is left out where only
// products read it.
func TestSplitOnce(t *testing.T) {
	l, err := newPlan(compiled(t, train.Config{Model: train.ModelConfig{Dim: 20}, Batch: 10}).Train, Split)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, in := range l.pass {
		switch op := in.Op.(type) {
		case splitOp:
			seen[l.Buffers[in.In[0]].Name]++
		case productOp:
			if op.a.ld%rowAlign != 0 || op.b.ld%rowAlign != 0 {
				t.Errorf("rows of %d and %d numbers: tensor cores want multiples of %d\n%v", op.a.ld, op.b.ld, rowAlign, l)
			}
		case signOp:
			if in.Out[0] >= 0 {
				t.Errorf("the code is written in float32, and nobody reads it\n%v", l)
			}
		}
	}
	for name, count := range seen {
		if count != 1 {
			t.Errorf("%s is split %d times", name, count)
		}
	}
	if len(seen) != 5 { // x, encoder, decoder, du, dz
		t.Errorf("split: %v, want five matrices", seen)
	}
}

// TestAutoLoads checks that an executor loads what Auto chooses for its device, and says so.
func TestAutoLoads(t *testing.T) {
	for device, want := range map[string]Precision{"gpu:0: NVIDIA H200": Split, "gpu:0: NVIDIA GeForce RTX 4090": FP32, "gpu:0: another": FP32} {
		p := []*graph.Program{compiled(t, train.Config{Model: train.ModelConfig{Dim: 4096}, Batch: 4096}).Train}
		auto := &Executor{settings: Settings{Precision: Auto}, description: device}
		got, err := auto.settle(p)
		if err != nil || got != want || auto.Device() != device+", "+string(want) {
			t.Errorf("%s: %s, error %v, want %s", auto.Device(), got, err, want)
		}
		fixed := &Executor{settings: Settings{Precision: want}}
		bytes, err1 := auto.need(2, p)
		wanted, err2 := fixed.need(2, p)
		if bytes != wanted || auto.Flops(p[0]) != fixed.Flops(p[0]) || err1 != nil || err2 != nil {
			t.Errorf("%s: %d bytes and %g operations, want %d and %g; errors %v, %v", device, bytes, auto.Flops(p[0]), wanted, fixed.Flops(p[0]), err1, err2)
		}
	}
}

// TestOneBlockWhereItPays checks which way an executor runs a step on cards that the model knows, and on others.
func TestOneBlockWhereItPays(t *testing.T) {
	for _, c := range []struct {
		device        string
		dim, replicas int
		want          bool
	}{
		{"NVIDIA H200", 128, 1, false}, {"NVIDIA H200", 100, 512, true}, {"NVIDIA H200", 32, 1, true}, {"NVIDIA H200", 200, 512, false},
		{"another", 100, 1, true}, {"another", 200, 1, false},
	} {
		l, err := newPlan(compiled(t, train.Config{Model: train.ModelConfig{Dim: c.dim}, Batch: c.dim}).Train, FP32)
		if err != nil {
			t.Fatal(err)
		}
		e := &Executor{description: c.device, shared: 227 << 10}
		if got, err := e.oneBlock(l, c.replicas, FP32); (got != nil) != c.want || err != nil {
			t.Errorf("%s, d = %d, %d replicas: %v, error %v", c.device, c.dim, c.replicas, got, err)
		}
	}
}

// TestLargestModelFits checks the memory of d = n = 32768 with 4096 samples, against an H200's 139 GiB.
func TestLargestModelFits(t *testing.T) {
	for _, precision := range []Precision{FP32, Split} {
		programs := compiled(t, train.Config{Model: train.ModelConfig{Dim: 32768}, Batch: 4096})
		e := &Executor{settings: Settings{Precision: precision}}
		bytes, err := e.need(1, []*graph.Program{programs.Train, programs.Evaluate})
		if err != nil || bytes > 40<<30 {
			t.Errorf("%s: %s, error %v; want at most 40 GiB", precision, size(bytes), err)
		}
		t.Log(precision, size(bytes))
	}
}
