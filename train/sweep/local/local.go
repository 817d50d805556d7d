// Package local launches the workers of a sweep as processes of this machine.
//
//	launcher := local.Launcher{Directory: s.Directory, Workers: 4, Command: command, Ended: ended}
//	err := launcher.Run(ctx)
//
// A worker takes jobs until none is free. One that dies, also by SIGKILL or for want of memory, ends nothing but itself: another
// one continues its job. Workers end when the launcher does, however it ends.
package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"autoamp/datasets/durable"
	"autoamp/train/sweep/cells"
)

// Launcher launches workers and replaces those that die.
type Launcher struct {
	cells.Directory
	Jobs    []*cells.Job
	Workers int
	// Command is a worker with a number. Its standard input stays open until it is to save and end; on its standard output it
	// says what has become of each job; its standard error is its log.
	Command func(number int) *exec.Cmd
	// Ended is called with the ID of every job that ends. Calls come one at a time.
	Ended func(id string, failed bool)
	// Lost is called with the reason when workers end before their time, as that of a device that fails, and others take over what
	// they were at.
	Lost func(err error)

	mu     sync.Mutex
	deaths map[string]int // of workers at a job, by ID
}

// mostDeaths is how many workers may die at one job before it counts as failed. One that needs more memory than there is kills them
// soon after its start; somebody who kills workers at random hits one job a few times.
const mostDeaths = 10

// Run runs workers until no job is free. When ctx is done, the workers save and end, and the error is ctx's. A worker that ends before
// its time is left out: what it was at may be free again after the others have ended, and they begin once more.
func (l *Launcher) Run(ctx context.Context) error {
	if err := durable.MkdirAll(l.Disk, filepath.Join(l.Path, cells.LogsFolder)); err != nil {
		return err
	}
	l.deaths = map[string]int{}
	var numbers []int
	for number := range l.Workers {
		numbers = append(numbers, number)
	}
	for {
		left, err := l.together(ctx, numbers)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil || len(left) == 0 {
			return err
		}
		if l.Lost != nil {
			l.Lost(err)
		}
		numbers = left
	}
}

// together runs the workers with some numbers side by side. It returns the numbers of those that found nothing more to do, and the
// errors of the others.
func (l *Launcher) together(ctx context.Context, numbers []int) (left []int, err error) {
	errs := make([]error, len(numbers))
	var workers sync.WaitGroup
	for i, number := range numbers {
		workers.Go(func() { errs[i] = l.keep(ctx, number) })
	}
	workers.Wait()
	for i, number := range numbers {
		if errs[i] == nil {
			left = append(left, number)
		}
	}
	return left, errors.Join(errs...)
}

// keep runs a worker, and another one in its place when it dies, until one has found nothing more to do.
func (l *Launcher) keep(ctx context.Context, number int) error {
	for ctx.Err() == nil {
		w, err := l.work(ctx, number)
		if w.finished || ctx.Err() != nil {
			return nil
		}
		var exit *exec.ExitError
		if err == nil || !errors.As(err, &exit) {
			return fmt.Errorf("worker %d ended early: %w", number, err)
		}
		id, err := l.Claims(cells.ThisHolder("", -1)).LeftBy(w.pid)
		switch {
		case err != nil:
			return err
		case id != "":
			if err := l.died(id, exit); err != nil {
				return err
			}
		case exit.ExitCode() > 0: // it gave its claim back, and said why it ends
			return fmt.Errorf("worker %d: %w: %s; its log is %s", number, exit, cells.LastLine(l.LogPath(number)), l.LogPath(number))
		}
	}
	return nil
}

// died counts the death of a worker at a job. If too many have died at it, the job has failed.
func (l *Launcher) died(id string, exit *exec.ExitError) error {
	l.mu.Lock()
	l.deaths[id]++
	deaths := l.deaths[id]
	l.mu.Unlock()
	if deaths < mostDeaths {
		return nil
	}
	return l.giveUp(id, exit)
}

// giveUp counts a job as failed.
func (l *Launcher) giveUp(id string, exit *exec.ExitError) error {
	for _, job := range l.Jobs {
		if job.ID != id {
			continue
		}
		host, _ := os.Hostname() // empty where it is not known
		err := l.Fail(job, cells.Failure{
			Cells: job.Cells, Killed: true, Host: host, Task: -1,
			Error: fmt.Sprintf("%d workers died at it, the last with %v; it may need more memory than there is", mostDeaths, exit),
		})
		l.tell(id, true)
		return err
	}
	return nil
}

// worker is a process that has ended.
type worker struct {
	pid int
	// finished says that it has seen all jobs to their end.
	finished bool
}

// work starts a worker and waits for its end.
func (l *Launcher) work(ctx context.Context, number int) (w worker, err error) {
	log, err := durable.Append(l.Disk, l.LogPath(number))
	if err != nil {
		return w, err
	}
	defer log.Close()
	cmd := l.Command(number)
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return w, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return w, err
	}
	if err := cmd.Start(); err != nil {
		return w, err
	}
	stop := context.AfterFunc(ctx, func() { stdin.Close() })
	defer stop()
	w = worker{pid: cmd.Process.Pid, finished: l.listen(stdout)}
	return w, cmd.Wait()
}

// listen reads what a worker says, and reports whether it said that it has finished.
func (l *Launcher) listen(stdout io.Reader) (finished bool) {
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		word, id, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case Done, Failed:
			l.tell(id, word == Failed)
		case Finished:
			finished = true
		}
	}
	return finished
}

func (l *Launcher) tell(id string, failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Ended != nil {
		l.Ended(id, failed)
	}
}

// What a worker says on a line of its standard output: that a job, whose ID follows, is done or has failed, and that it has come
// to the end of all jobs.
const (
	Done     = "done"
	Failed   = "failed"
	Finished = "finished"
)
