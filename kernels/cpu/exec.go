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

// supported reports whether exec has a case for the op.
func supported(op graph.Kernel) bool {
	switch op := op.(type) {
	case graph.Denoise:
		return op.Family.Params() > 0
	case graph.DenoiseGrad:
		return op.Family.Params() > 0
	case graph.DenoiseMSE:
		return op.Family.Params() > 0
	case graph.MatMul, graph.Sample, graph.Gather, graph.RowNormalize, graph.RowNormalizeGrad, graph.SignSTE, graph.SignGrad,
		graph.MSE, graph.MSEGrad, graph.Scale, graph.Dot,
		graph.Add, graph.GradNorm, graph.Step, graph.Merge, graph.MergeGradInput, graph.MergeGradWeights, graph.MergeGrad,
		graph.Bias, graph.BiasGrad, graph.Activate, graph.ActivateGrad, graph.ActivateOn,
		graph.SampleCodes, graph.SampleNormal, graph.Decay, graph.Project:
		return true
	}
	return false
}

// exec runs one instruction on the rows [lo, hi), and one that sums a block at a time.
func (c *call) exec(in *instr, lo, hi int) {
	if !in.reduces {
		c.execRows(in, lo, hi)
		return
	}
	for unit := blockRows(in.rows); lo < hi; lo += unit {
		for o := range in.Out {
			clear(c.sums(in, o, lo))
		}
		c.execRows(in, lo, min(lo+unit, hi))
	}
}

func (c *call) execRows(in *instr, lo, hi int) {
	switch op := in.Op.(type) {
	case graph.MatMul:
		c.matmul(op, in, lo, hi)
	case graph.Sample:
		x := c.out(in, 0, lo, hi)
		kernels.Sample(x, lo*c.cols(in.Out[0]), c.p.laws[c.rep], c.stream(op.Stream))
	case graph.Gather:
		draw := kernels.Draw{Rows: op.Rows, Cols: c.cols(in.Out[0]), Batch: in.rows, InOrder: op.InOrder}
		kernels.Gather(c.out(in, 0, lo, hi), c.whole(in.In[0]), lo, draw, c.r.replicas[c.rep].P, c.stream(op.Stream))
	case graph.RowNormalize:
		kernels.RowNormalize(c.out(in, 0, lo, hi), c.out(in, 1, lo, hi), c.in(in, 0, lo, hi), hi-lo, c.cols(in.In[0]))
	case graph.RowNormalizeGrad:
		kernels.RowNormalizeGrad(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), c.in(in, 2, lo, hi),
			hi-lo, c.cols(in.In[0]))
	case graph.SignSTE:
		kernels.Sign(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), lo*c.cols(in.In[0]), c.stream(coins))
	case graph.SignGrad:
		kernels.SignGrad(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), float32(op.Tau))
	case graph.Denoise:
		kernels.Denoise(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.whole(in.In[1]), op.Family)
	case graph.DenoiseGrad:
		kernels.DenoiseGrad(c.out(in, 0, lo, hi), c.sums(in, 1, lo), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi),
			c.whole(in.In[2]), op.Family)
	case graph.DenoiseMSE:
		c.denoiseMSE(op, in, lo, hi)
	case graph.MSE:
		c.sums(in, 0, lo)[0] = kernels.SquaredError(c.in(in, 0, lo, hi), c.in(in, 1, lo, hi)) / c.size(in.In[0])
	case graph.MSEGrad:
		size := c.size(in.In[0])
		sum := kernels.MSEGrad(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), float32(2/size))
		if len(in.Out) > 1 {
			c.sums(in, 1, lo)[0] = sum / size
		}
	case graph.Scale:
		kernels.Scale(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.whole(in.In[1])[0])
	case graph.Dot:
		c.sums(in, 0, lo)[0] = kernels.Dot(c.in(in, 0, lo, hi), c.in(in, 1, lo, hi))
	case graph.Add:
		kernels.Add(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi))
	case graph.Merge:
		w := c.whole(in.In[2])
		kernels.Merge(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), w[0], w[1])
	case graph.MergeGradInput:
		kernels.Scale(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.whole(in.In[1])[op.Side])
	case graph.MergeGradWeights:
		kernels.MergeGrad(nil, nil, c.sums(in, 0, lo), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), c.in(in, 2, lo, hi), 0, 0)
	case graph.MergeGrad:
		c.mergeGrad(op, in, lo, hi)
	case graph.Bias:
		kernels.Bias(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.whole(in.In[1]))
	case graph.BiasGrad:
		kernels.BiasGrad(c.sums(in, 0, lo), c.in(in, 0, lo, hi))
	case graph.Activate:
		activate(op, c.out(in, 0, lo, hi), c.in(in, 0, lo, hi))
	case graph.ActivateOn:
		activate(op.Activate, c.out(in, 0, lo, hi), c.in(in, 0, lo, hi))
	case graph.ActivateGrad:
		activateGrad[op.Function](c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi))
	case graph.SampleCodes:
		law := kernels.CodeLaw{Support: op.Support, Lo: op.Lo, Hi: op.Hi, Signed: op.Signed}
		kernels.SampleCodes(c.out(in, 0, lo, hi), c.cols(in.Out[0]), lo, law, c.stream(op.Stream))
	case graph.SampleNormal:
		kernels.Normal(c.out(in, 0, lo, hi), lo*c.cols(in.Out[0]), float32(op.Std), c.stream(op.Stream))
	case graph.Decay:
		kernels.Scale(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), float32(op.Factor))
	case graph.Project:
		kernels.ProjectRows(c.out(in, 0, lo, hi), hi-lo, c.cols(in.In[0]))
	case graph.GradNorm:
		c.sums(in, 0, lo)[0] = kernels.SumSquares(c.gradient(in.In[0], lo, hi))
	case graph.Step:
		c.update(op, in, lo, hi)
	}
}

