package reproduce

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"autoamp/train/sweep/cells"
)

// lottery is an experiment of three kinds of cells: "luck" for each seed, whose number depends on the seed, "twin", which shares a claim with
// luck, and "apart", which nothing fails on. runs counts the runs of cells by name.
type lottery struct {
	runs   map[string]int
	number func(seed uint64) float64
	stop   func(cell string, seed uint64) error
}

func (d *lottery) experiment() *Experiment {
	cell := func(name string, seeds []uint64, number func(uint64) float64) Cell {
		return CellOf(name, seeds, func(_ context.Context, _ *Env, seed uint64) ([]Row, error) {
			d.runs[name]++
			if d.stop != nil {
				if err := d.stop(name, seed); err != nil {
					return nil, err
				}
			}
			return []Row{{"kind": family(name), "seed": seed, "x": number(seed)}}, nil
		})
	}
	one := func(seed uint64) float64 { return 1 + 0.001*float64(seed%3) }
	return &Experiment{
		Name: "lottery", Paper: "test", Title: "lottery", Claim: "numbers are 1", Columns: []string{"kind", "seed", "x"},
		Cells: func(p Params) ([]Cell, error) {
			var all []Cell
			for _, seed := range p.Seeds(3) {
				all = append(all, cell(fmt.Sprintf("luck-seed%d", seed), []uint64{seed}, d.number))
			}
			return append(all, cell("twin", p.Seeds(3), one), cell("apart", p.Seeds(4), one)), nil
		},
		Claims: func(r *Results) ([]Claim, error) {
			of := func(kind string) Estimate { return Mean(Where(r.Rows, "kind", kind), "x", "") }
			return []Claim{
				Equal("luck", of("luck"), ClosedForm(1), 1, 0.01),
				Equal("luck beside twin", of("luck"), Simulation(of("twin")), 5, 0.5),
				Equal("apart", of("apart"), ClosedForm(1), 1, 0.01),
			}, nil
		},
	}
}

func (d *lottery) run(t *testing.T, ctx context.Context, s Settings) *Outcome {
	t.Helper()
	s.Params = Params{Scale: Quick, Seed: 1}
	outcomes, err := Suite(ctx, []*Experiment{d.experiment()}, s)
	if len(outcomes) == 0 {
		t.Fatal(err)
	}
	return outcomes[0]
}

// badLuck is far from 1 for the seeds of the first run.
func badLuck(seed uint64) float64 {
	if seed < freshFrom {
		return 1.2 + 0.001*float64(seed)
	}
	return 1 + 0.001*float64(seed%3)
}

// TestFailureIsFoundTwice: a claim that fails is judged by twice as many other seeds, together with the cells that its cells are compared with.
// Nothing else is run again, the verdict says so, and the same directory judged again gives the same verdict without a run.
func TestFailureIsFoundTwice(t *testing.T) {
	t.Parallel()
	d := &lottery{runs: map[string]int{}, number: badLuck}
	dir := t.TempDir()
	o := d.run(t, t.Context(), Settings{Dir: dir})
	luck := o.Verdict.Claims[0]
	if o.Verdict.Status != Pass || luck.Found.Seeds != 6 || luck.First == nil || luck.First.Outcome() != Fail || luck.First.Found.Seeds != 3 {
		t.Errorf("%+v", o.Verdict)
	}
	if !slices.Equal(o.Verdict.Again, []string{"luck", "twin"}) || d.runs["apart"] != 4 || d.runs["twin"] != 9 || o.Open != 0 {
		t.Errorf("again %v, runs %v, open %d", o.Verdict.Again, d.runs, o.Open)
	}
	for _, c := range o.Verdict.Claims[1:] {
		if c.First != nil {
			t.Errorf("%s passed, and was judged again", c.Text)
		}
	}
	first, err := os.ReadFile(filepath.Join(dir, "lottery", verdictFile))
	if err != nil {
		t.Fatal(err)
	}
	d.runs = map[string]int{}
	d.run(t, t.Context(), Settings{Dir: dir, OnlyPlot: true})
	d.run(t, t.Context(), Settings{Dir: dir})
	again, err := os.ReadFile(filepath.Join(dir, "lottery", verdictFile))
	if err != nil || string(again) != string(first) || len(d.runs) > 0 {
		t.Errorf("%v, runs %v:\n%s\n%s", err, d.runs, first, again)
	}
}

// TestFalseClaimFailsAgain: other seeds do not save it.
func TestFalseClaimFailsAgain(t *testing.T) {
	t.Parallel()
	d := &lottery{runs: map[string]int{}, number: func(seed uint64) float64 { return 1.2 + 0.001*float64(seed%3) }}
	o := d.run(t, t.Context(), Settings{Dir: t.TempDir()})
	if luck := o.Verdict.Claims[0]; o.Verdict.Status != Fail || luck.Outcome() != Fail || luck.Found.Seeds != 6 || luck.First == nil {
		t.Errorf("%+v", o.Verdict)
	}
}

