package graph

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
)

// tied is the weight-tied autoencoder of Rangamani et al. and of Nguyen et al.: ŷ = Wᵀ·σ(W·y + b) with σ a ReLU or a hard
// threshold. Its code is not quantised. The rows of W, (n, d), are the columns of those papers' W. With two layers it is
// ŷ = W₁ᵀ·W₂ᵀ·σ(W₂·σ(W₁·y + b₁) + b₂), and mirrored ŷ = W₁ᵀ·σ(W₂ᵀ·σ(W₂·σ(W₁·y + b₁) + b₂)).
// Rectified, one layer is ŷ = ReLU(Wᵀ·σ(W·y + b₁) + b₂), the net with two layers of activations of Rangamani et al.
//
// Those papers' loss is L = ½E‖y − ŷ‖², d/2 times the error per coordinate. A gradient step ζ on L is therefore a
// learning rate of ζ·d/2.
func tied(b *builder) {
	c := b.Config
	y := b.data()
	h := y
	var weights []*gorgonia.Node
	inputs := c.Dim
	for l := range c.Depth {
		units := c.Width
		if l == c.Depth-1 {
			units = c.Code
		}
		w := b.param(LayerName(l, EncoderWeight), Init{Kind: "normal", Std: 1 / math.Sqrt(float64(inputs))}, units, inputs)
		bias := b.param(LayerName(l, EncoderBias), Init{Kind: "values", Values: constant(units, c.BiasStart)}, units)
		h = b.activate(b.apply(Bias{}, b.mulT(h, w), bias)) // (b, units)
		weights, inputs = append(weights, w), units
	}
	b.named(Code, h)
	for l, w := range slices.Backward(weights) {
		h = b.mul(h, w) // (b, d) in the end
		if c.Mirrored && l > 0 {
			h = b.apply(Activate{Function: c.Activation, Lambda: c.Lambda}, h)
		}
	}
	if c.Rectified {
		bias := b.param(DecoderBias, Init{Kind: "values", Values: make([]float32, c.Dim)}, c.Dim)
		h = b.apply(Activate{Function: ReLU}, b.apply(Bias{}, h, bias))
	}
	b.reconstruct(h, y)
}

// activate is σ, with its own gradient or the proxy.
func (b *builder) activate(z *gorgonia.Node) *gorgonia.Node {
	c := b.Config
	f := Activate{Function: c.Activation, Lambda: c.Lambda}
	if !c.Proxy {
		return b.apply(f, z)
	}
	b.Code = gorgonia.NewMatrix(b.Graph, b.dtype, gorgonia.WithName(TrueCode), gorgonia.WithShape(c.Batch, c.Code))
	return b.apply(ActivateOn{Activate: f}, z, b.Code)
}

// LayerName is the name of a parameter of the l-th layer of tied: encoder.weight, encoder.1.weight, … The argument name is the
// parameter's name in the first layer.
func LayerName(l int, name string) string {
	if l == 0 {
		return name
	}
	return fmt.Sprintf("encoder.%d.%s", l, strings.TrimPrefix(name, "encoder."))
}

func isEncoderBias(name string) bool {
	return strings.HasPrefix(name, "encoder.") && strings.HasSuffix(name, ".bias")
}

func constant(size int, x float64) []float32 {
	out := make([]float32, size)
	for i := range out {
		out[i] = float32(x)
	}
	return out
}

// validateTied checks the settings that only tied has.
func (c Config) validateTied() error {
	switch {
	case c.Encoder != "trained":
		return fmt.Errorf("graph: encoder = %q: must be trained in the tied model", c.Encoder)
	case !(c.Lambda >= 0) || math.IsInf(c.Lambda, 0):
		return fmt.Errorf("graph: lambda = %g: must be at least 0", c.Lambda)
	case c.Bias != "trained" && c.Bias != "fixed" && c.Bias != "decayed":
		return fmt.Errorf("graph: bias = %q: must be trained, fixed or decayed", c.Bias)
	case !(c.BiasFactor > 0 && c.BiasFactor < 1):
		return fmt.Errorf("graph: bias factor = %g: must be in (0, 1)", c.BiasFactor)
	case c.Proxy && c.Depth > 1:
		return fmt.Errorf("graph: depth = %d: must be 1 for the proxy gradient", c.Depth)
	case c.Mirrored && c.Depth == 1:
		return fmt.Errorf("graph: depth = 1: must be at least 2 for a mirrored decoder")
	}
	return nil
}
