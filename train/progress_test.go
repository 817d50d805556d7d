package train_test

import (
	"math"
	"testing"

	"autoamp/train"
	"autoamp/train/rundir"
)

// TestProgress compares what Progress is told with metrics.csv: no test error before the first row, then the errors of the newest row,
// averaged over seeds as in the summary, beside the summary's theory.
func TestProgress(t *testing.T) {
	t.Parallel()
	for _, onlyFinal := range []bool{false, true} {
		dir := t.TempDir()
		var told []train.Progress
		tr := train.Trainer{Config: fewSteps(), Executor: &fakeExecutor{}, Dir: dir, OnlyFinal: onlyFinal, NoFigures: true,
			Progress: func(p train.Progress) { told = append(told, p) }}
		s, err := tr.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rows, err := rundir.ReadMetrics(dir)
		if err != nil {
			t.Fatal(err)
		}
		if first := told[0]; first.TestStep != 0 || !math.IsNaN(first.TestMSE) || first.Points != nil || first.Replicas != 4 {
			t.Errorf("before the first row: %+v", first)
		}
		steps := map[int]bool{}
		for _, p := range told {
			if p.TestStep > 0 && !steps[p.TestStep] {
				steps[p.TestStep] = true
				checkTold(t, p, rows, s, onlyFinal)
			}
		}
		if last := told[len(told)-1]; last.Step != last.Steps || last.TestStep != last.Steps || len(steps) != len(rows)/4 {
			t.Errorf("at the end: %+v, with %d of %d rows", last, len(steps), len(rows)/4)
		}
	}
}

// checkTold compares a Progress with the rows of its step.
func checkTold(t *testing.T, p train.Progress, rows []train.Row, s *train.Summary, onlyFinal bool) {
	t.Helper()
	var all float64
	errors := make([]float64, len(s.Points))
	for _, row := range rows {
		if row.Step != p.TestStep {
			continue
		}
		all += row.TestMSE / 4
		for i, point := range s.Points {
			if row.P == point.P {
				errors[i] += row.TestMSE / 2
			}
		}
	}
	same := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 || onlyFinal && math.IsNaN(a) && math.IsNaN(b) }
	if !same(p.TestMSE, all) || len(p.Points) != len(s.Points) {
		t.Fatalf("step %d: %+v, want %v", p.TestStep, p, all)
	}
	for i, point := range p.Points {
		want := s.Points[i]
		if !same(point.TestMSE, errors[i]) || point.P != want.P || point.Expected != want.Expected || point.Limit != want.Limit || point.Candidate != want.Candidate {
			t.Errorf("step %d: %+v, want %v and %+v", p.TestStep, point, errors[i], want)
		}
	}
}
