package cuda

import (
	"fmt"
	"slices"

	"autoamp/graph"
)

// plan is a program in the order in which the device runs it: the forward and backward pass, a launch
// that ends all sums, and one launch that updates all weights. Gradients live until the last launch,
// so that temporaries are placed anew.
type plan struct {
	*graph.Program               // its instructions are those below, in this order
	pass           []graph.Instr // forward and backward, and norms of gradients
	norms          []graph.Instr // norms of gradients that are sums themselves
	decays         []graph.Instr // of biases on a schedule, once the loss is known
	steps          []graph.Instr
	projections    []graph.Instr // of weights, after their steps
	update         *graph.Update // the rule of all steps; nil in an evaluation
	sums           sums
}

// newPlan arranges a program. Builds without the tag gpu make the same plan, for its cost.
func newPlan(p *graph.Program, precision Precision) (*plan, error) {
	for _, in := range p.Instrs {
		for _, b := range slices.Concat(in.In, in.Out) {
			if buf := p.Buffers[b]; buf.Kind != graph.Temp && buf.Kind != graph.Reduction && !isKept(buf) {
				return nil, fmt.Errorf("cuda: load: op %v: %s is a buffer of kind %v, which the GPU does not have", in.Op, buf.Name, buf.Kind)
			}
		}
	}
	l, err := separate(p)
	if err != nil {
		return nil, err
	}
	l.prepareDenoisers()
	if precision == Split {
		l.splitOperands()
	}
	l.Instrs = slices.Concat(l.pass, l.norms, l.decays, l.steps, l.projections)
	l.place()
	l.sums = placeSums(l)
	return l, nil
}

// branchFloats is the largest arena of one model in which branches of a step have memory of their own, 64 MiB. In larger models
// a single launch fills the device, and memory counts.
const branchFloats = 16 << 20

// place gives temporaries their places: where they are small, so that what need not wait for a result does not wait for memory.
func (l *plan) place() {
	l.Program = graph.PlaceTemporaries(l.Program)
	if l.ArenaFloats > branchFloats {
		return
	}
	list := make([]node, len(l.Instrs))
	for i, in := range l.Instrs {
		list[i] = node{in: in, reads: buffers(in.In), writes: buffers(in.Out)}
	}
	order := branch(list)
	l.Program = graph.PlaceBranches(l.Program, func(i, j int) bool { return i < j && order.reaches(j, i) })
}

// separate sorts the instructions into the parts of a plan.
func separate(p *graph.Program) (*plan, error) {
	l := &plan{Program: &graph.Program{Buffers: slices.Clone(p.Buffers), Loss: p.Loss}}
	for _, in := range p.Instrs {
		switch op := in.Op.(type) {
		case graph.Step:
			if l.update != nil && *l.update != op.Update {
				return nil, fmt.Errorf("cuda: load: op %v: all weights of a program must have the same update rule", op)
			}
			l.update = &op.Update
			l.steps = append(l.steps, in)
			continue
		case graph.Decay:
			l.decays = append(l.decays, in)
			continue
		case graph.Project:
			l.projections = append(l.projections, in)
			continue
		case graph.GradNorm:
			if p.Buffers[in.In[0]].Kind == graph.Reduction {
				l.norms = append(l.norms, in)
				continue
			}
		}
		for _, b := range in.In {
			if p.Buffers[b].Kind == graph.Reduction {
				return nil, fmt.Errorf("cuda: load: op %v reads the sum %s before the end of the step", in.Op, p.Buffers[b].Name)
			}
		}
		for _, step := range slices.Concat(l.steps, l.decays) { // that this instruction now comes before
			if slices.ContainsFunc(in.Out, func(b int) bool { return slices.Contains(step.In, b) }) {
				return nil, fmt.Errorf("cuda: load: op %v writes a tensor that an earlier update reads", in.Op)
			}
		}
		l.pass = append(l.pass, in)
	}
	return l, nil
}

// add appends a temporary.
func (l *plan) add(name string, shape ...int) int {
	l.Buffers = append(l.Buffers, graph.Buffer{Name: name, Kind: graph.Temp, Shape: shape})
	return len(l.Buffers) - 1
}

// isKept reports whether a buffer outlives a step.
func isKept(b graph.Buffer) bool {
	switch b.Kind {
	case graph.Weight, graph.State, graph.Input, graph.Data, graph.Kept:
		return true
	}
	return false
}

// align is the alignment of buffers in float32. It equals the alignment of graph's arena.
const align = 16

func padded(floats int) int { return (floats + align - 1) / align * align }
