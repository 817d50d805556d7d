//go:build gpu

package cuda

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/cu"

	"autoamp/graph"
)

// loaded is a program on the device.
type loaded struct {
	*plan
	r      *Runner
	at     tables
	laws   []lawConstants
	one    graphExec // one step, captured
	many   graphExec // graphSteps steps
	powers powers
	block  *oneBlock // runs the steps instead of the graphs; may be nil
}

// maxReplicas is the largest second dimension of a grid.
const maxReplicas = 1<<16 - 1

// Load allocates the memory of the programs for all replicas, and captures a step of each.
func (e *Executor) Load(replicas []graph.Replica, programs ...*graph.Program) (graph.Runner, error) {
	if len(replicas) == 0 || len(programs) == 0 {
		return nil, fmt.Errorf("cuda: load: %d replicas and %d programs: need at least one of each", len(replicas), len(programs))
	}
	if len(replicas) > maxReplicas {
		return nil, fmt.Errorf("cuda: load: replicas = %d: must be at most %d", len(replicas), maxReplicas)
	}
	leave, err := e.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	r := &Runner{e: e, replicas: slices.Clone(replicas)}
	if err := r.load(programs); err != nil {
		released := r.release()
		if errors.Is(err, graph.ErrLost) { // and with the device all that would be given back
			return nil, err
		}
		return nil, errors.Join(err, released)
	}
	return r, nil
}

func (r *Runner) load(programs []*graph.Program) error {
	precision, err := r.e.settle(programs)
	if err != nil {
		return err
	}
	var plans []*plan
	for _, p := range programs {
		plan, err := planOf(p, precision)
		if err != nil {
			return err
		}
		l := &loaded{plan: plan, r: r}
		if l.laws, err = lawsOf(p, r.replicas); err != nil {
			return err
		}
		if l.block, err = r.e.oneBlock(plan, len(r.replicas), precision); err != nil {
			return err
		}
		plans, r.programs = append(plans, plan), append(r.programs, l)
	}
	if r.memory, err = newMemory(plans, len(r.replicas)); err != nil {
		return err
	}
	if err := r.acquire(programs); err != nil {
		return err
	}
	return r.prepare()
}

// oneBlock is what one block of the device runs: a model that it holds, unless the device is a card on which the graph should be
// faster. Where replicas are few, most of its multiprocessors would have nothing to do. It is nil for a graph.
func (e *Executor) oneBlock(l *plan, replicas int, precision Precision) (*oneBlock, error) {
	b := l.oneBlock().within(precision, e.shared)
	if b == nil || e.graphsOnly {
		return nil, nil
	}
	card, known := CardOf(e.description)
	if !known {
		return b, nil
	}
	b, _, err := fastest(l, replicas, precision, card)
	return b, err
}

// acquire takes memory and handles from the device, and release gives them back. Tensors are allocated last, after cuBLAS has
// allocated its own memory.
func (r *Runner) acquire(programs []*graph.Program) (err error) {
	if r.stream, err = cu.MakeStream(cu.NonBlocking); err != nil {
		return checkCu(err, "make a stream")
	}
	if r.blas, err = r.e.blas.newHandle(r.stream); err != nil {
		return err
	}
	if r.staging, err = newPinned(r.stagingBytes()); err != nil {
		return err
	}
	if r.base, err = r.e.allocate(r.memory, len(r.replicas), programs); err != nil {
		return err
	}
	return r.useWorkspace(0)
}

// useWorkspace gives the products from here on one of the workspaces.
func (r *Runner) useWorkspace(i int) error {
	return r.blas.setWorkspace(r.address(r.memory.workspace+int64(i)*r.memory.workspaceBytes), r.memory.workspaceBytes)
}

// prepare writes the tables of all programs and captures steps of each. Before its capture a step runs once, on weights of
// zero. This run loads all kernels of cuBLAS: the device loads a kernel at its first use, but not during a capture.
func (r *Runner) prepare() error {
	for i, l := range r.programs {
		l.at = r.memory.tables[i]
		if err := l.writeTables(); err != nil {
			return err
		}
	}
	if err := r.clearKept(); err != nil {
		return err
	}
	for _, l := range r.programs {
		if l.block != nil {
			continue
		}
		if err := r.setSteps(l, 0); err != nil {
			return err
		}
		if err := l.enqueue(); err != nil {
			return err
		}
		if err := checkCu(r.stream.Synchronize(), "run the first step"); err != nil {
			return err
		}
		var err error
		if l.one, err = capture(r.stream, func(c *captured) error { return l.enqueueBranches(c, 1) }); err != nil {
			return err
		}
		if l.many, err = capture(r.stream, func(c *captured) error { return l.enqueueBranches(c, graphSteps) }); err != nil {
			return err
		}
	}
	return r.clearKept()
}

// writeTables writes the constants of a program.
func (l *loaded) writeTables() error {
	weights, _ := l.weights()
	for _, table := range []struct {
		at   int64
		data any
	}{
		{l.at.laws, l.laws}, {l.at.first, l.reductions(l.sums.first)}, {l.at.last, l.reductions(l.sums.last)}, {l.at.weights, weights},
	} {
		bytes, err := binary.Append(nil, binary.LittleEndian, table.data)
		if err != nil {
			return fmt.Errorf("cuda: load: %w", err)
		}
		if err := r2d(l.r, table.at, bytes); err != nil {
			return err
		}
	}
	return nil
}

// reductions are the entries of Finish's table.
func (l *loaded) reductions(buffers []int) []reduction {
	list := make([]reduction, 0, len(buffers))
	for _, b := range buffers {
		list = append(list, reduction{
			parts: l.sumParts(b).data, total: l.sumTotal(b).data, stride: int64(l.sums.floats),
			count: int32(l.sums.count[b]), size: int32(l.Buffers[b].Size()),
		})
	}
	return list
}

// weights are the entries of the optimizers' table, and the number of blocks that they need.
func (l *loaded) weights() (list []weight, blocks int) {
	list = make([]weight, 0, len(l.steps))
	for _, in := range l.steps {
		n := l.Buffers[in.In[0]].Size()
		w := weight{w: l.tensor(in.In[0]), size: int64(n), first: int64(blocks)}
		moments := []*tensor{&w.m, &w.v}
		for k := range l.update.Rule.Moments() {
			*moments[k] = l.tensor(in.In[2+k])
		}
		if g := in.In[1]; l.Buffers[g].Kind == graph.Reduction {
			w.sum = l.sumTotal(g)
		} else {
			w.g = l.tensor(g)
		}
		list = append(list, w)
		blocks += ceil(n, 1024)
	}
	return list, blocks
}

// tensor is the place of a buffer on the device; null for −1.
func (l *loaded) tensor(b int) tensor {
	if b < 0 {
		return tensor{}
	}
	buf := l.Buffers[b]
	if isKept(buf) {
		s := l.r.memory.kept[buf.Name]
		return tensor{l.r.address(s.at), s.stride()}
	}
	return tensor{l.r.address(l.r.memory.temps + 4*int64(buf.Offset)*int64(len(l.r.replicas))), int64(padded(buf.Size()))}
}

// halves is the place of a buffer of bf16.
func (l *loaded) halves(b int) tensor {
	t := l.tensor(b)
	return tensor{t.data, 2 * t.stride}
}

func (l *loaded) sumParts(b int) tensor { return l.sum(l.sums.parts[b]) }

func (l *loaded) sumTotal(b int) tensor { return l.sum(l.sums.total[b]) }

func (l *loaded) sum(at int) tensor {
	return tensor{l.r.address(l.r.memory.sums + 8*int64(at)), int64(l.sums.floats)}
}
