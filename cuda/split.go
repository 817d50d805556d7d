package cuda

import (
	"fmt"

	"autoamp/graph"
)

// The split precision writes every operand of a product as bf16 numbers that add up to it, before its first product:
// one number where it is a code, two otherwise. Then, with the parts of an operand in order of size,
//
//	S·B = S·B₁ + S·B₂               A·B = A₁·B₁ + A₁·B₂ + A₂·B₁
//
// summed in float32 from the smallest term to the largest. A product without a code leaves out A₂·B₂ and the rounding of
// operands to two numbers of 8 bits. Both together are at most 2⁻¹⁶ of the product.

// halves is the layout of an operand's parts in memory: one after the other, row-major with rows of ld numbers.
type halves struct{ rows, cols, ld, parts int }

// floats is the memory of all parts in float32.
func (h halves) floats() int { return (h.parts*h.rows*h.ld + 1) / 2 }

// splitOp writes a matrix as parts: from (x) to (parts).
type splitOp struct{ halves }

func (op splitOp) String() string { return fmt.Sprintf("split(%d)", op.parts) }

// Facts are none: the plan is complete when it appears.
func (op splitOp) Facts() graph.Facts { return graph.Facts{} }

// signOp is a sign that writes its code in bf16 too, from (z) to (code or −1, parts).
type signOp struct {
	graph.SignSTE
	halves
}

// productOp is a product of parts.
type productOp struct {
	graph.MatMul
	a, b halves
}

// terms lists the products of parts that make up a product, the smallest first.
func (op productOp) terms() [][2]int {
	var terms [][2]int
	for order := max(op.a.parts, op.b.parts) - 1; order >= 0; order-- {
		for i := min(order, op.a.parts-1); i >= 0; i-- {
			if j := order - i; j < op.b.parts {
				terms = append(terms, [2]int{i, j})
			}
		}
	}
	return terms
}

// rowAlign is the alignment of rows of parts in bf16: tensor cores want 16 bytes.
const rowAlign = 8

// partsLike is the layout of a matrix in parts.
func partsLike(x graph.Buffer, parts int) halves {
	return halves{rows: x.Rows(), cols: x.Cols(), ld: (x.Cols() + rowAlign - 1) / rowAlign * rowAlign, parts: parts}
}

// splitOperands replaces the products of a plan by products of parts.
func (l *plan) splitOperands() {
	s := splitter{plan: l, parts: map[int]int{}, layout: map[int]halves{}}
	for _, in := range l.pass {
		s.rewrite(in)
	}
	l.pass = s.out
	l.dropUnreadCodes()
}

// splitter rewrites a pass.
type splitter struct {
	*plan
	parts  map[int]int    // matrix → buffer of its parts; removed when the matrix changes
	layout map[int]halves // of the same matrix
	out    []graph.Instr
}

func (s *splitter) rewrite(in graph.Instr) {
	switch op := in.Op.(type) {
	case graph.MatMul:
		a, b := s.operand(in.In[0]), s.operand(in.In[1])
		in = graph.Instr{Op: productOp{op, s.layout[in.In[0]], s.layout[in.In[1]]}, In: []int{a, b}, Out: in.Out}
		s.forget(in.Out)
	case graph.SignSTE:
		code := s.Buffers[in.Out[0]]
		h := partsLike(code, 1)
		parts := s.add(code.Name+".bf16", h.floats())
		s.forget(in.Out)
		s.parts[in.Out[0]], s.layout[in.Out[0]] = parts, h
		in = graph.Instr{Op: signOp{op, h}, In: in.In, Out: []int{in.Out[0], parts}}
	default:
		s.forget(in.Out)
	}
	s.out = append(s.out, in)
}

// forget drops the parts of matrices that are written.
func (s *splitter) forget(written []int) {
	for _, b := range written {
		delete(s.parts, b)
	}
}

// operand returns the parts of a matrix, split now if they are not there.
func (s *splitter) operand(b int) int {
	if parts, known := s.parts[b]; known {
		return parts
	}
	x := s.Buffers[b]
	h := partsLike(x, 2)
	s.layout[b], s.parts[b] = h, s.add(x.Name+".bf16", h.floats())
	s.out = append(s.out, graph.Instr{Op: splitOp{h}, In: []int{b}, Out: []int{s.parts[b]}})
	return s.parts[b]
}

// dropUnreadCodes lets signs leave out the float32 code where only products read it, in bf16.
func (l *plan) dropUnreadCodes() {
	for i, in := range l.pass {
		if _, sign := in.Op.(signOp); sign && !l.isRead(in.Out[0], i+1) {
			l.pass[i].Out = []int{-1, in.Out[1]}
		}
	}
}

// isRead reports whether an instruction of the pass from the i-th on reads a buffer.
func (l *plan) isRead(b, i int) bool {
	for _, in := range l.pass[i:] {
		for _, r := range in.In {
			if r == b {
				return true
			}
		}
	}
	return false
}
