package train_test

import (
	"math"
	"testing"

	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/internal/traintest"
)

// A localised start with more rows than coordinates is one of pairs: the second row of a coordinate has the first one's large entry and
// the negatives of the others. Further rows are nobody's partners. The decoder's columns point where the rows do.
func TestLocalisedPairs(t *testing.T) {
	t.Parallel()
	const d, n = 12, 29
	s, err := train.NewStepper(t.Context(), traintest.NewCPU(t, 1), train.Config{
		Model: train.ModelConfig{Name: "denoiser", Dim: d, Rate: float64(n) / d, Init: config.InitLocalised},
		Data:  train.DataConfig{Name: "sparse-rademacher", P: []float64{0.5}}, Steps: 10, Batch: 8, Seeds: []uint64{1},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w, err := s.Tensor(graph.EncoderWeight, 0)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Tensor(graph.DecoderWeight, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		row, norm := w[i*d:(i+1)*d], 0.0
		for j, v := range row {
			norm += float64(v) * float64(v)
			if own := i % d; j != own && math.Abs(float64(v)) > float64(row[own])/2 {
				t.Errorf("row %d: entry %d is %g beside %g", i, j, v, row[own])
			}
			if i >= d && j != i%d && (v == -w[(i-d)*d+j]) != (i < 2*d) {
				t.Errorf("rows %d and %d, entry %d: %g and %g", i-d, i, j, w[(i-d)*d+j], v)
			}
		}
		weight := map[bool]float64{true: 1.0 / 3, false: 0.5}[i%d < n-2*d] // rows per coordinate: 3 or 2
		for j, v := range row {
			if got, want := float64(a[j*n+i]), weight*float64(v)/math.Sqrt(norm); math.Abs(got-want) > 1e-6 {
				t.Errorf("decoder (%d, %d): %g, want %g", j, i, got, want)
			}
		}
	}
}

// From the localised start a short run above rate 1 is below the error of the best encoder with one row a coordinate whose other bits
// are unused, and below the Haar encoder's: 0.2646 and 0.2756 in the limit.
func TestPairsAreFound(t *testing.T) {
	t.Parallel()
	c := train.Config{
		Model: train.ModelConfig{Name: "shallow", Dim: 24, Rate: 1.5}, Data: train.DataConfig{Name: "sparse-rademacher", P: []float64{0.65}},
		Steps: 2500, Batch: 64, Seeds: []uint64{1}, Evaluation: train.EvaluationConfig{FinalBatches: 64},
	}
	trainer := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1)}
	result, err := trainer.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p := result.Points[0]; p.Candidate != "paired" || p.TestMSE > 0.2 {
		t.Errorf("%s: %g ± %g", p.Candidate, p.TestMSE, p.TestMSEStderr)
	}
}
