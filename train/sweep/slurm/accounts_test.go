package slurm

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/datasets/durable"
)

// accounts is what sacct --duplicates printed on a Slurm 22.05 with slurmdbd for job 1, whose task 0 was requeued twice, and lines of
// the same form for other ends.
const accounts = `1_0|REQUEUED|0:0|vm|2026-11-30T04:48:59
1_1|COMPLETED|0:0|vm|2026-11-30T04:48:59
1_2|COMPLETED|0:0|vm|2026-11-30T04:48:59
1_3|FAILED|1:0|vm|2026-11-30T04:48:59
1_0|REQUEUED|0:0|vm|2026-11-30T04:49:01
1_0|COMPLETED|0:0|vm|2026-11-30T04:49:12
7_0|COMPLETED|0:0|n2|2026-11-30T01:30:00
7_0|TIMEOUT|0:0|n1|2026-11-30T01:00:00
7_2|CANCELLED by 1000|0:15|n1|2026-11-30T01:00:00
7_3|FAILED|130:0|n1|2026-11-30T01:00:00
7_4|NODE_FAIL|0:0|n1|2026-11-30T01:00:00
7_4|PENDING|0:0|None assigned|2026-11-30T01:10:00
7_5|FAILED|1:0|n1|2026-11-30T01:00:00
7_[6-9]|PENDING|0:0|None assigned|2026-11-30T01:00:00
8_2|RUNNING|0:0|n3|2026-11-30T02:00:00
`

func TestAccounts(t *testing.T) {
	t.Parallel()
	states := parseAccounts(accounts)
	want := byJob{
		"1": {0: {"1_0", "COMPLETED", "", "vm"}, 1: {"1_1", "COMPLETED", "", "vm"}, 2: {"1_2", "COMPLETED", "", "vm"}, 3: {"1_3", "FAILED", "exit status 1", "vm"}},
		"7": {
			0: {"7_0", "COMPLETED", "", "n2"}, 2: {"7_2", "CANCELLED", "by 1000", "n1"}, 3: {"7_3", "FAILED", "exit status 130", "n1"},
			4: {"7_4", "PENDING", "", ""}, 5: {"7_5", "FAILED", "exit status 1", "n1"},
		},
		"8": {2: {"8_2", "RUNNING", "", "n3"}},
	}
	if difference := cmp.Diff(want, states); difference != "" {
		t.Error(difference)
	}
}

// TestLook joins squeue and sacct, programs that print what those of a cluster with accounts do.
func TestLook(t *testing.T) {
	bin, dir := t.TempDir(), t.TempDir()
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	program(t, bin, "sacct", "cat <<'E'\n"+accounts+"E\n")
	program(t, bin, "squeue", `test "$1" = --jobs=7,8 || exit 1
echo '7_5|RUNNING|None|n4'
echo '8_2|RUNNING|None|n3'
echo '8_3|PENDING|Resources|'
`)
	r := record{[]Submission{{Job: "7", Tasks: "0-9"}, {Job: "8", Tasks: "2-4"}}}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, folder), 0o777), durable.WriteJSON(durable.OS, filepath.Join(dir, folder, recordFile), r)); err != nil {
		t.Fatal(err)
	}
	q, err := Look(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for task, want := range map[int]TaskState{
		0: {"7_0", "COMPLETED", "", "n2"}, 2: {"8_2", "RUNNING", "", "n3"}, 3: {"8_3", "PENDING", "Resources", ""}, 5: {"7_5", "RUNNING", "", "n4"},
		4: {}, // job 8 has it now, and nothing is known of that
	} {
		if got, _ := q.Task(task); got != want {
			t.Errorf("task %d: %+v, want %+v", task, got, want)
		}
	}
	if _, known := q.Task(9); known {
		t.Error("a task that Slurm never had is known")
	}
	for batch, want := range map[string]bool{"slurm:7_0": true, "slurm:7_5": false, "slurm:8_3": true, "slurm:9_1": false, "": false, "pbs:7_0": false} {
		if q.Gone(batch) != want {
			t.Errorf("%s: gone = %v, want %v", batch, !want, want)
		}
	}
	if jobs, tasks := q.active(); tasks != 3 || len(jobs) != 2 { // 7_5, 8_2, 8_3
		t.Errorf("%d tasks of jobs %v are active", tasks, jobs)
	}
	program(t, bin, "squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1\n")
	program(t, bin, "sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1\n")
	if q, err := Look(t.Context(), dir); err != nil || len(q.tasks) != 0 {
		t.Errorf("jobs that are forgotten: %+v, %v", q, err)
	}
	program(t, bin, "squeue", "echo 'Unable to contact slurm controller' >&2; exit 1\n")
	if _, err := Look(t.Context(), dir); err == nil {
		t.Error("a controller that is away is not reported")
	}
}

// TestNotInstalled checks the message where there is no Slurm, and that nothing is written then.
func TestNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	if _, err := MaxTasks(t.Context()); !errors.Is(err, ErrNotInstalled) {
		t.Error(err)
	}
	if _, err := Submit(t.Context(), durable.OS, Array{Dir: dir, Folder: "/", Tasks: []int{0}}); !errors.Is(err, ErrNotInstalled) {
		t.Error(err)
	}
	if entries, err := os.ReadDir(dir); len(entries) > 0 || err != nil {
		t.Errorf("%v is written, %v", entries, err)
	}
	if q, err := Look(t.Context(), dir); err != nil || len(q.tasks) != 0 { // status of a sweep without Slurm runs no command
		t.Errorf("%+v, %v", q, err)
	}
}

func program(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o777); err != nil {
		t.Fatal(err)
	}
}
