package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/report"
)

// A run over several p has its figure also where there is no theory to draw beside it.
func TestFigureOverPWithoutTheory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	tr := train.Trainer{Executor: traintest.NewCPU(t, 1), Dir: dir, NoFigures: true, Config: train.Config{
		Model: train.ModelConfig{Name: "tied", Dim: 4}, Data: train.DataConfig{P: []float64{0.8, 0.4}}, Steps: 4, Batch: 8,
		Evaluation: train.EvaluationConfig{Batches: 2, FinalBatches: 2},
	}}
	if _, err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	drawn, err := report.Figures(dir)
	if err != nil || len(drawn) != 8 {
		t.Errorf("%v, %v: want loss, weights and mse_vs_p in two formats, sweep.csv and report.html", drawn, err)
	}
	for _, path := range drawn {
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
}
