package train

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"autoamp/datasets/durable"
	"autoamp/datasets/durable/durabletest"
	"autoamp/graph"
	"autoamp/kernels/cpu"
)

// FuzzCheckpoint reads any three texts as the files of a checkpoint: what is accepted is what was saved, in bounded time and
// memory.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		f.Fatal(err)
	}
	c := Config{Model: ModelConfig{Name: "shallow", Dim: 2}, Steps: 3, Batch: 4, Checkpoint: CheckpointConfig{Every: 3}}
	tr := Trainer{Config: c, Executor: exec, Dir: dir, NoFigures: true}
	if _, err := tr.Run(f.Context()); err != nil {
		f.Fatal(err)
	}
	saved, err := newest(dir)
	if err != nil {
		f.Fatal(err)
	}
	names := []string{checkpointState, configFile, replicaFile(0)}
	var texts [3][]byte
	for i, name := range names {
		if texts[i], err = os.ReadFile(filepath.Join(saved.path, name)); err != nil {
			f.Fatal(err)
		}
	}
	want, err := numbersOf(saved)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(texts[0], texts[1], texts[2])
	f.Add(texts[0], texts[1], texts[2][:40])
	for _, s := range []state{{Format: 2, Step: 3, Window: make([]float64, 1)}, {Format: 2, Step: 3, Window: make([]float64, 4096)}} {
		s.Files = map[string]durable.Checksum{configFile: durable.Sum(texts[1]), names[2]: durable.Sum(texts[2][:60])}
		forged, err := durable.SealJSON(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(forged, texts[1], texts[2][:60])
	}
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		path := filepath.Join(t.TempDir(), filepath.Base(saved.path))
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
		for i, text := range [][]byte{a, b, c} {
			if err := os.WriteFile(filepath.Join(path, names[i]), text, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		durabletest.Budget(t, len(a)+len(b)+len(c), 4096, func() {
			read, err := openCheckpoint(path)
			if err != nil {
				return
			}
			if got, err := numbersOf(read); err == nil && got != want && string(a) == string(texts[0]) {
				t.Errorf("%s\nwant %s", got, want)
			}
		})
	})
}

// numbersOf are all numbers of a checkpoint as a text.
func numbersOf(c *checkpoint) (string, error) {
	programs, err := compile(c.config, nil)
	if err != nil {
		return "", err
	}
	out := fmt.Sprintf("%+v\n%+v\n", c.config, c.state)
	err = c.loadTensors(0, programs.Train.Tensors(), func(b graph.Buffer, values []float32) error {
		out += fmt.Sprintln(b.Name, values)
		return nil
	})
	return out, err
}
