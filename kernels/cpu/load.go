package cpu

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"autoamp/graph"
	"autoamp/kernels"
)

// instr is an instruction with all facts that Load computes before the first step.
type instr struct {
	graph.Instr
	run     kernel
	rows    int   // over which the work is split
	reduces bool  // some output is a Reduction
	zerosA  bool  // a product's first factor may have many zeros
	zerosB  bool  // its second
	sums    []int // places in team.sums of the Reduction outputs, one per output, −1 for others
}

// program is a loaded program: its instructions in groups, and its memory for each replica.
type program struct {
	*graph.Program
	groups [][]instr
	tile   []int // rows at a time of each group
	check  int   // the first group that begins with a barrier after the loss is known
	sums   []int // place in team.sums of every Reduction buffer: size numbers for each block
	parts  []int // number of blocks of every Reduction buffer
	floats int   // length of team.sums
	pace   pace
	laws   []kernels.Law
	bufs   [][][]float32 // by replica and buffer; nil for a Reduction
}

// tileBytes is the memory in bytes that one piece of a group's rows may touch: half of a small
// second-level cache.
const tileBytes = 128 << 10

// Load allocates the buffers of the programs, once per replica, and starts the workers.
func (e *Executor) Load(replicas []graph.Replica, programs ...*graph.Program) (graph.Runner, error) {
	if len(replicas) == 0 || len(programs) == 0 {
		return nil, fmt.Errorf("cpu: load: %d replicas and %d programs: need at least one of each",
			len(replicas), len(programs))
	}
	gemmers, _, err := newGemmers(e.settings.Product, e.settings.Threads)
	if err != nil {
		return nil, err
	}
	r := &Runner{replicas: slices.Clone(replicas)}
	if err := r.allocate(e.settings.Threads, programs); err != nil {
		return nil, err
	}
	for _, p := range programs {
		loaded, err := r.load(p)
		if err != nil {
			r.memory.free()
			return nil, err
		}
		r.programs = append(r.programs, loaded)
	}
	r.hire(gemmers, e.settings.Product == ProductAuto, e.settings.Profile)
	return r, nil
}

// allocate makes room for the kept tensors of every replica, and for an arena for every worker that
// runs replicas alone. The programs share kept tensors by name.
func (r *Runner) allocate(threads int, programs []*graph.Program) error {
	sizes, data := map[string]int{}, map[string]int{}
	arena := 0
	for _, p := range programs {
		arena = max(arena, padded(p.ArenaFloats))
		for _, b := range p.Buffers {
			into := sizes
			if b.Kind == graph.Data {
				into = data
			} else if !isKept(b) {
				continue
			}
			if size, known := into[b.Name]; known && size != b.Size() {
				return fmt.Errorf("cpu: load: tensor %s has %d and %d elements in two programs", b.Name, size, b.Size())
			}
			into[b.Name] = b.Size()
		}
	}
	arenas, kept := min(threads, len(r.replicas)), 0
	for _, size := range sizes {
		kept += padded(size)
	}
	floats := arenas*arena + len(r.replicas)*kept
	for _, size := range data {
		floats += padded(size)
	}
	if free, known := availableMemory(); known && 4*int64(floats) > free {
		return fmt.Errorf("cpu: load: needs %.1f GiB, %.1f GiB of memory are free: lower dim, batch or replicas",
			gib(4*int64(floats)), gib(free))
	}
	if err := r.memory.allocate(floats); err != nil {
		return fmt.Errorf("cpu: load: %.1f GiB: %w: lower dim, batch or replicas", gib(4*int64(floats)), err)
	}
	for range arenas {
		r.arenas = append(r.arenas, r.memory.take(arena))
	}
	for range r.replicas {
		r.kept = append(r.kept, r.memory.takeAll(sizes))
	}
	r.data = r.memory.takeAll(data)
	return nil
}

// takeAll takes memory for tensors of the given sizes, in the order of their names.
func (m *memory) takeAll(sizes map[string]int) map[string][]float32 {
	tensors := map[string][]float32{}
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		tensors[name] = m.take(sizes[name])
	}
	return tensors
}

// isKept reports whether a buffer outlives a step.
func isKept(b graph.Buffer) bool {
	return b.Kind == graph.Weight || b.Kind == graph.State || b.Kind == graph.Input || b.Kind == graph.Kept
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }

// load prepares one program: groups, places of sums, and buffers of each replica.
func (r *Runner) load(p *graph.Program) (*program, error) {
	l := &program{Program: p, check: -1}
	l.placeSums()
	for _, rep := range r.replicas {
		law, err := lawOf(p, rep)
		if err != nil {
			return nil, err
		}
		l.laws = append(l.laws, law)
	}
	if err := l.group(); err != nil {
		return nil, err
	}
	for rep := range r.replicas {
		l.bufs = append(l.bufs, r.buffers(p, rep, r.arenas[rep%len(r.arenas)]))
	}
	return l, nil
}

