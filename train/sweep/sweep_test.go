package sweep

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"autoamp/kernels/cpu"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/sweep/cells"
)

// small is a sweep whose cells train in milliseconds.
const small = `base:
  model: {name: shallow, dim: 8}
  batch: 8
  steps: 10
  evaluation: {final_batches: 2}
grid:
  p: [0.3, 0.6]
  rate: [0.5, 1]
seeds: 2
`

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func expand(t *testing.T, text string) *Grid {
	t.Helper()
	g, err := parse(t, text).Expand(0)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// values are the values of a column of all cells.
func values(g *Grid, column string) []string {
	i := slices.Index(g.Header(), column)
	var out []string
	for c := range g.Cells {
		out = append(out, g.Values(&g.Cells[c])[i])
	}
	return out
}

// The cells come in the order of the file, the first setting slowest and seeds last; a zip varies its settings together, and
// conditions leave combinations out.
func TestOrder(t *testing.T) {
	t.Parallel()
	g := expand(t, `grid: {p: 0.1:0.3:0.1}
zip: {model.dim: [10, 20], lr: [1e-3, 2e-3]}
seeds: [5, 7]
where: [p < 0.25 or model.dim = 20, "p != 0.1"]
`)
	if got := strings.Join(g.Header(), " "); got != "model.dim optimizer.learning_rate p rate seed" {
		t.Errorf("columns %s", got)
	}
	for column, want := range map[string]string{
		"p": "0.2 0.2 0.2 0.2 0.3 0.3", "model.dim": "10 10 20 20 20 20", "optimizer.learning_rate": "0.001 0.001 0.002 0.002 0.002 0.002",
		"seed": "5 7 5 7 5 7", "rate": "1 1 1 1 1 1",
	} {
		if got := strings.Join(values(g, column), " "); got != want {
			t.Errorf("%s: %s, want %s", column, got, want)
		}
	}
}

// Cells that replicas may differ in are one program; others are not.
func TestJobs(t *testing.T) {
	t.Parallel()
	g := expand(t, `base: {data: {name: sparse-mixture}}
grid: {p: [0.2, 0.4], lr: [1e-3, 2e-3], data.mixture_mean: [0.5, 1], model.dim: [10, 20]}
seeds: 3
`)
	if jobs := g.Jobs(1000); len(jobs) != 2 || len(jobs[0].Cells) != 24 {
		t.Errorf("%d jobs", len(jobs))
	}
	sizes := map[int]int{}
	seen := map[string]bool{}
	for _, job := range g.Jobs(7) {
		sizes[len(job.Cells)]++
		for _, key := range job.Cells {
			if seen[key] {
				t.Errorf("%s is in two jobs", key)
			}
			seen[key] = true
		}
	}
	if len(seen) != 48 || sizes[6] != 8 {
		t.Errorf("%d cells, sizes %v", len(seen), sizes)
	}
}

// Everything that is wrong in a file is said at once.
// A cell trains as a run of its settings alone would, also where a default depends on what replicas of one program may differ in: the
// temperature on p and on the learning rate. One that is given stays, and the cells share their program.
func TestCellsAreRunsAlone(t *testing.T) {
	t.Parallel()
	const grid = "grid:\n  data.p: [0.2, 0.8]\n  optimizer.learning_rate: [0.003, 0.006]\nseeds: 2\n"
	for model, shapes := range map[string]int{"{name: shallow}": 3, "{name: shallow, tau: 0.1}": 1, "{name: shallow, tau_final: 0.5}": 3, "{name: deep}": 1} {
		g := expand(t, "base: {model: "+model+", data: {name: sparse-rademacher}}\n"+grid)
		if len(g.Shapes) != shapes {
			t.Errorf("%s: %d shapes, want %d", model, len(g.Shapes), shapes)
		}
		for i := range g.Cells {
			c := &g.Cells[i]
			alone, err := config.Parse(fmt.Appendf(nil, "{model: %s, data: {name: sparse-rademacher, p: [%g]}, optimizer: {learning_rate: %g}, seeds: [%d]}",
				model, c.Replica.P, c.Replica.LearningRate, c.Replica.Seed))
			if err != nil {
				t.Fatal(err)
			}
			if got := g.Config(c); !got.Equal(alone) {
				t.Errorf("%s: %s has τ = %g, final %g", model, g.Label(c), got.Model.Tau, got.Model.TauFinal)
			}
		}
	}
}

func TestWrongFiles(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"grid: {modl.rate: [1]}", "modl.rate: is no setting; near to it: model.rate"},
		{"base: {model: {rat: 1}}", "base: model.rat: is no setting; near to it: model.rate"},
		{"gird: {p: [1]}", "did you mean grid?"},
		{"grid: {}", "grid: is empty"},
		{"grid: {p: []}", "data.p: is empty"},
		{"grid: {p: [[0.1, 0.2]]}", "must be one value for each cell"},
		{"grid: {p: 0.9:0.1:0.1}", "the step must lead from 0.9 to 0.1"},
		{"grid: {p: [0.1, 0.1]}", "is listed twice"},
		{"grid: {rate: [0.5, .50, 5e-1]}", "model.rate = 5e-1: is listed twice"},
		{"zip: {model.dim: [10, 20, 10], rate: [1, 1, 1.0]}", "the values 1 and 3 of model.dim, model.rate are the same"},
		{"grid: {p: .1:.3}", "\".1:.3\": must be from:to:step"},
		{"grid: {rate: [.1, .3:.5:.1]}", "a range from:to:step stands in the place of a list"},
		{"grid: {optimizer: {learning_rate: [1e-3, 1e-2]}}", "optimizer: write its settings with dots, such as optimizer.learning_rate: [1e-3, 1e-2]"},
		{"grid: {optimizer.lr: [1e-3]}", "near to it: optimizer.learning_rate"},
		{"grid: {device: [cpu, gpu]}", "device: is no setting; autoamp train --help lists them"},
		{"grid: {optimizer.project: [maybe]}", "optimizer.project = maybe: must be true or false"},
		{"", "the file is empty"},
		{"grid: {p: [0.1], data.p: [0.2]}", "data.p: varies twice"},
		{"zip: {model.dim: [1, 2], batch: [1]}", "model.dim has 2, batch has 1: all must have as many values"},
		{"zip: {model.dim: [1, 2], rate: [1, 2], p: 0.1:0.3:0.1}", "model.dim has 2, model.rate has 2, data.p has 3"},
		{"seeds: 0", "seeds = 0"},
		{"seeds: [1, 1]", "1: is listed twice"},
		{"base: {seeds: [1]}\nseeds: 2", "is given beside base.seeds"},
		{"where: p is 3", "must be comparisons"},
		{"where: p < three", "needs a number or a setting"},
		{"where: p < rte", "near to it: model.rate"},
		{"where: p < 1 and", "must be comparisons"},
		{"grid: {model.name: [shallow, denoiser]}\nwhere: [p < 1, model.name = shalow]", `no combination is left: none has "model.name = shalow"`},
		{"plot: {series: p}", "x must be a setting"},
		{"plot: {x: model, series: p}", "x = model: must be a setting whose values are numbers"},
		{"grid: {model.name: [shallow, rigamp], model.iterations: [1, 2]}", "only; leave it out, in a zip by null (the cell model.name=shallow model.iterations=1 "},
		{"plot: {x: seed}", "x = seed: must be another setting"},
		{"plot: {x: rate, series: [p, model]}", "series = [p, model]: must be one setting"},
		{"plot: {x: p, y: test_mes}", "did you mean test_mse?"},
		{"grid: {p: [0.5, 1.5]}", "data.p = 1.5: must be in (0, 1]"},
		{"grid: {rate: [-1]}\nseeds: 9", "and 8 more"},
		{"grid: {p: 0.1:1:0.1}\nwhere: p > 1", "no combination is left"},
		{"seeds: 10001", "10001 combinations: at most 10000 cells"},
		{"- a", "must be keys with values"},
		{"grid: {p: [0.1", "grid"},
	} {
		_, err := Load([]byte(test.text), 0)
		var wrong *FileError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.text, err, test.want)
		}
	}
}

