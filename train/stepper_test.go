package train_test

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/rundir"
)

// stepperConfigs are a law, a dictionary model and several replicas.
func stepperConfigs() map[string]train.Config {
	return map[string]train.Config{
		"law": {Model: train.ModelConfig{Dim: 12}, Data: train.DataConfig{P: []float64{0.4, 0.8}}, Steps: 5, Batch: 7, Seeds: []uint64{3, 1}},
		"tied": {
			Model: train.ModelConfig{Name: "tied", Dim: 20, Init: "perturbed"}, Data: train.DataConfig{Name: datasets.Mixture},
			Steps: 4, Batch: 9,
		},
		"falling temperature": {Model: train.ModelConfig{Dim: 12, Tau: 0.4, TauFinal: 0.25}, Steps: 90, Batch: 8, Seeds: []uint64{1, 2}},
	}
}

// TestStepperIsARun compares all weights, bit for bit, after all steps of a Stepper and of a Trainer.
func TestStepperIsARun(t *testing.T) {
	t.Parallel()
	for name, c := range stepperConfigs() {
		t.Run(name, func(t *testing.T) {
			exec, err := cpu.New(cpu.Settings{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			c.Evaluation.FinalBatches = 2
			dir := filepath.Join(t.TempDir(), "run")
			trainer := train.Trainer{Config: c, Executor: exec, Dir: dir}
			summary, err := trainer.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s, err := train.NewStepper(t.Context(), exec, c)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for range c.Steps {
				if _, err := s.Step(); err != nil {
					t.Fatal(err)
				}
			}
			checkpoint, err := rundir.Newest(dir)
			if err != nil {
				t.Fatal(err)
			}
			for i := range summary.Runs {
				weights, err := checkpoint.Weights(i)
				if err != nil {
					t.Fatal(err)
				}
				for tensor, want := range weights {
					if w, err := s.Tensor(tensor, i); err != nil || !slices.Equal(w, want) {
						t.Errorf("replica %d: %s is not the run's (%v)", i, tensor, err)
					}
				}
			}
		})
	}
}

// TestContinue compares all weights, bit for bit, of a Stepper that goes on from another one's third step and of one that did all
// steps.
func TestContinue(t *testing.T) {
	t.Parallel()
	c := stepperConfigs()["law"]
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	var steppers [3]*train.Stepper
	for i := range steppers {
		if steppers[i], err = train.NewStepper(t.Context(), exec, c); err != nil {
			t.Fatal(err)
		}
		defer steppers[i].Close()
	}
	whole, first, second := steppers[0], steppers[1], steppers[2]
	step := func(s *train.Stepper, times int) {
		for range times {
			if _, err := s.Step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	step(whole, c.Steps)
	step(first, 3)
	if err := second.Continue(first); err != nil {
		t.Fatal(err)
	}
	step(second, c.Steps-3)
	for replica := range 4 {
		for _, name := range []string{graph.EncoderWeight, graph.DecoderWeight} {
			want, _ := whole.Tensor(name, replica)
			if got, err := second.Tensor(name, replica); err != nil || len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("replica %d: %s differs (%v)", replica, name, err)
			}
		}
	}
}

// A training whose temperature falls has the weights of a chain of trainings at one temperature each, bit for bit.
func TestFallingTemperature(t *testing.T) {
	t.Parallel()
	exec := traintest.NewCPU(t, 1)
	begin := func(c train.Config) *train.Stepper {
		s, err := train.NewStepper(t.Context(), exec, c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	steps := func(s *train.Stepper, count uint64) {
		for range count {
			if _, err := s.Step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	c := stepperConfigs()["falling temperature"]
	whole := begin(c)
	steps(whole, uint64(c.Steps))
	levels := c.WithDefaults().Coolings()
	if len(levels) != 5 {
		t.Fatalf("%v", levels)
	}
	var last *train.Stepper
	for i, level := range levels {
		c.Model.Tau, c.Model.TauFinal = level.Tau, 1
		next := begin(c)
		if last != nil {
			if err := next.Continue(last); err != nil {
				t.Fatal(err)
			}
		}
		end := uint64(c.Steps)
		if i+1 < len(levels) {
			end = levels[i+1].From
		}
		steps(next, end-level.From)
		last = next
	}
	for replica := range 2 {
		for _, name := range []string{graph.EncoderWeight, graph.DecoderWeight} {
			want, _ := last.Tensor(name, replica)
			if got, err := whole.Tensor(name, replica); err != nil || len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("replica %d: %s differs (%v)", replica, name, err)
			}
		}
	}
}

// TestFedStepper feeds a batch and compares the loss with the loss of the reconstruction, and the gradient with the move of W
// that a step of rate η makes: W' = W − ηg.
func TestFedStepper(t *testing.T) {
	t.Parallel()
	const dim, batch, rate = 6, 4, 0.5
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := train.NewFedStepper(t.Context(), exec, train.Config{
		Model: train.ModelConfig{Name: "tied", Dim: dim}, Batch: batch,
		Optimizer: train.OptimizerConfig{Name: "sgd", LearningRate: rate}, Schedule: train.ScheduleConfig{Shape: "constant"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	y := make([]float32, batch*dim)
	for i := range y {
		y[i] = float32(math.Sin(float64(3 * i)))
	}
	if err := s.Feed(0, y); err != nil {
		t.Fatal(err)
	}
	evaluated, err := s.Evaluate(0)
	if err != nil {
		t.Fatal(err)
	}
	output := make([]float32, len(y))
	if err := s.Read(graph.Output, 0, output); err != nil {
		t.Fatal(err)
	}
	var want float64
	for i := range y {
		e := float64(y[i]) - float64(output[i])
		want += e * e / float64(len(y))
	}
	before, err := s.Tensor(graph.EncoderWeight, 0)
	if err != nil {
		t.Fatal(err)
	}
	loss, err := s.Step()
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(evaluated[0]-want) > 1e-6 || math.Abs(loss[0]-want) > 1e-6 {
		t.Errorf("evaluated %g, stepped %g, want %g", evaluated[0], loss[0], want)
	}
	after, err := s.Tensor(graph.EncoderWeight, 0)
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Gradient(graph.EncoderWeight, 0)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(before, after) {
		t.Error("the step moved nothing")
	}
	for i := range g {
		if move := float64(before[i]) - rate*float64(g[i]); math.Abs(float64(after[i])-move) > 1e-6 {
			t.Errorf("weight %d: %g, want %g", i, after[i], move)
		}
	}
}

// TestStepperRewinds draws the first batch again.
func TestStepperRewinds(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := train.NewStepper(t.Context(), exec, train.Config{Model: train.ModelConfig{Name: "shallow", Dim: 8}, Batch: 5})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	start, err := s.Tensor(graph.EncoderWeight, 0)
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := s.Tensor(graph.DecoderWeight, 0)
	if err != nil {
		t.Fatal(err)
	}
	losses := map[string]bool{}
	for _, again := range []bool{false, true} {
		if again {
			s.Rewind()
		}
		if err := errors.Join(s.Write(graph.EncoderWeight, 0, start), s.Write(graph.DecoderWeight, 0, decoder)); err != nil {
			t.Fatal(err)
		}
		loss, err := s.Step()
		if err != nil {
			t.Fatal(err)
		}
		losses[fmt.Sprint(loss)] = true
	}
	if len(losses) != 1 {
		t.Errorf("losses %v of the same batch at the same encoder and decoder", losses)
	}
}

func TestStepperRefuses(t *testing.T) {
	t.Parallel()
	exec := &fakeExecutor{}
	for _, tt := range []struct {
		make func() (*train.Stepper, error)
		want string
	}{
		{func() (*train.Stepper, error) { return train.NewStepper(t.Context(), nil, train.Config{}) }, "no executor"},
		{func() (*train.Stepper, error) {
			return train.NewStepper(t.Context(), exec, train.Config{Data: train.DataConfig{Name: "mnist"}})
		}, "data.name"},
		{func() (*train.Stepper, error) {
			return train.NewFedStepper(t.Context(), exec, train.Config{Data: train.DataConfig{Name: "gaussian"}})
		}, "data.name"},
		{func() (*train.Stepper, error) {
			return train.NewFedStepper(t.Context(), exec, train.Config{Model: train.ModelConfig{Name: "tied", Init: "principal"}})
		}, "model.init"},
		{func() (*train.Stepper, error) {
			return train.NewFedStepper(t.Context(), exec, train.Config{Algorithm: "gd-min"})
		}, "runs no program"},
		{func() (*train.Stepper, error) {
			return train.NewStepper(t.Context(), exec, train.Config{Batch: -1})
		}, "batch"},
	} {
		if _, err := tt.make(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want one about %s", err, tt.want)
		}
	}
}
