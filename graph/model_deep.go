package graph

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
)

// deep is the autoencoder with a fully connected decoder, the baseline of ICML 2024, section 5.2:
// Depth hidden layers of Width units with biases and an activation, then a linear layer.
func deep(b *builder) {
	c := b.Config
	x, enc := b.data(), b.encoder(b.gaussian())
	h := b.sign(b.mulT(x, enc)) // (b, n)  the code, eq. (1)
	inputs := c.Code
	for l := range c.Depth {
		h = b.apply(Activate{Function: c.Activation}, b.linear(l, h, inputs, c.Width)) // (b, width)
		inputs = c.Width
	}
	b.reconstruct(b.linear(c.Depth, h, inputs, c.Dim), x) // (b, d)
}

// linear is the l-th fully connected layer, M·h + c for every row of h. M starts from a normal law
// of variance 1/inputs, or 2/inputs behind a ReLU (He et al. 2015), and c from 0.
func (b *builder) linear(l int, h *gorgonia.Node, inputs, outputs int) *gorgonia.Node {
	variance := 1 / float64(inputs)
	if l > 0 && b.Config.Activation == ReLU {
		variance *= 2
	}
	m := b.param(fmt.Sprintf("decoder.%d.weight", l), Init{Kind: "normal", Std: math.Sqrt(variance)}, outputs, inputs)
	c := b.param(fmt.Sprintf("decoder.%d.bias", l), Init{Kind: "values", Values: make([]float32, outputs)}, outputs)
	return b.apply(Bias{}, b.mulT(h, m), c)
}
