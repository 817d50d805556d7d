package cuda

import (
	"fmt"

	"autoamp/graph"
)

// cost is what one launch does: a kernel, or a product of cuBLAS. Numbers are of one replica.
type cost struct {
	bytes   float64 // read and written in global memory, every operand once
	product *product
	threads float64 // of a kernel whose instructions take longer than its bytes
	each    float64 // instructions of such a thread
}

// product is the size of a product: C is (m, n), and k is the inner size.
type product struct{ m, n, k int }

// flops counts a multiplication and an addition for each term.
func (p *product) flops() float64 {
	if p == nil {
		return 0
	}
	return 2 * float64(p.m) * float64(p.n) * float64(p.k)
}

// costs are the launches of a node: of a product of parts one for each term, of other nodes a single one.
func (l *plan) costs(n node) ([]cost, error) {
	switch n.kind {
	case passNode:
		return l.passCosts(n.in), nil
	case finishNode:
		return []cost{{bytes: l.finishBytes(l.sums.first)}}, nil
	case finishNormsNode:
		return []cost{{bytes: l.finishBytes(l.sums.last)}}, nil
	case updateNode:
		all := cost{}
		for _, in := range l.steps {
			all.bytes += l.bytes(in)
		}
		return []cost{all}, nil
	case normNode, decayNode, normalisedNode, projectNode:
		return []cost{{bytes: l.bytes(n.in)}}, nil
	}
	return nil, fmt.Errorf("cuda: a node of kind %d has no cost", n.kind)
}

// passCosts are the costs of an instruction of the pass. Of the kernels that are slower than their bytes they have the
// instructions: those of the SASS of sm_90, on the path that the suite's model takes, as nvcc 11.8 compiled them.
func (l *plan) passCosts(in graph.Instr) []cost {
	c := cost{bytes: l.bytes(in)}
	switch op := in.Op.(type) {
	case graph.MatMul:
		a := l.Buffers[in.In[0]]
		c.product = l.productOf(op, in, a.Rows(), a.Cols())
	case productOp:
		return l.termCosts(op, in)
	case graph.Sample: // eight numbers a thread
		c.threads, c.each = float64(l.Buffers[in.Out[0]].Size())/8, 525
	case graph.DenoiseMSE: // four numbers a thread
		if op.Backward {
			c.threads, c.each = float64(l.Buffers[in.In[0]].Size())/4, 416
		}
	case graph.Gather: // it reads the rows of its batch, not the whole data set
		c.bytes = 2 * l.bytesOf(in.Out[0])
	}
	return []cost{c}
}

// termCosts are the costs of a product of parts.
func (l *plan) termCosts(op productOp, in graph.Instr) []cost {
	var list []cost
	for range op.terms() {
		list = append(list, cost{
			bytes:   2*float64(op.a.rows*op.a.cols+op.b.rows*op.b.cols) + l.bytesOf(in.Out[0]),
			product: l.productOf(op.MatMul, in, op.a.rows, op.a.cols),
		})
	}
	return list
}

// productOf is a product whose left operand has a number of rows and columns before its transposition.
func (l *plan) productOf(op graph.MatMul, in graph.Instr, rows, cols int) *product {
	c, k := l.Buffers[in.Out[0]], cols
	if op.TransA {
		k = rows
	}
	return &product{m: c.Rows(), n: c.Cols(), k: k}
}

// finishBytes are the parts that Finish reads, and the totals that it writes.
func (l *plan) finishBytes(buffers []int) float64 {
	var bytes float64
	for _, b := range buffers {
		bytes += l.bytesOf(b) * float64(l.sums.count[b]+1)
	}
	return bytes
}

// bytes counts what an instruction reads and writes: of a sum it reads the total, and writes the parts.
func (l *plan) bytes(in graph.Instr) float64 {
	var bytes float64
	for _, b := range in.In {
		bytes += l.bytesOf(b)
	}
	for _, b := range in.Out {
		if b >= 0 && l.Buffers[b].Kind == graph.Reduction {
			bytes += l.bytesOf(b) * float64(l.sums.count[b])
		} else if b >= 0 { // −1 is a code that nobody reads in float32
			bytes += l.bytesOf(b)
		}
	}
	return bytes
}

// bytesOf is the size of a buffer; of a sum, of its total.
func (l *plan) bytesOf(b int) float64 {
	if l.Buffers[b].Kind == graph.Reduction {
		return 8 * float64(l.Buffers[b].Size())
	}
	return 4 * float64(l.Buffers[b].Size())
}

// momentBytes is what one block reads and writes in a step: the moments of the weights that it trains.
func (l *plan) momentBytes(b *oneBlock) float64 {
	var bytes float64
	for _, t := range []trained{b.encoder, b.decoder, b.theta} {
		if t.m >= 0 {
			bytes += 2 * (l.bytesOf(t.m) + l.bytesOf(t.v))
		}
	}
	return bytes
}
