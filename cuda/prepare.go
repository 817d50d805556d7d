package cuda

import (
	"fmt"
	"slices"

	"autoamp/graph"
)

// prepareOp turns the parameters of a denoiser into what its kernels read, once for each replica and step: from (θ) to
// (prepared).
type prepareOp struct{ family graph.Family }

func (op prepareOp) String() string { return fmt.Sprintf("prepare(%v)", op.family) }

// Facts are none: the plan is complete when it appears.
func (op prepareOp) Facts() graph.Facts { return graph.Facts{} }

// Sizes of what Prepare and PrepareSpline write, in float32: a Denoiser of family.cuh, and a Cell of spline.cu for every cell.
const (
	denoiserFloats = 24
	cellFloats     = 6
)

// floats is the size of what a family's kernels read.
func (op prepareOp) floats() int {
	if knots, _, spline := op.family.Knots(); spline {
		return cellFloats * (knots - 1)
	}
	return denoiserFloats
}

// denoiserOf is the family of an op that evaluates a denoiser, and the place of θ among its inputs.
func denoiserOf(op graph.Kernel) (f graph.Family, theta int, is bool) {
	switch op := op.(type) {
	case graph.Denoise:
		return op.Family, 1, true
	case graph.DenoiseGrad:
		return op.Family, 2, true
	case graph.DenoiseMSE:
		return op.Family, 2, true
	}
	return 0, 0, false
}

// prepareDenoisers lets the ops of a pass read prepared parameters. A pass does not change θ: one preparation serves all.
func (l *plan) prepareDenoisers() {
	prepared := map[int]int{}
	var first []graph.Instr
	for i, in := range l.pass {
		f, at, is := denoiserOf(in.Op)
		if !is {
			continue
		}
		theta := in.In[at]
		if _, done := prepared[theta]; !done {
			op := prepareOp{f}
			prepared[theta] = l.add(l.Buffers[theta].Name+".prepared", op.floats())
			first = append(first, graph.Instr{Op: op, In: []int{theta}, Out: []int{prepared[theta]}})
		}
		in.In = slices.Clone(in.In)
		in.In[at] = prepared[theta]
		l.pass[i] = in
	}
	l.pass = append(first, l.pass...)
}
