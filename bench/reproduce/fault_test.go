package reproduce

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"autoamp/datasets/durable"
	"autoamp/datasets/durable/durabletest"
	"autoamp/train"
	"autoamp/train/sweep/cells"
)

// isPicture reports whether a file is one of a figure's.
func isPicture(name string) bool {
	return strings.Contains(name, ".svg") || strings.Contains(name, ".png") || strings.Contains(name, ".pdf")
}

// Every change of the directory fails once, one after another: an error, or nothing is lost. The same command then ends with
// the bytes of a run that never failed. A figure that fails costs no verdict, and is whole or not there.
func TestFaults(t *testing.T) {
	t.Parallel()
	after := whole(t)
	for _, fault := range []error{syscall.ENOSPC, syscall.EIO, durabletest.ErrKilled} {
		t.Run(fault.Error(), func(t *testing.T) {
			t.Parallel()
			at, failed := 0, 0
			for ; ; at++ {
				dir := filepath.Join(folder(t), "out")
				disk := &durabletest.Faults{At: at, Err: fault}
				_, err := (&smallExperiment{figures: true}).run(dir, disk)
				calls := disk.Calls()
				if at == len(calls) {
					break
				}
				if err != nil {
					failed++
				}
				checkFault(t, calls[at], err, dir, after)
				checkResumed(t, calls[at], dir, after, 3)
			}
			t.Logf("%d calls, %d of their faults are errors", at, failed)
			if at < 100 || failed < at*9/10 {
				t.Error("too few")
			}
		})
	}
}

// checkFault checks the files of a run after a failed call.
func checkFault(t *testing.T, call string, err error, dir string, after map[string][]byte) {
	t.Helper()
	var refused *train.RefusedError
	if durable.Exhausted(err) && errors.As(err, &refused) {
		t.Errorf("%s: the machine's error is called a bad request: %v", call, err)
	}
	left := map[string][]byte{}
	if _, missing := os.Stat(dir); missing == nil {
		left = files(t, dir)
	}
	if wrong := differing(left, after); len(wrong) > 0 && (err == nil || isPicture(call)) {
		t.Errorf("%s: %v are not as they must be: %v", call, wrong, err)
	}
	for name, data := range left {
		if whole := after[name]; isPicture(name) && !strings.Contains(name, durable.Temporary) && len(data) < len(whole)*9/10 {
			t.Errorf("%s: %s is a torso of %d bytes", call, name, len(data))
		}
	}
}

// checkResumed runs the experiment again, on the machine's disk. It may have to run that many cells.
func checkResumed(t *testing.T, call, dir string, after map[string][]byte, cells int) {
	t.Helper()
	s := &smallExperiment{figures: true}
	o, err := s.run(dir, fast())
	if err != nil || o.Verdict.Status != Pass || len(s.runs) > cells {
		t.Fatalf("%s: resumed: %+v, %v, cells %v", call, o, err, s.runs)
	}
	now := files(t, dir)
	if wrong := differing(now, after); len(wrong) > 0 {
		t.Errorf("%s: resumed, and %v differ", call, wrong)
	}
	for name := range after {
		if _, there := now[name]; !there {
			t.Errorf("%s: resumed, and %s is missing", call, name)
		}
	}
	for name := range now {
		if _, known := after[name]; !known {
			t.Errorf("%s: resumed, and %s is left over", call, name)
		}
	}
}

// The power fails after every call: the same command ends with the same bytes, and runs no cell again that was done.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	after, parent := whole(t), folder(t)
	journal := durabletest.NewJournal(parent)
	s, begun := &smallExperiment{figures: true}, []int{} // calls made when each cell began
	s.begun = func(string) { begun = append(begun, journal.Len()) }
	if _, err := s.run(filepath.Join(parent, "out"), journal); err != nil {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(3, 4))
	cuts := 0
	for calls := range journal.Len() + 1 {
		done := max(0, len(begun[:sorted(begun, calls)])-1)
		for range 3 {
			left := folder(t)
			if err := journal.Crash(calls, chance, left); err != nil {
				t.Fatal(err)
			}
			checkResumed(t, "power cut", filepath.Join(left, "out"), after, 3-done)
			cuts++
		}
	}
	t.Logf("%d power cuts at %d calls", cuts, journal.Len())
}

// sorted is the number of entries that are at most limit.
func sorted(ascending []int, limit int) int {
	n, _ := slices.BinarySearch(ascending, limit+1)
	return n
}

