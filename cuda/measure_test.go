//go:build gpu

package cuda_test

import (
	"testing"

	"autoamp/cuda"
	"autoamp/graph"
)

// TestSpeed checks that everything is measured, and counted once.
func TestSpeed(t *testing.T) {
	for _, precision := range []cuda.Precision{cuda.FP32, cuda.Split} {
		exec := open(t, cuda.Settings{Precision: precision})
		m, err := graph.New(graph.Config{Model: "denoiser", Batch: 16, Dim: 12, Code: 10})
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Compile(graph.Options{Sample: &graph.Sample{Law: "gaussian"},
			Update: &graph.Update{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Schedule: graph.Schedule{Shape: graph.Constant}}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := exec.Load([]graph.Replica{{P: 1}}, p)
		if err != nil {
			t.Fatal(err)
		}
		s, err := exec.Speed(r)
		if err != nil || min(s.CopyGBs, s.ProductGFLOPS, s.PassesGBs, s.InProductsGFLOPS, s.ProductsShare) <= 0 || s.ProductsShare >= 1 {
			t.Errorf("%s: %+v, error %v", precision, s, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
