package graph

import "slices"

// Program is a compiled graph: a flat list of instructions over a fixed set of buffers.
type Program struct {
	// Buffers holds every tensor of the program; instructions name them by index.
	Buffers []Buffer
	// Instrs is the program, in execution order.
	Instrs []Instr
	// Loss is the buffer whose value Run reports, one number per step.
	Loss int
	// ArenaFloats is the size, in float32, of the arena that holds all temporary buffers.
	ArenaFloats int
}

// Buffer is one tensor of a program.
type Buffer struct {
	Name  string
	Shape []int // row-major; a vector is one row
	Kind  Kind
	// Offset is the place of a temporary in the arena, in float32.
	Offset int
}

// Kind says how long a buffer lives.
type Kind uint8

// The kinds of buffers.
const (
	Temp      Kind = iota // within one step, in the arena
	Weight                // kept; in checkpoints; read and written by name
	State                 // kept: optimizer moments; in checkpoints, read and written by name
	Input                 // kept: written by the caller before Run; not in checkpoints
	Data                  // kept: a data set, one for all replicas, written by the caller; not in checkpoints
	Kept                  // kept: read by the caller after Run; not in checkpoints
	Reduction             // a float64 sum over rows, kept by the executor within one step
	none                  // eliminated
)

func (k Kind) String() string {
	return [...]string{"temp", "weight", "state", "input", "data", "kept", "sum", "none"}[k]
}

// Instr is one instruction: a kernel, the buffers it reads and the buffers it writes.
type Instr struct {
	Op  Kernel
	In  []int
	Out []int
	// Barrier is true if the instruction reads rows that other threads wrote since the last
	// barrier, or overwrites rows that they read. All threads must arrive before such an
	// instruction begins.
	Barrier bool
	// Group numbers the passes: neighbours with the same number may run together on a few rows at a
	// time, so that the output of one pass is still in cache when the next pass reads it.
	Group int
}

// Rows is the number of rows of a buffer: its first dimension, or 1 for vectors.
func (b Buffer) Rows() int {
	if len(b.Shape) < 2 {
		return 1
	}
	return b.Shape[0]
}

// Size is the number of elements of a buffer.
func (b Buffer) Size() int {
	size := 1
	for _, s := range b.Shape {
		size *= s
	}
	return size
}

// Cols is the number of elements in a row.
func (b Buffer) Cols() int { return b.Size() / b.Rows() }

// Rows is the number of rows over which an instruction's work is split: the rows of its first
// output, or of its first input if the instruction only sums.
func (p *Program) Rows(in Instr) int {
	if out := p.Buffers[in.Out[0]]; out.Kind != Reduction {
		return out.Rows()
	}
	return p.Buffers[in.In[0]].Rows()
}

// Tensors returns the buffers that a checkpoint holds: weights, then optimizer state.
func (p *Program) Tensors() []Buffer {
	var weights, state []Buffer
	for _, b := range p.Buffers {
		switch b.Kind {
		case Weight:
			weights = append(weights, b)
		case State:
			state = append(state, b)
		}
	}
	return append(weights, state...)
}

// Flops counts the floating-point operations of one step's matrix products, 2·m·n·k each.
func (p *Program) Flops() float64 {
	var flops float64
	for _, in := range p.Instrs {
		if op, ok := in.Op.(MatMul); ok {
			a := p.Buffers[in.In[0]]
			k := a.Cols()
			if op.TransA {
				k = a.Rows()
			}
			flops += 2 * float64(p.Buffers[in.Out[0]].Size()) * float64(k)
		}
	}
	return flops
}

// Traffic counts the bytes that one step moves at the least: every instruction reads each of its inputs and writes each
// of its outputs once, 4 bytes a number and 8 a float64 sum. A buffer that is read and written in place counts twice.
func (p *Program) Traffic() float64 {
	var bytes float64
	for _, in := range p.Instrs {
		for _, b := range slices.Concat(in.In, in.Out) {
			size := 4
			if p.Buffers[b].Kind == Reduction {
				size = 8
			}
			bytes += float64(size * p.Buffers[b].Size())
		}
	}
	return bytes
}

// Bytes counts the memory of one replica: kept is weights, optimizer state, inputs and kept
// tensors; arena is the arena. A data set, which replicas share, is not counted.
func (p *Program) Bytes() (kept, arena int64) {
	for _, b := range p.Buffers {
		switch b.Kind {
		case Weight, State, Input, Kept:
			kept += 4 * int64(b.Size())
		}
	}
	return kept, 4 * int64(p.ArenaFloats)
}
