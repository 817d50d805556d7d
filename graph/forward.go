package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"
)

// ForwardNode is a node of a model's forward pass, for translators to other formats.
type ForwardNode struct {
	Node   *gorgonia.Node
	Name   string // Code, Output, another name of the equation, or the op's name
	Op     Op     // nil for the data and the parameters
	Inputs []*gorgonia.Node
}

// Forward lists the nodes that lead from the data to the output x̂, each behind its inputs. The loss is not among them.
func (m *Model) Forward() ([]ForwardNode, error) {
	nodes, err := gorgonia.Sort(m.Graph)
	if err != nil {
		return nil, fmt.Errorf("graph: sort: %w", err)
	}
	seen := m.forward()
	var list []ForwardNode
	for i := len(nodes) - 1; i >= 0; i-- { // gorgonia's order ends with the inputs
		node := nodes[i]
		if !seen[node] || node == m.Loss {
			continue
		}
		f := ForwardNode{Node: node, Name: node.Name(), Inputs: m.inputs(node)}
		if len(f.Inputs) > 0 {
			op, ok := OpOf(node.Op())
			if !ok {
				return nil, fmt.Errorf("graph: op %v has no kernel", node.Op())
			}
			f.Op, f.Name = op, m.nameOf(node, op)
		}
		list = append(list, f)
	}
	return list, nil
}
