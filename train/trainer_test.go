package train_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/rundir"
)

// run trains a config into dir with the fake executor.
func run(t *testing.T, dir string, c train.Config, resume bool) (*train.Summary, error) {
	t.Helper()
	tr := train.Trainer{Config: c, Executor: &fakeExecutor{}, Dir: dir, Resume: resume}
	return tr.Run(t.Context())
}

func mustRun(t *testing.T, dir string, c train.Config, resume bool) *train.Summary {
	t.Helper()
	s, err := run(t, dir, c, resume)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRunDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "run")
	s := mustRun(t, dir, fewSteps(), false)
	for _, name := range []string{
		"config.yaml", "metrics.csv", "summary.json", "log.txt", "loss.svg", "loss.png", "weights.svg", "weights.png",
		"mse_vs_p.svg", "mse_vs_p.png", "checkpoints/step-000000280/replica-0003.safetensors",
		"checkpoints/step-000000300/state.json",
	} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*")); len(left) != 2 {
		t.Errorf("checkpoints %v, want the last two", left)
	}
	stored, err := config.Load(filepath.Join(dir, "config.yaml"))
	if err != nil || !stored.Equal(fewSteps()) {
		t.Errorf("config.yaml: %v", err)
	}
	if s.TrainSteps != 300 || len(s.Points) != 2 || len(s.Runs) != 4 || s.Out != dir || s.Device != "fake" {
		t.Errorf("summary %+v", s)
	}
	if got := s.Points[1].TestMSE; math.Abs(got-(s.Runs[2].TestMSE+s.Runs[3].TestMSE)/2) > 1e-15 || s.Points[1].P != 0.8 {
		t.Errorf("point %+v is not the mean of its seeds", s.Points[1])
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var recorded []train.Row
	tr := train.Trainer{Config: fewSteps(), Executor: &fakeExecutor{}, Dir: dir, Recorder: recorder{&recorded}}
	if _, err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "metrics.csv"))
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := strings.Cut(string(data), "\n")
	if want := "step,replica,seed,p,learning_rate,train_mse,test_mse,test_mse_stderr,finite_d,mark"; header != want {
		t.Errorf("header %s\nwant   %s", header, want)
	}
	rows, err := rundir.ReadMetrics(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(recorded, rows); d != "" {
		t.Errorf("the file and the Recorder differ:\n%s", d)
	}
	var steps []int
	for _, r := range rows {
		if r.Replica == 3 {
			steps = append(steps, r.Step)
			if r.Seed != 7 || r.P != 0.8 {
				t.Errorf("replica 3 is seed %d, p %g", r.Seed, r.P)
			}
		}
	}
	want := []int{1, 2, 4, 8, 16, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 240, 260, 280, 300}
	if d := cmp.Diff(want, steps); d != "" {
		t.Error(d)
	}
}

type recorder struct{ rows *[]train.Row }

func (r recorder) Record(row train.Row) error { *r.rows = append(*r.rows, row); return nil }
func (r recorder) Close() error               { return nil }

func TestNoDirectory(t *testing.T) {
	t.Parallel()
	s := mustRun(t, "", fewSteps(), false)
	if s.Out != "" || s.TrainSteps != 300 {
		t.Errorf("%+v", s)
	}
	if _, err := (&train.Trainer{}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "no executor") {
		t.Errorf("without an executor: %v", err)
	}
}

// files returns everything below dir that must be the same for the same run.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	paths, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*", "*.safetensors"))
	for _, path := range append(paths, filepath.Join(dir, "metrics.csv"), filepath.Join(dir, "structure.csv"),
		filepath.Join(dir, "config.yaml")) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, path)
		out[name] = string(data)
	}
	return out
}

// results is a summary without the fields that depend on the clock and the place.
func results(s *train.Summary) train.Summary {
	out := *s
	out.WallS, out.MsPerStep, out.Out, out.Environment = 0, 0, "", nil
	return out
}

var ignoreTheory = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Theory" }, cmp.Ignore())

