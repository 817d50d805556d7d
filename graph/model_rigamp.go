package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// rigamp is the decoder that unrolls RI-GAMP, ICML 2024, eq. (22), here for T iterations; the
// paper's three layers are T = 2:
//
//	x̂¹ = f1(V1·y),   ẑᵗ = g_{t−1}(W_{t−1}·x̂ᵗ⁻¹ ⊕ y ⊕ ẑ² … ẑᵗ⁻¹),   x̂ᵗ = f_t(V_t·ẑᵗ ⊕ x̂ᵗ⁻¹ … x̂¹),   t = 2 … T
//
// where a ⊕ b = β·a + γ·b. At T = 2 a layer has one merge. The further merges of a layer at larger T are
// the rest of RI-GAMP's Onsager terms: without them T = 4 gains little over T = 3.
//
// With Vₜ = Bᵀ, Wₜ = B and posterior means for f the decoder is RI-GAMP with one difference: every
// f and g sees one merged argument instead of the whole history.
func rigamp(b *builder) {
	starts := b.rigampStarts()
	x, enc := b.data(), b.encoder(starts.code)
	y := b.sign(b.mulT(x, enc)) // (b, n)  the code, eq. (1)
	f := func(t int, u *gorgonia.Node) *gorgonia.Node {
		return b.denoise(RIGAMPTheta("f", t), b.Config.Denoiser, starts.f(t), u)
	}
	xhats := []*gorgonia.Node{f(1, b.toData(1, y, enc, starts.data))} // (b, d)  x̂ᵗ … x̂¹
	zhats := []*gorgonia.Node{y}                                      // (b, n)  ẑ¹ … ẑᵗ
	for t := 1; t < b.Config.Iterations; t++ {
		z := b.merges("g", t, rigampCodeMerge, b.toCode(t, xhats[0], enc, starts.code), zhats)
		zhat := b.denoise(RIGAMPTheta("g", t), G2, rigampG, z)
		u := b.merges("f", t+1, rigampDataMerge, b.toData(t+1, zhat, enc, starts.data), xhats)
		zhats = append(zhats, zhat)
		xhats = append([]*gorgonia.Node{f(t+1, u)}, xhats...)
	}
	b.reconstruct(xhats[0], x)
}

// RIGAMPTheta names the parameters of f_t or g_t, counted from 1, such as "decoder.f1.theta".
func RIGAMPTheta(function string, t int) string {
	return fmt.Sprintf("decoder.%s%d.theta", function, t)
}

// RIGAMPMerge names the weights (β, γ) of the k-th merge before f_t or g_t, counted from 1, such as
// "decoder.g1.merge1".
func RIGAMPMerge(function string, t, k int) string {
	return fmt.Sprintf("decoder.%s%d.merge%d", function, t, k)
}

// Start values of the scalars (amp/THEORY.md §10). At rates ≥ 1, where BᵀB = rI, a nearly linear g1
// tells V2 nothing new, and training stays at the denoiser's error; this g1 is far from linear.
var (
	rigampF         = []float32{0.4, 0.2, -1, 0, 0.1, 1} // f2, f3, …; f1 starts as the denoiser does
	rigampG         = []float32{0.65, 1.25, -2, 1.3, -0.7, 1.7}
	rigampCodeMerge = []float32{-1, 1}
	rigampDataMerge = []float32{0.7, 0.5}
	rigampNoMerge   = []float32{1, 0} // the merges after the first
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
	return s.family.Start()
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

// merges is x ⊕ history[0] ⊕ history[1] …, the argument of f_t or g_t.
func (b *builder) merges(function string, t int, start []float32, x *gorgonia.Node, history []*gorgonia.Node) *gorgonia.Node {
	for k, y := range history {
		x = b.merge(RIGAMPMerge(function, t, k+1), start, x, y)
		start = rigampNoMerge
	}
	return x
}

// merge is β·x + γ·y with trained (β, γ).
func (b *builder) merge(name string, start []float32, x, y *gorgonia.Node) *gorgonia.Node {
	return b.apply(Merge{}, x, y, b.param(name, Init{Kind: "values", Values: start}, 2))
}
