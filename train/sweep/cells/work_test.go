package cells

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// counter counts how often each cell is computed.
type counter struct {
	mu   sync.Mutex
	runs map[string]int
}

func (c *counter) add(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs[key]++
}

// jobsOf are jobs of two cells each; the cell 3a fails, and so does the whole job 4.
func (c *counter) jobsOf(names ...string) []*Job {
	var jobs []*Job
	for _, name := range names {
		jobs = append(jobs, &Job{Name: "job " + name, ID: name, Cells: []string{name + "a", name + "b"}, Seconds: 1,
			Run: func(_ context.Context, env *Env, keys []string) ([]Result, error) {
				if name == "4" {
					return nil, errors.New("no such data")
				}
				var out []Result
				for _, key := range keys {
					c.add(key)
					r := Result{Key: key, Output: Output{Rows: []Row{{"x": key}}}}
					if key == "3a" {
						r.Err = errors.New("diverged")
					}
					out = append(out, r)
				}
				return out, nil
			}})
	}
	return jobs
}

// taskOf is a worker in a directory.
func taskOf(dir string, jobs []*Job, me Holder) *Task {
	d := NewDirectory(dir)
	return &Task{
		Directory: d, Jobs: jobs, Holder: me,
		Store: &Shards{Directory: d, Columns: func(*Job) []string { return []string{"x"} }, Version: "v1", Device: "none"},
	}
}

// A failed job, and a failed cell, leave their reason, and the others go on. Nothing is computed again until it is forgiven.
func TestTask(t *testing.T) {
	t.Parallel()
	dir, count := t.TempDir(), &counter{runs: map[string]int{}}
	jobs := count.jobsOf("1", "2", "3", "4", "5")
	task := taskOf(dir, jobs, elsewhere("a"))
	counts, err := task.Run(t.Context())
	if err != nil || counts != (Counts{Jobs: 3, Failed: 2}) {
		t.Fatalf("%+v, %v", counts, err)
	}
	if f := task.Failure("3"); f == nil || !slices.Equal(f.Cells, []string{"3a"}) || f.Error != "diverged" {
		t.Errorf("%+v", f)
	}
	if f := task.Failure("4"); f == nil || len(f.Cells) != 2 || f.Error != "no such data" || f.Host != "a" {
		t.Errorf("%+v", f)
	}
	if counts, err = task.Run(t.Context()); err != nil || counts != (Counts{}) {
		t.Errorf("again: %+v, %v", counts, err)
	}
	if err := task.Forgive("3"); err != nil {
		t.Error(err)
	}
	if counts, err = task.Run(t.Context()); err != nil || counts.Failed != 1 {
		t.Errorf("forgiven: %+v, %v", counts, err)
	}
	if count.runs["3a"] != 2 || count.runs["3b"] != 1 || count.runs["1a"] != 1 {
		t.Errorf("%v", count.runs)
	}
	table, err := task.Store.Read(jobs[0])
	if rows := table.Rows([]string{"1a", "1b"}); err != nil || len(rows) != 2 || rows[1].Text("x") != "1b" || rows[0].Text(VersionColumn) != "v1" {
		t.Errorf("%v, %v", rows, err)
	}
}

// Workers that share a directory compute every cell once.
func TestWorkersShare(t *testing.T) {
	t.Parallel()
	dir, count := t.TempDir(), &counter{runs: map[string]int{}}
	var names []string
	for i := range 40 {
		names = append(names, "j"+string(rune('A'+i)))
	}
	var workers sync.WaitGroup
	for _, host := range []string{"a", "b", "c"} {
		workers.Go(func() {
			if _, err := taskOf(dir, count.jobsOf(names...), elsewhere(host)).Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	for _, name := range names {
		if count.runs[name+"a"] != 1 || count.runs[name+"b"] != 1 {
			t.Errorf("%s: %d, %d", name, count.runs[name+"a"], count.runs[name+"b"])
		}
	}
}

// A damaged file of results is refused with its name and the remedy.
func TestDamagedResults(t *testing.T) {
	t.Parallel()
	dir, count := t.TempDir(), &counter{runs: map[string]int{}}
	task := taskOf(dir, count.jobsOf("1"), elsewhere("a"))
	if _, err := task.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	paths, _ := filepath.Glob(filepath.Join(dir, DoneFolder, "*", "1.csv"))
	data, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(paths[0], []byte(strings.Replace(string(data), "1b,1b", "1b,1c", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = task.Run(t.Context())
	var damaged *DamagedError
	if !errors.As(err, &damaged) || !strings.Contains(err.Error(), "1.csv") || !strings.Contains(err.Error(), "remove") {
		t.Errorf("%v", err)
	}
}

// Tasks hold all jobs in their order, and about the time that was asked for.
func TestPack(t *testing.T) {
	t.Parallel()
	var jobs []*Job
	for _, seconds := range []float64{5, 5, 30, 1, 1, 1, 1, 10} {
		jobs = append(jobs, &Job{Seconds: seconds})
	}
	for _, test := range []struct {
		seconds float64
		most    int
		want    []int
	}{{10, 100, []int{0, 2, 3, 7}}, {1000, 100, []int{0}}, {1, 3, []int{0, 2, 3}}, {1, 100, []int{0, 1, 2, 3, 4, 5, 6, 7}}} {
		if got := Pack(jobs, test.seconds, test.most); !slices.Equal(got, test.want) {
			t.Errorf("%v s, at most %d: %v, want %v", test.seconds, test.most, got, test.want)
		}
	}
	p := Plan{First: []int{0, 2, 3}}
	if of, err := p.Task(1, jobs); err != nil || len(of) != 1 || of[0].Seconds != 30 {
		t.Errorf("%v, %v", of, err)
	}
	if of, err := p.Task(2, jobs); err != nil || len(of) != 5 {
		t.Errorf("%v, %v", of, err)
	}
	if _, err := p.Task(3, jobs); err == nil {
		t.Error("a task that is not there")
	}
}
