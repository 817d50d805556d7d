package onnx

import (
	"cmp"
	"fmt"
	"io"
	"math"

	"autoamp/graph"
)

// Part names what of a model a file holds.
type Part string

// The parts. Inputs and outputs are x and output, (batch, d), and code, (batch, n).
const (
	Encoder Part = "encoder" // from x to code
	Decoder Part = "decoder" // from code to output
	Both    Part = "both"    // from x to code and output
)

// Model is a trained model.
type Model struct {
	Graph   graph.Config // its batch does not matter
	Weights map[string][]float32
	// RMS is the root mean square that the rows of the data are divided by before the model sees them.
	RMS      float64
	Version  string // of the program
	Metadata []Property
}

// maxBytes is what a protobuf message can hold.
const maxBytes = math.MaxInt32

// Write writes a part of a model.
func (m *Model) Write(w io.Writer, part Part) error {
	t, err := m.translate(part)
	if err != nil {
		return err
	}
	var size int
	for _, i := range t.initializers {
		size += i.bytes()
	}
	if size > maxBytes-1<<20 {
		return fmt.Errorf("train: onnx: weights of %d bytes: a file holds less than %d; --part encoder and --part decoder hold less", size, maxBytes-1<<20)
	}
	_, err = w.Write(t.model(m.Version, m.doc(part), m.Metadata))
	return err
}

func (m *Model) doc(part Part) string {
	return fmt.Sprintf("The %s of the trained 1-bit autoencoder %q, rows of %d numbers and %d codes.", map[Part]string{
		Encoder: "encoder", Decoder: "decoder", Both: "encoder and decoder",
	}[part], m.Graph.Model, m.Graph.Dim, m.Graph.Code)
}

// translate builds the graph of a part.
func (m *Model) translate(part Part) (*translator, error) {
	if part != Encoder && part != Decoder && part != Both {
		return nil, fmt.Errorf("train: onnx: part = %q: must be encoder, decoder or both", part)
	}
	config := m.Graph
	config.Batch = 1
	model, err := graph.New(config)
	if err != nil {
		return nil, fmt.Errorf("train: onnx: %w", err)
	}
	nodes, err := model.Forward()
	if err != nil {
		return nil, err
	}
	t := newTranslator(m.Graph.Model)
	if err := m.parameters(t, model); err != nil {
		return nil, err
	}
	if part != Decoder {
		t.names[model.Input] = t.addInput("x", m.Graph.Dim)
		m.inUnits(t, model)
	}
	return t, m.forward(t, nodes, part)
}

// parameters makes the weights constants.
func (m *Model) parameters(t *translator, model *graph.Model) error {
	for _, p := range model.Params {
		values, shape := m.Weights[p.Name], p.Node.Shape()
		if len(values) != shape.TotalSize() {
			return fmt.Errorf("train: onnx: weight %s: %d numbers, want %v", p.Name, len(values), shape)
		}
		t.constants[p.Node] = constant{p.Name, weight(values, shape...)}
	}
	return nil
}

// addInput adds an input.
func (t *translator) addInput(name string, columns int) string {
	t.used[name] = true
	t.in = append(t.in, matrix{name, columns})
	return name
}

// inUnits divides x by the root mean square of the data, where it is not 1.
func (m *Model) inUnits(t *translator, model *graph.Model) {
	if rms := cmp.Or(m.RMS, 1); rms != 1 {
		t.names[model.Input] = t.add("x.scaled", "Div", []string{"x", t.number("rms", rms)})
	}
}

// forward adds the nodes of the part.
func (m *Model) forward(t *translator, nodes []graph.ForwardNode, part Part) error {
	for _, f := range nodes {
		switch {
		case f.Op == nil:
			continue
		case f.Name == graph.Code && part == Decoder:
			t.names[f.Node] = t.addInput(graph.Code, m.Graph.Code)
			continue
		case f.Name == graph.Output:
			if part != Encoder {
				return m.output(t, f)
			}
			return nil
		}
		if err := t.node(f); err != nil {
			return err
		}
		if f.Name == graph.Code {
			t.out = append(t.out, matrix{graph.Code, m.Graph.Code})
			if part == Encoder {
				return nil
			}
		}
	}
	return fmt.Errorf("train: onnx: model %s: has no value named %s", m.Graph.Model, graph.Output)
}

// output adds the last node, in the units of the data.
func (m *Model) output(t *translator, f graph.ForwardNode) error {
	t.out = append(t.out, matrix{graph.Output, m.Graph.Dim})
	rms := cmp.Or(m.RMS, 1)
	if rms == 1 {
		return t.node(f)
	}
	f.Name = graph.Output + ".scaled"
	if err := t.node(f); err != nil {
		return err
	}
	t.add(graph.Output, "Mul", []string{t.names[f.Node], t.number("rms", rms)})
	return nil
}
