package train_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/datasets/durable"
	"autoamp/datasets/durable/durabletest"
	"autoamp/train"
)

// short is a run with few calls, which writes every kind of file twice.
func short() train.Config {
	return train.Config{
		Model: train.ModelConfig{Dim: 2}, Steps: 30, Batch: 4, Seeds: []uint64{3}, Data: train.DataConfig{P: []float64{0.5}},
		Evaluation: train.EvaluationConfig{Every: 10, Batches: 2, FinalBatches: 4},
		Checkpoint: train.CheckpointConfig{Every: 10, Keep: 2},
	}
}

// outcome is the part of a run that no failure on the way may change: rows, configuration, the newest checkpoint's weights,
// and the summary without the clock.
func outcome(t *testing.T, dir string, s *train.Summary) map[string]string {
	t.Helper()
	out := files(t, dir)
	for name := range out {
		if strings.HasPrefix(name, "checkpoints") && !strings.Contains(name, fmt.Sprintf("step-%09d", s.TrainSteps)) {
			delete(out, name)
		}
	}
	text, err := json.Marshal(results(s))
	if err != nil {
		t.Fatal(err)
	}
	out["summary"] = string(text)
	return out
}

// trainOn runs c into dir on a disk; on one that never waits if disk is nil.
func trainOn(t *testing.T, disk durable.Disk, dir string, c train.Config, exec *fakeExecutor) (*train.Summary, error) {
	if disk == nil {
		disk = &durabletest.Faults{At: -1}
	}
	tr := train.Trainer{Config: c, Executor: exec, Dir: dir, Resume: true, Disk: disk, NoFigures: true}
	return tr.Run(t.Context())
}

// unharmed names the calls whose failure is no failure of the run: the log, and the removal of old checkpoints.
func unharmed(call string) bool {
	return slices.ContainsFunc([]string{"log.txt", "unlink", "rename step-"}, func(s string) bool { return strings.Contains(call, s) })
}

// Every call of a short run that changes the disk fails once: the run says so, or has lost nothing; and the resumed run ends
// with the same bytes.
func TestEveryCallFailsOnce(t *testing.T) {
	t.Parallel()
	clean := filepath.Join(t.TempDir(), "run")
	disk := &durabletest.Faults{At: -1}
	s, err := trainOn(t, disk, clean, short(), &fakeExecutor{})
	if err != nil {
		t.Fatal(err)
	}
	want, calls := outcome(t, clean, s), disk.Calls()
	var failed, survived atomic.Int32
	each(t, []error{syscall.ENOSPC, syscall.EIO, durabletest.ErrKilled}, len(calls), func(fault error, at int) {
		dir := filepath.Join(t.TempDir(), "run")
		broken := &durabletest.Faults{At: at, Err: fault}
		_, err := trainOn(t, broken, dir, short(), &fakeExecutor{})
		var refused *train.RefusedError
		switch {
		case err == nil && !unharmed(broken.Calls()[at]):
			t.Errorf("%v at call %d, %q: no error", fault, at, broken.Calls()[at])
		case err != nil && fault != durabletest.ErrKilled && errors.As(err, &refused):
			t.Errorf("%v at call %d, %q: the user is blamed: %v", fault, at, calls[at], err)
		case err == nil:
			survived.Add(1)
		default:
			failed.Add(1)
		}
		s, err := trainOn(t, nil, dir, short(), &fakeExecutor{})
		if err != nil {
			t.Errorf("%v at call %d, %q: resumed: %v", fault, at, calls[at], err)
			return
		}
		if d := cmp.Diff(want, outcome(t, dir, s)); d != "" {
			t.Errorf("%v at call %d, %q:\n%.1000s", fault, at, calls[at], d)
		}
		if left := leftovers(dir); len(left) > 0 {
			t.Errorf("%v at call %d, %q: %v is left", fault, at, calls[at], left)
		}
	})
	t.Logf("%d calls, each failed with ENOSPC, EIO and a kill: %d runs failed, %d went on; all resumed to the same bytes",
		len(calls), failed.Load(), survived.Load())
}

// each calls f for every fault and every call, on two goroutines.
func each(t *testing.T, faults []error, calls int, f func(fault error, at int)) {
	var group sync.WaitGroup
	for half := range 2 {
		group.Go(func() {
			for at := half; at < calls; at += 2 {
				for _, fault := range faults {
					f(fault, at)
				}
			}
		})
	}
	group.Wait()
}

// leftovers lists temporary files below dir.
func leftovers(dir string) []string {
	var left []string
	for _, pattern := range []string{".tmp-*", "*/.tmp-*"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		left = append(left, found...)
	}
	return left
}

