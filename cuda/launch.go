//go:build gpu

package cuda

import (
	"fmt"

	"autoamp/graph"
)

// coins is the random stream of the coins that decide sign(0).
const coins = 2

// threads is the size of a block of most kernels.
const threads = 256

// activations and activationGrads are the kernels of activations and of their gradients.
var (
	activations     = map[graph.Activation]string{graph.ReLU: "ReLU", graph.Tanh: "Tanh", graph.Threshold: "Threshold"}
	activationGrads = map[graph.Activation]string{graph.ReLU: "ReLUGrad", graph.Tanh: "TanhGrad", graph.Threshold: "SupportGrad"}
)

// rule is the kernel of an update rule, and its arguments between the clip and the states.
type rule struct {
	kernel string
	args   func(u *graph.Update) []any
}

var rules = map[graph.Rule]rule{
	graph.Adam: {"Adam", func(u *graph.Update) []any {
		return []any{float32(u.Beta1), float32(u.Beta2), float32(u.Epsilon)}
	}},
	graph.Momentum:   {"Momentum", func(u *graph.Update) []any { return []any{float32(u.Beta1)} }},
	graph.RMSProp:    {"RMSProp", func(u *graph.Update) []any { return []any{float32(u.Beta2), float32(u.Epsilon)} }},
	graph.Normalised: {kernel: "Normalised"}, // one launch for each weight: see normalisedStep
}

// enqueue puts one step on the stream, one launch after the other.
func (l *loaded) enqueue() error {
	for _, n := range l.nodes() {
		if err := l.enqueueNode(n); err != nil {
			return err
		}
	}
	return nil
}

// enqueueBranches puts steps on the stream that is being captured, so that each launch waits for no more than it must.
func (l *loaded) enqueueBranches(c *captured, steps int) error {
	list := l.nodesOf(steps)
	b := branch(list)
	for i, n := range list {
		if n.product() {
			if err := l.r.useWorkspace(b.workspace[i]); err != nil {
				return err
			}
		}
		if err := c.add(b.after[i], func() error { return l.enqueueNode(n) }); err != nil {
			return err
		}
	}
	return l.r.useWorkspace(0)
}

// enqueueNode puts one launch on the stream.
func (l *loaded) enqueueNode(n node) error {
	switch n.kind {
	case passNode:
		return l.launch(n.in)
	case finishNode:
		return l.finish(l.at.first, l.sums.first, true)
	case normNode:
		return l.normOfSum(n.in)
	case finishNormsNode:
		return l.finish(l.at.last, l.sums.last, false)
	case decayNode:
		return l.decay(n.in)
	case updateNode:
		return l.updateWeights()
	case normalisedNode:
		return l.normalisedStep(n.in)
	case projectNode:
		return l.project(n.in)
	}
	return fmt.Errorf("cuda: a node of kind %d", n.kind)
}

// normOfSum puts the norm of a gradient that is itself a sum on the stream.
func (l *loaded) normOfSum(in graph.Instr) error {
	g := in.In[0]
	n := l.Buffers[g].Size()
	return l.kernel("GradNormSums", parts(n), threads, l.sumParts(in.Out[0]), l.sumTotal(g), int64(n))
}

// decay shrinks a bias.
func (l *loaded) decay(in graph.Instr) error {
	b := l.Buffers[in.In[0]]
	return l.flat("Decay", b, l.tensor(in.In[0]), int64(b.Size()), float32(in.Op.(graph.Decay).Factor), l.states())
}

// prepareDenoiser puts a preparation on the stream.
func (l *loaded) prepareDenoiser(op prepareOp, in graph.Instr) error {
	args := []any{l.tensor(in.Out[0]), l.tensor(in.In[0]), int32(op.family)}
	if _, _, spline := op.family.Knots(); spline {
		return l.kernel("PrepareSpline", 1, 128, args...)
	}
	return l.kernel("Prepare", 1, 32, args...)
}

// finish adds up sums; the first of a step ends its pass, records the loss and counts the step.
func (l *loaded) finish(table int64, buffers []int, first bool) error {
	values := 0
	for _, b := range buffers {
		values += l.Buffers[b].Size()
	}
	var ring uint64
	if first {
		ring = l.r.address(l.r.memory.ring)
	}
	return l.kernel("Finish", ceil(values, 8), threads, l.r.address(table), int32(len(buffers)), int32(values), l.states(), ring,
		int32(l.r.memory.capacity), l.schedule())
}

// shapes numbers the schedules as kernels.cuh does.
var shapes = map[graph.Shape]int64{graph.Constant: 0, graph.Cosine: 1, graph.StepDown: 2}

