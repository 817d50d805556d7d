package rundir

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train/config"
)

// A checkpoint of alternating minimisation with a momentum beside each weight, as earlier versions wrote it, gives its weights. The
// optimizer's steps do not take it: there a momentum is the state of sgd.
func TestEarlierMomenta(t *testing.T) {
	t.Parallel()
	weights := []graph.Buffer{
		{Name: graph.EncoderWeight, Shape: []int{1, 2}, Kind: graph.Weight},
		{Name: graph.DecoderWeight, Shape: []int{2, 1}, Kind: graph.Weight},
	}
	written := slices.Clone(weights)
	for _, b := range weights {
		written = append(written, graph.Buffer{Name: b.Name + ".momentum_buffer", Shape: b.Shape, Kind: graph.State})
	}
	numbers := map[string][]float32{graph.EncoderWeight: {1, 2}, graph.DecoderWeight: {3, 4}}
	var file bytes.Buffer
	read := func(name string, dst []float32) error { copy(dst, numbers[name]); return nil }
	if err := writeTensors(&file, written, read, map[string]string{"step": "7", "replica": "0"}); err != nil {
		t.Fatal(err)
	}
	c := &Checkpoint{Path: t.TempDir(), State: State{Step: 7, Files: map[string]durable.Checksum{replicaFile(0): durable.Sum(file.Bytes())}}}
	if err := os.WriteFile(filepath.Join(c.Path, replicaFile(0)), file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	got := map[string][]float32{}
	visit := func(b graph.Buffer, values []float32) error { got[b.Name] = slices.Clone(values); return nil }
	if err := c.LoadTensors(0, weights, visit); err == nil {
		t.Error("sgd's momenta are taken for nothing")
	}
	c.Config.Algorithm = config.GDMin
	if err := c.LoadTensors(0, weights, visit); err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(got, numbers, slices.Equal[[]float32]) {
		t.Errorf("%v, want %v", got, numbers)
	}
}
