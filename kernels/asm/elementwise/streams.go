package main

import (
	"fmt"
	"sort"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
)

// Streams are pieces of code that do not depend on each other. They are emitted one after the other between marks, and
// before registers are assigned a pass shuffles them into one, so that the processor meets the long chain of operations
// of each at the same time and need not look hundreds of instructions ahead.

const (
	streamBegin = "streams: begin"
	streamNext  = "streams: next"
	streamEnd   = "streams: end"
)

// streams emits independent pieces of straight-line code. Inside a stream it emits them in order.
func (m *machine) streams(pieces ...func()) {
	if m.inStream || len(pieces) < 2 {
		for _, piece := range pieces {
			piece()
		}
		return
	}
	m.inStream = true
	Comment(streamBegin)
	for i, piece := range pieces {
		if i > 0 {
			Comment(streamNext)
		}
		piece()
	}
	Comment(streamEnd)
	m.inStream = false
}

// shuffleStreams puts the shuffle before avo's own passes, and the function's name into their errors.
func shuffleStreams() {
	compile := pass.Compile
	pass.Compile = pass.Func(func(file *ir.File) error {
		for _, f := range file.Functions() {
			if err := shuffle(f); err != nil {
				return err
			}
			alone := &ir.File{Sections: []ir.Section{f}}
			if err := compile.Execute(alone); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
			file.Includes = alone.Includes
		}
		return nil
	})
}

func shuffle(f *ir.Function) error {
	var out []ir.Node
	var pieces [][]ir.Node // of the open streams; nil outside
	for _, node := range f.Nodes {
		switch mark(node) {
		case streamBegin:
			pieces = [][]ir.Node{nil}
		case streamNext:
			pieces = append(pieces, nil)
		case streamEnd:
			out = append(out, merge(pieces)...)
			pieces = nil
		default:
			if pieces == nil {
				out = append(out, node)
			} else if _, ok := node.(*ir.Instruction); ok {
				pieces[len(pieces)-1] = append(pieces[len(pieces)-1], node)
			} else {
				return fmt.Errorf("%s: a stream holds a label", f.Name)
			}
		}
	}
	f.Nodes = out
	return nil
}

func mark(node ir.Node) string {
	if c, ok := node.(*ir.Comment); ok && len(c.Lines) == 1 {
		return c.Lines[0]
	}
	return ""
}

// merge orders the instructions by their relative place in their piece.
func merge(pieces [][]ir.Node) []ir.Node {
	type placed struct {
		node  ir.Node
		place float64
	}
	var all []placed
	for _, piece := range pieces {
		for i, node := range piece {
			all = append(all, placed{node, (float64(i) + 0.5) / float64(len(piece))})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].place < all[j].place })
	out := make([]ir.Node, len(all))
	for i := range all {
		out[i] = all[i].node
	}
	return out
}
