package train

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"testing"

	"autoamp/kernels/cpu"
	"autoamp/train/rundir"
)

// A run without test errors along the way ends as one with them, also when it is resumed.
func TestOnlyFinal(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		Model: ModelConfig{Name: "shallow", Dim: 12}, Batch: 16, Steps: 60, Seeds: []uint64{1, 2},
		Evaluation: EvaluationConfig{Every: 20, Batches: 2, FinalBatches: 4},
	}
	with, err := (&Trainer{Config: c, Executor: exec}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	ctx, stop := context.WithCancel(t.Context())
	trainer := Trainer{Config: c, Executor: exec, Dir: dir, Resume: true, OnlyFinal: true, NoFigures: true, Progress: func(p Progress) {
		if !math.IsNaN(p.TestMSE) {
			t.Errorf("step %d: a test error, %v", p.Step, p.TestMSE)
		}
		if p.Step > 30 {
			stop()
		}
	}}
	if _, err := trainer.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	without, err := trainer.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range with.Runs {
		if a, b := with.Runs[i], without.Runs[i]; a.TestMSE != b.TestMSE || a.TestMSEStderr != b.TestMSEStderr || a.TrainMSE != b.TrainMSE {
			t.Errorf("replica %d: %v, without rows %v", i, a, b)
		}
	}
	rows, err := rundir.ReadMetrics(dir)
	if err != nil || len(rows) == 0 || !math.IsNaN(rows[0].TestMSE) {
		t.Errorf("rows %v, %v", rows, err)
	}
}
