package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// rigamp is the decoder that unrolls RI-GAMP, ICML 2024, eq. (22), here for T iterations; the
// paper's three layers are T = 2:
//
//	x̂¹ = f1(V1·y),   ẑᵗ = g_{t−1}(β·W_{t−1}·x̂ᵗ⁻¹ + γ·y),   x̂ᵗ = f_t(β·V_t·ẑᵗ + γ·x̂ᵗ⁻¹),   t = 2 … T
//
// With Vₜ = Bᵀ, Wₜ = B and posterior means for f it is RI-GAMP itself, but that every f and g sees
// one merged argument instead of the whole history.
func rigamp(b *builder) {
	starts := b.rigampStarts()
	x, enc := b.data(), b.encoder(starts.code)
	y := b.sign(b.mulT(x, enc)) // (b, n)  the code, eq. (1)
	f := func(t int, u *gorgonia.Node) *gorgonia.Node {
		return b.denoise(RIGAMPTheta("f", t), b.Config.Denoiser, starts.f(t), u)
	}
	xhat := f(1, b.toData(1, y, enc, starts.data)) // (b, d)  x̂¹
	for t := 1; t < b.Config.Iterations; t++ {
		z := b.merge(RIGAMPMerge("g", t), rigampCodeMerge, b.toCode(t, xhat, enc, starts.code), y)
		zhat := b.denoise(RIGAMPTheta("g", t), G2, rigampG, z) // (b, n)  ẑᵗ⁺¹
		u := b.merge(RIGAMPMerge("f", t+1), rigampDataMerge, b.toData(t+1, zhat, enc, starts.data), xhat)
		xhat = f(t+1, u) // (b, d)  x̂ᵗ⁺¹
	}
	b.reconstruct(xhat, x)
}

// RIGAMPTheta names the parameters of f_t or g_t, counted from 1, such as "decoder.f1.theta".
func RIGAMPTheta(function string, t int) string {
	return fmt.Sprintf("decoder.%s%d.theta", function, t)
}

// RIGAMPMerge names the weights (β, γ) of the merge before f_t or g_t, such as "decoder.g1.merge".
func RIGAMPMerge(function string, t int) string {
	return fmt.Sprintf("decoder.%s%d.merge", function, t)
}

// Where the scalars start (theory.md §10). At rates ≥ 1, where BᵀB = rI, a nearly linear g1 tells
// V2 nothing new, and training stays at the denoiser's error; this g1 is far from linear.
var (
	rigampF         = []float32{0.4, 0.2, -1, 0, 0.1, 1} // f2, f3, …; f1 starts as the denoiser does
	rigampG         = []float32{0.65, 1.25, -2, 1.3, -0.7, 1.7}
	rigampCodeMerge = []float32{-1, 1}
	rigampDataMerge = []float32{0.7, 0.5}
)

// rigampStarts is where matrices from data to code (n, d) and back (d, n) start.
type rigampStarts struct {
	code, data Init
	family     Family
}

func (b *builder) rigampStarts() rigampStarts {
	s := rigampStarts{Init{Kind: "haar"}, Init{Kind: "haar.transposed"}, b.Config.Denoiser}
	if b.Config.Init == "gaussian" {
		s.code, s.data = b.gaussian(), b.gaussian()
	}
	return s
}

func (s rigampStarts) f(t int) []float32 {
	if t > 1 && s.family == G2 {
		return rigampF
	}
	return start[s.family]
}

// toData is Vₜ·y for every row of y, (b, d).
func (b *builder) toData(t int, y, enc *gorgonia.Node, start Init) *gorgonia.Node {
	if b.Config.Tied {
		return b.mul(y, enc)
	}
	v := b.param(fmt.Sprintf("decoder.v%d.weight", t), start, b.Config.Dim, b.Config.Code)
	return b.mulT(y, v)
}

// toCode is Wₜ·x̂ for every row of x̂, (b, n).
func (b *builder) toCode(t int, xhat, enc *gorgonia.Node, start Init) *gorgonia.Node {
	if b.Config.Tied {
		return b.mulT(xhat, enc)
	}
	w := b.param(fmt.Sprintf("decoder.w%d.weight", t), start, b.Config.Code, b.Config.Dim)
	return b.mulT(xhat, w)
}

// merge is β·x + γ·y with trained (β, γ).
func (b *builder) merge(name string, start []float32, x, y *gorgonia.Node) *gorgonia.Node {
	return b.apply(Merge{}, x, y, b.param(name, Init{Kind: "values", Values: start}, 2))
}
