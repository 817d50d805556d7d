package runs_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"autoamp/train/rundir"
	"autoamp/train/runs"
)

// runFiles makes folders that look like runs.
func runFiles(t *testing.T, root string, names ...string) {
	t.Helper()
	for _, name := range names {
		for _, file := range []string{"config.yaml", "log.txt"} {
			path := filepath.Join(root, name, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// age sets the time of a folder, as if its newest entry were that old.
func age(t *testing.T, dir string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(dir, at, at); err != nil {
		t.Fatal(err)
	}
}

// TestFinder finds runs that come and go, and lists a folder again only if its time says that it has changed.
func TestFinder(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	old := time.Now().Add(-time.Hour)
	runFiles(t, root, "a", "deep/b")
	var f runs.Finder
	find := func() int {
		t.Helper()
		found, err := f.Find(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if n := find(); n != 2 {
		t.Errorf("%d runs, want 2", n)
	}
	runFiles(t, root, "deep/c") // within the same tick of a coarse clock, perhaps
	if n := find(); n != 3 {
		t.Errorf("%d runs, want 3", n)
	}
	deep := filepath.Join(root, "deep")
	age(t, deep, old)
	find()
	runFiles(t, root, "deep/d")
	age(t, deep, old) // hides the change
	if n := find(); n != 3 {
		t.Errorf("%d runs: the folder was listed although its time is the same", n)
	}
	age(t, deep, old.Add(time.Minute))
	if n := find(); n != 4 {
		t.Errorf("%d runs, want 4", n)
	}
	if err := os.RemoveAll(deep); err != nil {
		t.Fatal(err)
	}
	if n := find(); n != 1 {
		t.Errorf("%d runs, want 1", n)
	}
}

// TestFinderOther finds what the caller knows, and what is below it.
func TestFinderOther(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	runFiles(t, root, "suite/cells/x")
	if err := os.WriteFile(filepath.Join(root, "suite", "run.json"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	f := runs.Finder{Other: func(entries []os.DirEntry) bool { return len(entries) > 1 && entries[1].Name() == "run.json" }}
	found, err := f.Find(t.Context(), root)
	if err != nil || len(found) != 2 || !found[0].Other || found[1].Other || filepath.Base(found[1].Dir) != "x" {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestLeft estimates the rest of a run from its session.
func TestLeft(t *testing.T) {
	t.Parallel()
	now := time.Now()
	r := runs.Run{State: runs.Running, Step: 300, Steps: 1000, Begun: now.Add(-110 * time.Second), BegunStep: 100, Changed: now.Add(-10 * time.Second)}
	if left, ok := r.Left(now); !ok || math.Abs(left.Seconds()-340) > 1e-6 { // 0.5 s a step, 700 steps, and 10 s have passed
		t.Errorf("%v %v", left, ok)
	}
	if left, ok := r.Left(now.Add(time.Hour)); !ok || left != 0 {
		t.Errorf("late: %v %v", left, ok)
	}
	for name, change := range map[string]func(*runs.Run){
		"finished":     func(r *runs.Run) { r.State = runs.Finished },
		"no log":       func(r *runs.Run) { r.Begun = time.Time{} },
		"no step done": func(r *runs.Run) { r.Step = 100 },
		"clock wrong":  func(r *runs.Run) { r.Changed = r.Begun.Add(-time.Second) },
	} {
		other := r
		change(&other)
		if left, ok := other.Left(now); ok {
			t.Errorf("%s: %v", name, left)
		}
	}
}

// TestUnmeasured reads a run whose test error is measured at the end only.
func TestUnmeasured(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := trainInto(t, t.Context(), dir, small(), nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, rundir.SummaryFile)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(read(t, dir, rundir.MetricsFile)), "\n"), "\n")
	for i := range lines[1:] {
		fields := strings.Split(lines[1+i], ",")
		fields[6], fields[7] = "NaN", "NaN"
		lines[1+i] = strings.Join(fields, ",")
	}
	write(t, dir, rundir.MetricsFile, []byte(strings.Join(lines, "\n")+"\n"))
	r := one(t, dir)
	if p := r.Points[0]; p.TestMSE != nil || p.TestMSEStderr != nil || p.Gap != nil || p.FiniteD == nil {
		t.Errorf("%+v", p)
	}
	if _, err := json.Marshal(runs.Rows([]runs.Run{r}, time.Now())); err != nil {
		t.Error(err)
	}
}
