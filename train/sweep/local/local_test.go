package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"autoamp/graph/devices"
	"autoamp/train/sweep/cells"
)

// workerEnv makes the test's program a worker in the directory that it names. The device of a worker with lostEnv is lost in its first
// job, at the end of its file 3.
const (
	workerEnv = "AUTOAMP_TEST_WORKER"
	lostEnv   = "AUTOAMP_TEST_LOST"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(workerEnv); dir != "" {
		os.Exit(work(dir))
	}
	os.Exit(m.Run())
}

// jobs are 12 jobs. The third kills its worker at the first two tries, the fifth always; the seventh waits to be stopped where
// the directory has a file "wait".
func jobs(dir string) []*cells.Job {
	var out []*cells.Job
	for i := range 12 {
		id := fmt.Sprintf("job%d", i)
		out = append(out, &cells.Job{Name: id, ID: id, Cells: []string{id}, Run: func(ctx context.Context, _ *cells.Env, _ []string) ([]cells.Result, error) {
			tries := record(dir, id)
			if os.Getenv(lostEnv) != "" {
				_, err := io.Copy(io.Discard, os.NewFile(3, "pipe"))
				return nil, &devices.FailedError{Device: "b", Err: errors.Join(errors.New("no power"), err)}
			}
			if _, err := os.Stat(filepath.Join(dir, "peace")); err != nil && (i == 3 && tries <= 2 || i == 5) {
				self, _ := os.FindProcess(os.Getpid()) // there is one
				_ = self.Kill()
				select {}
			}
			if _, err := os.Stat(filepath.Join(dir, "wait")); err == nil && i == 7 {
				fmt.Println("waits")
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return []cells.Result{{Key: id, Output: cells.Output{Rows: []cells.Row{{"x": 1}}}}}, nil
		}})
	}
	return out
}

// record counts the tries of a job.
func record(dir, id string) int {
	f, err := os.OpenFile(filepath.Join(dir, id+".tries"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return 0
	}
	defer f.Close()
	fmt.Fprint(f, "x")
	return tries(dir, id)
}

func tries(dir, id string) int {
	data, _ := os.ReadFile(filepath.Join(dir, id+".tries")) // none before the first try
	return len(data)
}

// work is a worker: it ends when its standard input does.
func work(dir string) int {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	d := cells.NewDirectory(filepath.Join(dir, "out"))
	task := cells.Task{
		Directory: d, Jobs: jobs(dir), Holder: cells.ThisHolder("", 0),
		Store: &cells.Shards{Directory: d, Columns: func(*cells.Job) []string { return []string{"x"} }},
		Ended: func(job *cells.Job, _ error) { fmt.Println(Done, job.ID) },
	}
	if _, err := task.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		return 130
	}
	fmt.Println(Finished)
	return 0
}

// launcher launches two workers in a directory.
func launcher(dir string, ended func(string, bool)) *Launcher {
	return &Launcher{
		Directory: cells.NewDirectory(filepath.Join(dir, "out")), Jobs: jobs(dir), Workers: 2, Ended: ended,
		Command: func(int) *exec.Cmd {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), workerEnv+"="+dir)
			return cmd
		},
	}
}

// Workers that die are replaced, their jobs run again, no other job runs twice, and a job that kills every worker fails alone.
func TestWorkersDie(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ends := map[string]bool{}
	l := launcher(dir, func(id string, failed bool) { ends[id] = failed })
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		id, want := fmt.Sprintf("job%d", i), 1
		switch i {
		case 3:
			want = 3
		case 5:
			want = mostDeaths
		}
		if got := tries(dir, id); got != want {
			t.Errorf("%s was tried %d times, want %d", id, got, want)
		}
		if failed, ended := ends[id]; !ended || failed != (i == 5) {
			t.Errorf("%s: ended %t, failed %t", id, ended, failed)
		}
	}
	if f := l.Failure("job5"); f == nil || !f.Killed || !strings.Contains(f.Error, "workers died at it") {
		t.Errorf("%+v", f)
	}
}

// When its context ends, a launcher lets the workers end, and what they were at is free for the next.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "wait"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	l := launcher(dir, func(id string, _ bool) {
		if id == "job11" { // the last: the other worker waits in job7, or will
			stop()
		}
	})
	if err := l.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if held, err := l.Claims(cells.ThisHolder("", -1)).Workers(); err != nil || len(held) > 0 {
		t.Errorf("still claimed: %+v, %v", held, err)
	}
	if err := os.Remove(filepath.Join(dir, "wait")); err != nil {
		t.Fatal(err)
	}
	if err := launcher(dir, nil).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tries(dir, "job11"); got != 1 {
		t.Errorf("job11 was tried %d times", got)
	}
}

// The device of a worker is lost after the other worker has ended. That one begins once more, for the job that is free again.
func TestDeviceIsLost(t *testing.T) {
	t.Parallel()
	dir, done := t.TempDir(), map[string]bool{}
	if err := os.WriteFile(filepath.Join(dir, "peace"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	ends, holds, err := os.Pipe() // the first worker holds it until it ends
	if err != nil {
		t.Fatal(err)
	}
	defer ends.Close()
	var lost error
	l := launcher(dir, func(id string, failed bool) {
		holds.Close() // by the worker alone now, which has started
		done[id] = !failed
	})
	l.Lost = func(err error) { lost = err }
	worker, first := l.Command, true
	var lock sync.Mutex
	l.Command = func(number int) *exec.Cmd {
		lock.Lock()
		defer lock.Unlock()
		cmd := worker(number)
		switch {
		case number == 1:
			cmd.Env, cmd.ExtraFiles = append(cmd.Env, lostEnv+"=1"), []*os.File{ends}
		case first:
			cmd.ExtraFiles, first = []*os.File{holds}, false
		}
		return cmd
	}
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(done) != 12 || lost == nil || !strings.Contains(lost.Error(), "no power") {
		t.Errorf("%d jobs are done, %v", len(done), lost)
	}
}

// A worker that cannot work is an error with the last line of its log, and is not started for ever.
func TestWorkerRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l := launcher(dir, nil)
	l.Command = func(int) *exec.Cmd { return exec.Command("sh", "-c", "echo no such device >&2; exit 2") }
	if err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "no such device") {
		t.Errorf("%v", err)
	}
}
