package bench

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"autoamp/graph"
	"autoamp/kernels/cpu"
	"autoamp/train"
)

var update = flag.Bool("update", false, "rewrite golden files")

func open(threads int) (graph.Executor, error) { return cpu.New(cpu.Settings{Threads: threads}) }

func smallConfig() train.Config {
	return train.Config{Model: train.ModelConfig{Dim: 16}, Batch: 32, Steps: 400}.WithDefaults()
}

func TestSpread(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		values []float64
		want   Spread
	}{
		"one":      {[]float64{3}, Spread{3, 3, 3}},
		"unsorted": {[]float64{10, 0, 5, 4, 6, 2, 8, 3, 7, 1, 9}, Spread{5, 1, 9}},
		"even":     {[]float64{1, 2}, Spread{1.5, 1.1, 1.9}},
	} {
		if diff := cmp.Diff(test.want, spread(test.values)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if !math.IsNaN(spread(nil).Median) {
		t.Error("the median of nothing is a number")
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{0: "0.000", 0.056: "0.056", 1.234: "1.23", 12.34: "12.3", 99.96: "100.0", 4284: "4284"} {
		if got := digits(x); got != want {
			t.Errorf("digits(%g) = %s, want %s", x, got, want)
		}
	}
}

// fakeStepper takes a fixed time per step.
type fakeStepper struct{ perStep time.Duration }

func (f fakeStepper) Run(steps int) error {
	time.Sleep(time.Duration(steps) * f.perStep)
	return nil
}
func (fakeStepper) Close() error { return nil }

func TestCalibrate(t *testing.T) {
	t.Parallel()
	// A busy machine sleeps longer than asked, never shorter: so the number of steps may only be smaller.
	steps, err := calibrate(t.Context(), fakeStepper{2 * time.Millisecond}, 20*time.Millisecond)
	if err != nil || steps < 1 || steps > 11 {
		t.Errorf("steps of 2 ms in 20 ms: %d, %v", steps, err)
	}
	if steps, err = calibrate(t.Context(), fakeStepper{30 * time.Millisecond}, 20*time.Millisecond); err != nil || steps != 1 {
		t.Errorf("steps of 30 ms in 20 ms: %d, %v", steps, err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := calibrate(cancelled, fakeStepper{time.Millisecond}, time.Second); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled calibration returns %v", err)
	}
}

// scripted takes a scripted time for each run, and the last of them for ever.
type scripted struct{ runs []time.Duration }

func (s *scripted) Run(int) error {
	time.Sleep(s.runs[0])
	if len(s.runs) > 1 {
		s.runs = s.runs[1:]
	}
	return nil
}
func (*scripted) Close() error { return nil }

func TestSteady(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		runs   []time.Duration
		warmUp time.Duration
		want   float64 // ms for each of ten steps
		count  int
	}{
		"two alike":            {[]time.Duration{90 * ms, 60 * ms, 51 * ms, 50 * ms, 40 * ms}, warmUp, 5, 4},
		"slow and fast again":  {[]time.Duration{50 * ms, 80 * ms, 50 * ms, 49 * ms, 40 * ms}, warmUp, 4.9, 4},
		"never alike":          {[]time.Duration{90 * ms, 70 * ms, 50 * ms, 40 * ms, 20 * ms}, warmUp, 4, 4},
		"longer than a warmUp": {[]time.Duration{300 * ms, 20 * ms}, warmUp, 30, 1},
		"none":                 {[]time.Duration{90 * ms, 50 * ms}, 0, 9, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // its clock moves by sleep alone
				got, count, err := steady(&scripted{test.runs}, 10, test.warmUp)
				if err != nil || math.Abs(got-test.want) > 1e-9 || count != test.count {
					t.Errorf("%g ms after %d runs (%v), want %g after %d", got, count, err, test.want, test.count)
				}
			})
		})
	}
}

