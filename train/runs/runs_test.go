package runs_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"autoamp/datasets/durable"
	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/rundir"
	"autoamp/train/runs"
)

// small is a run of a tenth of a second: two p, two seeds.
func small() train.Config {
	c := train.Config{Steps: 40, Batch: 8, Seeds: []uint64{1, 2}}
	c.Model = train.ModelConfig{Name: "shallow", Dim: 12, Rate: 0.75}
	c.Data.P = []float64{0.4, 0.8}
	c.Evaluation.FinalBatches = 20
	return c
}

// trainInto trains in a directory.
func trainInto(t *testing.T, ctx context.Context, dir string, c train.Config, progress func(train.Progress)) (*train.Summary, error) {
	t.Helper()
	trainer := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: dir, NoFigures: true, Progress: progress}
	return trainer.Run(ctx)
}

// one reads the run in a directory.
func one(t *testing.T, dir string) runs.Run {
	t.Helper()
	r, err := runs.One(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFinished(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	want, err := trainInto(t, t.Context(), dir, small(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := one(t, dir)
	if r.State != runs.Finished || r.Model != "shallow" || r.Data != "sparse-gaussian" || r.Dim != 12 || r.Rate != 0.75 ||
		r.Seeds != 2 || r.Step != 40 || r.Steps != 40 || r.WallS != want.WallS || r.Settings["batch"] != "8" {
		t.Errorf("%+v", r)
	}
	if len(r.Points) != 2 {
		t.Fatalf("%d points", len(r.Points))
	}
	for i, p := range r.Points {
		w := want.Points[i]
		if p.P != w.P || *p.TestMSE != w.TestMSE || *p.TestMSEStderr != w.TestMSEStderr || p.Candidate != w.Candidate || *p.Limit != w.Limit {
			t.Errorf("%+v, want %+v", p, w)
		}
		if difference := cmp.Diff(w.Gap, p.Gap); difference != "" {
			t.Error(difference)
		}
	}
	rows := runs.Rows([]runs.Run{r}, r.Changed.Add(time.Hour))
	if len(rows) != 2 || *rows[1].P != 0.8 || rows[0].AgeS != 3600 || rows[1].TestMSE != r.Points[1].TestMSE {
		t.Errorf("%+v", rows)
	}
}

// TestRunning looks at a run while it trains: what is read is that of a step that was evaluated, and the run goes on as without.
func TestRunning(t *testing.T) {
	t.Parallel()
	dir, alone := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "alone")
	c := small()
	c.Steps, c.Evaluation.Every = 200, 50
	looked := false
	_, err := trainInto(t, t.Context(), dir, c, func(now train.Progress) {
		if now.Step < 60 || looked {
			return
		}
		looked = true
		r := one(t, dir)
		rows, err := rundir.ParseMetrics(read(t, dir, rundir.MetricsFile))
		if err != nil {
			t.Fatal(err)
		}
		last := rows[len(rows)-4:]
		mean := (last[2].TestMSE + last[3].TestMSE) / 2
		if r.State != runs.Running || r.Step != last[0].Step || *r.Points[1].TestMSE != mean {
			t.Errorf("%+v, want step %d and %v at p = 0.8", r, last[0].Step, mean)
		}
	})
	if err != nil || !looked {
		t.Fatalf("looked = %v, %v", looked, err)
	}
	if _, err := trainInto(t, t.Context(), alone, c, nil); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(read(t, dir, rundir.MetricsFile), read(t, alone, rundir.MetricsFile)) {
		t.Error("the run that was looked at has other rows")
	}
}

func TestInterruptedAndFailed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	c := small()
	c.Steps = 100000
	stopped := 0
	_, err := trainInto(t, ctx, filepath.Join(dir, "stopped"), c, func(now train.Progress) {
		stopped = now.Step
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if r := one(t, filepath.Join(dir, "stopped")); r.State != runs.Interrupted || r.Step < stopped || r.Step == 0 || r.Reason != "" {
		t.Errorf("%+v", r)
	}
	c = small()
	c.Optimizer.Name, c.Optimizer.LearningRate = "sgd", 1e30
	_, err = trainInto(t, t.Context(), filepath.Join(dir, "blown"), c, nil)
	var diverged *train.DivergedError
	if !errors.As(err, &diverged) {
		t.Fatal(err)
	}
	if r := one(t, filepath.Join(dir, "blown")); r.State != runs.Failed || r.Reason != err.Error() {
		t.Errorf("%+v, want the reason %v", r, err)
	}
}

// TestKilled reads a run that had no time to say that it ends: its lock is free, and its last line of metrics is cut.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := trainInto(t, t.Context(), dir, small(), nil); err != nil {
		t.Fatal(err)
	}
	whole := one(t, dir)
	rows := read(t, dir, rundir.MetricsFile)
	log, _, _ := strings.Cut(string(read(t, dir, rundir.LogFile)), "\n")
	write(t, dir, rundir.LogFile, []byte(log+"\n"))
	if err := os.Remove(filepath.Join(dir, rundir.SummaryFile)); err != nil {
		t.Fatal(err)
	}
	lengths := 0 // at which an error is seen
	for cut := 0; cut < 500; cut += 3 {
		if err := os.Truncate(filepath.Join(dir, rundir.MetricsFile), int64(len(rows)-cut)); err != nil {
			t.Fatal(err)
		}
		r := one(t, dir)
		if r.State != runs.Interrupted || r.Step != 40 { // the checkpoint's
			t.Fatalf("%d bytes less: %+v", cut, r)
		}
		if r.Points[0].TestMSE != nil {
			lengths++
		}
	}
	if lengths != 167 || whole.State != runs.Finished {
		t.Errorf("the error is seen at %d of the lengths", lengths)
	}
}

// TestDamaged damages the two files that a finished run is read from, byte by byte.
func TestDamaged(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := trainInto(t, t.Context(), dir, small(), nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{rundir.ConfigFile, rundir.SummaryFile} {
		data := read(t, dir, name)
		for at := 0; at < len(data); at += 7 {
			writeAt(t, dir, name, at, data[at]^1)
			r := one(t, dir)
			if r.State != runs.Damaged || !strings.Contains(r.Reason, filepath.Join(dir, name)) {
				t.Fatalf("%s, byte %d: %+v", name, at, r)
			}
			if rows := runs.Rows([]runs.Run{r}, time.Now()); len(rows) == 0 || rows[0].State != runs.Damaged {
				t.Fatalf("%s, byte %d: %+v", name, at, rows)
			}
			writeAt(t, dir, name, at, data[at])
		}
	}
	if r := one(t, dir); r.State != runs.Finished {
		t.Errorf("%+v", r)
	}
}

// TestNotWritten checks that reading makes, changes and removes nothing.
func TestNotWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := trainInto(t, t.Context(), dir, small(), nil); err != nil {
		t.Fatal(err)
	}
	before := listing(t, dir)
	one(t, dir)
	if difference := cmp.Diff(before, listing(t, dir)); difference != "" {
		t.Error(difference)
	}
	held, err := durable.Hold(durable.OS, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := os.Remove(filepath.Join(dir, rundir.SummaryFile)); err != nil {
		t.Fatal(err)
	}
	if r := one(t, dir); r.State != runs.Running {
		t.Errorf("a run whose directory is held: %+v", r)
	}
	if err := held.Check(); err != nil {
		t.Error(err)
	}
}

// listing is every file below a directory, with its size and the time of its change.
func listing(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			out = append(out, path+" "+info.ModTime().String()+" "+info.Mode().String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// writeAt changes one byte of a file.
func writeAt(t *testing.T, dir, name string, at int, b byte) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{b}, int64(at)); err != nil {
		t.Fatal(err)
	}
}
