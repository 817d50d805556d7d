package pairs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/config"
)

// training is a training of the shallow autoencoder on sparse Rademacher data at trainedP and r = 1. Its seeds are replicas.
type training struct {
	Start  string       `json:"start"`
	Config train.Config `json:"config"`
	seeds  int
}

// Where a training starts, and its steps.
const (
	smallSteps = "pairs, small steps"
	largeSteps = "pairs, large steps"
	randomRows = "random rows"
)

const (
	trainedP = 0.1
	// evaluations is the number of batches of a measured error.
	evaluations = 400
)

// trainings are from pairs with small and with large steps, and from random rows with the large ones. The rate falls as a cosine. Small steps
// are smaller than what the entries of Δ change by until the decoder follows. Random rows take twice as many steps to come to their end.
func trainings(dim, steps int) []training {
	of := func(start string, learningRate float64, steps int) training {
		project := true
		return training{Start: start, seeds: 3, Config: train.Config{
			Model: train.ModelConfig{Name: "shallow", Dim: dim, Init: config.InitRandom},
			Data:  train.DataConfig{Name: rademacher, P: []float64{trainedP}},
			Steps: steps, Batch: 128,
			Optimizer: train.OptimizerConfig{LearningRate: learningRate, Project: &project}, Schedule: config.ScheduleConfig{Shape: "cosine"},
		}}
	}
	return []training{of(smallSteps, 1e-4, steps), of(largeSteps, 3e-3, steps), of(randomRows, 3e-3, 2*steps)}
}

func (t training) cell() reproduce.Cell {
	t.Config = t.Config.WithDefaults()
	settings := t
	settings.Config.Model = t.Config.Model.AtOneTemperature()
	name := map[string]string{smallSteps: "small-steps", largeSteps: "large-steps", randomRows: "random-rows"}[t.Start]
	return reproduce.Cell{Name: fmt.Sprintf("%s-d%d", name, t.Config.Model.Dim), Settings: settings, Run: t.run}
}

func (t training) run(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
	s, err := train.NewStepper(ctx, env.Executor, t.Config)
	if err != nil {
		return nil, err
	}
	out, err := t.rows(ctx, reproduce.Telling(env, t.Config.Steps), s)
	return out, errors.Join(err, s.Close())
}

// rows trains, and measures before and after.
func (t training) rows(ctx context.Context, told *reproduce.Told, s *train.Stepper) (*reproduce.Output, error) {
	if t.Start != randomRows {
		if err := t.begin(s); err != nil {
			return nil, err
		}
	}
	before, err := reproduce.Test(ctx, s, evaluations)
	if err != nil {
		return nil, err
	}
	if err := told.Steps(ctx, s, t.Config.Steps); err != nil {
		return nil, err
	}
	after, err := reproduce.Test(ctx, s, evaluations)
	if err != nil {
		return nil, err
	}
	c, out := t.Config, &reproduce.Output{}
	for replica, r := range c.Replicas() {
		start, _ := before.Of(replica)
		end, stderr := after.Of(replica)
		out.Rows = append(out.Rows, reproduce.Row{
			"kind": trained, "data": c.Data.Name, "p": r.P, "dim": c.Model.Dim, "seed": r.Seed, "start": t.Start, "batch": c.Batch,
			"steps": c.Steps, "learning_rate": c.Optimizer.LearningRate, "start_mse": start, "test_mse": end, "test_mse_stderr": stderr,
		})
	}
	return out, nil
}

// begin writes pairs of the best spike, a rotation for each seed.
func (t training) begin(s *train.Stepper) error {
	best, _ := amp.BestServingPairs(amp.SparseRademacher{P: trainedP}, rate)
	for replica, r := range t.Config.Replicas() {
		encoder, decoder, err := pairWeights(t.Config.Model.Dim, best.Spike, rand.New(rand.NewPCG(r.Seed, 0)))
		if err != nil {
			return err
		}
		if err := errors.Join(s.Write(graph.EncoderWeight, replica, encoder), s.Write(graph.DecoderWeight, replica, decoder)); err != nil {
			return err
		}
	}
	return nil
}

// pairWeights are pairs on half of the coordinates and their best linear decoder for sparse Rademacher data at trainedP. Of the two codes u and w
// of a pair (amp/paired.go) x̂_i = (α/P)·u_i, and the others are (β/(1 − P))·Δᵀw, since Δ is square.
func pairWeights(d int, spike float64, r *rand.Rand) (encoder, decoder []float32, err error) {
	rows, delta, err := pairedRows(d, d/2, spike, r)
	if err != nil {
		return nil, nil, err
	}
	told := math.Erf(spike / math.Sqrt(2*trainedP)) // P(|g| < t|x|) where x is not 0
	hidden := math.Exp(-spike * spike / (2 * trainedP))
	own := 1 / math.Sqrt(trainedP)
	other := math.Sqrt(2/math.Pi) * (1 - trainedP + trainedP*hidden) / (1 - trainedP*told)
	encoder, decoder = make([]float32, d*d), make([]float32, d*d)
	for i := range d {
		for j := range d {
			encoder[i*d+j] = float32(rows.At(i, j))
		}
	}
	half := d / 2
	for i := range half {
		decoder[i*d+i], decoder[i*d+half+i] = float32(own/2), float32(own/2)
		for j := range half {
			v := float32(other / 2 * delta.At(i, j))
			decoder[(half+j)*d+i], decoder[(half+j)*d+half+i] = v, -v
		}
	}
	return encoder, decoder, nil
}
