package kerneltest

import (
	"fmt"
	"math"
	"testing"

	"autoamp/graph"
	"autoamp/kernels"
)

// testGenerate compares a step on data that the program draws from a dictionary model with the TapeMachine's step on the
// same data, drawn by package kernels.
func testGenerate(t *testing.T, exec graph.Executor) {
	for _, g := range []graph.Generate{
		{Support: 1, Lo: 1, Hi: 1, Noise: 0.1, Stream: 2, CodeStream: 5},
		{Support: 3, Lo: 0.5, Hi: 2, Signed: true, CodeStream: 1},
		{Support: 7, Lo: 1, Hi: 3, Noise: 1, CodeStream: 1},
	} {
		for _, proxy := range []bool{false, true} {
			g.Atoms = 7
			t.Run(fmt.Sprintf("k=%d/noise=%g/proxy=%t", g.Support, g.Noise, proxy), func(t *testing.T) { checkGenerated(t, exec, g, proxy) })
		}
	}
}

func checkGenerated(t *testing.T, exec graph.Executor, g graph.Generate, proxy bool) {
	const seed, step = 9, 1 << 33
	c := graph.Config{Model: "tied", Batch: 300, Dim: 11, Code: g.Atoms, Proxy: proxy}
	m := build(t, c)
	at := draw(m, 4)
	dictionary := at[graph.EncoderWeight]
	at["x"], at[graph.TrueCode] = generated(g, dictionary, m.Config.Batch, m.Config.Dim, seed, step)
	wantLoss, wantGrads, _ := reference(t, m, at)
	delete(at, "x")
	delete(at, graph.TrueCode)
	p := compile(t, build(t, c), graph.Options{Generate: &g, Update: &sgd})
	r := load(t, exec, []graph.Replica{{Seed: seed}}, p)
	write(t, r, 0, at)
	write(t, r, 0, values{graph.DictionaryWeight: dictionary})
	losses := make([]float64, 1)
	if err := r.Run(0, step, 1, losses); err != nil {
		t.Fatal(err)
	}
	tol := tolerance(largest(p))
	if math.Abs(losses[0]-wantLoss) > tol*wantLoss {
		t.Errorf("loss %g, want %g\n%v", losses[0], wantLoss, p)
	}
	for name, want := range wantGrads {
		compare(t, "gradient of "+name, read(t, r, 0, name+".momentum_buffer", len(want)), want, tol)
	}
	compare(t, "dictionary", read(t, r, 0, graph.DictionaryWeight, len(dictionary)), dictionary, 0)
}

// generated returns a batch y = x*·A* + η and its codes x*.
func generated(g graph.Generate, dictionary []float32, batch, dim int, seed, step uint64) (y, code []float32) {
	y, code = make([]float32, batch*dim), make([]float32, batch*g.Atoms)
	law := kernels.CodeLaw{Support: g.Support, Lo: g.Lo, Hi: g.Hi, Signed: g.Signed}
	kernels.SampleCodes(code, g.Atoms, 0, law, kernels.Stream{Seed: seed, Stream: g.CodeStream, Step: step})
	if g.Noise > 0 {
		kernels.Normal(y, 0, float32(g.Noise), kernels.Stream{Seed: seed, Stream: g.Stream, Step: step})
	}
	for i := range batch {
		for k, x := range code[i*g.Atoms : (i+1)*g.Atoms] {
			for j := range dim {
				y[i*dim+j] += x * dictionary[k*dim+j]
			}
		}
	}
	return y, code
}

// testDecay checks that decayed biases shrink by their factor in every step of training. They must not shrink in
// evaluation, and not in a step whose loss is not finite.
func testDecay(t *testing.T, exec graph.Executor) {
	c := graph.Config{Model: "tied", Batch: 20, Dim: 9, Code: 5, Bias: "decayed", BiasStart: -3, BiasFactor: 0.25, Depth: 2, Width: 3}
	train, eval := compile(t, build(t, c), graph.Options{Update: &sgd}), compile(t, build(t, c), graph.Options{})
	r := load(t, exec, []graph.Replica{{Seed: 1}}, train, eval)
	at := draw(build(t, c), 1)
	write(t, r, 0, at)
	losses := make([]float64, 3)
	if err := r.Run(0, 0, 2, losses[:2]); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(1, 0, 1, losses[:1]); err != nil {
		t.Fatal(err)
	}
	at["x"][3] = float32(math.NaN())
	write(t, r, 0, values{"x": at["x"]})
	if r.Run(0, 2, 1, losses[:1]) == nil {
		t.Error("NaN in the data: no error")
	}
	for _, name := range []string{graph.EncoderBias, "encoder.1.bias"} {
		want := at[name]
		for i := range want {
			want[i] /= 16
		}
		compare(t, name, read(t, r, 0, name, len(want)), want, 0)
	}
}
