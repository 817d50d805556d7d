//go:build unix

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
)

// cmdKillSweep runs a sweep with two workers and sends SIGKILL to one of its processes, launcher or worker, at a number of random
// moments: killsweep 20 DIR autoamp sweep FILE --out DIR --jobs 2. The launcher is started again when it dies. Afterwards no program
// was begun more often than processes that were at it have died, and no result was written twice.
func cmdKillSweep(ts *testscript.TestScript, _ bool, args []string) {
	kills, err := strconv.Atoi(args[0])
	ts.Check(err)
	seed := uint64(time.Now().UnixNano())
	ts.Logf("random seed %d", seed)
	k := &killer{ts: ts, dir: ts.MkAbs(args[1]), random: rand.New(rand.NewPCG(seed, 0)), left: kills,
		hits: map[string]int{}, done: map[string]time.Time{}}
	for {
		cmd := command(ts, args[2:])
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		ts.Check(cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		err := k.kill(ended)
		if err == nil {
			break
		}
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() {
			ts.Fatalf("with %d kills left: %v: %s", k.left, err, stderr.String())
		}
	}
	if k.left > 0 {
		ts.Fatalf("the sweep was done with %d kills left: make it longer", k.left)
	}
	k.check()
}

// killer kills the processes of a sweep.
type killer struct {
	ts     *testscript.TestScript
	dir    string
	random *rand.Rand
	left   int
	// workers and launchers count those that were killed.
	workers, launchers int
	hits               map[string]int       // of workers, by the job that they were at
	done               map[string]time.Time // when files of results that were seen had been written
}

// mostHits is how often workers at one job are killed. After ten deaths at a job a launcher counts it as failed, and on a busy machine a job may
// last longer than ten of the pauses between kills.
const mostHits = 5

// kill kills processes until the launcher has ended, and returns how it ended.
func (k *killer) kill(ended chan error) error {
	for k.left > 0 {
		select {
		case err := <-ended:
			return err
		case <-time.After(time.Duration(k.random.Int64N(int64(60 * time.Millisecond)))):
		}
		k.one()
	}
	return <-ended
}

// one kills a worker that is at a program at this moment, if there is one, or once in five times the launcher.
func (k *killer) one() {
	held, err := cells.NewDirectory(k.dir).Claims(cells.ThisHolder("", -1)).List()
	launcher := slices.IndexFunc(held, func(h cells.Held) bool { return h.ID == cells.LauncherClaim })
	if err != nil || launcher < 0 || len(held) == 1 {
		return
	}
	victim := held[launcher]
	if workers := slices.Delete(held, launcher, launcher+1); k.random.IntN(5) > 0 {
		victim = workers[k.random.IntN(len(workers))]
	}
	if k.hits[victim.ID] == mostHits {
		return
	}
	k.look()
	if syscall.Kill(victim.PID, syscall.SIGKILL) != nil {
		return // it has ended
	}
	k.left--
	if victim.ID == cells.LauncherClaim {
		k.launchers++
	} else {
		k.workers++
		k.hits[victim.ID]++
	}
}

// look notes which results are there, and that those which were there have not been written again.
func (k *killer) look() {
	err := filepath.WalkDir(filepath.Join(k.dir, cells.DoneFolder), func(path string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".csv" {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if before, seen := k.done[path]; seen && !before.Equal(info.ModTime()) {
			k.ts.Fatalf("%s was computed again", path)
		}
		k.done[path] = info.ModTime()
		return nil
	})
	if !errors.Is(err, fs.ErrNotExist) { // a file in the making may be gone
		k.ts.Check(err)
	}
}

var begun = regexp.MustCompile(`(?m)^[0-9a-f]{20}: \S+=`)

// check counts how often programs were begun. A worker that dies has one program under way; those of a launcher that dies end too.
func (k *killer) check() {
	k.look()
	s, err := sweep.Open(k.dir)
	k.ts.Check(err)
	logs, err := filepath.Glob(filepath.Join(k.dir, cells.LogsFolder, "*.log"))
	k.ts.Check(err)
	begins := 0
	for _, log := range logs {
		text, err := os.ReadFile(log)
		k.ts.Check(err)
		begins += len(begun.FindAllString(string(text), -1)) - strings.Count(string(text), ": failed: ")
	}
	most := len(s.Jobs) + k.workers + 2*k.launchers
	k.ts.Logf("%d programs were begun %d times; killed %d workers and %d launchers", len(s.Jobs), begins, k.workers, k.launchers)
	if begins < len(s.Jobs) || begins > most {
		k.ts.Fatalf("%d programs were begun %d times, at most %d explain themselves", len(s.Jobs), begins, most)
	}
}
