package graph

import "testing"

// TestCounts counts one training step of the denoiser by hand: b = 5, n = 3, d = 7, so that a
// batch of data has 35 numbers, a code 15, a weight 21.
func TestCounts(t *testing.T) {
	t.Parallel()
	p := compiled(t, Config{Model: "denoiser", Batch: 5, Dim: 7, Code: 3}, Options{Sample: &Sample{Law: "sparse-gaussian"}, Update: adam})
	const x, code, w, theta = 35, 15, 21, 6
	if want := 5. * 2 * 5 * 3 * 7; p.Flops() != want {
		t.Errorf("five products of 2·b·n·d operations: %g, want %g", p.Flops(), want)
	}
	floats := x + // sample
		w + w + 3 + // rownormalize: W; B and its inverse norms
		(w + w + 3) + w + // and its gradient
		2*code + // sign
		3*code + // and its gradient
		x + x + theta + x + // denoise.mse.grad: u, x, θ; du
		2*(4*w+3*w) + // Adam of W and A: weight, gradient, two moments; all but the gradient
		3*theta + 3*theta + // Adam of θ
		(x + w + code) + (code + w + x) + (x + w + code) + 2*(x+code+w) // products
	sums := 1 + theta + theta // loss, gradient of θ, the same read by Adam
	if want := float64(4*floats + 8*sums); p.Traffic() != want {
		t.Errorf("traffic = %g bytes, want %g\n%v", p.Traffic(), want, p)
	}
}