// TestOnlyPlotSaysWhatIsLeft: a table whose claims fail, without the cells with other seeds.
func TestOnlyPlotSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	d := &lottery{runs: map[string]int{}, number: badLuck}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	d.stop = func(_ string, seed uint64) error {
		if seed > freshFrom {
			cancel()
		}
		return ctx.Err()
	}
	d.run(t, ctx, Settings{Dir: dir})
	o := d.run(t, t.Context(), Settings{Dir: dir, OnlyPlot: true})
	if want := "claims failed, and 7 cells are to run again with other seeds: leave --only-plot out"; o.Verdict.Status != Fail || o.Open != 7 || o.Verdict.Reason != want {
		t.Errorf("%d open, %+v", o.Open, o.Verdict)
	}
}

// TestExactClaimIsNotTriedAgain: no seed changes it.
func TestExactClaimIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	if of := failing([]Claim{Equal("exact", Exact(2), ClosedForm(1), 1, 0)}); of != nil {
		t.Errorf("runs %q again", of)
	}
}

// TestSecondRunResumes: a process that ends among the cells with other seeds leaves a verdict that names them, and the next one runs those that are
// left.
func TestSecondRunResumes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d := &lottery{runs: map[string]int{}, number: badLuck}
	d.stop = func(cell string, seed uint64) error {
		if cell == fmt.Sprintf("luck-seed%d", freshFrom+3) {
			cancel()
			return ctx.Err()
		}
		return nil
	}
	if _, err := Suite(ctx, []*Experiment{d.experiment()}, Settings{Dir: dir, Params: Params{Scale: Quick, Seed: 1}}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if again := storedAgain(filepath.Join(dir, "lottery")); !slices.Equal(again, []string{"luck", "twin"}) {
		t.Errorf("the verdict names %q", again)
	}
	d.stop, d.runs = nil, map[string]int{}
	o := d.run(t, t.Context(), Settings{Dir: dir})
	if o.Verdict.Status != Pass || d.runs["apart"] != 0 || d.runs["twin"] != 6 || d.runs[fmt.Sprintf("luck-seed%d", freshFrom+2)] != 0 {
		t.Errorf("%+v, runs %v", o.Verdict, d.runs)
	}
}

// TestCrewRunsAgain: where workers run the cells, the judgement says how many are left, and the next launch has them as jobs.
func TestCrewRunsAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := &lottery{runs: map[string]int{}, number: badLuck}
	all := []*Experiment{d.experiment()}
	s := Settings{Dir: dir, Params: Params{Scale: Quick, Seed: 1}}
	for launch, want := range []struct {
		jobs, open int
		status     Status
	}{{5, 7, Fail}, {12, 0, Pass}} {
		crew, claim, err := Begin(all, s, cells.Launch{Launcher: "local", Tasks: 1})
		if err != nil {
			t.Fatal(err)
		}
		store, err := crew.Store("v", "cpu")
		if err != nil {
			t.Fatal(err)
		}
		worker := cells.Worker{Store: store, Env: func(int, *cells.Job) *Env { return &Env{} }, Release: func(*cells.Job) {},
			Failed: func(_ *cells.Job, _ []cells.Result, err error) error { return err }}
		if _, err := worker.Work(t.Context(), crew.Jobs); err != nil {
			t.Fatal(err)
		}
		claim.Release()
		begun, err := ReadBegun(dir, func(string) (*Experiment, error) { return all[0], nil })
		if err != nil {
			t.Fatal(err)
		}
		gather := s
		gather.Gather = true
		outcomes, err := Suite(t.Context(), all, gather)
		if err != nil || len(crew.Jobs) != want.jobs || Open(outcomes) != want.open || outcomes[0].Verdict.Status != want.status {
			t.Errorf("launch %d: %d jobs, %d open, %+v, %v", launch, len(crew.Jobs), Open(outcomes), outcomes[0].Verdict, err)
		}
		if parts, err := begun.Parts(); err != nil || len(parts[0].Cells) != 12 || parts[0].Done() != want.jobs {
			t.Errorf("launch %d: a reader sees %d of %d cells, %v", launch, parts[0].Done(), len(parts[0].Cells), err)
		}
	}
}

// TestWhereTakesNumbersAsTheyAreWritten: a large seed of a table is found by its number.
func TestWhereTakesNumbersAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	rows := []Row{{"seed": "12000000", "x": "1"}, {"seed": "7", "x": "2"}, {"x": "3"}}
	if got := Where(rows, "seed", 1.2e7); len(got) != 1 || got[0].Text("x") != "1" {
		t.Errorf("%v", got)
	}
	if got := Where(rows, "seed", ""); len(got) != 1 || got[0].Text("x") != "3" {
		t.Errorf("%v", got)
	}
}
