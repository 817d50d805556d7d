//go:build gpu

package cuda

import (
	"testing"

	"github.com/ebitengine/purego"

	"autoamp/graph"
	"autoamp/train"
)

// capturedNodes finds the emulated driver's count of the nodes of the graph that it instantiated last.
func capturedNodes(t *testing.T) func() int32 {
	t.Helper()
	lib, err := purego.Dlopen("libcuda.so.1", purego.RTLD_NOW)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := purego.Dlsym(lib, "autoamp_emulated_nodes"); err != nil {
		t.Skip("cuBLAS may make a product of several nodes: make test-gpu runs this on the emulated driver, where it is one")
	}
	var nodes func() int32
	purego.RegisterLibFunc(&nodes, lib, "autoamp_emulated_nodes")
	return nodes
}

// TestNodesAreCaptured compares the nodes of the cost model with those of the graph of several steps, which is captured last, for
// steps that have every kind of node, and for evaluations.
func TestNodesAreCaptured(t *testing.T) {
	nodes := capturedNodes(t)
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
				got, err := Predict(p, 2, precision, h200(t))
				want := int(nodes()-1) / graphSteps // one node is the graph's root
				if err != nil || got.Nodes != want || want*graphSteps+1 != int(nodes()) {
					t.Errorf("%s, %s, %s: %+v nodes, %d captured, error %v", name, precision, kind, got, nodes(), err)
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
