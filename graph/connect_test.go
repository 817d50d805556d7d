package graph_test

import (
	"strings"
	"testing"

	"autoamp/graph"
)

func TestHalvesOfAModel(t *testing.T) {
	t.Parallel()
	m, err := graph.New(graph.Config{Model: "denoiser", Batch: 8, Code: 6, Dim: 5})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Compile(graph.Options{FromCode: true, Keep: []string{graph.Output}})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range p.Instrs {
		switch in.Op.(type) {
		case graph.SignSTE, graph.RowNormalize, graph.DenoiseMSE:
			t.Errorf("a decoder that keeps its output runs %v", in.Op)
		}
	}
	for _, b := range p.Buffers {
		if b.Name == graph.Code && b.Kind != graph.Input || b.Name == graph.Output && b.Kind != graph.Kept {
			t.Errorf("%s is of kind %v", b.Name, b.Kind)
		}
	}
}

func TestBadConnections(t *testing.T) {
	t.Parallel()
	gather := &graph.Gather{Data: "rows", Rows: 3}
	for want, o := range map[string]graph.Options{
		"not by two of them":           {Sample: &graph.Sample{Law: "gaussian"}, Gather: gather},
		"0 rows":                       {Gather: &graph.Gather{Data: "rows"}},
		`no value called "encodings"`:  {Keep: []string{"encodings"}},
		`no value called "loss"`:       {Keep: []string{"loss"}},
		`no value called "decoder.we"`: {Keep: []string{"decoder.we"}},
	} {
		m, err := graph.New(graph.Config{Model: "shallow", Batch: 2, Code: 2, Dim: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Compile(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
