package cuda

import (
	"fmt"

	"autoamp/graph"
)

// node is one launch of a step: a kernel, or a product of cuBLAS. Numbers are of one replica.
type node struct {
	name    string
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

// nodes lists the launches of a step in the order in which enqueue makes them.
func (l *plan) nodes() []node {
	var list []node
	for _, in := range l.pass {
		list = append(list, l.nodesOf(in)...)
	}
	list = append(list, l.finishNode(l.sums.first))
	for _, in := range l.norms {
		list = append(list, l.kernelNode(in))
	}
	if len(l.norms) > 0 {
		list = append(list, l.finishNode(l.sums.last))
	}
	for _, in := range l.decays {
		list = append(list, l.kernelNode(in))
	}
	return append(list, l.updateNodes()...)
}

// nodesOf are the launches of an instruction of the pass: one for each product of parts.
func (l *plan) nodesOf(in graph.Instr) []node {
	switch op := in.Op.(type) {
	case graph.MatMul:
		a := l.Buffers[in.In[0]]
		return []node{l.productNode(op, in, a.Rows(), a.Cols(), l.bytes(in))}
	case productOp:
		var list []node
		for range op.terms() {
			bytes := 2*float64(op.a.rows*op.a.cols+op.b.rows*op.b.cols) + 4*float64(l.Buffers[in.Out[0]].Size())
			list = append(list, l.productNode(op.MatMul, in, op.a.rows, op.a.cols, bytes))
		}
		return list
	}
	return []node{l.kernelNode(in)}
}

// productNode is a product whose left operand has a number of rows and columns before its transposition.
func (l *plan) productNode(op graph.MatMul, in graph.Instr, rows, cols int, bytes float64) node {
	c, k := l.Buffers[in.Out[0]], cols
	if op.TransA {
		k = rows
	}
	return node{name: op.String(), bytes: bytes, product: &product{m: c.Rows(), n: c.Cols(), k: k}}
}

// kernelNode is an instruction that is one kernel. Of the kernels that are slower than their bytes, it notes the instructions:
// those of the SASS of sm_90, on the path that the suite's model takes, as nvcc 11.8 compiled them.
func (l *plan) kernelNode(in graph.Instr) node {
	n := node{name: fmt.Sprint(in.Op), bytes: l.bytes(in)}
	switch op := in.Op.(type) {
	case graph.Sample: // eight numbers a thread
		n.threads, n.each = float64(l.Buffers[in.Out[0]].Size())/8, 640
	case graph.DenoiseMSE: // four numbers a thread
		if op.Backward {
			n.threads, n.each = float64(l.Buffers[in.In[0]].Size())/4, 416
		}
	case graph.Gather: // it reads the rows of its batch, not the whole data set
		n.bytes = 2 * l.bytesOf(in.Out[0])
	}
	return n
}

// finishNode adds up the parts of sums.
func (l *plan) finishNode(buffers []int) node {
	n := node{name: "finish"}
	for _, b := range buffers {
		n.bytes += 8 * float64(l.Buffers[b].Size()*(l.sums.count[b]+1))
	}
	return n
}

// updateNodes are the launches that update the weights: one for all of them, but for the normalised rule one for each weight.
func (l *plan) updateNodes() []node {
	if l.update == nil {
		return nil
	}
	var list []node
	all := node{name: "step." + string(l.update.Rule)}
	for _, in := range l.steps {
		if l.update.Rule == graph.Normalised {
			list = append(list, l.kernelNode(in))
		}
		all.bytes += l.bytes(in)
	}
	if l.update.Rule == graph.Normalised {
		return list
	}
	list = append(list, all)
	for _, in := range l.projections {
		list = append(list, l.kernelNode(in))
	}
	return list
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