// Two at once: the second is refused, the first ends as if it were alone.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := &smallExperiment{}
	first.begun = func(string) {
		second := &smallExperiment{}
		_, err := second.run(dir, nil)
		var refused *train.RefusedError
		if !errors.As(err, &refused) || !errors.Is(err, durable.ErrLocked) || !strings.Contains(err.Error(), dir) {
			t.Errorf("the second: %v", err)
		}
		if len(second.runs) > 0 {
			t.Error("the second runs cells")
		}
		if _, err := Run(context.Background(), second.experiment(), Settings{Dir: dir}); !errors.Is(err, durable.ErrLocked) {
			t.Errorf("Run: %v", err)
		}
	}
	if o, err := first.run(dir, nil); err != nil || o.Verdict.Status != Pass {
		t.Errorf("the first: %+v, %v", o, err)
	}
}

// A directory that goes away in the middle ends the run, and is not made anew.
func TestDirectoryGoesAway(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(dir string) error{
		"removed": os.RemoveAll,
		"renamed": func(dir string) error { return os.Rename(dir, dir+"-old") },
	} {
		dir := filepath.Join(folder(t), "out")
		s := &smallExperiment{figures: true}
		s.begun = func(cell string) {
			if cell == "b" {
				if err := move(dir); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, err := s.run(dir, fast())
		var refused *train.RefusedError
		if !errors.Is(err, durable.ErrMoved) || errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Lstat(dir); err == nil {
			t.Errorf("%s: it is there again", name)
		}
	}
}

// A folder of an experiment that goes away is an error as well.
func TestFolderGoesAway(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := &smallExperiment{}
	s.begun = func(cell string) {
		if cell == "c" {
			os.Rename(filepath.Join(dir, "small"), filepath.Join(dir, "small-old"))
		}
	}
	if _, err := s.run(dir, fast()); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(filepath.Join(dir, "small")); err == nil {
		t.Error("a torso is made")
	}
}

// Unrelated files do not block a run, and unfinished files of an earlier process are removed.
func TestUnrelatedFiles(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for _, name := range []string{".DS_Store", "slurm-12.out", ".tmp-run.json-dead", "lost+found/x"} {
		place(t, filepath.Join(dir, name), nil)
	}
	place(t, filepath.Join(dir, "small", ".tmp-table.csv-dead"), []byte("cell,"))
	if o, err := (&smallExperiment{}).run(dir, fast()); err != nil || o.Verdict.Status != Pass {
		t.Fatalf("%+v, %v", o, err)
	}
	left := files(t, dir)
	for name, want := range map[string]bool{
		".DS_Store": true, "slurm-12.out": true, ".tmp-run.json-dead": false, "small/.tmp-table.csv-dead": false,
	} {
		if _, there := left[name]; there != want {
			t.Errorf("%s is there: %v", name, there)
		}
	}
}

// A lost manifest is written again, a table of another version is computed again.
func TestOtherVersion(t *testing.T) {
	t.Parallel()
	dir, after := folder(t), whole(t)
	restore(t, dir, after)
	os.Remove(filepath.Join(dir, manifestFile))
	older := cells.NewTable([]string{"x"})
	if err := older.Put("a", []Row{{"x": 1}}); err != nil {
		t.Fatal(err)
	}
	if err := older.Write(durable.OS, filepath.Join(dir, "small", tableFile), []string{"a"}); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(filepath.Join(dir, "small", tableFile))
	checkResumed(t, "another version", dir, after, 3)
	place(t, filepath.Join(dir, "small", tableFile), bytes.Replace(text, []byte("1"), []byte("2"), 1))
	if _, err := (&smallExperiment{}).run(dir, fast()); err == nil || !strings.Contains(err.Error(), "table.csv: lines 2 to 2, cell a: damaged") {
		t.Errorf("another version, damaged: %v", err)
	}
}

// Figures that cannot be made leave the verdict as it is, and the error is not lost.
func TestFiguresFail(t *testing.T) {
	t.Parallel()
	dir, after := folder(t), whole(t)
	e := (&smallExperiment{}).experiment()
	e.Figures = func(*Results) ([]Figure, error) { return nil, errors.New("no ink") }
	outcomes, err := Suite(context.Background(), []*Experiment{e}, Settings{Params: Params{Scale: Quick, Seed: 1}, Dir: dir, Disk: fast()})
	if err == nil || !strings.Contains(err.Error(), "small: figures: no ink") || len(outcomes) != 1 || outcomes[0].Verdict.Status != Pass {
		t.Errorf("%+v, %v", outcomes, err)
	}
	if wrong := differing(files(t, dir), after); len(wrong) > 0 {
		t.Errorf("%v differ", wrong)
	}
	checkResumed(t, "no ink", dir, after, 0)
}

// Times that cannot be read are lost, and the log says so.
func TestDamagedCost(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), costFile)
	place(t, path, []byte(`{"seconds": {"a": 1}}`))
	var log bytes.Buffer
	c := readCost(path, slog.New(slog.NewTextHandler(&log, nil)))
	if len(c.Seconds) > 0 || !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), path) {
		t.Errorf("%+v, %s", c, log.String())
	}
}
