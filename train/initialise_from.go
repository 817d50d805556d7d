package train

import (
	"context"
	"fmt"
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
	values, err := await.Result(ctx, func() (map[string][]float32, error) { return rundir.ReadStart(c.Model.InitFrom, weights, others) })
	if ctx.Err() != nil {
		return fmt.Errorf("train: initialise: %w", ctx.Err())
	}
	if err != nil {
		return &config.Error{Field: "model.init_from", Value: c.Model.InitFrom, Allowed: err.Error()}
	}
	for _, b := range weights {
		for k := range replicas {
			if err := runner.Write(b.Name, k, values[b.Name]); err != nil {
				return fmt.Errorf("train: replica %d: write %s: %w", k, b.Name, err)
			}
		}
	}
	return nil
}
