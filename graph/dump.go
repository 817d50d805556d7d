package graph

import (
	"fmt"
	"strings"
)

// String prints the program: its buffers, then one line per instruction. "|" marks a barrier,
// brackets the group of instructions that run together over a few rows at a time.
func (p *Program) String() string {
	var s strings.Builder
	kept, arena := p.Bytes()
	fmt.Fprintf(&s, "program: %d instructions, %d barriers, %.4g Mflop in products, %d bytes kept, %d bytes arena\n",
		len(p.Instrs), p.Barriers(), p.Flops()/1e6, kept, arena)
	for i, b := range p.Buffers {
		if !p.used(i) {
			continue
		}
		place := ""
		if b.Kind == Temp {
			place = fmt.Sprintf(" @%d", b.Offset)
		}
		fmt.Fprintf(&s, "  %-6s %%%d %s %v%s\n", b.Kind, i, b.Name, b.Shape, place)
	}
	for _, in := range p.Instrs {
		mark := " "
		if in.Barrier {
			mark = "|"
		}
		fmt.Fprintf(&s, "%s [%d] %s = %v %s\n", mark, in.Group, p.list(in.Out), in.Op, p.list(in.In))
	}
	return s.String()
}

func (p *Program) list(buffers []int) string {
	names := make([]string, len(buffers))
	for i, b := range buffers {
		names[i] = fmt.Sprintf("%%%d", b)
	}
	return strings.Join(names, ", ")
}

func (p *Program) used(b int) bool { return p.writer(b) >= 0 || len(p.readers(b)) > 0 }