// matmul computes rows [lo, hi) of a product, by additions alone where a factor is a code.
func (c *call) matmul(op graph.MatMul, in *instr, lo, hi int) {
	a, b := in.In[0], in.In[1]
	lda, ldb, ldc := c.cols(a), c.cols(b), c.cols(in.Out[0])
	k, from := lda, lo*lda
	if op.TransA {
		k, from = c.p.Buffers[a].Rows(), lo
	}
	var beta float32
	if op.Accumulate {
		beta = 1
	}
	left, right, out := c.whole(a)[from:], c.whole(b), c.out(in, 0, lo, hi)
	if op.SignA && c.worthSigns(in.rows, ldc) &&
		kernels.SignGemm(c.w.signs, op.TransA, op.TransB, false, hi-lo, ldc, k, left, lda, right, ldb, beta, out, ldc) {
		return
	}
	if op.SignB && c.worthSigns(ldc, in.rows) && // C = A·S as Cᵀ = Sᵀ·Aᵀ
		kernels.SignGemm(c.w.signs, !op.TransB, !op.TransA, true, ldc, hi-lo, k, right, ldb, left, lda, beta, out, ldc) {
		return
	}
	c.w.product.gemm(op.TransA, op.TransB, hi-lo, ldc, k, 1, left, lda, right, ldb, beta, out, ldc)
}

// worthSigns reports whether a product with a code is faster by additions: building the tables
// costs as much as about 50 rows of the code, and every addition saves several multiplications.
// Measured on a Zen 4: even at 32 rows.
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
	sum := kernels.DenoiseMSE(du, dtheta, u, x, theta, float32(2/size), op.Family)
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

// update applies the optimizer's rule to rows [lo, hi) of a weight.
func (c *call) update(op graph.Step, in *instr, lo, hi int) {
	w, g := c.in(in, 0, lo, hi), c.gradient(in.In[1], lo, hi)
	moment := func(k int) []float32 { return c.in(in, 2+k, lo, hi) }
	scale := c.clip(op, in)
	switch op.Rule {
	case graph.Adam:
		kernels.Adam(w, moment(0), moment(1), g, kernels.AdamStep{
			LearningRate: float32(c.rate), Beta1: float32(op.Beta1), Beta2: float32(op.Beta2),
			Epsilon: float32(op.Epsilon), GradScale: scale,
			Correct1: float32(1 / (1 - c.beta1t)), Correct2: float32(1 / (1 - c.beta2t)),
		})
	case graph.Momentum:
		kernels.Momentum(w, moment(0), g, float32(c.rate), float32(op.Beta1), scale)
	case graph.RMSProp:
		kernels.RMSProp(w, moment(0), g, float32(c.rate), float32(op.Beta2), float32(op.Epsilon), scale)
	case graph.Normalised:
		if rate := float32(c.rate) * scale; len(c.p.Buffers[in.In[0]].Shape) < 2 {
			kernels.Axpy(w, g, -rate)
		} else {
			kernels.NormalisedStep(w, g, hi-lo, c.cols(in.In[0]), rate)
		}
	}
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

// gradient returns rows of a gradient; one that is a sum is added up first.
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

func activate(op graph.Activate, dst, x []float32) {
	switch op.Function {
	case graph.ReLU:
		kernels.ReLU(dst, x)
	case graph.Tanh:
		kernels.Tanh(dst, x)
	case graph.Threshold:
		kernels.Threshold(dst, x, float32(op.Lambda))
	}
}

var activateGrad = map[graph.Activation]func(dx, dy, y []float32){
	graph.ReLU: kernels.ReLUGrad, graph.Tanh: kernels.TanhGrad, graph.Threshold: kernels.SupportGrad,
}