func TestStep(t *testing.T) {
	t.Parallel()
	exec, err := open(1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Step(t.Context(), StepSettings{
		Config: smallConfig(), Executor: exec, Profiled: exec, Threads: 1, Repetitions: 3,
		Times: func() func(graph.Runner) (products, all time.Duration) {
			calls := time.Duration(0) // half of the time is in products
			return func(graph.Runner) (products, all time.Duration) {
				calls++
				return calls * time.Second, 2 * calls * time.Second
			}
		}(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !(r.P10 > 0 && r.P10 <= r.MsPerStep && r.MsPerStep <= r.P90) || *r.ProductsShare != 0.5 {
		t.Errorf("%+v", r)
	}
	// Five products of 2·b·n·d operations each.
	if want := 5 * 2 * 32 * 16 * 16 / r.MsPerStep / 1e6; math.Abs(r.GFLOPS/want-1) > 1e-12 {
		t.Errorf("gflops = %g, want %g", r.GFLOPS, want)
	}
}

// TestTapeMachineLearns checks that the slow peer does the same work: gorgonia's machine with
// gorgonia's Adam brings the loss down to where autoamp brings it.
func TestTapeMachineLearns(t *testing.T) {
	t.Parallel()
	const steps = 1500
	c := smallConfig()
	c.Steps, c.Schedule.Shape, c.Optimizer.LearningRate = steps, "constant", 0.005
	m, err := newTapeMachine(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	tail := 0.0
	for i := range steps {
		if err := m.Run(1); err != nil {
			t.Fatal(err)
		}
		if i >= steps-500 {
			tail += float64(m.loss.Value().Data().(float32)) / 500
		}
	}
	exec, err := open(1)
	if err != nil {
		t.Fatal(err)
	}
	l, err := load(c, exec)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Run(steps); err != nil {
		t.Fatal(err)
	}
	own := 0.0
	for _, loss := range l.losses[steps-500:] {
		own += loss / 500
	}
	// Same weights and data at the start; rounding then moves some signs apart. The mean of 500
	// batches of 32·16 numbers has a standard error near 0.3 %.
	if math.Abs(tail/own-1) > 0.02 || tail > 0.5 {
		t.Errorf("last 500 losses: gorgonia %.4f, autoamp %.4f", tail, own)
	}
}

func TestTorchPeer(t *testing.T) {
	t.Parallel()
	python, err := findTorch(t.Context(), SuiteSettings{}.withDefaults().Python)
	if err != nil {
		t.Skip("needs a Python with torch: ", err)
	}
	for _, c := range []struct{ model, mode string }{{"", "eager"}, {"denoiser", "hand"}, {"rigamp", "eager"}} {
		p, err := startTorch(t.Context(), python, c.mode, Cell{Model: c.model, Dim: 8, Batch: 4, Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Run(3), p.Close()); err != nil || p.about.Torch == "" {
			t.Errorf("%+v: %+v, %v", c, p.about, err)
		}
	}
	if _, err := startTorch(t.Context(), python, "sideways", Cell{Dim: 8, Batch: 4, Threads: 1}); err == nil ||
		!strings.Contains(err.Error(), "invalid choice") {
		t.Errorf("a peer that fails says %v", err)
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	cell := Cell{Dim: 100, Batch: 128, P: 0.2, Threads: 2}
	none, many := 0.0, 1234.5
	r := &SuiteResult{
		Date:     time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
		Machine:  Machine{CPU: "Example", Cores: 2, OS: "linux", Arch: "amd64"},
		Versions: map[string]string{"go": "go1.26", "torch": "2.0"},
		Results: []Measurement{
			{Cell: cell, Contestant: Autoamp, Ms: Spread{0.1, 0.09, 0.12}, Turns: 15, Ratio: 1, Faults: &none},
			{Cell: cell, Contestant: TorchHand, Absent: "no Python"},
			{Cell: cell, Contestant: TorchEager, Ms: Spread{0.55, 0.5, 0.7}, Turns: 15, Ratio: 5.5, Faults: &many},
			{Cell: cell, Contestant: TapeMachine, Ms: Spread{4, 3.5, 5}, Turns: 15, Ratio: 40},
		},
		Replicas: []ReplicaResult{
			{Models: 1, Threads: 1, Ms: Spread{0.1, 0.09, 0.12}, Speedup: 1},
			{Models: 32, Threads: 2, Ms: Spread{0.052, 0.05, 0.06}, Speedup: 1.923},
		},
	}
	var got bytes.Buffer
	if err := r.Markdown(&got); err != nil {
		t.Fatal(err)
	}
	compare(t, "suite.md", got.Bytes())
}

// compare compares with a golden file of testdata, which go test -run Markdown -update writes.
func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}
