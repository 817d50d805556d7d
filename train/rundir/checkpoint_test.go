package rundir_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"autoamp/datasets/durable"
	"autoamp/datasets/durable/durabletest"
	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
	"autoamp/train/program"
	"autoamp/train/rundir"
)

// FuzzCheckpoint reads any three texts as the files of a checkpoint: files that are accepted equal the files that were
// saved, in bounded time and memory.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		f.Fatal(err)
	}
	c := train.Config{Model: train.ModelConfig{Name: "shallow", Dim: 2}, Steps: 3, Batch: 4, Checkpoint: train.CheckpointConfig{Every: 3}}
	tr := train.Trainer{Config: c, Executor: exec, Dir: dir, NoFigures: true}
	if _, err := tr.Run(f.Context()); err != nil {
		f.Fatal(err)
	}
	saved, err := rundir.Newest(dir)
	if err != nil {
		f.Fatal(err)
	}
	names := []string{rundir.StateFile, rundir.ConfigFile, "replica-0000.safetensors"}
	var texts [3][]byte
	for i, name := range names {
		if texts[i], err = os.ReadFile(filepath.Join(saved.Path, name)); err != nil {
			f.Fatal(err)
		}
	}
	want, err := numbersOf(saved)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(texts[0], texts[1], texts[2])
	f.Add(texts[0], texts[1], texts[2][:40])
	for _, s := range []rundir.State{{Format: 2, Step: 3, Window: make([]float64, 1)}, {Format: 2, Step: 3, Window: make([]float64, 4096)}} {
		s.Files = map[string]durable.Checksum{rundir.ConfigFile: durable.Sum(texts[1]), names[2]: durable.Sum(texts[2][:60])}
		forged, err := durable.SealJSON(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(forged, texts[1], texts[2][:60])
	}
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		path := filepath.Join(t.TempDir(), filepath.Base(saved.Path))
		if err := os.Mkdir(path, 0o777); err != nil {
			t.Fatal(err)
		}
		for i, text := range [][]byte{a, b, c} {
			if err := os.WriteFile(filepath.Join(path, names[i]), text, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		durabletest.Budget(t, len(a)+len(b)+len(c), 4096, func() {
			read, err := rundir.Open(path)
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
func numbersOf(c *rundir.Checkpoint) (string, error) {
	tensors, err := program.Tensors(c.Config)
	if err != nil {
		return "", err
	}
	config, err := c.Config.YAML()
	if err != nil {
		return "", err
	}
	out := fmt.Sprintf("%s\n%+v\n", config, c.State)
	err = c.LoadTensors(0, tensors, func(b graph.Buffer, values []float32) error {
		out += fmt.Sprintln(b.Name, values)
		return nil
	})
	return out, err
}
