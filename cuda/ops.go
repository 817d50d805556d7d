//go:build gpu

package cuda

import (
	"autoamp/graph"
	"autoamp/kernels"
)

// products are the rows of matrix products, and of the ops that split their operands into parts.
var products = []row{
	on(func(l *loaded, op graph.MatMul, in graph.Instr, _ graph.Buffer) error { return l.product(op, in) }),
	on(func(l *loaded, op productOp, in graph.Instr, _ graph.Buffer) error { return l.splitProduct(op, in) }),
	on(func(l *loaded, op splitOp, in graph.Instr, x graph.Buffer) error {
		return l.flat("Split", x, l.halves(in.Out[0]), int64(op.rows*op.ld), int64(op.ld), l.tensor(in.In[0]), int32(x.Rows()), int32(x.Cols()), int32(op.parts))
	}),
}

// draws make their output from random numbers: a thread makes eight.
var draws = []row{
	on(func(l *loaded, op graph.Sample, in graph.Instr, x graph.Buffer) error {
		kind, err := kernels.ParseLaw(op.Law)
		if err != nil {
			return err
		}
		return l.draw("Sample", x, l.tensor(in.Out[0]), int64(x.Size()), int32(kind), op.Stream, l.states(), l.lawTable())
	}),
	on(func(l *loaded, op graph.SampleNormal, in graph.Instr, x graph.Buffer) error {
		return l.draw("Normal", x, l.tensor(in.Out[0]), int64(x.Size()), float32(op.Std), op.Stream, l.states())
	}),
	on(func(l *loaded, op graph.SampleCodes, in graph.Instr, x graph.Buffer) error {
		return l.kernel("SampleCodes", ceil(x.Rows(), 8), threads, l.tensor(in.Out[0]), int32(x.Rows()), int32(x.Cols()), int32(op.Support),
			float32(op.Lo), float32(op.Hi-op.Lo), number(op.Signed), op.Stream, l.states())
	}),
	on(func(l *loaded, op graph.Gather, in graph.Instr, _ graph.Buffer) error {
		x := l.Buffers[in.Out[0]]
		return l.draw("Gather", x, l.tensor(in.Out[0]), l.tensor(in.In[0]), int64(op.Rows), int32(x.Rows()), int32(x.Cols()),
			number(op.InOrder), op.Stream, l.states(), l.lawTable())
	}),
}

