package cpu

import (
	"reflect"

	"autoamp/graph"
	"autoamp/kernels"
)

// kernel runs one instruction on the rows [lo, hi).
type kernel func(c *call, in *instr, lo, hi int)

// row binds the ops of one type to the function that runs them.
type row struct {
	op   reflect.Type
	bind func(op graph.Kernel) kernel // nil for an op that has no kernel
}

// run is the row of ops of type T.
func run[T graph.Kernel](f func(c *call, op T, in *instr, lo, hi int)) row {
	return runIf(func(T) bool { return true }, f)
}

// runIf is the row of the ops of type T that known accepts.
func runIf[T graph.Kernel](known func(op T) bool, f func(c *call, op T, in *instr, lo, hi int)) row {
	return row{op: reflect.TypeFor[T](), bind: func(op graph.Kernel) kernel {
		t := op.(T)
		if !known(t) {
			return nil
		}
		return func(c *call, in *instr, lo, hi int) { f(c, t, in, lo, hi) }
	}}
}

// runAs is the row of the ops of type T whose name is a key of variants. The row's function receives the value of that key.
func runAs[T graph.Kernel, N comparable, V any](variants map[N]V, name func(op T) N, f func(c *call, op T, v V, in *instr, lo, hi int)) row {
	return row{op: reflect.TypeFor[T](), bind: func(op graph.Kernel) kernel {
		t := op.(T)
		v, known := variants[name(t)]
		if !known {
			return nil
		}
		return func(c *call, in *instr, lo, hi int) { f(c, t, v, in, lo, hi) }
	}}
}

// kernelOf returns the kernel of an op, nil where there is none.
func kernelOf(op graph.Kernel) kernel {
	for _, r := range table {
		if r.op == reflect.TypeOf(op) {
			return r.bind(op)
		}
	}
	return nil
}

