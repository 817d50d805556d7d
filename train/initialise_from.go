package train

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/internal/await"
	"autoamp/train/rundir"
)

// startFrom writes the weights of model.init_from to every replica, and the dictionary of the data. A checkpoint's file has the
// optimizer's state too, under names such as encoder.weight.exp_avg; it is left out, because the run begins at step 0.
func startFrom(ctx context.Context, runner graph.Runner, programs *Programs, replicas []graph.Replica, c Config) error {
	if c.Data.IsDictionary() {
		if err := writeTied(ctx, runner, replicas, c); err != nil {
			return err
		}
	}
	var weights []graph.Buffer
	for _, p := range programs.Model.Params {
		weights = append(weights, graph.Buffer{Name: p.Name, Shape: p.Node.Shape(), Kind: graph.Weight})
	}
	others := func(name string) bool { // in a checkpoint
		return name == graph.DictionaryWeight || slices.ContainsFunc(weights, func(b graph.Buffer) bool { return strings.HasPrefix(name, b.Name+".") })
	}
	start, err := await.Result(ctx, func() (*rundir.Start, error) { return rundir.ReadStart(c.Model.InitFrom, weights, others) })
	if ctx.Err() != nil {
		return fmt.Errorf("train: initialise: %w", ctx.Err())
	}
	if err != nil {
		return &config.Error{Field: "model.init_from", Value: c.Model.InitFrom, Allowed: err.Error()}
	}
	if known := c.Model.InitSHA256; known != "" && known != start.SHA256 {
		return otherStart(c, start.SHA256)
	}
	for _, b := range weights {
		for k := range replicas {
			if err := runner.Write(b.Name, k, start.Weights[b.Name]); err != nil {
				return fmt.Errorf("train: replica %d: write %s: %w", k, b.Name, err)
			}
		}
	}
	return nil
}

// recordStart returns the configuration with the hash of model.init_from. A run that has begun does without the file, so that one
// that is gone is an error only where it is read.
func recordStart(c Config) (Config, error) {
	if c.Model.InitFrom == "" || c.Model.InitSHA256 != "" {
		return c, nil
	}
	sum, err := rundir.HashStart(c.Model.InitFrom)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, &config.Error{Field: "model.init_from", Value: c.Model.InitFrom, Allowed: err.Error()}
	}
	c.Model.InitSHA256 = sum
	return c, nil
}

// otherStart is the error of a run that would begin with other weights than those that it began with before.
func otherStart(c Config, found string) error {
	return &config.Error{
		Field: "model.init_sha256", Value: c.Model.InitSHA256,
		Allowed: "the weights in " + c.Model.InitFrom + " have changed, they now are " + found + "; begin a new run in another directory",
	}
}