// summers are denoisers, losses, and inner products; see parts.
var summers = []row{
	on(func(l *loaded, op prepareOp, in graph.Instr, _ graph.Buffer) error { return l.prepareDenoiser(op, in) }),
	onIf(func(op graph.Denoise) bool { return op.Family.Params() > 0 }, func(l *loaded, op graph.Denoise, in graph.Instr, x graph.Buffer) error {
		name, f := denoiser(op.Family)
		return l.summing(name, x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int64(x.Size()), f)
	}),
	onIf(func(op graph.DenoiseGrad) bool { return op.Family.Params() > 0 }, func(l *loaded, op graph.DenoiseGrad, in graph.Instr, x graph.Buffer) error {
		name, f := denoiser(op.Family)
		return l.summing(name+"Grad", x, l.tensor(in.Out[0]), l.sumParts(in.Out[1]), l.tensor(in.In[0]), l.tensor(in.In[1]),
			l.tensor(in.In[2]), int64(x.Size()), f)
	}),
	onIf(func(op graph.DenoiseMSE) bool { return op.Family.Params() > 0 }, func(l *loaded, op graph.DenoiseMSE, in graph.Instr, x graph.Buffer) error {
		name, f := denoiser(op.Family)
		var du, dtheta tensor
		if op.Backward {
			du, dtheta = l.tensor(in.Out[1]), l.sumParts(in.Out[2])
		}
		return l.summing(name+"MSE", x, du, l.sumParts(in.Out[0]), dtheta, l.tensor(in.In[0]), l.tensor(in.In[1]), l.tensor(in.In[2]),
			int64(x.Size()), meanScale(x), f)
	}),
	on(func(l *loaded, _ graph.MSE, in graph.Instr, x graph.Buffer) error {
		return l.summing("MSE", x, l.sumParts(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int64(x.Size()))
	}),
	on(func(l *loaded, _ graph.MSEGrad, in graph.Instr, x graph.Buffer) error {
		var loss tensor
		if len(in.Out) > 1 {
			loss = l.sumParts(in.Out[1])
		}
		return l.summing("MSEGrad", x, l.tensor(in.Out[0]), loss, l.tensor(in.In[0]), l.tensor(in.In[1]), int64(x.Size()), meanScale(x))
	}),
	on(func(l *loaded, _ graph.Dot, in graph.Instr, x graph.Buffer) error {
		return l.summing("Dot", x, l.sumParts(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int64(x.Size()))
	}),
	on(func(l *loaded, _ graph.GradNorm, in graph.Instr, x graph.Buffer) error {
		return l.summing("GradNorm", x, l.sumParts(in.Out[0]), l.tensor(in.In[0]), int64(x.Size()))
	}),
	on(func(l *loaded, _ graph.BiasGrad, in graph.Instr, x graph.Buffer) error {
		count := l.sums.count[in.Out[0]]
		return l.kernel("BiasGrad", ceil(x.Cols(), 32)*count, threads, l.sumParts(in.Out[0]), l.tensor(in.In[0]), int32(x.Rows()), int32(x.Cols()), int32(count))
	}),
}

// merges are the merges of the unrolled decoder and their gradients.
var merges = []row{
	on(func(l *loaded, _ graph.Merge, in graph.Instr, x graph.Buffer) error {
		return l.flat("Merge", x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), l.tensor(in.In[2]), int64(x.Size()))
	}),
	on(func(l *loaded, op graph.MergeGradInput, in graph.Instr, x graph.Buffer) error {
		return l.flat("Scale", x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int32(op.Side), int64(x.Size()))
	}),
	on(func(l *loaded, op graph.MergeGrad, in graph.Instr, x graph.Buffer) error {
		var da, db tensor
		next := 0
		for _, side := range []struct {
			wanted bool
			grad   *tensor
		}{{op.X, &da}, {op.Y, &db}} {
			if side.wanted {
				*side.grad = l.tensor(in.Out[next])
				next++
			}
		}
		return l.mergeGrad(x, da, db, in)
	}),
}

// elementwise are the kernels that go over a matrix, and over its rows.
var elementwise = []row{
	on(func(l *loaded, _ graph.RowNormalize, in graph.Instr, x graph.Buffer) error {
		return l.rowKernel("RowNormalize", x, l.tensor(in.Out[0]), l.tensor(in.Out[1]), l.tensor(in.In[0]), int32(x.Rows()), int32(x.Cols()))
	}),
	on(func(l *loaded, _ graph.RowNormalizeGrad, in graph.Instr, x graph.Buffer) error {
		return l.rowKernel("RowNormalizeGrad", x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), l.tensor(in.In[2]), int32(x.Rows()), int32(x.Cols()))
	}),
	on(func(l *loaded, _ graph.SignSTE, in graph.Instr, x graph.Buffer) error {
		return l.flat("Sign", x, l.tensor(in.Out[0]), tensor{}, int64(x.Cols()), l.tensor(in.In[0]), int64(x.Size()), int32(x.Cols()), uint32(coins), l.states())
	}),
	on(func(l *loaded, op signOp, in graph.Instr, x graph.Buffer) error {
		return l.flat("Sign", x, l.tensor(in.Out[0]), l.halves(in.Out[1]), int64(op.ld), l.tensor(in.In[0]), int64(x.Size()), int32(x.Cols()), uint32(coins), l.states())
	}),
	on(func(l *loaded, op graph.SignGrad, in graph.Instr, x graph.Buffer) error {
		return l.flat("SignGrad", x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int64(x.Size()), float32(op.Tau))
	}),
	on(func(l *loaded, _ graph.Scale, in graph.Instr, x graph.Buffer) error {
		return l.flat("Scale", x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int32(0), int64(x.Size()))
	}),
	on(func(l *loaded, _ graph.Add, in graph.Instr, x graph.Buffer) error {
		return l.flat("Add", x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int64(x.Size()))
	}),
	on(func(l *loaded, _ graph.Bias, in graph.Instr, x graph.Buffer) error {
		return l.flat("Bias", x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int32(x.Rows()), int32(x.Cols()))
	}),
	onIf(func(op graph.Activate) bool { return activations[op.Function] != "" }, func(l *loaded, op graph.Activate, in graph.Instr, x graph.Buffer) error {
		return l.activate(op, in, x)
	}),
	onIf(func(op graph.ActivateOn) bool { return activations[op.Function] != "" }, func(l *loaded, op graph.ActivateOn, in graph.Instr, x graph.Buffer) error {
		return l.activate(op.Activate, in, x)
	}),
	onIf(func(op graph.ActivateGrad) bool { return activationGrads[op.Function] != "" }, func(l *loaded, op graph.ActivateGrad, in graph.Instr, x graph.Buffer) error {
		return l.flat(activationGrads[op.Function], x, l.tensor(in.Out[0]), l.tensor(in.In[0]), l.tensor(in.In[1]), int64(x.Size()))
	}),
}

// ends run when the loss is known.
var ends = []row{
	atEnd(func(op graph.Step) bool { return rules[op.Rule].kernel != "" }),
	atEnd(func(graph.Decay) bool { return true }),
	atEnd(func(graph.Project) bool { return true }),
}

// activate puts an activation on the stream.
func (l *loaded) activate(op graph.Activate, in graph.Instr, x graph.Buffer) error {
	args := []any{l.tensor(in.Out[0]), l.tensor(in.In[0]), int64(x.Size())}
	if op.Function == graph.Threshold {
		args = append(args, float32(op.Lambda))
	}
	return l.flat(activations[op.Function], x, args...)
}

// mergeGrad puts the gradient of a merge on the stream; da and db may be null.
func (l *loaded) mergeGrad(x graph.Buffer, da, db tensor, in graph.Instr) error {
	return l.summing("MergeGrad", x, da, db, l.sumParts(in.Out[len(in.Out)-1]), l.tensor(in.In[0]), l.tensor(in.In[1]),
		l.tensor(in.In[2]), l.tensor(in.In[3]), int64(x.Size()))
}

// meanScale is the factor of a mean squared error's gradient.
func meanScale(x graph.Buffer) float32 { return float32(2 / float64(x.Size())) }

// lawTable is where the constants of the replicas' laws are.
func (l *loaded) lawTable() uint64 { return l.r.address(l.at.laws) }

// summing launches a kernel that sums over a matrix.
func (l *loaded) summing(name string, x graph.Buffer, args ...any) error {
	return l.kernel(name, parts(x.Size()), threads, args...)
}

// draw launches a kernel that draws a matrix.
func (l *loaded) draw(name string, x graph.Buffer, args ...any) error {
	return l.kernel(name, ceil(x.Size(), 2048), threads, args...)
}
