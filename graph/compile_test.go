package graph

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// adam is the training update of the golden programs.
var adam = &Update{Rule: Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Schedule: Schedule{Shape: Constant}}

func compiled(t *testing.T, c Config, o Options) *Program {
	t.Helper()
	m, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestDump compares whole programs with testdata/*.txt, which `autoamp train --print-program` prints
// too. Run with -update after a change of the compiler and read the difference.
func TestDump(t *testing.T) {
	t.Parallel()
	sample := &Sample{Law: "sparse-gaussian"}
	for name, c := range map[string]Config{
		"shallow":       {Model: "shallow", Batch: 128, Dim: 100, Code: 50},
		"shallow_haar":  {Model: "shallow", Batch: 128, Dim: 100, Code: 50, Encoder: "haar"},
		"denoiser":      {Model: "denoiser", Batch: 128, Dim: 100, Code: 100},
		"denoiser_tied": {Model: "denoiser", Batch: 128, Dim: 100, Code: 50, Tied: true},
		"spline":        {Model: "denoiser", Batch: 128, Dim: 100, Code: 50, Denoiser: Spline(9, true)},
		"rigamp":        {Model: "rigamp", Batch: 128, Dim: 100, Code: 50},
		"rigamp_tied":   {Model: "rigamp", Batch: 128, Dim: 100, Code: 50, Encoder: "haar", Tied: true, Iterations: 3},
		"deep":          {Model: "deep", Batch: 128, Dim: 100, Code: 50, Depth: 2},
	} {
		clip := *adam
		clip.ClipNorm = 1
		checkGolden(t, name+"_train.txt", compiled(t, c, Options{Sample: sample, Update: adam}))
		checkGolden(t, name+"_clip.txt", compiled(t, c, Options{Sample: sample, Update: &clip}))
		checkGolden(t, name+"_eval.txt", compiled(t, c, Options{Sample: sample}))
	}
}

func checkGolden(t *testing.T, name string, p *Program) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(p.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), p.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestNoDataGradient checks that compilation removes the dead instructions of gorgonia's
// differentiation: a training step has exactly the products of its equation.
func TestNoDataGradient(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config   Config
		products int
	}{
		{Config{Model: "denoiser"}, 5},                  // z, u, dA, dy, dB
		{Config{Model: "denoiser", Tied: true}, 5},      // z, u, dB twice, dy
		{Config{Model: "denoiser", Encoder: "haar"}, 3}, // z, u, dA
		{Config{Model: "shallow", Encoder: "haar", Tied: true}, 2},
		{Config{Model: "rigamp", Encoder: "haar", Tied: true}, 6}, // 4 forward, and back through V2 and W1
		{Config{Model: "rigamp"}, 11},                             // 4 forward; dV2, dẑ, dW1, dx̂, dV1, dy, dB
	} {
		c.config.Batch, c.config.Dim, c.config.Code = 7, 5, 3
		p := compiled(t, c.config, Options{Update: adam})
		products := 0
		for _, in := range p.Instrs {
			if _, ok := in.Op.(MatMul); ok {
				products++
			}
		}
		if products != c.products {
			t.Errorf("%+v: %d products, want %d\n%v", c.config, products, c.products, p)
		}
	}
}

// TestArena checks on every program that no two temporaries that are alive together share memory,
// and that the arena is at most a quarter larger than the live temporaries at the fullest
// instruction: fitting blocks of different sizes leaves gaps.
func TestArena(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{Model: "shallow", Batch: 33, Dim: 20, Code: 7}, {Model: "denoiser", Batch: 128, Dim: 100, Code: 150},
		{Model: "denoiser", Batch: 1, Dim: 100, Code: 3, Tied: true}, {Model: "denoiser", Batch: 1024, Dim: 2048, Code: 2048},
	} {
		p := compiled(t, c, Options{Sample: &Sample{Law: "gaussian"}, Update: adam})
		alive := lifetimes(p)
		fullest := 0
		for i := range p.Instrs {
			now := 0
			for _, a := range alive {
				if a.first <= i && i <= a.last {
					now += padded(p.Buffers[a.buffer].Size())
				}
			}
			fullest = max(fullest, now)
		}
		for i, a := range alive {
			for _, b := range alive[:i] {
				x, y := p.Buffers[a.buffer], p.Buffers[b.buffer]
				if a.first <= b.last && b.first <= a.last && x.Offset < y.Offset+y.Size() && y.Offset < x.Offset+x.Size() {
					t.Errorf("%s and %s are alive together and overlap\n%v", x.Name, y.Name, p)
				}
			}
		}
		if p.ArenaFloats > fullest*5/4 {
			t.Errorf("arena of %d, %d alive at most\n%v", p.ArenaFloats, fullest, p)
		}
	}
}

// tiny builds a program by hand: buffers of shape (2, 3) unless told otherwise.
func tiny(loss int, kinds []Kind, instrs ...Instr) *Program {
	p := &Program{Loss: loss, Instrs: instrs}
	for _, k := range kinds {
		p.Buffers = append(p.Buffers, Buffer{Kind: k, Shape: []int{2, 3}})
	}
	return p
}

func TestEliminateDead(t *testing.T) {
	t.Parallel()
	p := tiny(3, []Kind{Input, Temp, Temp, Reduction, Temp},
		Instr{Op: SignSTE{}, In: []int{0}, Out: []int{1}},
		Instr{Op: SignSTE{}, In: []int{1}, Out: []int{2}}, // dead, together with the instructions that only it reads
		Instr{Op: MSE{}, In: []int{0, 0}, Out: []int{3}},
		Instr{Op: SignSTE{}, In: []int{0}, Out: []int{4}},
	)
	if got := ops(eliminateDead(p, nil)); !slices.Equal(got, []string{"mse"}) {
		t.Errorf("without gradients: %v", got)
	}
	if got := ops(eliminateDead(p, []gradient{{grad: 4}})); !slices.Equal(got, []string{"mse", "sign(tau=0)"}) {
		t.Errorf("with a gradient: %v", got)
	}
}

func TestAccumulate(t *testing.T) {
	t.Parallel()
	p := tiny(4, []Kind{Input, Temp, Temp, Temp, Reduction},
		Instr{Op: MatMul{}, In: []int{0, 0}, Out: []int{1}},
		Instr{Op: MatMul{TransA: true}, In: []int{0, 0}, Out: []int{2}},
		Instr{Op: Add{}, In: []int{1, 2}, Out: []int{3}},
		Instr{Op: MSE{}, In: []int{3, 0}, Out: []int{4}},
	)
	q := accumulate(p, nil)
	if got := ops(q); !slices.Equal(got, []string{"matmul", "matmul.ta.acc", "mse"}) {
		t.Errorf("got %v", got)
	}
	if q.Instrs[1].Out[0] != 1 || q.Instrs[2].In[0] != 1 {
		t.Errorf("the sum is not accumulated in place:\n%v", q)
	}
}

// TestBarriers checks the rule on the smallest cases: a thread's own rows need no waiting. All
// rows, a sum, and overwriting rows that other threads still read need waiting.
func TestBarriers(t *testing.T) {
	t.Parallel()
	own := tiny(2, []Kind{Input, Temp, Temp},
		Instr{Op: SignSTE{}, In: []int{0}, Out: []int{1}},
		Instr{Op: SignSTE{}, In: []int{1}, Out: []int{2}})
	all := tiny(2, []Kind{Input, Temp, Temp},
		Instr{Op: SignSTE{}, In: []int{0}, Out: []int{1}},
		Instr{Op: MatMul{TransB: true}, In: []int{0, 1}, Out: []int{2}})
	sum := tiny(1, []Kind{Input, Reduction, Weight},
		Instr{Op: Dot{}, In: []int{0, 0}, Out: []int{1}},
		Instr{Op: Step{*adam}, In: []int{2, 1, 2, 2}, Out: []int{2}})
	overwrite := tiny(1, []Kind{Weight, Temp, Temp},
		Instr{Op: MatMul{}, In: []int{1, 0}, Out: []int{2}},
		Instr{Op: Step{*adam}, In: []int{0, 1, 0, 0}, Out: []int{0}})
	for name, c := range map[string]struct {
		p    *Program
		want int
	}{"own rows": {own, 0}, "all rows": {all, 1}, "sum": {sum, 1}, "overwrite": {overwrite, 1}} {
		if got := placeBarriers(c.p).Barriers(); got != c.want {
			t.Errorf("%s: %d barriers, want %d", name, got, c.want)
		}
	}
}

func ops(p *Program) []string {
	var names []string
	for _, in := range p.Instrs {
		names = append(names, in.Op.String())
	}
	return names
}