// A file is not refused for one thing after the other.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want []string
	}{
		{"base: {model: {nam: x}, stps: 4}\ngrid: {a: 1, b: 2}\nwhere: c = 1\nplot: {x: rte, y: mse, z: 1}",
			[]string{"model.nam: is no", "stps: is no", "grid: a: is no", "grid: b: is no", "c: is no", "x: rte", "y = mse", "z: must be"}},
		{"grid: {p: [0.5, 2, 0], batch: [0, 8], rate: [-1, x], model.dim: [8]}",
			[]string{"data.p = 2", "data.p = 0", "batch = 0", "model.rate = x", "model.rate = -1"}},
	} {
		_, err := Load([]byte(test.text), 0)
		for _, want := range test.want {
			if err == nil || strings.Count(err.Error(), want) != 1 {
				t.Errorf("%q: %v, want %q once", test.text, err, want)
			}
		}
	}
}

// null in a zip leaves a setting out.
func TestNull(t *testing.T) {
	t.Parallel()
	g := expand(t, "zip: {model.name: [shallow, rigamp, rigamp], model.iterations: [null, 1, 2]}")
	if got := strings.Join(values(g, "model.iterations"), " "); got != "0 1 2" {
		t.Errorf("iterations %s", got)
	}
}

// Conditions in a list must all hold, and binds more tightly than or.
func TestWhere(t *testing.T) {
	t.Parallel()
	for where, want := range map[string]string{
		"p = 0.1 and rate = 2": "0.1/2", "[p = 0.1, rate = 2]": "0.1/2", "p = 0.1 and rate = 2 or p = 0.2 and rate = 1": "0.1/2 0.2/1",
		"[p = 0.1 or rate = 1, 'rate != 2']": "0.1/1 0.2/1", "p >= 0.1 and rate>p and rate <= 1": "0.1/1 0.2/1",
	} {
		g := expand(t, "grid: {p: [0.1, 0.2], rate: [1, 2]}\nwhere: "+where)
		var got []string
		for i, p := range values(g, "p") {
			got = append(got, p+"/"+values(g, "rate")[i])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", where, got, want)
		}
	}
}

