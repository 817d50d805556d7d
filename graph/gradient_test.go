package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"autoamp/graph"
)

// function is a scalar function of named float64 inputs, built as a graph.
type function struct {
	shapes [][]int
	build  func(in []*gorgonia.Node) (*gorgonia.Node, error)
}

// evaluate returns the function's value and its symbolic gradients.
func (f function) evaluate(t *testing.T, at [][]float64) (float64, [][]float64) {
	t.Helper()
	g := gorgonia.NewGraph()
	var in gorgonia.Nodes
	for i, s := range f.shapes {
		v := tensor.New(tensor.WithShape(s...), tensor.WithBacking(append([]float64(nil), at[i]...)))
		in = append(in, gorgonia.NewTensor(g, tensor.Float64, len(s), gorgonia.WithShape(s...),
			gorgonia.WithName(fmt.Sprintf("in%d", i)), gorgonia.WithValue(v)))
	}
	loss, err := f.build(in)
	if err != nil {
		t.Fatal(err)
	}
	grads, err := gorgonia.Grad(loss, in...)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]gorgonia.Value, len(grads))
	for i := range grads {
		gorgonia.Read(grads[i], &values[i])
	}
	vm := gorgonia.NewTapeMachine(g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	out := make([][]float64, len(grads))
	for i := range grads {
		out[i] = values[i].Data().([]float64)
	}
	return loss.Value().Data().(float64), out
}

// smooth lists every differentiable op as a function to the mean squared distance from a
// last input, so that its whole Jacobian is weighed.
func smooth(b, n, d int) map[string]function {
	mse := func(op graph.Op, k int) func([]*gorgonia.Node) (*gorgonia.Node, error) {
		return func(in []*gorgonia.Node) (*gorgonia.Node, error) {
			y, err := graph.Apply(op, in[:k]...)
			if err != nil {
				return nil, err
			}
			return graph.Apply(graph.MSE{}, y, in[k])
		}
	}
	fs := map[string]function{
		"matmul":       {[][]int{{b, n}, {n, d}, {b, d}}, mse(graph.MatMul{}, 2)},
		"matmul.ta":    {[][]int{{n, b}, {n, d}, {b, d}}, mse(graph.MatMul{TransA: true}, 2)},
		"matmul.tb":    {[][]int{{b, n}, {d, n}, {b, d}}, mse(graph.MatMul{TransB: true}, 2)},
		"matmul.ta.tb": {[][]int{{n, b}, {d, n}, {b, d}}, mse(graph.MatMul{TransA: true, TransB: true}, 2)},
		"rownormalize": {[][]int{{n, d}, {n, d}}, mse(graph.RowNormalize{}, 1)},
		"merge":        {[][]int{{b, d}, {b, d}, {2}, {b, d}}, mse(graph.Merge{}, 3)},
		"bias":         {[][]int{{b, d}, {d}, {b, d}}, mse(graph.Bias{}, 2)},
		"relu":         {[][]int{{b, d}, {b, d}}, mse(graph.Activate{Function: graph.ReLU}, 1)},
		"tanh":         {[][]int{{b, d}, {b, d}}, mse(graph.Activate{Function: graph.Tanh}, 1)},
		"threshold":    {[][]int{{b, d}, {b, d}}, mse(graph.Activate{Function: graph.Threshold, Lambda: 0.4}, 1)},
		"scale":        {[][]int{{b, d}, {1}, {b, d}}, mse(graph.Scale{}, 2)},
		"used twice": {[][]int{{b, d}, {d, d}}, func(in []*gorgonia.Node) (*gorgonia.Node, error) {
			y, err := graph.Apply(graph.MatMul{}, in[0], in[1])
			if err != nil {
				return nil, err
			}
			z, err := graph.Apply(graph.MatMul{TransB: true}, y, in[1])
			if err != nil {
				return nil, err
			}
			return graph.Apply(graph.MSE{}, z, in[0])
		}},
	}
	for _, f := range graph.Families() {
		fs["denoise "+f.String()] = function{[][]int{{b, d}, {f.Params()}, {b, d}}, mse(graph.Denoise{Family: f}, 2)}
	}
	return fs
}

