package graph

import (
	"fmt"
	"slices"
)

// Options selects the work of a program: its data, its update and its outputs.
type Options struct {
	// Sample, Generate and Gather draw the input afresh in every step: from a law, from a dictionary
	// model, and from a data set that the caller writes once. If all three are nil, the caller writes
	// the input "x" before each Run, and TrueCode for the proxy gradient.
	Sample   *Sample
	Generate *Generate
	Gather   *Gather
	// Update makes a training program. Nil makes an evaluation program: the loss only.
	Update *Update
	// Keep names intermediate values that the caller reads after Run: Code, Output or "x".
	Keep []string
	// FromCode makes the code an input that the caller writes before each Run: the decoder alone.
	// The loss is still the distance to "x". The decoder does not read "x".
	FromCode bool
}

// The names of intermediate values, for Options.Keep.
const (
	Code   = "code"   // sign(Bx), or the last hidden layer of tied, (b, n)
	Output = "output" // x̂, (b, d)
)

// Compile turns a model into a program. gorgonia.Grad makes the gradients. Then passes follow one
// another, and each pass is a function of the program before it.
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
	if p, err = connect(p, o); err != nil {
		return nil, err
	}
	p = eliminateDead(p, grads)
	p = fuseDenoiserGrad(p)
	p = fuseMergeGrad(p)
	p = fuseLoss(p)
	p = accumulate(p, grads)
	p = markSigns(p)
	if o.Update != nil {
		p = appendUpdates(p, grads, *o.Update)
		p = appendProjection(p, grads, *o.Update)
		p = appendDecay(p, m.Config)
	}
	p = reorder(p)
	p = reuseInPlace(p)
	p = PlaceTemporaries(p)
	return placeBarriers(p), nil
}

// gradient pairs the buffer of a weight with the buffer of its gradient.
type gradient struct{ weight, grad int }

// connect decides the origin of the input and the code, and marks the buffers that outlive the step.
func connect(p *Program, o Options) (*Program, error) {
	var err error
	switch {
	case o.Sample != nil && o.Gather != nil, o.Generate != nil && (o.Sample != nil || o.Gather != nil):
		return nil, fmt.Errorf("graph: the input is drawn by Sample, by Generate or by Gather, not by two of them")
	case o.Generate != nil:
		if p, err = generateInput(p, *o.Generate); err != nil {
			return nil, err
		}
	case o.Sample != nil:
		p = drawInput(p, *o.Sample)
	case o.Gather != nil:
		if o.Gather.Rows < 1 {
			return nil, fmt.Errorf("graph: gather: %d rows: must be at least 1", o.Gather.Rows)
		}
		p = gatherInput(p, *o.Gather)
	}
	if o.FromCode {
		if p, err = startAtCode(p); err != nil {
			return nil, err
		}
	}
	return keep(p, o.Keep)
}

// drawInput makes the input a temporary that an instruction fills.
func drawInput(p *Program, draw Kernel, from ...int) *Program {
	q := p.clone()
	for i := range q.Buffers {
		if q.Buffers[i].Name == inputName {
			q.Buffers[i].Kind = Temp
			q.Instrs = append([]Instr{{Op: draw, In: from, Out: []int{i}}}, q.Instrs...)
		}
	}
	return q
}

// gatherInput draws the input from a data set of the same dimension.
func gatherInput(p *Program, g Gather) *Program {
	q := p.clone()
	x := slices.IndexFunc(q.Buffers, func(b Buffer) bool { return b.Kind == Input })
	q.Buffers = append(q.Buffers, Buffer{Name: g.Data, Kind: Data, Shape: []int{g.Rows, q.Buffers[x].Cols()}})
	return drawInput(q, g, len(q.Buffers)-1)
}

// startAtCode makes the code an input. The instructions that computed the code become dead.
func startAtCode(p *Program) (*Program, error) {
	q := p.clone()
	code := q.named(Code)
	if code < 0 {
		return nil, fmt.Errorf("graph: the model has no value called %q", Code)
	}
	q.Instrs = without(q.Instrs, q.writer(code))
	q.Buffers[code].Kind = Input
	return q, nil
}

// keep makes temporaries outlive the step.
func keep(p *Program, names []string) (*Program, error) {
	q := p.clone()
	for _, name := range names {
		b := q.named(name)
		if b < 0 || q.Buffers[b].Kind != Temp && q.Buffers[b].Kind != Input {
			return nil, fmt.Errorf("graph: keep: the model has no value called %q", name)
		}
		if q.Buffers[b].Kind == Temp {
			q.Buffers[b].Kind = Kept
		}
	}
	return q, nil
}

// named returns the buffer of that name, or −1.
func (p *Program) named(name string) int {
	return slices.IndexFunc(p.Buffers, func(b Buffer) bool { return b.Name == name })
}
