package cpu

import (
	"math"
	"time"

	"autoamp/graph"
	"autoamp/kernels"
)

// coins is the random stream of the coins that decide sign(0).
const coins = 2

// call is one step of one replica on one worker.
type call struct {
	r      *Runner
	p      *program
	t      *team
	w      *worker
	rep    int
	step   uint64
	parity int
	rate   float64 // learning rate of this step
	beta1t float64 // Adam's β₁ᵗ and β₂ᵗ
	beta2t float64
}

// setRates evaluates the schedule and Adam's bias corrections, once per step.
func (c *call) setRates() {
	for i := len(c.p.Instrs) - 1; i >= 0; i-- { // the steps come last
		if op, ok := c.p.Instrs[i].Op.(graph.Step); ok {
			c.rate = c.r.replicas[c.rep].LearningRate * op.Schedule.At(c.step)
			c.beta1t = math.Pow(op.Beta1, float64(c.step+1))
			c.beta2t = math.Pow(op.Beta2, float64(c.step+1))
			return
		}
	}
}

// group runs a group of instructions on this worker's rows, a tile at a time.
func (c *call) group(group []instr, tile, i int) {
	lo, hi := c.t.share(group[0].rows, i)
	for ; lo < hi; lo += tile {
		for k := range group {
			if c.r.profile != nil && c.w.rank == 0 {
				began := time.Now()
				c.exec(&group[k], lo, min(lo+tile, hi))
				c.r.profile[&group[k].Instr] += time.Since(began)
				continue
			}
			c.exec(&group[k], lo, min(lo+tile, hi))
		}
	}
}

// exec runs one instruction on the rows [lo, hi). An instruction that sums runs on one block at a time.
func (c *call) exec(in *instr, lo, hi int) {
	if !in.reduces {
		in.run(c, in, lo, hi)
		return
	}
	for unit := blockRows(in.rows); lo < hi; lo += unit {
		for o := range in.Out {
			clear(c.sums(in, o, lo))
		}
		in.run(c, in, lo, min(lo+unit, hi))
	}
}

// matmul computes rows [lo, hi) of a product, by additions alone where a factor is a code, and without the zeros of data.
func (c *call) matmul(op graph.MatMul, in *instr, lo, hi int) {
	a, b := in.In[0], in.In[1]
	lda, ldb, ldc := c.cols(a), c.cols(b), c.cols(in.Out[0])
	k, from := lda, lo*lda
	if op.TransA {
		k, from = c.p.Buffers[a].Rows(), lo
	}
	p := kernels.Product{
		M: hi - lo, N: ldc, K: k, Alpha: 1,
		A: kernels.Matrix{Data: c.whole(a)[from:], Stride: lda, Trans: op.TransA},
		B: kernels.Matrix{Data: c.whole(b), Stride: ldb, Trans: op.TransB},
		C: kernels.Matrix{Data: c.out(in, 0, lo, hi), Stride: ldc},
	}
	if op.Accumulate {
		p.Beta = 1
	}
	if op.SignA && c.worthSigns(in.rows, ldc) && kernels.SignGemm(c.w.signs, p) {
		return
	}
	if op.SignB && c.worthSigns(ldc, in.rows) && kernels.SignGemm(c.w.signs, p.Transposed()) {
		return
	}
	switch {
	case in.zerosA && c.worthZeros(p):
		kernels.SparseGemm(c.w.zeros, p)
	case in.zerosB && c.worthZeros(p.Transposed()):
		kernels.SparseGemm(c.w.zeros, p.Transposed())
	default:
		c.w.product.gemm(p)
	}
}

// worthZeros reports whether a product is large enough to look for zeros in its first factor. SparseGemm computes what the
// worker's product computes, bit for bit, and so the answer may depend on the worker's share of the rows.
func (c *call) worthZeros(p kernels.Product) bool {
	return c.w.zeros != nil && p.M >= 16 && p.N >= 16
}

// worthSigns reports whether a product with a code is faster by additions. Building the tables
// costs as much time as about 50 rows of the code, and every addition saves several
// multiplications. On a Zen 4 both ways take the same time at 32 rows.
func (c *call) worthSigns(rows, cols int) bool {
	return c.w.signs != nil && rows >= 32 && cols >= 8
}

func (c *call) denoiseMSE(op graph.DenoiseMSE, in *instr, lo, hi int) {
	u, x, theta := c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), c.whole(in.In[2])
	size := c.size(in.In[0])
	var du []float32
	var dtheta []float64
	if op.Backward {
		du, dtheta = c.out(in, 1, lo, hi), c.sums(in, 2, lo)
	}
	sum := kernels.DenoiseMSE(c.w.denoise, du, dtheta, u, x, theta, float32(2/size), op.Family)
	c.sums(in, 0, lo)[0] = sum / size
}

func (c *call) mergeGrad(op graph.MergeGrad, in *instr, lo, hi int) {
	var dx, dy []float32
	next := 0
	for _, side := range []struct {
		wanted bool
		grad   *[]float32
	}{{op.X, &dx}, {op.Y, &dy}} {
		if side.wanted {
			*side.grad = c.out(in, next, lo, hi)
			next++
		}
	}
	w := c.whole(in.In[3])
	kernels.MergeGrad(dx, dy, c.sums(in, next, lo), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), c.in(in, 2, lo, hi), w[0], w[1])
}

