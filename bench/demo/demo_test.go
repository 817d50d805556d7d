package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"autoamp/kernels/cpu"
	"autoamp/train"
)

func TestRun(t *testing.T) {
	t.Parallel()
	for _, r := range trainings() {
		if err := r.Config.Validate(); err != nil {
			t.Errorf("%s: %v", r.Name, err)
		}
	}
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := Training{Name: "small", Config: train.Config{Model: train.ModelConfig{Dim: 16}, Batch: 32, Steps: 400}.WithDefaults()}
	trainer := train.Trainer{Config: run.Config, Executor: exec, Dir: filepath.Join(dir, run.Name)}
	if run.Summary, err = trainer.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	path, err := drawFigure(dir, []Training{run})
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || !bytes.Contains(data, []byte("sparse-gaussian, p = 0.4")) {
		t.Errorf("%s lacks its legend: %v", path, err)
	}
}

func TestMeanOverSeeds(t *testing.T) {
	t.Parallel()
	rows := []train.Row{{Step: 1, TestMSE: 1}, {Step: 1, TestMSE: 3}, {Step: 5, TestMSE: 4}, {Step: 5, TestMSE: 4}}
	got := meanOverSeeds(rows)
	if len(got) != 2 || got[0].X != 1 || got[0].Y != 2 || got[1].Y != 4 {
		t.Errorf("%v", got)
	}
}
