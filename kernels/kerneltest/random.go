package kerneltest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"autoamp/graph"
)

// testRandomGraphs compares programs with the TapeMachine on graphs that no model has: random
// chains of all ops, with weights used twice, parameters that are not trained, and shapes
// that fit no vector length.
func testRandomGraphs(t *testing.T, exec graph.Executor) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			checkGradients(t, exec, func() *graph.Model { return randomModel(t, seed) })
		})
	}
}

// chain grows a random model, one op at a time.
type chain struct {
	t     *testing.T
	rng   *rand.Rand
	model *graph.Model
	node  *gorgonia.Node
	batch int
	signs int
	byTo  map[[2]int]*gorgonia.Node // square or rectangular weights seen, to be used again
	seen  []*gorgonia.Node          // values so far, to be merged with again
}

func randomModel(t *testing.T, seed uint64) *graph.Model {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 11))
	sizes := []int{1, 3, 17, 64, 100}
	size := func() int { return sizes[rng.IntN(len(sizes))] }
	g := gorgonia.NewGraph()
	b, d := size(), size()
	x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(b, d), gorgonia.WithName("x"))
	c := &chain{t: t, rng: rng, model: &graph.Model{Graph: g, Input: x}, node: x, batch: b, byTo: map[[2]int]*gorgonia.Node{}}
	c.product(size())
	for range 2 + rng.IntN(5) {
		c.seen = append(c.seen, c.node)
		c.grow(size())
	}
	c.product(d)
	c.model.Loss = c.apply(graph.MSE{}, c.node, x)
	return c.model
}

func (c *chain) apply(op graph.Op, in ...*gorgonia.Node) *gorgonia.Node {
	out, err := graph.Apply(op, in...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *chain) param(trained bool, shape ...int) *gorgonia.Node {
	name := fmt.Sprintf("param%d", len(c.model.Params))
	node := gorgonia.NewTensor(c.model.Graph, tensor.Float32, len(shape), gorgonia.WithShape(shape...), gorgonia.WithName(name))
	c.model.Params = append(c.model.Params, graph.Param{Name: name, Node: node, Trained: trained})
	return node
}

// grow adds one random op.
func (c *chain) grow(size int) {
	switch c.rng.IntN(8) {
	case 0, 1:
		c.product(size)
	case 2:
		if c.signs == 0 { // a second sign would see only ±1 sums, often exactly zero
			c.node = c.apply(graph.SignSTE{Tau: 0.5}, c.node)
			c.signs++
		}
	case 3:
		f := graph.Families()[c.rng.IntN(len(graph.Families()))]
		c.node = c.apply(graph.Denoise{Family: f}, c.node, c.param(c.rng.IntN(4) > 0, f.Params()))
	case 4:
		c.node = c.apply(graph.Scale{}, c.node, c.param(true, 1))
	case 5:
		other := c.node // perhaps itself
		for _, node := range c.seen {
			if node.Shape().Eq(c.node.Shape()) && c.rng.IntN(3) > 0 {
				other = node
			}
		}
		c.node = c.apply(graph.Merge{}, c.node, other, c.param(c.rng.IntN(4) > 0, 2))
	case 6:
		c.node = c.apply(graph.Bias{}, c.node, c.param(true, c.node.Shape()[1]))
	case 7:
		c.node = c.apply(graph.Activate{Function: graph.Activations()[c.rng.IntN(2)]}, c.node)
		c.signs++ // behind a relu there are exact zeros
	}
}

// product multiplies by a weight of shape (from, to) or (to, from): new, normalised, or one
// that was used before.
func (c *chain) product(to int) {
	from := c.node.Shape()[1]
	w, transposed := c.byTo[[2]int{from, to}], false
	if w == nil {
		w, transposed = c.byTo[[2]int{to, from}], true
	}
	if w == nil || c.rng.IntN(2) == 0 {
		if transposed = c.rng.IntN(2) == 0; transposed {
			w = c.param(true, to, from)
			c.byTo[[2]int{to, from}] = w
		} else {
			w = c.param(true, from, to)
			c.byTo[[2]int{from, to}] = w
		}
		if c.rng.IntN(3) == 0 && w.Shape()[1] > 1 { // rows of one number normalise to ±1: all rounding
			w = c.apply(graph.RowNormalize{}, w)
			c.byTo[[2]int{w.Shape()[0], w.Shape()[1]}] = w
		}
	}
	c.node = c.apply(graph.MatMul{TransB: transposed}, c.node, w)
}
