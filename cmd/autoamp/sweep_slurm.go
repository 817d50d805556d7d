package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"autoamp/bench/reproduce"
	"autoamp/datasets/durable"
	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
	"autoamp/train/sweep/slurm"
)

// clusterFlags are the flags of the launchers of clusters.
type clusterFlags struct {
	Slurm       *string  `complete:"-" name:"slurm" help:"Options for sbatch: --slurm partition=gpu,gres=gpu:1,time=4:00:00." placeholder:"OPTIONS"`
	TaskMinutes *float64 `help:"About how long a task of a cluster lasts on one core. Default: 30, or half of time= if that is less." placeholder:"M"`
}

// launcherLocal and launcherSlurm are the launchers of packages local and slurm.
const (
	launcherLocal = "local"
	launcherSlurm = "slurm"
)

// onlyFor refuses flags that another launcher does not have.
func (c *clusterFlags) onlyFor(launcher string) error {
	switch {
	case c.Slurm != nil && launcher != launcherSlurm:
		return usagef("--slurm: is for --launcher slurm; leave it out")
	case c.TaskMinutes != nil && launcher != launcherSlurm && launcher != launcherKubernetes:
		return usagef("--task-minutes: is for clusters; leave it out, or add --launcher slurm")
	}
	return nil
}

// args are the flags as a command line would repeat them.
func (c *clusterFlags) args() []string {
	var args []string
	if c.Slurm != nil {
		args = append(args, "--slurm", *c.Slurm)
	}
	if c.TaskMinutes != nil {
		args = append(args, "--task-minutes", ftoa(*c.TaskMinutes))
	}
	return args
}

// array reads the flags of the launcher slurm, for a directory and a worker's flags.
func (c *clusterFlags) array(dir string, flags deviceFlags) (slurm.Array, error) {
	a := slurm.Array{Threads: flags.Threads == nil}
	if c.Slurm != nil {
		var err error
		if a.Options, err = slurm.ParseOptions(*c.Slurm); err != nil {
			return a, usagef("--%w", err)
		}
	}
	if a.Options.GPU() && flags.Device == "cpu" {
		return a, usagef("--slurm = %q: asks for a GPU, and --device is cpu: add --device gpu, or leave the GPU out", *c.Slurm)
	}
	var err error
	if a.Dir, err = filepath.Abs(dir); err == nil {
		a.Folder, err = os.Getwd()
	}
	if err != nil {
		return a, fmt.Errorf("sweep: out = %s: %w", dir, err)
	}
	a.Work = append([]string{thisProgram(), "sweep", "work", a.Dir}, flags.args()...)
	return a, nil
}

// seconds is the wanted time of a task.
func (c *clusterFlags) seconds(a slurm.Array) (float64, error) {
	const usual = 30 * 60
	switch {
	case c.TaskMinutes == nil:
		return min(usual, a.Options.Seconds()/2), nil
	case !(*c.TaskMinutes > 0):
		return 0, usagef("--task-minutes = %v: must be positive", *c.TaskMinutes)
	}
	return 60 * *c.TaskMinutes, nil
}

// submission is the JSON object of a submission.
type submission struct {
	Job    string `json:"job"`
	Tasks  int    `json:"tasks"`
	Cells  int    `json:"cells"` // that are to be done
	Script string `json:"script"`
	Out    string `json:"out"`
}

// slurm submits the tasks that are not done, and returns at once.
func (c *sweepRunCmd) slurm(ctx context.Context, a *app, grid *sweep.Grid) error {
	array, err := c.array(c.Out, c.deviceFlags)
	if err != nil {
		return err
	}
	seconds, err := c.seconds(array)
	if err != nil {
		return err
	}
	if array.Limit, err = tasksAtATime(c.Jobs); err != nil {
		return err
	}
	most, queue, err := atSlurm(ctx, array.Dir)
	if err != nil {
		return err
	}
	s, claim, err := sweep.Begin(c.Out, grid, sweep.Launch{
		Launcher: c.Launcher, Version: revision(), Replicas: c.replicas(), Tasks: most, Seconds: seconds, Dead: gone(queue),
	})
	if err != nil {
		return err
	}
	defer claim.Release()
	before, err := s.Status(nil, gone(queue))
	if err != nil {
		return err
	}
	open := before.Open()
	if len(open) == 0 {
		return c.finish(ctx, a, s, newSweepWatch(a, before))
	}
	if err := s.Grid.CheckData(open); err != nil {
		return err
	}
	array.Tasks = s.Plan.TasksOf(open, s.Jobs)
	next := commandLine("sweep gather", []string{array.Dir})
	return submit(ctx, a, array, before.Counts.Waiting+before.Counts.Running, next, c.JSON)
}

