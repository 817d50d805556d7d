package export

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/export/onnx"
	"autoamp/train/rundir"
	"autoamp/train/theory"
)

// Load reads a model from a run directory, its newest checkpoint, or from a checkpoint. The replica, counted from 0,
// chooses among the models that were trained side by side. The version is the program's, for the metadata.
func Load(path string, replica int, version string) (*onnx.Model, error) {
	checkpoint, err := rundir.Find(path)
	if err != nil {
		return nil, err
	}
	c := checkpoint.Config
	if replicas := len(c.Replicas()); replica < 0 || replica >= replicas {
		return nil, fmt.Errorf("train: replica = %d: must be from 0 to %d, the models of %s", replica, replicas-1, path)
	}
	if c.Data.UnitRows {
		return nil, fmt.Errorf("train: %s: data.unit_rows = true: the model knows no lengths of rows, and its output is not in the units of its input: such a model has no export", checkpoint.Path)
	}
	weights, err := checkpoint.Weights(replica)
	if err != nil {
		return nil, err
	}
	delete(weights, graph.DictionaryWeight) // it is the data's
	m := &onnx.Model{Graph: c.Graph(), Weights: weights, RMS: cmp.Or(c.Data.RMS, 1), Version: version}
	m.Metadata, err = metadata(checkpoint, replica, weights)
	return m, err
}

// Write writes a part of a model to a new file, whole or not at all.
func Write(m *onnx.Model, part onnx.Part, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("train: export: %s: exists; choose another name or remove it", path)
	}
	if err := durable.MkdirAll(durable.OS, filepath.Dir(path)); err != nil {
		return fmt.Errorf("train: export: %s: %w", path, err)
	}
	return durable.WriteFile(durable.OS, path, func(w io.Writer) error { return m.Write(w, part) })
}

// metadata says what was trained on what, what the theory expects, and which weights these are.
func metadata(c *rundir.Checkpoint, replica int, weights map[string][]float32) ([]onnx.Property, error) {
	model, err := yaml.MarshalWithOptions(c.Config.Model, yaml.JSON())
	if err != nil {
		return nil, fmt.Errorf("train: export: model: %w", err)
	}
	r := c.Config.Replicas()[replica]
	list := []onnx.Property{
		{Key: "model", Value: string(model)},
		{Key: "data", Value: c.Config.Data.Name},
		{Key: "p", Value: strconv.FormatFloat(r.P, 'g', -1, 64)},
		{Key: "seed", Value: strconv.FormatUint(r.Seed, 10)},
		{Key: "step", Value: strconv.FormatUint(c.Step, 10)},
		{Key: "rms", Value: strconv.FormatFloat(cmp.Or(c.Config.Data.RMS, 1), 'g', -1, 64)},
		{Key: "weights_sha256", Value: hash(weights)},
	}
	if c.Config.Model.Name != config.TiedModel { // whose code is of real numbers
		list = append(list, onnx.Property{Key: "sign_of_zero", Value: "+1"})
	}
	if !theory.Known(c.Config) {
		return list, nil
	}
	predictions, err := rundir.ReadTheory(c.Run(), c.Config)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(predictions[c.Config.PointOf()[replica]])
	if err != nil {
		return nil, fmt.Errorf("train: export: theory: %w", err)
	}
	return append(list, onnx.Property{Key: "theory", Value: string(text)}), nil
}

// hash is the SHA-256 of the weights in the order of their names: each name, a line feed, and the numbers in little-endian float32.
func hash(weights map[string][]float32) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		fmt.Fprintf(sum, "%s\n", name)
		_ = binary.Write(sum, binary.LittleEndian, weights[name]) // a hash does not fail
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}