// table is every op that this executor runs.
var table = []row{
	run(func(c *call, op graph.MatMul, in *instr, lo, hi int) {
		c.matmul(op, in, lo, hi)
	}),
	run(func(c *call, op graph.Sample, in *instr, lo, hi int) {
		x := c.out(in, 0, lo, hi)
		kernels.Sample(x, lo*c.cols(in.Out[0]), c.p.laws[c.rep], c.stream(op.Stream))
	}),
	run(func(c *call, op graph.Gather, in *instr, lo, hi int) {
		draw := kernels.Draw{Rows: op.Rows, Cols: c.cols(in.Out[0]), Batch: in.rows, InOrder: op.InOrder}
		kernels.Gather(c.out(in, 0, lo, hi), c.whole(in.In[0]), lo, draw, c.r.replicas[c.rep].P, c.stream(op.Stream))
	}),
	run(func(c *call, _ graph.RowNormalize, in *instr, lo, hi int) {
		kernels.RowNormalize(c.out(in, 0, lo, hi), c.out(in, 1, lo, hi), c.in(in, 0, lo, hi), hi-lo, c.cols(in.In[0]))
	}),
	run(func(c *call, _ graph.RowNormalizeGrad, in *instr, lo, hi int) {
		kernels.RowNormalizeGrad(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), c.in(in, 2, lo, hi),
			hi-lo, c.cols(in.In[0]))
	}),
	run(func(c *call, _ graph.SignSTE, in *instr, lo, hi int) {
		kernels.Sign(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), lo*c.cols(in.In[0]), c.stream(coins))
	}),
	run(func(c *call, op graph.SignGrad, in *instr, lo, hi int) {
		kernels.SignGrad(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), float32(op.Tau))
	}),
	runIf(func(op graph.Denoise) bool { return op.Family.Params() > 0 }, func(c *call, op graph.Denoise, in *instr, lo, hi int) {
		kernels.Denoise(c.w.denoise, c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.whole(in.In[1]), op.Family)
	}),
	runIf(func(op graph.DenoiseGrad) bool { return op.Family.Params() > 0 }, func(c *call, op graph.DenoiseGrad, in *instr, lo, hi int) {
		kernels.DenoiseGrad(c.w.denoise, c.out(in, 0, lo, hi), c.sums(in, 1, lo), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi),
			c.whole(in.In[2]), op.Family)
	}),
	runIf(func(op graph.DenoiseMSE) bool { return op.Family.Params() > 0 }, func(c *call, op graph.DenoiseMSE, in *instr, lo, hi int) {
		c.denoiseMSE(op, in, lo, hi)
	}),
	run(func(c *call, _ graph.MSE, in *instr, lo, hi int) {
		c.sums(in, 0, lo)[0] = kernels.SquaredError(c.in(in, 0, lo, hi), c.in(in, 1, lo, hi)) / c.size(in.In[0])
	}),
	run(func(c *call, _ graph.MSEGrad, in *instr, lo, hi int) {
		size := c.size(in.In[0])
		sum := kernels.MSEGrad(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), float32(2/size))
		if len(in.Out) > 1 {
			c.sums(in, 1, lo)[0] = sum / size
		}
	}),
	run(func(c *call, _ graph.Scale, in *instr, lo, hi int) {
		kernels.Scale(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.whole(in.In[1])[0])
	}),
	run(func(c *call, _ graph.Dot, in *instr, lo, hi int) {
		c.sums(in, 0, lo)[0] = kernels.Dot(c.in(in, 0, lo, hi), c.in(in, 1, lo, hi))
	}),
	run(func(c *call, _ graph.Add, in *instr, lo, hi int) {
		kernels.Add(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi))
	}),
	run(func(c *call, _ graph.Merge, in *instr, lo, hi int) {
		w := c.whole(in.In[2])
		kernels.Merge(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi), w[0], w[1])
	}),
	run(func(c *call, op graph.MergeGradInput, in *instr, lo, hi int) {
		kernels.Scale(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.whole(in.In[1])[op.Side])
	}),
	run(func(c *call, op graph.MergeGrad, in *instr, lo, hi int) {
		c.mergeGrad(op, in, lo, hi)
	}),
	run(func(c *call, _ graph.Bias, in *instr, lo, hi int) {
		kernels.Bias(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.whole(in.In[1]))
	}),
	run(func(c *call, _ graph.BiasGrad, in *instr, lo, hi int) {
		kernels.BiasGrad(c.sums(in, 0, lo), c.in(in, 0, lo, hi))
	}),
	runAs(activations, func(op graph.Activate) graph.Activation { return op.Function }, func(c *call, op graph.Activate, f activation, in *instr, lo, hi int) {
		f(op, c.out(in, 0, lo, hi), c.in(in, 0, lo, hi))
	}),
	runAs(activations, func(op graph.ActivateOn) graph.Activation { return op.Function }, func(c *call, op graph.ActivateOn, f activation, in *instr, lo, hi int) {
		f(op.Activate, c.out(in, 0, lo, hi), c.in(in, 0, lo, hi))
	}),
	runAs(activationGrads, func(op graph.ActivateGrad) graph.Activation { return op.Function }, func(c *call, _ graph.ActivateGrad, f activationGrad, in *instr, lo, hi int) {
		f(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), c.in(in, 1, lo, hi))
	}),
	run(func(c *call, op graph.SampleCodes, in *instr, lo, hi int) {
		law := kernels.CodeLaw{Support: op.Support, Lo: op.Lo, Hi: op.Hi, Signed: op.Signed}
		kernels.SampleCodes(c.out(in, 0, lo, hi), c.cols(in.Out[0]), lo, law, c.stream(op.Stream))
	}),
	run(func(c *call, op graph.SampleNormal, in *instr, lo, hi int) {
		kernels.Normal(c.out(in, 0, lo, hi), lo*c.cols(in.Out[0]), float32(op.Std), c.stream(op.Stream))
	}),
	run(func(c *call, op graph.Decay, in *instr, lo, hi int) {
		kernels.Scale(c.out(in, 0, lo, hi), c.in(in, 0, lo, hi), float32(op.Factor))
	}),
	run(func(c *call, _ graph.Project, in *instr, lo, hi int) {
		kernels.ProjectRows(c.out(in, 0, lo, hi), hi-lo, c.cols(in.In[0]))
	}),
	run(func(c *call, _ graph.GradNorm, in *instr, lo, hi int) {
		c.sums(in, 0, lo)[0] = kernels.SumSquares(c.gradient(in.In[0], lo, hi))
	}),
	runAs(rules, func(op graph.Step) graph.Rule { return op.Rule }, func(c *call, op graph.Step, r rule, in *instr, lo, hi int) {
		c.update(op, r, in, lo, hi)
	}),
}
