package cuda

import (
	"slices"
	"strconv"

	"autoamp/graph"
)

// node is one launch of a step, with the memory that it reads and writes. Two nodes may run at the same time, or in any order,
// unless one of them writes what the other reads or writes.
type node struct {
	kind          nodeKind
	in            graph.Instr // of an instruction that has a launch of its own
	reads, writes []span
}

// nodeKind says what a node launches.
type nodeKind int

const (
	passNode nodeKind = iota // an instruction of the pass
	finishNode
	normNode // of a gradient that is itself a sum
	finishNormsNode
	decayNode
	updateNode     // of all weights together
	normalisedNode // of one weight, under normalised gradient descent
	projectNode
)

// product reports whether a node multiplies matrices, and needs a workspace of cuBLAS.
func (n node) product() bool {
	switch n.in.Op.(type) {
	case graph.MatMul, productOp:
		return true
	}
	return false
}

// span is a part of a space of memory: a tensor that outlives the step, by its name, or one of the spaces below.
type span struct {
	space    string
	from, to int
}

// Spaces that are no tensor: temporaries, in float32, sums, in float64, the states of the replicas, and the ring of losses.
const (
	arenaSpace  = " arena"
	sumsSpace   = " sums"
	statesSpace = " states"
	ringSpace   = " ring"
)

var states, ring = span{statesSpace, 0, 1}, span{ringSpace, 0, 1}

func (s span) overlaps(t span) bool { return s.space == t.space && s.from < t.to && t.from < s.to }

// conflicts reports whether a node must run after an earlier one.
func (n node) conflicts(earlier node) bool {
	return overlap(n.writes, earlier.writes) || overlap(n.writes, earlier.reads) || overlap(n.reads, earlier.writes)
}

func overlap(a, b []span) bool {
	return slices.ContainsFunc(a, func(s span) bool { return slices.ContainsFunc(b, s.overlaps) })
}

// nodes are the launches of one step, in an order in which they can run one after the other.
func (l *plan) nodes() []node {
	var list []node
	for _, in := range l.pass {
		n := node{passNode, in, l.spans(in.In), l.spans(in.Out)}
		switch in.Op.(type) {
		case graph.Sample, graph.SampleNormal, graph.SampleCodes, graph.Gather, graph.SignSTE, signOp: // functions of the step
			n.reads = append(n.reads, states)
		}
		list = append(list, n)
	}
	list = append(list, node{finishNode, graph.Instr{}, l.spans(l.sums.first), append(l.totals(l.sums.first), states, ring)})
	for _, in := range l.norms {
		list = append(list, node{normNode, in, l.totals(in.In), l.spans(in.Out)})
	}
	if len(l.norms) > 0 {
		list = append(list, node{finishNormsNode, graph.Instr{}, l.spans(l.sums.last), l.totals(l.sums.last)})
	}
	return append(list, l.updates()...)
}

// nodesOf are the launches of some steps.
func (l *plan) nodesOf(steps int) []node {
	var list []node
	for range steps {
		list = append(list, l.nodes()...)
	}
	return list
}

// updates are the launches that change biases on a schedule and weights.
func (l *plan) updates() []node {
	var list []node
	inPlace := func(kind nodeKind, in graph.Instr) {
		list = append(list, node{kind, in, []span{states}, l.spans(in.In[:1])})
	}
	for _, in := range l.decays {
		inPlace(decayNode, in)
	}
	all := node{kind: updateNode}
	for _, in := range l.steps {
		n := node{normalisedNode, in, append(l.gradients(in), states), l.spans(in.Out)}
		if l.update.Rule == graph.Normalised {
			list = append(list, n)
		}
		all.reads, all.writes = append(all.reads, n.reads...), append(all.writes, n.writes...)
	}
	if l.update != nil && l.update.Rule != graph.Normalised {
		list = append(list, all)
	}
	for _, in := range l.projections {
		inPlace(projectNode, in)
	}
	return list
}

// gradients are what the update of a weight reads: the weight, its gradient, its moments, and the norms of all gradients.
func (l *plan) gradients(in graph.Instr) []span {
	spans := l.totals(l.sums.norms)
	for _, b := range in.In {
		if l.Buffers[b].Kind == graph.Reduction {
			spans = append(spans, l.totals([]int{b})...)
		} else {
			spans = append(spans, l.spans([]int{b})...)
		}
	}
	return spans
}

// spans are where buffers lie; of a sum, where its parts do.
func (l *plan) spans(buffers []int) []span {
	var list []span
	for _, b := range buffers {
		if b < 0 {
			continue
		}
		switch buf := l.Buffers[b]; {
		case buf.Kind == graph.Reduction:
			list = append(list, span{sumsSpace, l.sums.parts[b], l.sums.parts[b] + l.sums.count[b]*buf.Size()})
		case isKept(buf):
			list = append(list, span{buf.Name, 0, buf.Size()})
		default:
			list = append(list, span{arenaSpace, buf.Offset, buf.Offset + padded(buf.Size())})
		}
	}
	return list
}

// totals are where Finish writes sums.
func (l *plan) totals(buffers []int) []span {
	var list []span
	for _, b := range buffers {
		list = append(list, span{sumsSpace, l.sums.total[b], l.sums.total[b] + l.Buffers[b].Size()})
	}
	return list
}

// buffers are spaces of their own, one for each buffer, before buffers have places.
func buffers(list []int) []span {
	var spans []span
	for _, b := range list {
		if b >= 0 {
			spans = append(spans, span{space: strconv.Itoa(b), to: 1})
		}
	}
	return spans
}