// TestGradients compares the symbolic gradient of every op with central differences in
// float64. With steps of 1e-6·(1+|x|) truncation and rounding stay near 1e-9; 1e-6 leaves
// room for third derivatives.
func TestGradients(t *testing.T) {
	t.Parallel()
	const step, tolerance = 1e-6, 1e-6
	for _, size := range [][3]int{{1, 1, 1}, {3, 1, 17}, {2, 3, 5}, {1, 17, 3}, {4, 5, 1}} {
		for name, f := range smooth(size[0], size[1], size[2]) {
			t.Run(fmt.Sprintf("%s/b=%d/n=%d/d=%d", name, size[0], size[1], size[2]), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 2))
				at := make([][]float64, len(f.shapes))
				for i, s := range f.shapes {
					at[i] = make([]float64, tensor.Shape(s).TotalSize())
					for j := range at[i] {
						at[i][j] = rng.NormFloat64()
					}
				}
				_, grads := f.evaluate(t, at)
				for i := range at {
					for j, x := range at[i] {
						h := step * (1 + math.Abs(x))
						at[i][j] = x + h
						up, _ := f.evaluate(t, at)
						at[i][j] = x - h
						down, _ := f.evaluate(t, at)
						at[i][j] = x
						want := (up - down) / (2 * h)
						if diff := math.Abs(grads[i][j] - want); diff > tolerance*(1+math.Abs(want)) {
							t.Fatalf("input %d, element %d: gradient %g, central difference %g", i, j, grads[i][j], want)
						}
					}
				}
			})
		}
	}
}

// TestSignSurrogate checks the straight-through gradient against its definition,
// dz = dy·(1 − tanh²(z/τ))/τ, and the forward sign, far out and near 0.
func TestSignSurrogate(t *testing.T) {
	t.Parallel()
	const tau = 0.1
	z := []float64{-1e30, -3, -0.2, -1e-9, 1e-9, 0.05, 0.2, 3, 1e30}
	target := make([]float64, len(z))
	f := function{[][]int{{1, len(z)}, {1, len(z)}}, func(in []*gorgonia.Node) (*gorgonia.Node, error) {
		y, err := graph.Apply(graph.SignSTE{Tau: tau}, in[0])
		if err != nil {
			return nil, err
		}
		return graph.Apply(graph.MSE{}, y, in[1])
	}}
	_, grads := f.evaluate(t, [][]float64{z, target})
	for i, v := range z {
		th := math.Tanh(v / tau)
		want := 2 * math.Copysign(1, v) / float64(len(z)) * (1 - th*th) / tau
		if math.Abs(grads[0][i]-want) > 1e-12 {
			t.Errorf("z = %g: gradient %g, want %g", v, grads[0][i], want)
		}
	}
}

// TestProxyGradient checks the gradient of the proxy against its definition: dz = dy where the true code is not zero,
// whether the unit is active or not. The true code has no gradient.
func TestProxyGradient(t *testing.T) {
	t.Parallel()
	z := []float64{-2, -0.5, 0.3, 1, 2, -1}
	code := []float64{1, 0, 2, 0, -1, math.Copysign(0, -1)}
	for _, function := range graph.TiedActivations() {
		op := graph.ActivateOn{Activate: graph.Activate{Function: function, Lambda: 0.6}}
		g := gorgonia.NewGraph()
		node := func(name string, v []float64) *gorgonia.Node {
			return gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(1, len(v)), gorgonia.WithName(name),
				gorgonia.WithValue(tensor.New(tensor.WithShape(1, len(v)), tensor.WithBacking(v))))
		}
		in := node("z", z)
		y, err := graph.Apply(op, in, node("code", code))
		if err != nil {
			t.Fatal(err)
		}
		loss, err := graph.Apply(graph.MSE{}, y, node("target", make([]float64, len(z))))
		if err != nil {
			t.Fatal(err)
		}
		grads, err := gorgonia.Grad(loss, in)
		if err != nil {
			t.Fatal(err)
		}
		var got gorgonia.Value
		gorgonia.Read(grads[0], &got)
		vm := gorgonia.NewTapeMachine(g)
		defer vm.Close()
		if err := vm.RunAll(); err != nil {
			t.Fatal(err)
		}
		for i, dz := range got.Data().([]float64) {
			value := max(z[i], 0)
			if function == graph.Threshold {
				if value = z[i]; math.Abs(value) <= 0.6 {
					value = 0
				}
			}
			want := 0.0
			if code[i] != 0 {
				want = 2 * value / float64(len(z))
			}
			if math.Abs(dz-want) > 1e-15 {
				t.Errorf("%s: z = %g, code %g: gradient %g, want %g", function, z[i], code[i], dz, want)
			}
		}
	}
}