// atSlurm asks Slurm for the largest number of tasks and for its queue. A directory with tasks in the queue is refused.
func atSlurm(ctx context.Context, dir string) (most int, queue *slurm.Queue, err error) {
	if err := slurm.Installed(); err != nil {
		return 0, nil, err
	}
	if most, err = slurm.MaxTasks(ctx); err != nil {
		return 0, nil, err
	}
	if queue, err = slurm.Look(ctx, dir); err != nil {
		return 0, nil, err
	}
	return most, queue, queue.Busy()
}

// submit submits an array, and prints which commands show how far it is and, when it is done, the results.
func submit(ctx context.Context, a *app, array slurm.Array, cells int, next string, asJSON bool) error {
	s, err := slurm.Submit(ctx, durable.OS, array)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(submission{s.Job, len(array.Tasks), cells, slurm.ScriptPath(array.Dir, s), array.Dir})
	}
	fmt.Fprintf(a.stdout, "job %s: %s for %s; script: %s\n", s.Job, plural(len(array.Tasks), "task"), plural(cells, "cell"), slurm.ScriptPath(array.Dir, s))
	if !reproduce.IsSuite(array.Dir) { // the command that gathers says how far a suite is
		fmt.Fprintf(a.stdout, "  %s\n", commandLine("sweep status", []string{array.Dir}))
	}
	_, err = fmt.Fprintf(a.stdout, "  %s\n", next)
	return err
}

// gone tells by a queue whether the holder of a claim is gone.
func gone(queue *slurm.Queue) func(cells.Holder) bool {
	return func(h cells.Holder) bool { return queue != nil && queue.Gone(h.Batch) }
}

// goneNow is gone for a worker: it asks Slurm when it meets the claim of another job, at most once in half a minute.
func goneNow(ctx context.Context, dir string) func(cells.Holder) bool {
	if !slurm.Used(dir) {
		return nil
	}
	var (
		mu    sync.Mutex
		asked time.Time
		queue *slurm.Queue
	)
	return func(h cells.Holder) bool {
		mu.Lock()
		defer mu.Unlock()
		if h.Batch != "" && time.Since(asked) > 30*time.Second {
			asked = time.Now()
			queue, _ = slurm.Look(ctx, dir) // without an answer the holder's signs of life tell
		}
		return gone(queue)(h)
	}
}

// slurmTasks is what Slurm says about tasks with the same word.
type slurmTasks struct {
	State  string `json:"state"`
	Reason string `json:"reason"`
	Tasks  []int  `json:"tasks"`
	// Log is the last line of the log of the first task, if the tasks are over.
	Log string `json:"log"`
}

// queueOf asks Slurm about a directory whose tasks it has. If it does not answer, that is a warning and the queue is nil: the
// directory itself says what is done.
func queueOf(ctx context.Context, a *app, dir string) *slurm.Queue {
	path, err := filepath.Abs(dir)
	if err != nil || !slurm.Used(path) {
		return nil
	}
	queue, err := slurm.Look(ctx, path)
	if err != nil {
		a.log.Warn("Slurm does not say what runs", "error", err)
		return nil
	}
	return queue
}

// tasksAtSlurm lists the tasks with cells that nobody is at, by what Slurm says about them.
func tasksAtSlurm(st *sweep.Status, queue *slurm.Queue) []slurmTasks {
	out := []slurmTasks{}
	if st.Plan == nil || queue == nil {
		return out
	}
	at := map[slurm.TaskState]int{}
	for _, task := range st.Plan.TasksOf(st.Idle(), st.Jobs) {
		state, known := queue.Task(task)
		if !known {
			state.State, state.Reason = "UNKNOWN", "not in the queue any more"
		}
		over := !state.Active()
		word := slurm.TaskState{State: state.State, Reason: state.Reason}
		if over {
			word.Node = cells.LastLine(st.LogPath(task))
		}
		i, ok := at[word]
		if !ok {
			i = len(out)
			at[word], out = i, append(out, slurmTasks{State: word.State, Reason: word.Reason, Log: word.Node})
		}
		out[i].Tasks = append(out[i].Tasks, task)
	}
	return out
}

// writeSlurm prints what Slurm says about tasks that are not at work.
func writeSlurm(w io.Writer, tasks []slurmTasks) {
	for _, t := range tasks {
		fmt.Fprintf(w, "slurm    %s", t.State)
		if t.Reason != "" {
			fmt.Fprintf(w, " (%s)", t.Reason)
		}
		fmt.Fprintf(w, ": %s: %s", plural(len(t.Tasks), "task"), slurm.Ranges(t.Tasks))
		if t.Log != "" {
			fmt.Fprintf(w, ": %s", t.Log)
		}
		fmt.Fprintln(w)
	}
}
