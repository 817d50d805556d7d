package train_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/rundir"
)

// A run that is cancelled in the evaluation for a row, at any of its batches, saves without the row; resumed, it writes the
// same bytes.
func TestCancelDuringAnEvaluation(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	want := outcome(t, whole, mustRun(t, whole, single(), false))
	batches := uint64(single().Evaluation.Batches)
	for _, batch := range []uint64{1 * batches, 20 * batches, 140*batches + 1, 300*batches + 2} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		exec := &fakeExecutor{onBatch: func(b uint64) error {
			if b == batch {
				cancel()
			}
			return nil
		}}
		tr := train.Trainer{Config: single(), Executor: exec, Dir: dir}
		if _, err := tr.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("batch %d: %v", batch, err)
		}
		s := mustRun(t, dir, single(), true)
		if d := cmp.Diff(want, outcome(t, dir, s)); d != "" {
			t.Errorf("cancelled in batch %d:\n%.2000s", batch, d)
		}
		if rows, err := rundir.ReadMetrics(dir); err != nil || rows[len(rows)-1].Step != 300 {
			t.Errorf("cancelled in batch %d: the last row is missing, %v", batch, err)
		}
	}
}

// A loss that is not finite in an evaluation is reported with the update before it, not with the number of the batch.
func TestDivergenceSeenInAnEvaluation(t *testing.T) {
	t.Parallel()
	exec := &fakeExecutor{onBatch: func(batch uint64) error {
		if batch == 120*3 {
			return &graph.NonFiniteError{Step: batch, Replica: 1, Tensor: "output"}
		}
		return nil
	}}
	_, err := (&train.Trainer{Config: single(), Executor: exec, Dir: t.TempDir()}).Run(t.Context())
	var diverged *train.DivergedError
	if !errors.As(err, &diverged) || diverged.Step != 119 || diverged.Seed != 7 {
		t.Errorf("%v, want step 119, the last of 120 updates, of seed 7", err)
	}
}

// From a signal to a saved run, at 100 random moments of a run on the real executor, takes less than the two seconds that
// README promises.
func TestSignalToSaved(t *testing.T) {
	t.Parallel()
	c := train.Config{
		Model: train.ModelConfig{Dim: 64}, Batch: 64, Steps: 2000,
		Evaluation: train.EvaluationConfig{Every: 20, Batches: 400}, Checkpoint: train.CheckpointConfig{Every: 100},
	}
	dir, random := filepath.Join(t.TempDir(), "run"), rand.New(rand.NewPCG(3, 3))
	var longest time.Duration
	stops := 0
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		var told time.Time
		timer := time.AfterFunc(time.Duration(random.IntN(100))*time.Millisecond, func() {
			told = time.Now()
			cancel()
		})
		tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: dir, Resume: true, NoFigures: true}
		_, err := tr.Run(ctx)
		ended := time.Now()
		timer.Stop()
		switch {
		case errors.Is(err, context.Canceled):
			longest = max(longest, ended.Sub(told))
			stops++
		case err != nil:
			t.Fatal(err)
		}
		cancel()
	}
	t.Logf("the longest of %d stops took %v", stops, longest.Round(time.Millisecond))
	if stops < 50 || longest > 2*time.Second {
		t.Errorf("%d stops, the longest took %v, want at most 2 s", stops, longest)
	}
}

// A signal while the initial matrix of a large model is drawn, which knows no context, ends the run at once.
func TestCancelDuringTheInitialWeights(t *testing.T) {
	t.Parallel()
	c := single()
	c.Model = train.ModelConfig{Name: "shallow", Dim: 1500, Encoder: "haar"}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	dir := filepath.Join(t.TempDir(), "run")
	_, err := (&train.Trainer{Config: c, Executor: &fakeExecutor{}, Dir: dir}).Run(ctx)
	var refused *train.RefusedError
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a directory was made")
	}
}
