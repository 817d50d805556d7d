package train

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"autoamp/graph"
	"autoamp/kernels/cpu"
)

// Replicas that are listed one by one, with rates, p and means of their own, end as each does alone: the same bits.
func TestListedReplicas(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	base := Config{
		Model: ModelConfig{Name: "denoiser", Dim: 16}, Data: DataConfig{Name: "sparse-mixture"}, Batch: 16, Steps: 40,
		Evaluation: EvaluationConfig{Every: 20, Batches: 2, FinalBatches: 4},
	}.WithDefaults()
	replicas := []graph.Replica{
		{Seed: 3, P: 0.4, LearningRate: 1e-3, Mean: 1}, {Seed: 1, P: 0.3, LearningRate: 3e-3, Mean: 0.5},
		{Seed: 2, P: 0.4, LearningRate: 3e-3, Mean: 1}, {Seed: 1, P: 0.3, LearningRate: 3e-3, Mean: 1.2},
	}
	both, err := (&Trainer{Config: base.SideBySide(replicas), Executor: exec}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(both.Points) != 3 || len(both.Runs) != 4 {
		t.Fatalf("%d points, %d runs", len(both.Points), len(both.Runs))
	}
	pointOf := []int{0, 1, 0, 2}
	for i, r := range replicas {
		own := base
		own.Seeds, own.Data.P, own.Data.MixtureMean, own.Optimizer.LearningRate = []uint64{r.Seed}, []float64{r.P}, r.Mean, r.LearningRate
		alone, err := (&Trainer{Config: own, Executor: exec}).Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if a, b := alone.Runs[0], both.Runs[i]; a.TestMSE != b.TestMSE || a.TestMSEStderr != b.TestMSEStderr || a.TrainMSE != b.TrainMSE {
			t.Errorf("%+v: %v alone, %v side by side", r, a, b)
		}
		if a, b := alone.Points[0], both.Points[pointOf[i]]; a.Expected != b.Expected || a.Limit != b.Limit || a.Limit == 0 {
			t.Errorf("%+v: theory %v alone, %v side by side", r, a, b)
		}
	}
}

// A run of listed replicas that is interrupted goes on, and one with another list is refused.
func TestListedReplicasResume(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	base := Config{
		Model: ModelConfig{Name: "shallow", Dim: 12}, Batch: 16, Steps: 60,
		Evaluation: EvaluationConfig{Every: 20, Batches: 2, FinalBatches: 4},
	}.WithDefaults()
	replicas := []graph.Replica{{Seed: 3, P: 0.4, LearningRate: 1e-3}, {Seed: 1, P: 0.3, LearningRate: 3e-3}}
	whole, err := (&Trainer{Config: base.SideBySide(replicas), Executor: exec}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	ctx, stop := context.WithCancel(t.Context())
	half := Trainer{Config: base.SideBySide(replicas), Executor: exec, Dir: dir, Resume: true, Progress: func(Progress) { stop() }}
	if _, err := half.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	half.Progress = nil
	resumed, err := half.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole.Runs {
		if whole.Runs[i].TestMSE != resumed.Runs[i].TestMSE {
			t.Errorf("replica %d: %v, resumed %v", i, whole.Runs[i].TestMSE, resumed.Runs[i].TestMSE)
		}
	}
	slices.Reverse(replicas)
	half.Config = base.SideBySide(replicas)
	var refused *RefusedError
	if _, err := half.Run(t.Context()); !errors.As(err, &refused) {
		t.Errorf("another list: %v", err)
	}
}
