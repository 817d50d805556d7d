//go:build unix

package slurm_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/datasets/durable"
	"autoamp/train/sweep/slurm"
	"autoamp/train/sweep/slurm/slurmtest"
)

// worker is a program in place of autoamp sweep work: at the first time it is called for an odd task it waits until it is told to
// save, as a training that is longer than its time. Task 4 fails.
const worker = `#!/bin/sh
echo "session of $*"
shift
test "$1" = --task || exit 9
at="$PWD/state-$2"
test "$2" = 4 && { echo "autoamp: the cell is not finite" >&2; exit 1; }
test -e "$at" && { echo continued; exit 0; }
case $2 in [13])
	trap 'echo saved; touch "$at"; exit 130' USR1
	trap 'echo cancelled; exit 130' TERM
	touch "$at.waits"
	while :; do sleep 1 & wait $!; done ;;
esac
touch "$at"
`

// TestTasks runs an array on a real Slurm. A task whose time is nearly over is continued, a failed task is failed for Slurm, and a
// task that was cancelled stays so.
func TestTasks(t *testing.T) {
	cluster := slurmtest.Start(t)
	t.Setenv("SLURM_CONF", cluster.Conf)
	for name, value := range map[string]string{"SBATCH_ARRAY_INX": "7", "SBATCH_SIGNAL": "INT@5", "SLURM_JOB_NAME": "other"} { // as inside another job
		t.Setenv(name, value)
	}
	dir := filepath.Join(t.TempDir(), "it's 100 % of #1")
	program := filepath.Join(dir, "worker") // proctrack/linuxproc does not find programs with a space in their name
	write(t, program, worker)
	if err := os.Chmod(program, 0o777); err != nil {
		t.Fatal(err)
	}
	array := slurm.Array{Dir: dir, Folder: dir, Tasks: []int{0, 1, 2, 3, 4}, Work: []string{program, "$HOME"}, Threads: true}
	var err error
	if array.Options, err = slurm.ParseOptions("time=10,comment=a b,nice=5"); err != nil {
		t.Fatal(err)
	}
	submission, err := slurm.Submit(t.Context(), durable.OS, array)
	if err != nil {
		t.Fatal(err)
	}
	var busy *slurm.BusyError
	if _, err := slurm.Submit(t.Context(), durable.OS, array); !errors.As(err, &busy) || busy.Jobs[0] != submission.Job {
		t.Errorf("a second submission: %v", err)
	}
	state := func(task int) string { return look(t, dir, task).State }
	for _, task := range []string{"1", "3"} {
		cluster.Until("task "+task+" waits", func() bool { return exists(filepath.Join(dir, "state-"+task+".waits")) })
	}
	queue, err := slurm.Look(t.Context(), dir)
	if err != nil || queue.Gone("slurm:"+submission.Job+"_1") || !queue.Gone("slurm:"+submission.Job+"_0") || queue.Gone("slurm:77_1") {
		t.Errorf("which tasks are gone: %+v, %v", queue, err)
	}
	cluster.Command("scancel", "--batch", "--signal=USR1", submission.Job+"_1") // what Slurm does 120 s before the end
	cluster.Command("scancel", submission.Job+"_3")
	for task, want := range []string{"COMPLETED", "COMPLETED", "COMPLETED", "CANCELLED", "FAILED"} {
		cluster.Until(fmt.Sprintf("task %d is %s", task, want), func() bool { return state(task) == want })
	}
	log := read(t, filepath.Join(dir, "logs", "1.log"))
	for _, want := range []string{"saved", "to be continued", "continued\n"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log of task 1 has no %q:\n%s", want, log)
		}
	}
	if strings.Count(log, "session of $HOME --task 1 --threads 1") != 2 {
		t.Errorf("task 1 did not have two sessions:\n%s", log)
	}
	if log := read(t, filepath.Join(dir, "logs", "3.log")); !strings.Contains(log, "cancelled") {
		t.Errorf("task 3 had no time to save:\n%s", log)
	}
	if n, err := slurm.Cancel(t.Context(), dir); n != 0 || err != nil {
		t.Errorf("nothing is left to cancel: %d, %v", n, err)
	}
	retry(t, cluster, array)
}

// retry submits some tasks again, waiting for a time that does not come, and cancels them.
func retry(t *testing.T, cluster *slurmtest.Cluster, array slurm.Array) {
	t.Helper()
	array.Tasks, array.Limit = []int{3, 4}, 1
	array.Options = append(array.Options, slurm.Option{Name: "begin", Value: "now+1hour"})
	submission, err := slurm.Submit(t.Context(), durable.OS, array)
	if err != nil {
		t.Fatal(err)
	}
	for task, want := range map[int]string{2: "COMPLETED", 3: "PENDING", 4: "PENDING"} { // not the states of the first job
		if got := look(t, array.Dir, task); got.State != want {
			t.Errorf("task %d is %+v, want %s", task, got, want)
		}
	}
	cluster.Until("task 3 waits for its time", func() bool { return look(t, array.Dir, 3).Reason == "BeginTime" })
	if n, err := slurm.Cancel(t.Context(), array.Dir); n != 2 || err != nil {
		t.Errorf("cancelled %d tasks, want 2: %v", n, err)
	}
	cluster.Until("job "+submission.Job+" is cancelled", func() bool { return look(t, array.Dir, 3).State == "CANCELLED" })
}

// TestMaxTasks reads a setting of a real Slurm.
func TestMaxTasks(t *testing.T) {
	t.Setenv("SLURM_CONF", slurmtest.Start(t).Conf)
	if n, err := slurm.MaxTasks(t.Context()); n != 1001 || err != nil {
		t.Errorf("MaxTasks = %d, %v; one-node.sh says 1001", n, err)
	}
	array := slurm.Array{Dir: t.TempDir(), Folder: "/", Tasks: []int{1001}, Work: []string{"true"}}
	if _, err := slurm.Submit(t.Context(), durable.OS, array); err == nil || !strings.Contains(err.Error(), "Invalid job array specification") {
		t.Errorf("a task above the limit: %v", err)
	}
	array.Tasks, array.Options = []int{0}, slurm.Options{{Name: "partition", Value: "nowhere"}}
	if _, err := slurm.Submit(t.Context(), durable.OS, array); err == nil || !strings.Contains(err.Error(), "nvalid partition") {
		t.Errorf("a partition that is not there: %v", err)
	}
}

// look returns Slurm's word on a task.
func look(t *testing.T, dir string, task int) slurm.TaskState {
	t.Helper()
	queue, err := slurm.Look(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	state, _ := queue.Task(task)
	return state
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
