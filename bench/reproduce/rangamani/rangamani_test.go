package rangamani

import (
	"math"
	"testing"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels/cpu"
)

func executor(t *testing.T) graph.Executor {
	t.Helper()
	exec, err := cpu.New(cpu.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return exec
}

// TestTable1 compares the two smallest h with the values that the same constants gave elsewhere (amp/THEORY.md §13.3).
// Dictionaries of 50 dimensions differ: norms by 5 % from one to the next.
func TestTable1(t *testing.T) {
	t.Parallel()
	exec := executor(t)
	for h, want := range map[int][]float64{256: {.0116, .0119, .0123, .0123}, 512: {.0060, .0061, .0063, .0063}} {
		for i, p := range table1P {
			r, err := (setting{H: h, P: p, Seed: 1}).gradient(t.Context(), exec)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(r.Norm/want[i]-1) > 0.15 {
				t.Errorf("h = %d, p = %g: gradient norm %.4f, want about %.4f", h, p, r.Norm, want[i])
			}
			if r.Proxy <= r.Norm {
				t.Errorf("h = %d, p = %g: the proxy's norm %g misses units that %g has off", h, p, r.Proxy, r.Norm)
			}
			if r.TruePositive < 0.5 || r.TruePositive > 0.7 || r.FalsePositive > 0.4 {
				t.Errorf("h = %d, p = %g: %g of the support active, %g other units", h, p, r.TruePositive, r.FalsePositive)
			}
		}
	}
}

// TestLeadingGradient compares the norm at the dictionary with its leading term; simulations of amp/THEORY.md §13.2
// lie between .0121 and .0127.
func TestLeadingGradient(t *testing.T) {
	t.Parallel()
	s := setting{H: 256, P: 0.01, Samples: 20000, Seed: 2}
	rows, err := s.line(t.Context(), executor(t), []float64{0})
	if err != nil {
		t.Fatal(err)
	}
	if norm := rows[0].Norm; norm < .0119 || norm > .0129 {
		t.Errorf("gradient norm %.5f, want .0124, simulated .0121 to .0127", norm)
	}
}

// TestLandscape checks what the paper says of its figures: both fall towards the dictionary, or both are flat.
func TestLandscape(t *testing.T) {
	t.Parallel()
	exec := executor(t)
	for i, s := range landscapeSettings(1) {
		s.Samples = 1000
		rows, err := s.line(t.Context(), exec, []float64{0, 0.2, 0.5, 1})
		if err != nil {
			t.Fatal(err)
		}
		for k := 1; k < len(rows); k++ {
			near, far := rows[k-1], rows[k]
			if flat := i == 2; flat != (near.Loss == far.Loss) || flat != (far.Norm == 0) || !flat && (near.Loss > far.Loss || near.Norm > far.Norm) {
				t.Errorf("p = %g: from t = %g to %g loss %g → %g, gradient %g → %g", s.P, near.T, far.T, near.Loss, far.Loss, near.Norm, far.Norm)
			}
		}
	}
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	r, err := (recovery{Delta: 0.02, Samples: 1000, Seed: 3}).measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.TruePositive < 0.995 || r.FalsePositive > 0 || math.Abs(r.Bound/1.37e-6-1) > 0.01 {
		t.Errorf("%+v: want .999 of the support, nothing else, and a bound of 1.4e-6", r)
	}
	if r, err = (recovery{Support: 1, Delta: 0.01, Samples: 1000, Seed: 3}).measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !r.Sufficient || r.Exact < 1-1e-9 {
		t.Errorf("%+v: no unit of the support can be missed, but %g were", r, 1-r.TruePositive)
	}
}

// TestPanel trains both nets on images of four patterns. The error on other images is near that of the last steps.
func TestPanel(t *testing.T) {
	t.Parallel()
	images, test := patterns(500, 1), patterns(50, 2)
	for _, hidden := range [][]int{{20}, {24, 12}} {
		p := panel{Hidden: hidden, Steps: 600, Batch: 20, Seed: 1}
		r, err := p.train(t.Context(), executor(t), images, test)
		if err != nil {
			t.Fatal(err)
		}
		first, last := r.Rows[0], r.Rows[len(r.Rows)-1]
		if last.Train > first.Train/2 || last.Test > 2*last.Train || last.Test < last.Train/2 {
			t.Errorf("%v: error %g at first, %g at last, %g on other images", hidden, first.Train, last.Train, last.Test)
		}
	}
	if _, err := (panel{Hidden: []int{2, 2, 2}}).train(t.Context(), executor(t), images, test); err == nil {
		t.Error("three hidden layers: no error")
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

func TestLogRMS(t *testing.T) {
	t.Parallel()
	if d := logRMS([]float64{math.E, 1}, []float64{1, 1}); math.Abs(d-math.Sqrt(0.5)) > 1e-15 {
		t.Errorf("distance %g, want √½", d)
	}
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
