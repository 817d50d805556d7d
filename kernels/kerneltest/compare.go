package kerneltest

import (
	"fmt"
	"math"
	"testing"

	"autoamp/graph"
)

// Compare trains every model with two executors for ten steps on fresh data, several replicas side by side. It demands the same
// losses and weights of both executors. So it tests the whole chain of an optimizer's steps; a check of single gradients does
// not test the chain.
//
// The relative error of the weights may be slack times the error of ten chained products of float32. Slack 1 is for an
// executor that computes in float32 throughout.
func Compare(t *testing.T, got, want graph.Executor, slack float64) {
	adam := graph.Update{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, ClipNorm: 1,
		Schedule: graph.Schedule{Shape: graph.Cosine, Steps: 40}}
	for _, c := range configs(t) {
		c.Batch, c.Code, c.Dim = 33, 9, 20
		name := fmt.Sprintf("%s/encoder=%s/tied=%t/%s%s/T=%d", c.Model, c.Encoder, c.Tied, c.Denoiser, c.Activation, c.Iterations)
		t.Run(name, func(t *testing.T) {
			p := compile(t, build(t, c), graph.Options{Sample: &graph.Sample{Law: "sparse-laplace", Stream: 1}, Update: &adam})
			a, b := tenSteps(t, got, c, p), tenSteps(t, want, c, p)
			for name := range b {
				compare(t, name, a[name], b[name], slack*10*tolerance(largest(p)))
			}
		})
	}
}

// tenSteps trains three replicas and returns their losses and the tensors of a checkpoint.
func tenSteps(t *testing.T, exec graph.Executor, c graph.Config, p *graph.Program) values {
	t.Helper()
	replicas := []graph.Replica{{Seed: 5, LearningRate: 3e-3, P: 0.5}, {Seed: 6, LearningRate: 1e-3, P: 1}, {Seed: 5, LearningRate: 3e-3, P: 0.2}}
	r := load(t, exec, replicas, p)
	for i := range replicas {
		at := draw(build(t, c), uint64(i))
		delete(at, "x")
		write(t, r, i, at)
	}
	losses := make([]float64, 10*len(replicas))
	if err := r.Run(0, 0, 10, losses); err != nil {
		t.Fatal(err)
	}
	out := values{"loss": narrow(losses)}
	for i := range replicas {
		for _, b := range p.Tensors() {
			if b.Kind == graph.Weight {
				out[fmt.Sprintf("%s of replica %d", b.Name, i)] = read(t, r, i, b.Name, b.Size())
			}
		}
	}
	if math.IsNaN(losses[0]) {
		t.Error("the loss is NaN")
	}
	return out
}