// The power fails after every call of a short run. Any part of the unsynced data may be lost. The run resumes to the same
// bytes, from a checkpoint not older than the newest one that was whole at the failure.
func TestPowerFailsAfterEveryCall(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	clean := filepath.Join(parent, "run")
	journal := durabletest.NewJournal(parent)
	saved := map[int]uint64{} // calls made before the first step after a checkpoint → steps saved
	s, err := trainOn(t, journal, clean, short(), &fakeExecutor{onStep: func(_ *fakeRunner, step uint64) {
		if step%10 == 0 && step > 0 {
			saved[journal.Len()] = step
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := outcome(t, clean, s)
	var cuts atomic.Int32
	each(t, []error{nil, nil}, journal.Len()+1, func(_ error, calls int) {
		cut := cuts.Add(1)
		after := t.TempDir()
		if err := journal.Crash(calls, rand.New(rand.NewPCG(uint64(calls), uint64(cut))), after); err != nil {
			t.Error(err)
			return
		}
		first := uint64(1 << 40)
		dir := filepath.Join(after, "run")
		s, err := trainOn(t, nil, dir, short(), &fakeExecutor{onStep: func(_ *fakeRunner, step uint64) { first = min(first, step) }})
		if err != nil {
			t.Errorf("after %d of %d calls: %v", calls, journal.Len(), err)
			return
		}
		if d := cmp.Diff(want, outcome(t, dir, s)); d != "" {
			t.Errorf("after %d of %d calls:\n%.1000s", calls, journal.Len(), d)
		}
		for then, step := range saved {
			if calls >= then && first < step {
				t.Errorf("after %d calls: resumed at step %d, but step %d was saved after %d calls", calls, first, step, then)
			}
		}
	})
	t.Logf("%d power cuts after each of %d calls, parts of the unsynced lost: all resumed to the same bytes", cuts.Load(), journal.Len())
}

// A directory that is removed, renamed or replaced under a run is not made anew.
func TestDirectoryGoneInMidRun(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(dir string) error{
		"removed": os.RemoveAll,
		"renamed": func(dir string) error { return os.Rename(dir, dir+"-elsewhere") },
		"replaced": func(dir string) error {
			return errors.Join(os.Rename(dir, dir+"-elsewhere"), os.MkdirAll(filepath.Join(dir, "checkpoints"), 0o777))
		},
		"lock removed": func(dir string) error { return os.Remove(filepath.Join(dir, "lock")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "run")
			_, err := trainOn(t, nil, dir, short(), &fakeExecutor{onStep: func(_ *fakeRunner, step uint64) {
				if step == 15 {
					if err := harm(dir); err != nil {
						t.Error(err)
					}
				}
			}})
			if !errors.Is(err, durable.ErrMoved) {
				t.Fatalf("got %v, want ErrMoved", err)
			}
			if name == "removed" || name == "renamed" {
				if _, err := os.Lstat(dir); err == nil {
					t.Error("the directory was made anew")
				}
			}
			if name == "renamed" {
				if _, err := trainOn(t, nil, dir+"-elsewhere", short(), &fakeExecutor{}); err != nil {
					t.Errorf("what was renamed does not resume: %v", err)
				}
			}
		})
	}
}

// A run whose old checkpoints cannot be removed goes on.
func TestOldCheckpointsThatStay(t *testing.T) {
	t.Parallel()
	clean := &durabletest.Faults{At: -1}
	if _, err := trainOn(t, clean, t.TempDir(), short(), &fakeExecutor{}); err != nil {
		t.Fatal(err)
	}
	at := slices.Index(clean.Calls(), "rename step-000000010")
	if at < 0 {
		t.Fatalf("no checkpoint is removed: %v", clean.Calls())
	}
	dir := t.TempDir()
	if _, err := trainOn(t, &durabletest.Faults{At: at, Err: syscall.EACCES}, dir, short(), &fakeExecutor{}); err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log.txt"))
	if !strings.Contains(string(log), "old checkpoints stay") {
		t.Errorf("the log does not say it:\n%s", log)
	}
}

// A log.txt or a file of rows that is a link is not followed.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	precious := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(precious, []byte("thesis"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"log.txt", "lock"} {
		dir := t.TempDir()
		if err := os.Symlink(precious, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := trainOn(t, nil, dir, short(), &fakeExecutor{}); err == nil || !strings.Contains(err.Error(), "regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if data, _ := os.ReadFile(precious); string(data) != "thesis" {
		t.Errorf("the file behind the link holds %q", data)
	}
}

// Figures that are not there are drawn when a finished run is resumed.
func TestResumeDrawsMissingFigures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := short()
	c.Data.P = []float64{0.5, 0.9}
	mustRun(t, dir, c, false)
	names := []string{"loss.svg", "weights.png", "mse_vs_p.svg", "sweep.csv"}
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := run(t, dir, c, true); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