// update is one step of an optimizer on rows [lo, hi) of a weight.
type update struct {
	graph.Update
	*call
	in     *instr
	lo, hi int
	w, g   []float32
	scale  float32 // clips g
}

func (u *update) moment(k int) []float32 { return u.call.in(u.in, 2+k, u.lo, u.hi) }

// rule applies an update rule.
type rule func(u *update)

var rules = map[graph.Rule]rule{
	graph.Adam: func(u *update) {
		kernels.Adam(u.w, u.moment(0), u.moment(1), u.g, kernels.AdamStep{
			LearningRate: float32(u.rate), Beta1: float32(u.Beta1), Beta2: float32(u.Beta2),
			Epsilon: float32(u.Epsilon), GradScale: u.scale,
			Correct1: float32(1 / (1 - u.beta1t)), Correct2: float32(1 / (1 - u.beta2t)),
		})
	},
	graph.Momentum: func(u *update) {
		kernels.Momentum(u.w, u.moment(0), u.g, float32(u.rate), float32(u.Beta1), u.scale)
	},
	graph.RMSProp: func(u *update) {
		kernels.RMSProp(u.w, u.moment(0), u.g, float32(u.rate), float32(u.Beta2), float32(u.Epsilon), u.scale)
	},
	graph.Normalised: func(u *update) {
		rate, w := float32(u.rate)*u.scale, u.in.In[0]
		if len(u.p.Buffers[w].Shape) < 2 {
			kernels.Axpy(u.w, u.g, -rate)
			return
		}
		kernels.NormalisedStep(u.w, u.g, u.hi-u.lo, u.cols(w), rate)
	},
}

// update applies the optimizer's rule to rows [lo, hi) of a weight.
func (c *call) update(op graph.Step, apply rule, in *instr, lo, hi int) {
	u := &c.w.update
	*u = update{
		Update: op.Update, call: c, in: in, lo: lo, hi: hi,
		w: c.in(in, 0, lo, hi), g: c.gradient(in.In[1], lo, hi), scale: c.clip(op, in),
	}
	apply(u)
}

// clip is the factor that brings the norm of all gradients down to the rule's bound.
func (c *call) clip(op graph.Step, in *instr) float32 {
	if op.ClipNorm == 0 {
		return 1
	}
	var norm2 float64
	for _, b := range in.In[2+op.Rule.Moments():] {
		norm2 += c.total(b, 0)
	}
	return float32(math.Min(1, op.ClipNorm/math.Sqrt(norm2)))
}

// gradient returns rows of a gradient. For a gradient that is a sum it adds the parts first.
func (c *call) gradient(b, lo, hi int) []float32 {
	if c.p.Buffers[b].Kind != graph.Reduction {
		return c.rows(b, lo, hi)
	}
	g := c.w.scratch[:c.p.Buffers[b].Size()]
	for k := range g {
		g[k] = float32(c.total(b, k))
	}
	return g
}

func (c *call) stream(id uint32) kernels.Stream {
	return kernels.Stream{Seed: c.r.replicas[c.rep].Seed, Stream: id, Step: c.step}
}

func (c *call) cols(b int) int { return c.p.Buffers[b].Cols() }

func (c *call) size(b int) float64 { return float64(c.p.Buffers[b].Size()) }

func (c *call) whole(b int) []float32 { return c.p.bufs[c.rep][b] }

func (c *call) rows(b, lo, hi int) []float32 {
	cols := c.cols(b)
	return c.p.bufs[c.rep][b][lo*cols : hi*cols]
}

func (c *call) in(in *instr, i, lo, hi int) []float32 { return c.rows(in.In[i], lo, hi) }

func (c *call) out(in *instr, i, lo, hi int) []float32 { return c.rows(in.Out[i], lo, hi) }

// sums is the part of the i-th output, a Reduction, that belongs to the block beginning at row
// lo; nil for an output of another kind.
func (c *call) sums(in *instr, i, lo int) []float64 {
	if in.sums[i] < 0 {
		return nil
	}
	size := c.p.Buffers[in.Out[i]].Size()
	at := in.sums[i] + lo/blockRows(in.rows)*size
	return c.t.sums[c.parity][at : at+size]
}

// total adds up the k-th number of a Reduction over all blocks, always in the same order.
func (c *call) total(b, k int) float64 {
	size := c.p.Buffers[b].Size()
	var sum float64
	for part := range c.p.parts[b] {
		sum += c.t.sums[c.parity][c.p.sums[b]+part*size+k]
	}
	return sum
}

// activation writes an activation of x, and activationGrad its gradient, given the output y.
type (
	activation     func(op graph.Activate, dst, x []float32)
	activationGrad func(dx, dy, y []float32)
)

var (
	activations = map[graph.Activation]activation{
		graph.ReLU:      func(_ graph.Activate, dst, x []float32) { kernels.ReLU(dst, x) },
		graph.Tanh:      func(_ graph.Activate, dst, x []float32) { kernels.Tanh(dst, x) },
		graph.Threshold: func(op graph.Activate, dst, x []float32) { kernels.Threshold(dst, x, float32(op.Lambda)) },
	}
	activationGrads = map[graph.Activation]activationGrad{
		graph.ReLU: kernels.ReLUGrad, graph.Tanh: kernels.TanhGrad, graph.Threshold: kernels.SupportGrad,
	}
)
