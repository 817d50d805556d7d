//go:build gpu

package cuda

import (
	"testing"

	"autoamp/graph"
	"autoamp/train"
)

// TestNodesAreCaptured compares the nodes of the cost model with those of the graph of several steps, which is captured last, for
// steps that have every kind of node, and for evaluations.
func TestNodesAreCaptured(t *testing.T) {
	nodes := emulate[func() int32](t, "autoamp_emulated_nodes") // cuBLAS may make a product of several nodes
	for name, c := range map[string]train.Config{
		"denoiser":   {},
		"shallow":    {Model: train.ModelConfig{Name: "shallow"}},
		"clipped":    {Model: train.ModelConfig{Name: "rigamp"}, Optimizer: train.OptimizerConfig{ClipNorm: 1}},
		"momentum":   {Model: train.ModelConfig{Name: "deep"}, Optimizer: train.OptimizerConfig{Name: "sgd"}},
		"normalised": {Optimizer: train.OptimizerConfig{Name: "normalised", LearningRate: 0.01}},
	} {
		c.Model.Dim, c.Batch = 12, 5
		programs := compiled(t, c)
		for _, precision := range []Precision{FP32, TF32, Split} {
			for kind, p := range map[string]*graph.Program{"step": programs.Train, "evaluation": programs.Evaluate} {
				exec, err := Open(Settings{Precision: precision})
				if err != nil {
					t.Fatal(err)
				}
				exec.graphsOnly = true
				r, err := exec.Load([]graph.Replica{{Seed: 1, P: 0.4}, {Seed: 2, P: 0.4}}, p)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				m, err := newModel(r.(*Runner).programs[0].plan, 2, precision, h200(t))
				if err != nil {
					t.Fatal(err)
				}
				if want, got := int32(1+graphSteps*m.predict().Nodes), nodes(); got != want { // one node is the graph's root
					t.Errorf("%s, %s, %s: %d nodes captured, want %d", name, precision, kind, got, want)
				}
				for _, closed := range []error{r.Close(), exec.Close()} {
					if closed != nil {
						t.Error(closed)
					}
				}
			}
		}
	}
}
