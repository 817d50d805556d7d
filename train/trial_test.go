package train_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/internal/traintest"
	"autoamp/train/rundir"
)

// trialConfig has a p where Haar is better, and one where permutations are.
func trialConfig() train.Config {
	return train.Config{
		Model: train.ModelConfig{Name: "shallow", Dim: 40, Tau: 0.03}, Data: train.DataConfig{Name: "sparse-rademacher", P: []float64{0.2, 0.95}},
		Steps: 2500, Batch: 32, Seeds: []uint64{1, 2}, Evaluation: train.EvaluationConfig{FinalBatches: 16},
	}
}

// The trial takes, for each replica, the start that is better after the trial's steps, and the run is the run of that start.
func TestBestStart(t *testing.T) {
	t.Parallel()
	c, exec := trialConfig(), traintest.NewCPU(t, 1)
	starts := []string{config.InitRandom, config.InitLocalised, config.InitBest}
	begin, tried := map[string]*train.Stepper{}, map[string][]float64{}
	for _, start := range starts {
		c.Model.Init = start
		s, err := train.NewStepper(t.Context(), exec, c)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		begin[start] = s
	}
	first := map[string][]float32{}
	for _, start := range starts {
		for replica := range 4 {
			w, err := begin[start].Tensor(graph.EncoderWeight, replica)
			if err != nil {
				t.Fatal(err)
			}
			first[start] = append(first[start], w...)
		}
	}
	for _, start := range starts[:2] {
		for range c.WithDefaults().TrialSteps() {
			if _, err := begin[start].Step(); err != nil {
				t.Fatal(err)
			}
		}
		tried[start] = make([]float64, 4)
		for batch := range uint64(4) {
			losses, err := begin[start].Evaluate(batch)
			if err != nil {
				t.Fatal(err)
			}
			for i, loss := range losses {
				tried[start][i] += loss
			}
		}
	}
	size := len(first[config.InitBest]) / 4
	for replica := range 4 {
		better := config.InitRandom
		if tried[config.InitLocalised][replica] < tried[config.InitRandom][replica] {
			better = config.InitLocalised
		}
		if want := []string{config.InitRandom, config.InitLocalised}[replica/2]; better != want {
			t.Errorf("replica %d: %s is better after the trial, %v", replica, better, tried)
		}
		if part := size * replica; !slices.Equal(first[config.InitBest][part:part+size], first[better][part:part+size]) {
			t.Errorf("replica %d does not start from the better start, %s", replica, better)
		}
	}
}

// A run that was stopped in its trial has written nothing that a second one does not continue from.
func TestCancelInTheTrial(t *testing.T) {
	t.Parallel()
	c := fewSteps()
	c.Model.Init = config.InitBest
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	tr := train.Trainer{Config: c, Executor: &fakeExecutor{onStep: func(*fakeRunner, uint64) { cancel() }}, Dir: dir, Resume: true}
	if _, err := tr.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s := mustRun(t, dir, c, true); s.TrainSteps != c.Steps {
		t.Errorf("%d steps", s.TrainSteps)
	}
}

// A run of an earlier version, whose config.yaml names neither start nor projection, goes on.
func TestResumeEarlierRun(t *testing.T) {
	t.Parallel()
	c := fewSteps().Earlier()
	c.Model.Init, c.Optimizer.Project = "", nil
	dir := t.TempDir()
	mustRun(t, dir, c.Earlier(), false)
	stored, err := rundir.LoadRun(dir)
	if err != nil || stored.Model.Init != config.InitRandom || *stored.Optimizer.Project {
		t.Fatal(stored, err)
	}
}