// placeSums gives every Reduction a place for each block of the rows that it sums over.
func (l *program) placeSums() {
	l.sums, l.parts = make([]int, len(l.Buffers)), make([]int, len(l.Buffers))
	for i := range l.sums {
		l.sums[i] = -1
	}
	for _, in := range l.Instrs {
		rows := l.Rows(in)
		for _, b := range in.Out {
			if l.Buffers[b].Kind == graph.Reduction {
				unit := blockRows(rows)
				l.sums[b], l.parts[b] = l.floats, (rows+unit-1)/unit
				l.floats += l.parts[b] * l.Buffers[b].Size()
			}
		}
	}
}

// buffers finds the memory of every buffer of one replica, kept ones by their name.
func (r *Runner) buffers(p *graph.Program, rep int, arena []float32) [][]float32 {
	bufs := make([][]float32, len(p.Buffers))
	for i, b := range p.Buffers {
		switch b.Kind {
		case graph.Temp:
			if b.Offset+b.Size() <= len(arena) {
				bufs[i] = arena[b.Offset : b.Offset+b.Size()]
			}
		case graph.Weight, graph.State, graph.Input, graph.Kept:
			bufs[i] = r.kept[rep][b.Name]
		case graph.Data:
			bufs[i] = r.data[b.Name]
		}
	}
	return bufs
}

// group splits the instructions into groups, refuses ops it has no kernel for, and finds
// where the loss can be checked.
func (l *program) group() error {
	lossKnown := false
	for i, in := range l.Instrs {
		run := kernelOf(in.Op)
		if run == nil {
			return fmt.Errorf("cpu: load: op %v has no CPU kernel", in.Op)
		}
		if i == 0 || in.Group != l.Instrs[i-1].Group {
			l.groups = append(l.groups, nil)
			if in.Barrier && lossKnown && l.check < 0 {
				l.check = len(l.groups) - 1
			}
		}
		next := instr{Instr: in, run: run, rows: l.Rows(in)}
		if _, product := in.Op.(graph.MatMul); product {
			next.zerosA, next.zerosB = l.mayHaveZeros(in.In[0]), l.mayHaveZeros(in.In[1])
		}
		for _, b := range in.Out {
			next.sums = append(next.sums, l.sums[b])
			next.reduces = next.reduces || l.sums[b] >= 0
		}
		lossKnown = lossKnown || slices.Contains(in.Out, l.Loss)
		l.groups[len(l.groups)-1] = append(l.groups[len(l.groups)-1], next)
	}
	for _, g := range l.groups {
		l.tile = append(l.tile, l.tileRows(g))
	}
	return nil
}

// mayHaveZeros reports whether a buffer may hold many zeros: data, codes of a dictionary, or what an activation with a zero wrote.
func (l *program) mayHaveZeros(buffer int) bool {
	if k := l.Buffers[buffer].Kind; k == graph.Input || k == graph.Data {
		return true
	}
	for _, in := range l.Instrs {
		if !slices.Contains(in.Out, buffer) {
			continue
		}
		switch op := in.Op.(type) {
		case graph.Sample, graph.Gather, graph.SampleCodes:
			return true
		case graph.Activate:
			return hasZero(op.Function)
		case graph.ActivateOn:
			return hasZero(op.Function)
		}
	}
	return false
}

// hasZero reports whether an activation maps an interval to zero.
func hasZero(f graph.Activation) bool { return f == graph.ReLU || f == graph.Threshold }

// tileRows is the number of rows that a group of several instructions handles at a time: whole
// blocks.
func (l *program) tileRows(group []instr) int {
	if len(group) == 1 {
		return group[0].rows
	}
	seen, bytes := map[int]bool{}, 0
	for _, in := range group {
		for _, b := range append(slices.Clone(in.In), in.Out...) {
			if !seen[b] {
				seen[b] = true
				bytes += 4 * l.Buffers[b].Cols()
			}
		}
	}
	unit := blockRows(group[0].rows)
	return max(1, tileBytes/max(bytes*unit, 1)) * unit
}

// lawOf translates the law that a program samples, with the numbers of one replica.
func lawOf(p *graph.Program, rep graph.Replica) (kernels.Law, error) {
	for _, in := range p.Instrs {
		if s, ok := in.Op.(graph.Sample); ok {
			kind, err := kernels.ParseLaw(s.Law)
			if err != nil {
				return kernels.Law{}, fmt.Errorf("cpu: load: %w", err)
			}
			return kernels.Law{Kind: kind, P: rep.P, Mean: rep.Mean}, nil
		}
	}
	return kernels.Law{}, nil
}

// InstrTime is the time that the first worker spent in one instruction since Load.
type InstrTime struct {
	Instr string
	Time  time.Duration
}
