package rangamani

import (
	"math"
	"testing"

	"autoamp/bench/reproduce"
)

// TestOrthogonal: at the dictionary nothing is lost, and the loss is curved as its closed form says; the sample of 4000 amplitudes and
// five lines leave 3 %.
func TestOrthogonal(t *testing.T) {
	t.Parallel()
	o := orthogonal{Dim: 32, Support: 3, Steps: 800, Batch: 200, Seed: 4}.withDefaults()
	r, err := o.measure(t.Context(), &reproduce.Env{Executor: executor(t)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Loss > 1e-9 || math.Abs(r.Curvature/o.curvature()-1) > 0.03 {
		t.Errorf("loss %g, curvature %g, want 0 and %g", r.Loss, r.Curvature, o.curvature())
	}
	if r.NearDistance > 0.01 {
		t.Errorf("a training from nearby ends at %g", r.NearDistance)
	}
}

// TestScaledLoss compares the loss at s·A* with the net's, and its least with a fine grid.
func TestScaledLoss(t *testing.T) {
	t.Parallel()
	o := orthogonal{Dim: 32, Support: 2, Bias: 0.4, Seed: 1}.withDefaults()
	source, err := o.source()
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLandscape(t.Context(), executor(t), source, o.Bias, o.Samples, false)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := append([]float32(nil), source.Dictionary...)
	for i := range w {
		w[i] *= 1.05
	}
	loss, _, err := l.at(t.Context(), w)
	if want := o.scaledLoss(1.05); err != nil || math.Abs(loss/want-1) > 0.02 {
		t.Errorf("loss at 1.05·A* %g, want %g, %v", loss, want, err)
	}
	least := o.scaledLoss(o.bestScale())
	for s := 1.0; s < 1.5; s += 0.001 {
		if o.scaledLoss(s) < least {
			t.Errorf("loss at %g·A* is %g, below the least, %g", s, o.scaledLoss(s), least)
		}
	}
}
