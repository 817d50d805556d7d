package bench

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"autoamp/train"
)

// A longer design of a seed begins with the points of a shorter one, and all are in range.
func TestDesignPoints(t *testing.T) {
	t.Parallel()
	points := DesignSettings{Points: 200, Seed: 3}.draw()
	if !slices.Equal(points[:40], DesignSettings{Points: 40, Seed: 3}.draw()) {
		t.Error("a shorter design has other points")
	}
	if slices.Equal(points, DesignSettings{Points: 200, Seed: 4}.draw()) {
		t.Error("another seed has the same points")
	}
	laws, models := map[string]int{}, map[string]int{}
	for _, p := range points {
		laws[p.Data]++
		models[p.Model]++
		if p.P < 0.05 || p.P > 1 || p.Rate < 0.3 || p.Rate > 1.5 || p.Dim < 80 || p.Dim > 250 {
			t.Errorf("out of range: %+v", p)
		}
		if err := (DesignSettings{}).config(p).Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if len(laws) != 5 || len(models) != 2 {
		t.Errorf("%v, %v", laws, models)
	}
}

// An interrupted design continues: its trained points are read, and the result is that of a design that was not interrupted.
func TestDesignContinues(t *testing.T) {
	t.Parallel()
	exec, err := open(1)
	if err != nil {
		t.Fatal(err)
	}
	whole := DesignSettings{Points: 2, Steps: 10, Executor: exec}
	want, err := Design(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	s := whole
	s.Dir = t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	s.Progress = func(done, _ int) {
		if done == 1 {
			cancel()
		}
	}
	part, err := Design(ctx, s)
	if !errors.Is(err, context.Canceled) || len(part.Points) != 1 {
		t.Fatal(part, err)
	}
	s.Progress = nil
	got, err := Design(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Points {
		want.Points[i].Seconds, got.Points[i].Seconds = 0, 0
	}
	if !slices.Equal(got.Points, want.Points) || got.Within != 0 || got.Unflagged != 0 {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	var text bytes.Buffer
	if err := got.Markdown(&text); err != nil || !strings.Contains(text.String(), "\n0 of 2 within 3 % of the best candidate") {
		t.Error(err, text.String())
	}
}

// The gap is to the error at this d, or to the limit where the candidate has none.
func TestDesignMeasures(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		mse, expected, limit     float64
		converged                bool
		within, below, unflagged int
	}{
		"above": {0.31, 0.3, 0.2, false, 0, 0, 0}, "above, unflagged": {0.31, 0.3, 0.2, true, 0, 0, 1},
		"near": {0.308, 0.3, 0.2, true, 1, 0, 0}, "below": {0.2, 0.3, 0.25, true, 0, 1, 0},
		"to the limit": {0.31, 0, 0.305, true, 1, 0, 0}, "far from the limit": {0.32, 0, 0.305, false, 0, 0, 0},
	} {
		var p DesignPoint
		p.measure(&train.Summary{Points: []train.Point{{TestMSE: c.mse, Expected: c.expected, Limit: c.limit, Converged: &c.converged}}})
		var r DesignResult
		r.add(p)
		if r.Within != c.within || r.Below != c.below || r.Unflagged != c.unflagged || r.Above != 1-c.within-c.below {
			t.Errorf("%s: %+v", what, r)
		}
	}
}
