package graph

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
)

// DOT returns the graph, gradients included if they were added, in Graphviz's language: data
// flow downwards, inputs and weights as boxes, the gradients' part grey. (gorgonia's own
// ToDot names nodes by their addresses, and Graphviz complains about its ports.)
func (m *Model) DOT() (string, error) {
	nodes, err := gorgonia.Sort(m.Graph)
	if err != nil {
		return "", fmt.Errorf("graph: sort: %w", err)
	}
	var s strings.Builder
	fmt.Fprintf(&s, "digraph %q {\n  node [shape=ellipse, fontname=\"sans-serif\"];\n", m.Config.Model)
	forward := m.forward()
	for _, node := range slices.Backward(nodes) {
		fmt.Fprintf(&s, "  n%d [%s];\n", node.ID(), m.dotAttributes(node, forward[node]))
		for i, child := range m.inputs(node) {
			fmt.Fprintf(&s, "  n%d -> n%d [label=%d, fontsize=9];\n", child.ID(), node.ID(), i)
		}
	}
	s.WriteString("}\n")
	return s.String(), nil
}

func (m *Model) dotAttributes(node *gorgonia.Node, forward bool) string {
	label := node.Name()
	attributes := "shape=box, style=filled, fillcolor=lightblue, "
	if op := node.Op(); op != nil && len(m.inputs(node)) > 0 {
		label, attributes = op.String(), ""
		if name, ok := m.names[node]; ok {
			label = name + " = " + label
		}
	}
	if !forward {
		attributes += "color=grey, fontcolor=grey, "
	}
	return fmt.Sprintf("%slabel=%q", attributes, fmt.Sprintf("%s\n%v", label, node.Shape()))
}

// forward is the set of nodes that the loss depends on.
func (m *Model) forward() map[*gorgonia.Node]bool {
	seen := map[*gorgonia.Node]bool{}
	for todo := []*gorgonia.Node{m.Loss}; len(todo) > 0; {
		node := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[node] {
			seen[node] = true
			todo = append(todo, m.inputs(node)...)
		}
	}
	return seen
}

// inputs returns the inputs of a node, in order.
func (m *Model) inputs(node *gorgonia.Node) []*gorgonia.Node {
	var in []*gorgonia.Node
	for it := m.Graph.From(node.ID()); it.Next(); {
		in = append(in, it.Node().(*gorgonia.Node))
	}
	return in
}