// FuzzParse reads any text: it is refused, or its cells are counted.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("grid: {p: 0.1:1e300:1e-300}\nwhere: ' or '"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Parse(text)
		if err != nil {
			return
		}
		if g, err := file.Expand(50); err == nil && (len(g.Cells) == 0 || len(g.Cells) > 50) {
			t.Errorf("%d cells", len(g.Cells))
		}
	})
}

// run begins a sweep in a directory, does its jobs in this process and returns how many ran, with the table.
func run(t *testing.T, dir, text string, replicas int) (cells.Counts, [][]string) {
	t.Helper()
	s, claim, err := Begin(dir, expand(t, text), Launch{Launcher: "local", Version: "v1", Replicas: replicas, Seconds: 1e9, Tasks: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer claim.Release()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	store, err := s.Store("v1", exec.Device())
	if err != nil {
		t.Fatal(err)
	}
	task := cells.Task{Directory: s.Directory, Jobs: s.Jobs, Store: store, Executor: exec, Holder: cells.ThisHolder("", 0)}
	counts, err := task.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	st, err := s.Status(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Gather(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, TableFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		row[len(row)-1] = "" // seconds
	}
	return counts, rows
}

// The table is the same however cells are grouped, and equals what each cell gives alone. An added value computes what is new,
// a value that is taken out leaves the table and is not computed again when it comes back.
func TestValuesComeAndGo(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sweep")
	_, grouped := run(t, dir, small, 8)
	_, alone := run(t, filepath.Join(t.TempDir(), "alone"), small, 1)
	if len(grouped) != 9 || !slices.EqualFunc(grouped, alone, slices.Equal) {
		t.Errorf("grouped:\n%v\nalone:\n%v", grouped, alone)
	}
	if counts, _ := run(t, dir, small, 8); counts.Jobs != 0 {
		t.Errorf("again: %+v", counts)
	}
	more := strings.Replace(small, "[0.3, 0.6]", "[0.3, 0.45, 0.6]", 1)
	_, rows := run(t, dir, more, 8)
	if len(rows) != 13 || rows[5][0] != "0.45" || rows[5][len(rows[5])-4] == "waiting" {
		t.Errorf("%v", rows)
	}
	if !slices.Equal(rows[1], grouped[1]) || !slices.Equal(rows[12], grouped[8]) {
		t.Error("an added value has changed the others")
	}
	done, err := (cells.NewDirectory(dir)).Done()
	if err != nil {
		t.Fatal(err)
	}
	fewer := strings.Replace(small, "[0.3, 0.6]", "[0.6]", 1)
	if counts, rows := run(t, dir, fewer, 8); counts.Jobs != 0 || len(rows) != 5 || !slices.Equal(rows[1][:3], []string{"0.6", "0.5", "1"}) {
		t.Errorf("%+v, %v", counts, rows)
	}
	if counts, _ := run(t, dir, more, 8); counts.Jobs != 0 {
		t.Errorf("back again: %+v", counts)
	}
	if now, err := (cells.NewDirectory(dir)).Done(); err != nil || len(now) != len(done) {
		t.Errorf("%d files of results, %d before: %v", len(now), len(done), err)
	}
}

// A directory of another sweep, of something else, or with a launcher at it is refused.
func TestRefusedDirectories(t *testing.T) {
	t.Parallel()
	launch := Launch{Launcher: "local", Version: "v1", Replicas: 8, Seconds: 1, Tasks: 10}
	dir := filepath.Join(t.TempDir(), "sweep")
	_, claim, err := Begin(dir, expand(t, small), launch)
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(dir, text, want string) {
		t.Helper()
		_, _, err := Begin(dir, expand(t, text), launch)
		var refused *train.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	refuse(dir, small, "is at it since")
	claim.Release()
	refuse(dir, strings.Replace(small, "steps: 10", "steps: 11", 1), "holds another sweep")
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.tex"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	refuse(foreign, small, "holds thesis.tex, which is not part of a sweep")
	if err := os.WriteFile(filepath.Join(dir, ManifestFile), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	refuse(dir, small, "remove it")
}

// A cell whose loss is not finite fails alone, and those beside it get the results that they have without it.
func TestDivergedCell(t *testing.T) {
	t.Parallel()
	text := strings.Replace(small, "  rate: [0.5, 1]\n", "  lr: [1e-3, 1e30]\n", 1)
	text = strings.Replace(text, "  batch: 8\n", "  batch: 8\n  optimizer: {name: sgd, project: false}\n", 1)
	counts, rows := run(t, filepath.Join(t.TempDir(), "sweep"), text, 8)
	_, sane := run(t, filepath.Join(t.TempDir(), "sane"), strings.Replace(text, ", 1e30", "", 1), 8)
	state := slices.Index(rows[0], "state")
	var failed, same int
	for _, row := range rows[1:] {
		switch row[state] {
		case string(Failed):
			failed++
		case string(Done):
			if slices.ContainsFunc(sane, func(of []string) bool { return slices.Equal(of[len(of)-9:], row[len(row)-9:]) }) {
				same++
			}
		}
	}
	if counts.Failed != 1 || failed == 0 || same != 4 {
		t.Errorf("%+v, %d failed, %d as without them: %v", counts, failed, same, rows)
	}
}
