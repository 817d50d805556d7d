package main

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/amp"
)

func TestParseRange(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sweepRange{
		"p=0.05:0.2:0.05":       {"p", []float64{0.05, 0.1, 0.15, 0.2}},
		"rate=0.1:0.35:0.1":     {"rate", []float64{0.1, 0.2, 0.3}},
		"rate=2:2:1":            {"rate", []float64{2}},
		"p=1e-6:3e-6:1e-6":      {"p", []float64{1e-6, 2e-6, 3e-6}},
		"p=0.7:1:0.1":           {"p", []float64{0.7, 0.8, 0.9, 1}},
		"p=0.5:0.5000001:0.001": {"p", []float64{0.5}},
	} {
		got, err := parseRange(text)
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
		_, err := parseRange(text)
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
		r, err := parseRange(s)
		if err == nil && (len(r.Values) == 0 || len(r.Values) > maxSweepPoints) {
			t.Errorf("%q: %d values", s, len(r.Values))
		}
	})
}

func TestSweepStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := theoryStudy{Data: "sparse-gaussian", Rate: 1, Progress: func(done, _ int) {
		if done == 2 {
			cancel()
		}
	}}
	seen := 0
	err := s.Sweep(ctx, sweepRange{"p", []float64{0.2, 0.4, 0.6}}, func(*amp.Prediction) error { seen++; return nil })
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
		r    sweepRange
	}{
		{"sparse-gaussian", sweepRange{"p", []float64{0.9, 1.1}}},
		{"sparse-gaussian", sweepRange{"rate", []float64{0.5, -1}}},
		{"gaussian", sweepRange{"p", []float64{0.5}}},
		{"no such law", sweepRange{"p", []float64{0.5}}},
	} {
		if err := (theoryStudy{Data: test.data, P: 0.4, Rate: 1}).Sweep(t.Context(), test.r, none); err == nil {
			t.Errorf("%v: no error", test)
		}
	}
}

// TestCurves writes a sweep and reads its figure back: the identity, the chain encoder and pairs are drawn only where they
// win somewhere.
func TestCurves(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][]string{
		"sparse-gaussian":   {"gaussian", "pairs", "denoiser", "rigamp_2", "bayes"},
		"sparse-rademacher": {"gaussian", "identity", "chain", "pairs", "denoiser", "rigamp_2", "amp", "bayes"},
	} {
		r, err := parseRange("p=0.05:1:0.05")
		if err != nil {
			t.Fatal(err)
		}
		var points []*amp.Prediction
		s := theoryStudy{Data: data, Rate: 1}
		if err := s.Sweep(t.Context(), r, func(p *amp.Prediction) error { points = append(points, p); return nil }); err != nil {
			t.Fatal(err)
		}
		dir, quantities := t.TempDir(), quantitiesOf("", 2, 0)
		files, err := writeCurves(dir, data, "p", points, quantities)
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
		figure, err := readTheoryFigure(bytes.NewReader(text), data, "p", quantities)
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
		if _, err := readTheoryFigure(strings.NewReader(text), "", "p", quantitiesOf("", 2, 0)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}
