package kogler

import (
	"context"
	"errors"

	"autoamp/bench/reproduce"
	"autoamp/graph"
	"autoamp/train"
)

// encoderStart trains a net from the encoder of a trained denoiser: what a deep decoder makes of the encoder with which the denoiser ends.
// The encoder of the net goes on training. A run that was interrupted begins again.
type encoderStart struct {
	Denoiser train.Config `json:"denoiser"`
	Net      train.Config `json:"net"`
}

// startBatches is the number of batches of a measured error: at d = 50 and batch 128 a standard error of about 5e-4.
const startBatches = 4000

// cell is the training of both.
func (e encoderStart) cell(name string) reproduce.Cell {
	e.Denoiser, e.Net = e.Denoiser.Earlier(), e.Net.Earlier()
	settings := encoderStart{reproduce.AsEarlier(e.Denoiser), reproduce.AsEarlier(e.Net)}
	return reproduce.Cell{Name: name, Settings: settings, Run: e.run}
}

func (e encoderStart) run(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
	told := reproduce.Telling(env, e.Denoiser.Steps+e.Net.Steps)
	denoiser, err := train.NewStepper(ctx, env.Executor, e.Denoiser)
	if err != nil {
		return nil, err
	}
	defer denoiser.Close()
	if err := told.Steps(ctx, denoiser, e.Denoiser.Steps); err != nil {
		return nil, err
	}
	net, err := train.NewStepper(ctx, env.Executor, e.Net)
	if err != nil {
		return nil, err
	}
	defer net.Close()
	if err := giveEncoder(denoiser, net, len(e.Net.Replicas())); err != nil {
		return nil, err
	}
	if err := told.Steps(ctx, net, e.Net.Steps); err != nil {
		return nil, err
	}
	return e.rows(ctx, net)
}

// giveEncoder copies the encoders of all replicas.
func giveEncoder(from, to *train.Stepper, replicas int) error {
	for replica := range replicas {
		b, err := from.Tensor(graph.EncoderWeight, replica)
		if err := errors.Join(err, to.Write(graph.EncoderWeight, replica, b)); err != nil {
			return err
		}
	}
	return nil
}

// rows are the trained nets.
func (e encoderStart) rows(ctx context.Context, net *train.Stepper) (*reproduce.Output, error) {
	all, err := reproduce.Test(ctx, net, startBatches)
	if err != nil {
		return nil, err
	}
	c, out := e.Net, &reproduce.Output{}
	for replica, r := range c.Replicas() {
		mean, stderr := all.Of(replica)
		out.Rows = append(out.Rows, reproduce.Row{
			"kind": "final", "model": c.Model.Name, "data": c.Data.Name, "p": r.P, "rate": c.Model.Rate, "dim": c.Model.Dim, "seed": r.Seed,
			"batch": c.Batch, "steps": c.Steps, "learning_rate": c.Optimizer.LearningRate, "tau": c.Model.Tau, "step": c.Steps,
			"test_mse": mean, "test_mse_stderr": stderr,
		})
	}
	return out, nil
}