// A copy of the run directory at any moment equals the directory after a SIGKILL.
func TestResumeAfterKillIsExact(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	want := mustRun(t, whole, single(), false)
	wantFiles := files(t, whole)
	for _, killed := range []uint64{0, 3, 69, 70, 71, 150, 281, 299} {
		dir, copied := t.TempDir(), t.TempDir()
		exec := &fakeExecutor{onStep: func(_ *fakeRunner, step uint64) {
			if step == killed {
				if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
					t.Error(err)
				}
			}
		}}
		tr := train.Trainer{Config: single(), Executor: exec, Dir: dir}
		if _, err := tr.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := mustRun(t, copied, single(), true)
		if d := cmp.Diff(results(want), results(got), ignoreTheory); d != "" {
			t.Errorf("killed at step %d: summary:\n%s", killed, d)
		}
		if d := cmp.Diff(wantFiles, files(t, copied)); d != "" {
			t.Errorf("killed at step %d: files:\n%.2000s", killed, d)
		}
	}
}

func TestCancelSavesAndResumesExactly(t *testing.T) {
	t.Parallel()
	whole := t.TempDir()
	mustRun(t, whole, single(), false)
	want := files(t, whole)
	for _, stop := range []uint64{0, 33, 140, 297} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		exec := &fakeExecutor{onStep: func(_ *fakeRunner, step uint64) {
			if step == stop {
				cancel()
			}
		}}
		tr := train.Trainer{Config: single(), Executor: exec, Dir: dir}
		_, err := tr.Run(ctx)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "train: stopped after step ") ||
			!strings.Contains(err.Error(), "of 300, saved in "+dir) {
			t.Fatalf("stopped at %d: %v", stop, err)
		}
		mustRun(t, dir, single(), true)
		got := files(t, dir)
		for name := range got { // an interrupted run has kept other steps' checkpoints on the way
			if _, ok := want[name]; !ok {
				delete(got, name)
			}
		}
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("stopped at step %d: %s differs", stop, name)
			}
		}
	}
}

func TestCancelDuringTheFinalEvaluation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	tr := train.Trainer{Config: single(), Executor: &fakeExecutor{}, Dir: dir, Progress: func(p train.Progress) {
		if p.Step == p.Steps {
			cancel()
		}
	}}
	if _, err := tr.Run(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "step 300 of 300") {
		t.Fatal(err)
	}
	whole := t.TempDir()
	want, got := mustRun(t, whole, single(), false), mustRun(t, dir, single(), true)
	if d := cmp.Diff(results(want), results(got), ignoreTheory); d != "" {
		t.Error(d)
	}
}

func TestResumeOfAFinishedRunReturnsItsSummary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := mustRun(t, dir, single(), false)
	before := tree(t, dir)
	exec := &fakeExecutor{}
	tr := train.Trainer{Config: single(), Executor: exec, Dir: dir, Resume: true}
	got, err := tr.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(*want, *got, ignoreTheory); d != "" || exec.loads.Load() != 0 {
		t.Errorf("%d loads\n%s", exec.loads.Load(), d)
	}
	if d := cmp.Diff(before, tree(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestDivergence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tr := train.Trainer{Config: fewSteps(), Executor: &fakeExecutor{badStep: 155}, Dir: dir}
	_, err := tr.Run(t.Context())
	var diverged *train.DivergedError
	if !errors.As(err, &diverged) {
		t.Fatal(err)
	}
	saved := filepath.Join(dir, "checkpoints", "step-000000140")
	want := "train: step 155, replica 0 (seed 1, p 0.4): output is not finite: lower optimizer.learning_rate or set " +
		"optimizer.clip_norm; the last good checkpoint is " + saved
	if err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if _, err := os.Stat(filepath.Join(saved, "state.json")); err != nil {
		t.Error(err)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log.txt"))
	if lines := strings.Split(strings.TrimSpace(string(log)), "\n"); !strings.Contains(lines[len(lines)-1], "output is not finite") {
		t.Errorf("the last line of the log is %s", lines[len(lines)-1])
	}
}
