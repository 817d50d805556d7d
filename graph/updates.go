package graph

// moments names the tensors that a rule keeps for every weight, as PyTorch's optimizers do. Normalised keeps none.
var moments = map[Rule][]string{
	Adam:     {"exp_avg", "exp_avg_sq"},
	Momentum: {"momentum_buffer"},
	RMSProp:  {"square_avg"},
}

// appendUpdates adds the optimizer: one Step for every weight, and before them the gradients'
// norms where the rule clips.
func appendUpdates(p *Program, grads []gradient, u Update) *Program {
	q := p.clone()
	add := func(b Buffer) int {
		q.Buffers = append(q.Buffers, b)
		return len(q.Buffers) - 1
	}
	var norms []int
	if u.ClipNorm > 0 {
		for _, g := range grads {
			norm := add(Buffer{Name: q.Buffers[g.weight].Name + ".grad.norm2", Kind: Reduction, Shape: []int{1}})
			q.Instrs = append(q.Instrs, Instr{Op: GradNorm{}, In: []int{g.grad}, Out: []int{norm}})
			norms = append(norms, norm)
		}
	}
	for _, g := range grads {
		w := q.Buffers[g.weight]
		in, out := []int{g.weight, g.grad}, []int{g.weight}
		for _, name := range moments[u.Rule] {
			m := add(Buffer{Name: w.Name + "." + name, Kind: State, Shape: w.Shape})
			in, out = append(in, m), append(out, m)
		}
		q.Instrs = append(q.Instrs, Instr{Op: Step{u}, In: append(in, norms...), Out: out})
	}
	return q
}

// appendProjection puts the rows of the encoder's W back on the unit sphere. It reads the loss, as appendDecay does.
func appendProjection(p *Program, grads []gradient, u Update) *Program {
	if !u.Project {
		return p
	}
	q := p.clone()
	for _, g := range grads {
		if q.Buffers[g.weight].Name == EncoderWeight {
			q.Instrs = append(q.Instrs, Instr{Op: Project{}, In: []int{g.weight, q.Loss}, Out: []int{g.weight}})
		}
	}
	return q
}

// appendDecay adds the decay of biases to a training program. The decay reads the loss, so that a step whose loss is not
// finite changes nothing.
func appendDecay(p *Program, c Config) *Program {
	if c.Bias != "decayed" {
		return p
	}
	q := p.clone()
	for i, b := range q.Buffers {
		if b.Kind == Weight && isEncoderBias(b.Name) {
			q.Instrs = append(q.Instrs, Instr{Op: Decay{Factor: c.BiasFactor}, In: []int{i, q.Loss}, Out: []int{i}})
		}
	}
	return q
}
