package rangamani

import (
	"math"
	"testing"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
)

// TestPanel trains both nets on images of four patterns. The error on other images is near that of the last steps.
func TestPanel(t *testing.T) {
	t.Parallel()
	images, test := patterns(500, 1), patterns(50, 2)
	for _, rectified := range []bool{false, true} {
		p := panel{Hidden: 20, Rectified: rectified, Steps: 600, Batch: 20, Seed: 1}
		r, err := p.train(t.Context(), &reproduce.Env{Executor: executor(t)}, images, test)
		if err != nil {
			t.Fatal(err)
		}
		first, last := r.Rows[0], r.Rows[len(r.Rows)-1]
		if last.Train > first.Train/2 || r.Test > 2*r.Train || r.Test < r.Train/2 {
			t.Errorf("rectified %t: error %g at first, %g at last, %g at the end, %g on other images", rectified, first.Train, last.Train, r.Train, r.Test)
		}
	}
	if _, err := (panel{Hidden: 2, Batch: 501}).train(t.Context(), &reproduce.Env{Executor: executor(t)}, images, test); err == nil {
		t.Error("a batch of more images than there are: no error")
	}
}

// patterns are images of 36 pixels: mixtures of four blocks.
func patterns(count int, seed uint64) *datasets.Table {
	law, err := datasets.NewCodeLaw(datasets.NonNegativeCodes, 4, 2, 0.2, 0.6)
	if err != nil {
		panic(err)
	}
	blocks := make([]float32, 4*36)
	for k := range 4 {
		for j := range 9 {
			blocks[k*36+9*k+j] = 1
		}
	}
	t := &datasets.Table{Data: make([]float32, count*36), Cols: 36}
	b := &datasets.Bilinear{Dictionary: blocks, Atoms: 4, Law: law, Seed: seed}
	if err := b.Fill(t.Data, 0); err != nil {
		panic(err)
	}
	return t
}

// TestPrincipalError: the patterns are mixtures of four blocks of nine equal pixels, so that four components lose nothing and
// two lose something.
func TestPrincipalError(t *testing.T) {
	t.Parallel()
	for k, low := range map[int]float64{2: 0.001, 4: -1e-6} {
		e, err := principalError(patterns(300, 3), k)
		if err != nil || e < low || e > 0.1 || k == 4 && e > 1e-6 {
			t.Errorf("%d components: error %g, %v", k, e, err)
		}
	}
	// Second moments 2 and 1/2 per sample: one component loses 1/2 of every two numbers.
	cross := &datasets.Table{Data: []float32{2, 0, -2, 0, 0, 1, 0, -1}, Cols: 2}
	if e, err := principalError(cross, 1); err != nil || math.Abs(e-0.25) > 1e-6 {
		t.Errorf("a cross: error %g, %v, want 0.25", e, err)
	}
}

func TestRecognised(t *testing.T) {
	t.Parallel()
	images := &datasets.Table{Data: []float32{0, 0, 4, 0, 0, 3}, Cols: 2}
	known := []byte{1, 2, 3}
	pictures := []float32{0.5, 0.1, 3.5, -1, 1, 2.9, 2.1, 0}
	if share := recognised(pictures, []byte{1, 2, 3, 1}, images, known); share != 0.75 {
		t.Errorf("share %g, want 0.75: (2.1, 0) is nearer to (4, 0)", share)
	}
}
