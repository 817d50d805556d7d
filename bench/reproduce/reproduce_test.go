package reproduce

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"

	"autoamp/kernels/cpu"
	"autoamp/train"
	"autoamp/train/figure"
	"autoamp/train/sweep/cells"
)

// counting is an experiment of three cells that counts how often each runs, and may stop in one.
type counting struct {
	runs   map[string]int
	scale  float64 // a setting of the cell b
	cancel context.CancelFunc
	stopIn string
}

func (c *counting) experiment() *Experiment {
	return &Experiment{
		Name: "counting", Paper: "test", Title: "counting", Claim: "cells are run once", Columns: []string{"name", "x", "y"},
		Cells: func(p Params) ([]Cell, error) {
			var cells []Cell
			for i, name := range []string{"a", "b", "c"} {
				settings := map[string]any{"seed": p.Seed}
				if name == "b" {
					settings["scale"] = c.scale
				}
				cells = append(cells, Cell{Name: name, Settings: settings, Run: func(ctx context.Context, _ *Env) (*Output, error) {
					if c.runs[name]++; name == c.stopIn {
						c.cancel()
						return nil, ctx.Err()
					}
					return &Output{
						Rows:     []Row{{"name": name, "x": i, "y": 0.1 * float64(i)}, {"name": name, "x": i + 10}},
						Matrices: map[string]*mat.Dense{name: mat.NewDense(1, 2, []float64{float64(i), 0.25})},
					}, nil
				}})
			}
			return cells, nil
		},
		Figures: func(r *Results) ([]Figure, error) {
			chart := figure.Chart{}
			chart.Add(figure.Curve{Label: "y", Points: plotter.XYs{{X: 0, Y: r.Rows[0].Num("y")}, {X: 1, Y: 1}}, Pen: figure.Solid(figure.Blue)})
			return []Figure{{Name: "counting", Paint: chart.Paint, Caption: "counting"}}, nil
		},
		Claims: func(r *Results) ([]Claim, error) {
			m, err := r.Matrix("c")
			if err != nil {
				return nil, err
			}
			return []Claim{
				Equal("rows", Exact(float64(len(r.Rows))), ClosedForm(6), 1, 0),
				Equal("y of c", Exact(Pick(r.Rows, "name", "c").Num("y")), ClosedForm(0.2), 1, 1e-12),
				Equal("matrix of c", Exact(m.At(0, 0)), ClosedForm(2), 1, 0),
			}, nil
		},
	}
}

func suite(t *testing.T, ctx context.Context, c *counting, s Settings) (*Outcome, error) {
	t.Helper()
	s.Scale = Quick
	outcomes, err := Suite(ctx, []*Experiment{c.experiment()}, s)
	if len(outcomes) == 0 {
		return nil, err
	}
	return outcomes[0], err
}

