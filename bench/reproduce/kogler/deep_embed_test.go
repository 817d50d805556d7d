package kogler

import (
	"math"
	"testing"

	"autoamp/bench/reproduce"
	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

// A function of the family is fitted by itself.
func TestFitKinked(t *testing.T) {
	t.Parallel()
	want := kinked{slope: 0.4, more: 0.7, at: 1.5}
	got := fitKinked(func(u float64) float64 {
		return want.slope*u + want.more*(math.Max(0, u-want.at)-math.Max(0, -u-want.at))
	}, 1.5)
	if math.Abs(got.slope-want.slope)+math.Abs(got.more-want.more)+math.Abs(got.at-want.at) > 1e-6 {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A net computes what a denoiser with a linear f computes, at every depth and width.
func TestEmbed(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	at := deepCase{0.5, 0.5, 12}
	denoiser := newStepper(t, exec, deepNet{at, 0, 0, 10, 1, hot})
	linear := []float32{0.8, 0, 0, 0, 0, 0} // θ of f(u) = 0.8·u
	if err := denoiser.Write(graph.DenoiserTheta, 0, linear); err != nil {
		t.Fatal(err)
	}
	want, err := denoiser.Evaluate(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []struct{ depth, width int }{{1, 4}, {2, 4}, {3, 4}, {5, 6}} {
		n := deepNet{at, size.depth, size.width, 10, 1, warm}
		net := newStepper(t, exec, n)
		before, err := net.Evaluate(0)
		if err != nil {
			t.Fatal(err)
		}
		_, model := n.training()
		model.Dim = at.dim
		if err := giveEncoder(denoiser, net, 1); err != nil {
			t.Fatal(err)
		}
		if err := giveDecoder(denoiser, net, model); err != nil {
			t.Fatal(err)
		}
		got, err := net.Evaluate(0)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got[0]-want[0]) > 1e-5 || math.Abs(before[0]-want[0]) < 1e-2 {
			t.Errorf("depth %d, width %dd: loss %g, before %g; the denoiser's is %g", size.depth, size.width, got[0], before[0], want[0])
		}
	}
}

// newStepper is the training of a decoder.
func newStepper(t *testing.T, exec graph.Executor, n deepNet) *train.Stepper {
	t.Helper()
	r, model := n.training()
	s, err := train.NewStepper(t.Context(), exec, r.config(reproduce.Params{Seed: 1}, model, "sparse-gaussian").Earlier())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