func (l *loaded) schedule() schedule {
	if l.update == nil {
		return schedule{}
	}
	u := l.update
	s := u.Schedule
	return schedule{shape: shapes[s.Shape], warmUp: s.WarmUp, steps: s.Steps, final: s.Final, every: s.Every, factor: s.Factor,
		beta1: u.Beta1, beta2: u.Beta2}
}

// updateWeights applies the rule to all weights in one launch.
func (l *loaded) updateWeights() error {
	weights, blocks := l.weights()
	args := []any{l.r.address(l.at.weights), int32(len(weights)), l.clip()}
	args = append(args, rules[l.update.Rule].args(l.update)...)
	return l.kernel(rules[l.update.Rule].kernel, blocks, threads, append(args, l.states())...)
}

// clip is the rule's bound on the norm of all gradients.
func (l *loaded) clip() clip {
	c := clip{count: int64(len(l.sums.norms)), bound: l.update.ClipNorm}
	if len(l.sums.norms) > 0 {
		c.norms = l.sumTotal(l.sums.norms[0])
	}
	return c
}

// product multiplies in float32, on tensor cores where the precision allows it.
func (l *loaded) product(op graph.MatMul, in graph.Instr) error {
	compute := computeFloat32
	if l.r.e.settings.Precision == TF32 {
		compute = computeTF32
	}
	return l.gemm(op, in, l.matrix(in.In[0]), l.Buffers[in.In[0]], l.matrix(in.In[1]), op.Accumulate, compute)
}

// splitProduct multiplies the parts of two matrices.
func (l *loaded) splitProduct(op productOp, in graph.Instr) error {
	a := graph.Buffer{Shape: []int{op.a.rows, op.a.cols}}
	for i, term := range op.terms() {
		err := l.gemm(op.MatMul, in, l.part(in.In[0], op.a, term[0]), a, l.part(in.In[1], op.b, term[1]), op.Accumulate || i > 0, computeFloat32)
		if err != nil {
			return err
		}
	}
	return nil
}

// gemm multiplies two matrices. The left matrix has the shape of buffer a before its transposition.
func (l *loaded) gemm(op graph.MatMul, in graph.Instr, left matrix, a graph.Buffer, right matrix, accumulate bool, compute int) error {
	c := l.Buffers[in.Out[0]]
	k := a.Cols()
	if op.TransA {
		k = a.Rows()
	}
	return l.r.blas.gemm(op.TransA, op.TransB, c.Rows(), c.Cols(), k, left, right, accumulate, l.matrix(in.Out[0]), len(l.r.replicas), compute)
}

// matrix is a buffer as an operand of a product.
func (l *loaded) matrix(b int) matrix {
	t := l.tensor(b)
	return matrix{data: t.data, of: float32Element, ld: l.Buffers[b].Cols(), stride: t.stride}
}

// part is one of the parts of a split matrix.
func (l *loaded) part(b int, h halves, i int) matrix {
	t := l.halves(b)
	return matrix{data: t.data + 2*uint64(i*h.rows*h.ld), of: bfloat16Element, ld: h.ld, stride: t.stride}
}

// denoiser is the kernel of a family and the family's number.
func denoiser(f graph.Family) (kernel string, number int32) {
	if _, _, ok := f.Knots(); ok {
		return "Spline", int32(f)
	}
	return "Denoise", int32(f)
}

func (l *loaded) states() uint64 { return l.r.address(l.r.memory.states) }

// flat launches an elementwise kernel over a matrix.
func (l *loaded) flat(name string, x graph.Buffer, args ...any) error {
	return l.kernel(name, ceil(x.Size(), 1024), threads, args...)
}

// rowKernel launches a kernel that sums along rows: about 16 numbers for each thread, and several short rows for each block.
func (l *loaded) rowKernel(name string, x graph.Buffer, args ...any) error {
	wide, tall := 32, 8
	for wide < 512 && wide*16 < x.Cols() {
		wide, tall = 2*wide, 1
	}
	return l.launchKernel(name, ceil(x.Rows(), tall), [2]int{wide, tall}, args...)
}

func (l *loaded) kernel(name string, blocks, threads int, args ...any) error {
	return l.launchKernel(name, blocks, [2]int{threads, 1}, args...)
}

// launchKernel enqueues a kernel for all replicas, which are the second dimension of every grid.
func (l *loaded) launchKernel(name string, blocks int, block [2]int, args ...any) error {
	f, err := l.r.e.function(name)
	if err != nil {
		return err
	}
	return launch(f, name, l.r.stream, [3]int{blocks, len(l.r.replicas), 1}, block, args...)
}
