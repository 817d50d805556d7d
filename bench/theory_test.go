package bench

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/amp"
)

func TestParseRange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Range{
		"p=0.05:0.2:0.05":       {"p", []float64{0.05, 0.1, 0.15, 0.2}},
		"rate=0.1:0.35:0.1":     {"rate", []float64{0.1, 0.2, 0.3}},
		"rate=2:2:1":            {"rate", []float64{2}},
		"p=1e-6:3e-6:1e-6":      {"p", []float64{1e-6, 2e-6, 3e-6}},
		"p=0.7:1:0.1":           {"p", []float64{0.7, 0.8, 0.9, 1}},
		"p=0.5:0.5000001:0.001": {"p", []float64{0.5}},
	} {
		got, err := ParseRange(text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, %s", text, err, diff)
		}
	}
	for text, want := range map[string]string{
		"":                  "must be like p=0.05:1:0.05",
		"q=1:2:1":           "must be like p=0.05:1:0.05",
		"p=1:2":             "must have three numbers",
		"p=1:2:x":           `"x" must be a finite number`,
		"p=NaN:2:1":         `"NaN" must be a finite number`,
		"p=0:1:0":           "step 0 must be positive",
		"p=0:1:-0.1":        "step -0.1 must be positive",
		"p=1:0.5:0.1":       "1 must not be above 0.5",
		"p=0:1:1e-9":        "at most 100000 points",
		"rate=0:1e308:1e-9": "at most 100000 points",
	} {
		_, err := ParseRange(text)
		var domain *amp.DomainError
		if !errors.As(err, &domain) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, seed := range []string{"p=0.05:1:0.05", "rate=1:2:", "p=-1e308:1e308:1e308"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRange(s)
		if err == nil && (len(r.Values) == 0 || len(r.Values) > MaxSweepPoints) {
			t.Errorf("%q: %d values", s, len(r.Values))
		}
	})
}

func TestSweepStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := TheorySettings{Data: "sparse-gaussian", Rate: 1, Progress: func(done, _ int) {
		if done == 2 {
			cancel()
		}
	}}
	seen := 0
	err := s.Sweep(ctx, Range{"p", []float64{0.2, 0.4, 0.6}}, func(*amp.Prediction) error { seen++; return nil })
	if !errors.Is(err, context.Canceled) || seen != 2 || !strings.Contains(err.Error(), "after 2 of 3") {
		t.Errorf("%d points, %v", seen, err)
	}
}

// TestSweepChecksFirst: the last value is out of bounds, so no point is evaluated.
func TestSweepChecksFirst(t *testing.T) {
	t.Parallel()
	none := func(*amp.Prediction) error { t.Error("a point was evaluated"); return nil }
	for _, test := range []struct {
		data string
		r    Range
	}{
		{"sparse-gaussian", Range{"p", []float64{0.9, 1.1}}},
		{"sparse-gaussian", Range{"rate", []float64{0.5, -1}}},
		{"gaussian", Range{"p", []float64{0.5}}},
		{"no such law", Range{"p", []float64{0.5}}},
	} {
		if err := (TheorySettings{Data: test.data, P: 0.4, Rate: 1}).Sweep(t.Context(), test.r, none); err == nil {
			t.Errorf("%v: no error", test)
		}
	}
}

// TestCurves writes a sweep and reads its figure back: the identity and the chain encoder are drawn only where they win
// somewhere.
func TestCurves(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][]string{
		"sparse-gaussian":   {"gaussian", "denoiser", "rigamp_2", "bayes"},
		"sparse-rademacher": {"gaussian", "identity", "chain", "denoiser", "rigamp_2", "bayes"},
	} {
		r, err := ParseRange("p=0.05:1:0.05")
		if err != nil {
			t.Fatal(err)
		}
		var points []*amp.Prediction
		s := TheorySettings{Data: data, Rate: 1}
		if err := s.Sweep(t.Context(), r, func(p *amp.Prediction) error { points = append(points, p); return nil }); err != nil {
			t.Fatal(err)
		}
		dir, quantities := t.TempDir(), TheoryQuantities("", 2, 0)
		files, err := WriteCurves(dir, data, "p", points, quantities)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v", file, err)
			}
		}
		text, err := os.ReadFile(filepath.Join(dir, "curves.csv"))
		if err != nil {
			t.Fatal(err)
		}
		figure, err := ReadTheoryFigure(bytes.NewReader(text), data, "p", quantities)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range figure.Curves {
			got = append(got, c.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", data, diff)
		}
		if y := figure.Curves[len(got)-1].Points[7].Y; math.Abs(y-points[7].Bayes) > 1e-12 {
			t.Errorf("%s: the figure has %v, the theory %v", data, y, points[7].Bayes)
		}
	}
}

func TestReadTheoryFigureErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "p,bayes\n", "rate,bayes\n1,2\n", "p,bayes\n1\n"} {
		if _, err := ReadTheoryFigure(strings.NewReader(text), "", "p", TheoryQuantities("", 2, 0)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// TestTheorySpeed: the peer agrees with amp within the error of its sampling. The standard deviation of the posterior
// variance is below 0.6 here, so that 100 000 samples err by 2e-3, and the recursion by not much more.
func TestTheorySpeed(t *testing.T) {
	t.Parallel()
	s := TheorySpeedSettings{Repetitions: 1, CurvePoints: 2, Samples: 100_000}
	r, err := TheorySpeedTable(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := findNumpy(t.Context(), []string{"python3", "/usr/bin/python3"}); err != nil {
		t.Skip("apt install python3-numpy would make it run: ", err)
	}
	for _, row := range r.Results {
		for what, c := range map[string]PeerCompare{"denoiser": row.MMSE, "bayes": row.Bayes} {
			if slices.Contains(peerLaws, row.Data) && (c.Error == nil || *c.Error > 8e-3) {
				t.Errorf("%s, %s: autoamp %g, numpy's error %v (%s)", row.Data, what, c.Value, c.Error, r.Absent)
			}
		}
	}
}

func TestTheorySpeedWithoutPeer(t *testing.T) {
	t.Parallel()
	settings := TheorySpeedSettings{Repetitions: 1, CurvePoints: 1, Python: []string{"no-such-python"}}
	r, err := TheorySpeedTable(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.Markdown(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "NumPy is absent: no Python that can import numpy") {
		t.Error(text.String())
	}
	broken, err := exec.LookPath("false")
	if err != nil {
		t.Skip("needs a program called false")
	}
	if err := settings.withDefaults().askPeer(t.Context(), broken, &r.Results[1], r.Versions); err == nil {
		t.Error("a peer that fails is taken for one that ran")
	}
}
