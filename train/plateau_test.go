package train

import (
	"math"
	"testing"

	"autoamp/train/rundir"
)

// feed gives a staircase a row every 50 steps and at the powers of two before, and returns it.
func feed(steps int, loss func(step float64) float64) *staircase {
	s := &staircase{}
	for step := 1; step <= steps; step++ {
		if step%50 == 0 || step < 50 && step&(step-1) == 0 {
			s.add(step, loss(float64(step)))
		}
	}
	return s
}

func TestStaircase(t *testing.T) {
	t.Parallel()
	noise := func(s float64) float64 { return 0.004 * math.Sin(s*s) } // 1 % of a plateau at 0.4
	descent := func(s float64) float64 { return 0.37 + 0.63*math.Exp(-s/150) }
	fall := func(s, at float64) float64 { return 0.17 / (1 + math.Exp((s-at)/300)) }
	for name, tt := range map[string]struct {
		loss   func(float64) float64
		levels []float64
		drops  []float64 // where the loss is half-way down
	}{
		"descent to a floor": {func(s float64) float64 { return descent(s) + noise(s) }, []float64{0.37}, nil},
		"always falling":     {func(s float64) float64 { return math.Pow(s, -0.3) }, nil, nil},
		"always flat":        {func(float64) float64 { return 0.5 }, []float64{0.5}, nil},
		"one stair": {func(s float64) float64 { return descent(s) - 0.17 + fall(s, 6000) + noise(s) },
			[]float64{0.37, 0.2}, []float64{6000}},
		"two stairs": {func(s float64) float64 {
			return descent(s) - 0.27 + fall(s, 4000) + 0.1/(1+math.Exp((s-10000)/300)) + noise(s)
		},
			[]float64{0.37, 0.2, 0.1}, []float64{4000, 10000}},
		"to zero": {func(s float64) float64 { return 0.37/(1+math.Exp((s-6000)/300)) + 1e-4*(1+math.Sin(s)) },
			[]float64{0.37, 0}, []float64{6000}},
		"a drift on the plateau": {func(s float64) float64 { return 0.36 + 0.63*math.Exp(-s/150) + 0.02*math.Exp(-s/4000) },
			[]float64{0.37}, nil},
		"rising": {func(s float64) float64 { return 0.3 + 0.5*s/20000 }, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := feed(20000, tt.loss)
			if tt.levels != nil && len(s.plateaus) != len(tt.levels) || len(s.drops) != len(tt.drops) {
				t.Fatalf("plateaus %+v, drops %+v", s.plateaus, s.drops)
			}
			for i, level := range tt.levels {
				if p := s.plateaus[i]; math.Abs(p.Level-level) > 0.04*level+0.001 || p.To <= p.From {
					t.Errorf("plateau %+v, want level %g", p, level)
				}
			}
			for i, at := range tt.drops {
				if d := s.drops[i]; math.Abs(float64(d.Step)-at) > 700 || d.To >= d.From {
					t.Errorf("drop %+v, want near step %g", d, at)
				}
			}
		})
	}
}

func TestStaircaseOfNothing(t *testing.T) {
	t.Parallel()
	for _, loss := range []float64{0, math.NaN(), math.Inf(1)} {
		s := feed(1000, func(float64) float64 { return loss })
		if len(s.drops) != 0 {
			t.Errorf("loss %g: drops %+v", loss, s.drops)
		}
	}
	s := &staircase{}
	if m := s.add(1, 0.5); m != rundir.NoMark || len(s.plateaus) != 0 {
		t.Errorf("one row: %q, %+v", m, s.plateaus)
	}
}
