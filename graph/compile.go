package graph

import "fmt"

// Options says what a program does with a model.
type Options struct {
	// Sample draws the input afresh in every step. Nil means that the caller writes the
	// input "x" before each Run.
	Sample *Sample
	// Update makes a training program. Nil makes an evaluation program: the loss only.
	Update *Update
}

// Compile turns a model into a program: the gradients by gorgonia.Grad, then one pass after
// the other, each a function of the program before it.
func (m *Model) Compile(o Options) (*Program, error) {
	if m.Config.Float64 {
		return nil, fmt.Errorf("graph: float64 models are for reference and do not compile")
	}
	if o.Update != nil {
		if err := o.Update.Validate(); err != nil {
			return nil, err
		}
		if _, err := m.Gradients(); err != nil {
			return nil, err
		}
	}
	l, err := lower(m)
	if err != nil {
		return nil, err
	}
	p := l.program
	var grads []gradient
	if o.Update != nil {
		for i, param := range m.trained() {
			grads = append(grads, gradient{weight: l.buffer[param.Node], grad: l.buffer[m.grads[i]]})
		}
	}
	if o.Sample != nil {
		p = drawInput(p, *o.Sample)
	}
	p = eliminateDead(p, grads)
	p = fuseDenoiserGrad(p)
	p = fuseMergeGrad(p)
	p = fuseLoss(p)
	p = accumulate(p, grads)
	p = markSigns(p)
	if o.Update != nil {
		p = appendUpdates(p, grads, *o.Update)
	}
	p = reorder(p)
	p = reuseInPlace(p)
	p = PlaceTemporaries(p)
	return placeBarriers(p), nil
}

// gradient pairs the buffer of a weight with the buffer of its gradient.
type gradient struct{ weight, grad int }

// drawInput makes the input a temporary that a Sample instruction fills.
func drawInput(p *Program, s Sample) *Program {
	q := p.clone()
	for i := range q.Buffers {
		if q.Buffers[i].Kind == Input {
			q.Buffers[i].Kind = Temp
			q.Instrs = append([]Instr{{Op: s, Out: []int{i}}}, q.Instrs...)
		}
	}
	return q
}