// TestResume: an interrupted run continues with the cell that it stopped in, and ends with the same bytes as an
// uninterrupted run. A changed setting repeats its cell alone. --only-plot runs no cell.
func TestResume(t *testing.T) {
	t.Parallel()
	whole, parts := t.TempDir(), t.TempDir()
	if o, err := suite(t, t.Context(), &counting{runs: map[string]int{}}, Settings{Dir: whole}); err != nil || o.Verdict.Status != Pass {
		t.Fatalf("%+v, %v", o, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &counting{runs: map[string]int{}, cancel: cancel, stopIn: "b"}
	if _, err := suite(t, ctx, c, Settings{Dir: parts}); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	c.stopIn = ""
	if o, err := suite(t, t.Context(), c, Settings{Dir: parts}); err != nil || o.Verdict.Status != Pass {
		t.Fatalf("continued: %+v, %v", o, err)
	}
	if c.runs["a"] != 1 || c.runs["b"] != 2 || c.runs["c"] != 1 {
		t.Errorf("runs %v, want 1, 2, 1", c.runs)
	}
	table := func(dir string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, "counting", tableFile))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if !bytes.Equal(table(whole), table(parts)) {
		t.Errorf("the tables differ:\n%s\n%s", table(whole), table(parts))
	}
	c.scale = 2
	if o, err := suite(t, t.Context(), c, Settings{Dir: parts, OnlyPlot: true}); err != nil || o.Verdict.Status != NotRun {
		t.Fatalf("only-plot of settings that did not run: %+v, %v", o, err)
	}
	if _, err := suite(t, t.Context(), c, Settings{Dir: parts}); err != nil || c.runs["a"] != 1 || c.runs["b"] != 3 {
		t.Errorf("a changed setting: runs %v, %v", c.runs, err)
	}
	if err := os.Remove(filepath.Join(parts, "counting", "counting.svg")); err != nil {
		t.Fatal(err)
	}
	o, err := suite(t, t.Context(), c, Settings{Dir: parts, OnlyPlot: true})
	if err != nil || o.Verdict.Status != Pass || c.runs["b"] != 3 {
		t.Errorf("only-plot: %+v, runs %v, %v", o, c.runs, err)
	}
	for _, name := range []string{"counting/counting.svg", "counting/counting.png", "counting/counting.pdf", "counting/verdict.json", "index.html"} {
		if _, err := os.Stat(filepath.Join(parts, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestRefusedDirectory(t *testing.T) {
	t.Parallel()
	dir, foreign := t.TempDir(), t.TempDir()
	c := &counting{runs: map[string]int{}}
	if _, err := suite(t, t.Context(), c, Settings{Dir: dir, Params: Params{Seed: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		dir, want string
		params    Params
	}{
		{dir, "another seed, 1 instead of 2", Params{Scale: Quick, Seed: 2}},
		{dir, "another scale, quick instead of paper", Params{Scale: Paper, Seed: 1}},
		{foreign, "holds thesis.tex", Params{Scale: Quick, Seed: 1}},
	} {
		_, err := Suite(t.Context(), []*Experiment{c.experiment()}, Settings{Dir: test.dir, Params: test.params})
		var refused *train.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want a refusal with %q", err, test.want)
		}
	}
}

// TestMissingData: an experiment without its data is not run, which is no failure, and the other experiments run.
func TestMissingData(t *testing.T) {
	t.Parallel()
	missing := (&counting{}).experiment()
	missing.Cells = func(Params) ([]Cell, error) {
		return nil, &NotRunError{"autoamp datasets fetch mnist"}
	}
	missing.Name = "missing"
	broken := (&counting{runs: map[string]int{}}).experiment()
	broken.Name, broken.Claims = "broken", func(*Results) ([]Claim, error) { return nil, errors.New("no claims today") }
	outcomes, err := Suite(t.Context(), []*Experiment{missing, broken, (&counting{runs: map[string]int{}}).experiment()},
		Settings{Dir: t.TempDir(), Params: Params{Scale: Quick, Seed: 1}})
	if err != nil || len(outcomes) != 3 {
		t.Fatalf("%d outcomes, %v", len(outcomes), err)
	}
	for i, want := range []struct {
		status Status
		reason string
	}{{NotRun, "datasets fetch mnist"}, {Fail, "no claims today"}, {Pass, ""}} {
		if v := outcomes[i].Verdict; v.Status != want.status || !strings.Contains(v.Reason, want.reason) {
			t.Errorf("%s: %s, %q", v.Experiment, v.Status, v.Reason)
		}
	}
}

// TestTraining runs a small training as a cell: rows for every p and seed, along the way too, and the encoder.
func TestTraining(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	training := Training{
		Name: "tiny", Trace: true, Encoders: []float64{0.5},
		Config: train.Config{
			Model: train.ModelConfig{Name: "shallow", Dim: 8}, Data: train.DataConfig{P: []float64{0.3, 0.5}},
			Steps: 20, Batch: 16, Seeds: []uint64{1, 2}, Evaluation: train.EvaluationConfig{Every: 10},
		},
	}
	dir := filepath.Join(t.TempDir(), "cell")
	out, err := training.Cell().Run(t.Context(), &Env{Executor: exec, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	table := cells.NewTable(TrainingColumns)
	if err := table.Put("tiny", out.Rows); err != nil {
		t.Fatal(err)
	}
	rows := table.Rows([]string{"tiny"})
	final, trace := Where(rows, "kind", "final"), Where(rows, "kind", "trace", "p", 0.5, "seed", 2)
	if len(final) != 4 || len(trace) == 0 {
		t.Fatalf("%d final rows, %d of a trace", len(final), len(trace))
	}
	if e := Mean(Where(final, "p", 0.5), "test_mse", "test_mse_stderr"); !(e.Value > 0.2 && e.Value < 1.2 && e.Stderr > 0) {
		t.Errorf("error %v", e)
	}
	b := out.Matrices[EncoderName("tiny", 0.5)]
	for i := range 8 {
		if norm := mat.Norm(b.RowView(i), 2); math.Abs(norm-1) > 1e-5 {
			t.Errorf("row %d of B has norm %v", i, norm)
		}
	}
}
