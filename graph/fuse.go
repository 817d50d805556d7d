package graph

import "slices"

// fuseDenoiserGrad merges the two halves of a denoiser's gradient into one DenoiseGrad, because the
// halves share all of their arithmetic. If only one half is wanted, the other half gets a buffer
// that no instruction reads.
func fuseDenoiserGrad(p *Program) *Program {
	q := p.clone()
	for i := 0; i < len(q.Instrs); i++ {
		in := q.Instrs[i]
		var fused Instr
		switch op := in.Op.(type) {
		case DenoiseGradInput:
			fused = Instr{Op: DenoiseGrad(op), In: in.In, Out: []int{in.Out[0], -1}}
		case DenoiseGradParams:
			fused = Instr{Op: DenoiseGrad(op), In: in.In, Out: []int{-1, in.Out[0]}}
		default:
			continue
		}
		for j := i + 1; j < len(q.Instrs); j++ {
			twin := q.Instrs[j]
			switch twin.Op.(type) {
			case DenoiseGradInput, DenoiseGradParams:
				if slices.Equal(twin.In, in.In) {
					fused.Out[slices.Index(fused.Out, -1)] = twin.Out[0]
					q.Instrs = without(q.Instrs, j)
				}
			}
		}
		q.fillUnwanted(fused)
		q.Instrs[i] = fused
	}
	return q
}

// fuseMergeGrad computes the wanted gradients of a merge in one pass over the gradient of its
// output. It does so only if the gradient of the merge's weights is wanted.
func fuseMergeGrad(p *Program) *Program {
	q := p.clone()
	for i := 0; i < len(q.Instrs); i++ {
		in := q.Instrs[i]
		if _, ok := in.Op.(MergeGradWeights); !ok {
			continue
		}
		dm, w := in.In[0], in.In[3]
		side := func(k int) int { // the instruction of dX or dY, or −1
			return slices.IndexFunc(q.Instrs, func(twin Instr) bool {
				op, ok := twin.Op.(MergeGradInput)
				return ok && op.Side == k && twin.In[0] == dm && twin.In[1] == w
			})
		}
		x, y := side(0), side(1)
		fused := Instr{Op: MergeGrad{X: x >= 0, Y: y >= 0}, In: in.In}
		drop := []int{i}
		for _, k := range []int{x, y} {
			if k >= 0 {
				fused.Out = append(fused.Out, q.Instrs[k].Out[0])
				drop = append(drop, k)
			}
		}
		fused.Out = append(fused.Out, in.Out[0])
		i = slices.Min(drop)
		q.Instrs[i] = fused
		q.Instrs = without(q.Instrs, slices.DeleteFunc(drop, func(k int) bool { return k == i })...)
	}
	return q
}

func (p *Program) fillUnwanted(denoise Instr) {
	u, theta := p.Buffers[denoise.In[1]], p.Buffers[denoise.In[2]]
	unwanted := []Buffer{
		{Name: "unused.du", Kind: Temp, Shape: u.Shape},
		{Name: "unused.dtheta", Kind: Reduction, Shape: theta.Shape},
	}
	for k, b := range denoise.Out {
		if b < 0 {
			p.Buffers = append(p.Buffers, unwanted[k])
			denoise.Out[k] = len(p.Buffers) - 1
		}
	}
}

// fuseLoss computes the loss and the first gradient of back-propagation in one pass over the
// output. If a denoiser makes the output, the same pass computes the denoiser.
func fuseLoss(p *Program) *Program {
	loss := p.writer(p.Loss)
	if loss < 0 {
		return p
	}
	q := p.clone()
	xhat, x := q.Instrs[loss].In[0], q.Instrs[loss].In[1]
	grad := slices.IndexFunc(q.Instrs, func(in Instr) bool {
		_, ok := in.Op.(MSEGrad)
		return ok && in.In[0] == xhat && in.In[1] == x
	})
	if fused, drop := q.fusedDenoiser(loss, grad, xhat, x); drop != nil {
		at := slices.Max(drop)
		q.Instrs[at] = fused
		q.Instrs = without(q.Instrs, slices.DeleteFunc(drop, func(i int) bool { return i == at })...)
		return q
	}
	if grad >= 0 {
		q.Instrs[grad].Out = append(q.Instrs[grad].Out, q.Loss)
		q.Instrs = without(q.Instrs, loss)
	}
	return q
}

// fusedDenoiser returns the DenoiseMSE that replaces a denoiser and its loss, and the instructions
// that it replaces. There are none if the denoiser's output has other readers.
func (p *Program) fusedDenoiser(loss, grad, xhat, x int) (fused Instr, drop []int) {
	producer := p.writer(xhat)
	if producer < 0 || p.Buffers[xhat].Kind != Temp {
		return fused, nil
	}
	op, ok := p.Instrs[producer].Op.(Denoise)
	if !ok {
		return fused, nil
	}
	u, theta := p.Instrs[producer].In[0], p.Instrs[producer].In[1]
	fused = Instr{Op: DenoiseMSE{Family: op.Family}, In: []int{u, x, theta}, Out: []int{p.Loss}}
	drop = []int{producer, loss}
	if grad >= 0 {
		dxhat := p.Instrs[grad].Out[0]
		back := p.readers(dxhat)
		if len(back) != 1 {
			return fused, nil
		}
		backward := p.Instrs[back[0]]
		if _, ok := backward.Op.(DenoiseGrad); !ok || backward.In[1] != u {
			return fused, nil
		}
		fused.Op = DenoiseMSE{Family: op.Family, Backward: true}
		fused.Out = append(fused.Out, backward.Out...)
		drop = append(drop, grad, back[0])
	}
	for _, r := range p.readers(xhat) {
		if !slices.Contains(drop, r) {
			return fused, nil
		}
	}
	return fused, drop
}

// accumulate folds the sum of two parts of a gradient into the second product: C = A·B; D = E + C
// becomes E += A·B. A tied weight has such a gradient.
func accumulate(p *Program, grads []gradient) *Program {
	q := p.clone()
	for i := 0; i < len(q.Instrs); i++ {
		in := q.Instrs[i]
		if _, ok := in.Op.(Add); !ok {
			continue
		}
		for _, pair := range [][2]int{{in.In[0], in.In[1]}, {in.In[1], in.In[0]}} {
			into, product := pair[0], pair[1]
			w := q.writer(product)
			op, ok := q.Instrs[max(w, 0)].Op.(MatMul)
			if w < 0 || !ok || op.Accumulate || len(q.readers(product)) != 1 || len(q.readers(into)) != 1 ||
				q.Buffers[into].Kind != Temp || into == product {
				continue
			}
			op.Accumulate = true
			q.Instrs[i] = Instr{Op: op, In: q.Instrs[w].In, Out: []int{into}}
			q.Instrs = without(q.Instrs, w)
			q.rename(in.Out[0], into)
			for k := range grads {
				if grads[k].grad == in.Out[0] {
					grads[k].grad = into
				}
			}
			i--
			break
		}
	}
	return q
}

// markSigns marks the products with a code as a factor.
func markSigns(p *Program) *Program {
	q := p.clone()
	isCode := func(b int) bool {
		w := q.writer(b)
		if w < 0 {
			return q.Buffers[b].Name == Code
		}
		_, sign := q.Instrs[w].Op.(SignSTE)
		return sign
	}
	for i, in := range q.Instrs {
		if op, ok := in.Op.(MatMul); ok {
			op.SignA, op.SignB = isCode(in.In[0]), isCode(in.In[1])
			q.Instrs[i].Op = op
		}
	}
	return q
}
