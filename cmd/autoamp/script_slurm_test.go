//go:build unix

package main

import (
	"encoding/csv"
	"encoding/json"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"autoamp/train/sweep/slurm/slurmtest"
)

// TestSlurmScripts runs testdata/slurm/*.txtar on a Slurm of one node, one after another.
func TestSlurmScripts(t *testing.T) {
	cluster := slurmtest.Start(t)
	params := scriptParams("testdata/slurm")
	setup := params.Setup
	params.Setup = func(e *testscript.Env) error {
		e.Setenv("SLURM_CONF", cluster.Conf)
		return setup(e)
	}
	for name, command := range map[string]func(*slurmtest.Cluster, *testscript.TestScript, []string){
		"done": untilDone, "idle": untilIdle, "requeue": requeueRunning, "failedtask": untilTask, "killnode": killNode, "startnode": startNode,
	} {
		params.Cmds[name] = func(ts *testscript.TestScript, _ bool, args []string) { command(cluster, ts, args) }
	}
	testscript.RunT(inTurn{t}, params)
}

// inTurn is a test as package testscript has it, whose scripts run one after another: they share a cluster.
type inTurn struct{ *testing.T }

// Run implements testscript.T.
func (t inTurn) Run(name string, f func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { f(inTurn{t}) })
}

// Verbose implements testscript.T.
func (inTurn) Verbose() bool { return testing.Verbose() }

// Parallel implements testscript.T.
func (inTurn) Parallel() {}

// wait waits for a condition, for four minutes at most.
func wait(ts *testscript.TestScript, what string, holds func() bool) {
	for end := time.Now().Add(4 * time.Minute); !holds(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("%s: not after four minutes", what)
		}
	}
}

// printed is what a program prints, run in the script's directory and environment.
func printed(ts *testscript.TestScript, args ...string) string {
	cmd := command(ts, args)
	cmd.Env = append(cmd.Env, "SLURM_CONF="+ts.Getenv("SLURM_CONF"))
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		ts.Logf("%s: %v: %s", strings.Join(args, " "), err, exit.Stderr)
	}
	ts.Check(err)
	return string(out)
}

// untilDone waits until a number of cells is done: done DIR 4
func untilDone(_ *slurmtest.Cluster, ts *testscript.TestScript, args []string) {
	least, err := strconv.Atoi(args[1])
	ts.Check(err)
	wait(ts, args[1]+" cells are done", func() bool {
		var status struct{ Done int }
		ts.Check(json.Unmarshal([]byte(printed(ts, "autoamp", "sweep", "status", args[0], "--json")), &status))
		return status.Done >= least
	})
}

// untilIdle waits until no job is in the queue.
func untilIdle(_ *slurmtest.Cluster, ts *testscript.TestScript, _ []string) {
	wait(ts, "the queue is empty", func() bool { return printed(ts, "squeue", "--noheader") == "" })
}

// requeueRunning requeues a task that runs.
func requeueRunning(_ *slurmtest.Cluster, ts *testscript.TestScript, _ []string) {
	wait(ts, "a running task is requeued", func() bool {
		running := strings.Fields(printed(ts, "squeue", "--noheader", "--states=RUNNING", "--format=%i"))
		return len(running) > 0 && ts.Exec("scontrol", "requeue", running[0]) == nil // it may have ended meanwhile
	})
}

// untilTask waits until Slurm has a task in some state: failedtask FAILED
func untilTask(_ *slurmtest.Cluster, ts *testscript.TestScript, args []string) {
	wait(ts, "a task is "+args[0], func() bool {
		return slices.Contains(strings.Fields(printed(ts, "squeue", "--noheader", "--states=all", "--format=%T")), args[0])
	})
}

func killNode(cluster *slurmtest.Cluster, _ *testscript.TestScript, _ []string) { cluster.KillNode() }

func startNode(cluster *slurmtest.Cluster, _ *testscript.TestScript, _ []string) { cluster.StartNode() }

// sameResults compares two sweep.csv but for their times.
func sameResults(ts *testscript.TestScript, _ bool, args []string) {
	if difference := cmp.Diff(withoutTimes(ts, args[0]), withoutTimes(ts, args[1])); difference != "" {
		ts.Fatalf("%s and %s differ:\n%s", args[0], args[1], difference)
	}
}

// withoutTimes is a table without its column of seconds.
func withoutTimes(ts *testscript.TestScript, path string) string {
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(path))).ReadAll()
	ts.Check(err)
	at := slices.Index(rows[0], "seconds")
	if at < 0 || len(rows) < 2 {
		ts.Fatalf("%s: %d rows, with columns %v", path, len(rows), rows[0])
	}
	var lines []string
	for _, row := range rows {
		lines = append(lines, strings.Join(slices.Delete(slices.Clone(row), at, at+1), ","))
	}
	return strings.Join(lines, "\n")
}
