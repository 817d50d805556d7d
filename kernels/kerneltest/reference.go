package kerneltest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"autoamp/graph"
)

// unit is the unit roundoff of float32.
const unit = 1.0 / (1 << 24)

// values holds tensors by name: the parameters of a model, its input "x", and its TrueCode where it has one.
type values map[string][]float32

// reference runs a model once on gorgonia's TapeMachine and returns its loss, the gradient of
// every trained parameter, and how near an argument of sign came to zero, of a threshold to it, or of a spline to a knot.
func reference(t *testing.T, m *graph.Model, at values) (loss float64, grads values, margin float64) {
	t.Helper()
	let(t, m.Input, at["x"])
	if m.Code != nil {
		let(t, m.Code, at[graph.TrueCode])
	}
	nodes, err := m.Gradients()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]gorgonia.Value, len(nodes))
	for i := range nodes {
		gorgonia.Read(nodes[i], &out[i])
	}
	var names []string
	for _, p := range m.Params {
		let(t, p.Node, at[p.Name])
		if p.Trained {
			names = append(names, p.Name)
		}
	}
	jumps := readJumps(m)
	vm := gorgonia.NewTapeMachine(m.Graph)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	grads = values{}
	for i, name := range names {
		grads[name] = out[i].Data().([]float32)
	}
	margin = math.Inf(1)
	for _, j := range jumps {
		for _, v := range j.argument.Data().([]float32) {
			margin = min(margin, j.distance(float64(v)))
		}
	}
	return float64(m.Loss.Value().Data().(float32)), grads, margin
}

func let(t *testing.T, node *gorgonia.Node, data []float32) {
	t.Helper()
	v := tensor.New(tensor.WithShape(node.Shape()...), tensor.WithBacking(append([]float32(nil), data...)))
	if err := gorgonia.Let(node, v); err != nil {
		t.Fatal(err)
	}
}

// jump is an argument of a function whose value or slope jumps, with its distance to the nearest jump.
type jump struct {
	argument gorgonia.Value
	distance func(float64) float64
}

// readJumps keeps the arguments of every sign, threshold and spline.
func readJumps(m *graph.Model) []*jump {
	var list []*jump
	for _, node := range m.Graph.AllNodes() {
		op, ours := graph.OpOf(node.Op())
		if !ours {
			continue
		}
		j := &jump{distance: distanceToJump(op)}
		if j.distance == nil {
			continue
		}
		it := m.Graph.From(node.ID())
		it.Next() // the argument is the first input
		gorgonia.Read(it.Node().(*gorgonia.Node), &j.argument)
		list = append(list, j)
	}
	return list
}

// distanceToJump is nil for an op without jumps.
func distanceToJump(op graph.Kernel) func(float64) float64 {
	switch op := op.(type) {
	case graph.SignSTE:
		return math.Abs
	case graph.Denoise:
		if knots, _, ok := op.Family.Knots(); ok {
			return func(u float64) float64 { return knotDistance(u, knots) }
		}
	case graph.ActivateOn:
		return distanceToJump(op.Activate)
	case graph.Activate:
		if op.Function == graph.Threshold {
			return func(v float64) float64 { return math.Abs(math.Abs(v) - op.Lambda) }
		}
	}
	return nil
}

// knotDistance is the distance of u to the nearest inner knot, infinite on a knot: a value such as the 0 behind a relu
// is exactly there for all executors.
func knotDistance(u float64, knots int) float64 {
	h := 2 * graph.SplineRange / float64(knots-1)
	k := math.Round((u + graph.SplineRange) / h)
	k = min(max(k, 1), float64(knots-2))
	if d := math.Abs(u + graph.SplineRange - k*h); d > 0 {
		return d
	}
	return math.Inf(1)
}

// draw makes random values for a model: standard normal input, normal weights of norm near 1
// per row, other parameters near their start.
func draw(m *graph.Model, seed uint64) values {
	rng := rand.New(rand.NewPCG(seed, 7))
	normal := func(size int, std float64) []float32 {
		out := make([]float32, size)
		for i := range out {
			out[i] = float32(std * rng.NormFloat64())
		}
		return out
	}
	at := values{"x": normal(m.Input.Shape().TotalSize(), 1)}
	if m.Code != nil { // half of it zero
		at[graph.TrueCode] = normal(m.Code.Shape().TotalSize(), 1)
		for i, v := range at[graph.TrueCode] {
			at[graph.TrueCode][i] = max(v, 0)
		}
	}
	for _, p := range m.Params {
		shape := p.Node.Shape()
		at[p.Name] = normal(shape.TotalSize(), 1/math.Sqrt(float64(shape[len(shape)-1])))
		for i, v := range p.Init.Values {
			at[p.Name][i] = v + 0.1*at[p.Name][i]
		}
	}
	return at
}

// drawClear draws values until no argument of a sign is near zero and no argument of a spline is near a knot,
// so that rounding cannot move an argument to the other side. It returns the values with the reference's
// results.
func drawClear(t *testing.T, build func() *graph.Model) (at values, loss float64, grads values) {
	t.Helper()
	for seed := uint64(1); seed < 100; seed++ {
		m := build()
		at = draw(m, seed)
		var margin float64
		if loss, grads, margin = reference(t, m, at); margin > 1e-5 {
			return at, loss, grads
		}
	}
	t.Fatal("no draw keeps all arguments of sign away from zero, and those of splines from knots")
	return nil, 0, nil
}

// faint is the norm below which an error is absolute: where tanh saturates, 1 − tanh² in float32 is
// small, but its absolute error is still a few units.
const faint = 0.1

// distance is ‖a − b‖/max(‖b‖, faint).
func distance(a, b []float32) float64 {
	var diff, norm float64
	for i := range b {
		d := float64(a[i]) - float64(b[i])
		diff += d * d
		norm += float64(b[i]) * float64(b[i])
	}
	return math.Sqrt(diff) / max(math.Sqrt(norm), faint)
}

// compare fails the test where two tensors differ by more than the tolerance.
func compare(t *testing.T, name string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", name, len(got), len(want))
	}
	if d := distance(got, want); !(d <= tolerance) {
		worst := 0
		for i := range want {
			if !(math.Abs(float64(got[i]-want[i])) <= math.Abs(float64(got[worst]-want[worst]))) {
				worst = i
			}
		}
		t.Errorf("%s: ‖got − want‖/‖want‖ = %.3g > %.3g; worst at %d: got %g, want %g",
			name, d, tolerance, worst, got[worst], want[worst])
	}
}

// tolerance is the error allowed for a chain of float32 products with inner sizes up to k: each
// product contributes at most about 10·u·√k. The norm of z is below 1, and the surrogate's slope
// 2/τ = 20 magnifies the error of z by 20.
func tolerance(k int) float64 { return 200 * unit * math.Sqrt(float64(k)) }

func sizeName(b, n, d int) string { return fmt.Sprintf("b=%d/n=%d/d=%d", b, n, d) }
