//go:build unix

package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden files inside the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"autoamp": main})
}

// TestScripts runs testdata/script/*.txtar, each in a directory of its own.
func TestScripts(t *testing.T) {
	runScripts(t, "testdata/script")
}

func runScripts(t *testing.T, dir string) {
	hearHangups(t)
	testscript.Run(t, scriptParams(dir))
}

// scriptParams are the commands and conditions of the scripts in a folder.
func scriptParams(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LD_LIBRARY_PATH", os.Getenv("LD_LIBRARY_PATH")) // where a GPU build finds the driver
			return nil
		},
		Condition: func(name string) (bool, error) {
			return strings.Contains(os.Getenv("LD_LIBRARY_PATH"), name), nil // emulated, the only one
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":      cmdStatus,
			"interrupt":   cmdInterrupt,
			"advice":      cmdAdvice,
			"killing":     cmdKilling,
			"killsweep":   cmdKillSweep,
			"sameresults": sameResults,
			"lastline":    cmdLastLine,
			"same":        cmdSame,
			"truncate":    cmdTruncate,
			"rows":        cmdRows,
			"cut":         cmdCut,
			"serving":     cmdServing,
		},
	}
}

// hearHangups keeps tests that run under nohup from handing an ignored SIGHUP down to the programs.
func hearHangups(t *testing.T) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
}

// cmdStatus runs a program and checks its exit status: status 2 autoamp train
func cmdStatus(ts *testscript.TestScript, _ bool, args []string) {
	if got := exitStatus(ts.Exec(args[1], args[2:]...)); strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

func exitStatus(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// cmdInterrupt runs a program, sends it a signal once a file exists, and checks its exit
// status: interrupt INT run/metrics.csv 130 autoamp train … Standard error goes to the file
// stderr.txt.
func cmdInterrupt(ts *testscript.TestScript, _ bool, args []string) {
	signal := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "USR1": syscall.SIGUSR1, "HUP": syscall.SIGHUP}[args[0]]
	stderr, err := os.Create(ts.MkAbs("stderr.txt"))
	ts.Check(err)
	defer stderr.Close()
	cmd := command(ts, args[3:])
	cmd.Stderr = stderr
	ts.Check(cmd.Start())
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[1])); err == nil {
			break
		}
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			ts.Fatalf("%s did not appear; standard error:\n%s", args[1], ts.ReadFile("stderr.txt"))
		}
	}
	ts.Check(cmd.Process.Signal(signal))
	if got := exitStatus(cmd.Wait()); strconv.Itoa(got) != args[2] {
		ts.Fatalf("exit status %d, want %s; standard error:\n%s", got, args[2], ts.ReadFile("stderr.txt"))
	}
}

// cmdAdvice runs, in a shell, the command that stderr.txt recommends.
func cmdAdvice(ts *testscript.TestScript, _ bool, _ []string) {
	_, after, ok := strings.Cut(ts.ReadFile("stderr.txt"), "continue with:\n")
	if !ok {
		ts.Fatalf("stderr.txt recommends nothing:\n%s", ts.ReadFile("stderr.txt"))
	}
	line, _, _ := strings.Cut(after, "\n")
	ts.Check(ts.Exec("sh", "-c", line))
}

// cmdKilling runs a program again and again, each time killing it after a random time, until it
// ends by itself: killing 5 autoamp train --resume … It demands a least number of kills, so that a
// faster machine does not make the test empty.
func cmdKilling(ts *testscript.TestScript, _ bool, args []string) {
	least, err := strconv.Atoi(args[0])
	ts.Check(err)
	seed := uint64(time.Now().UnixNano())
	ts.Logf("random seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	kills := 0
	for wait := 60 * time.Millisecond; ; wait += wait / 4 {
		cmd := command(ts, args[1:])
		ts.Check(cmd.Start())
		timer := time.AfterFunc(wait+time.Duration(random.Int64N(int64(wait))), func() { cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if err == nil {
			break
		}
		if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() {
			ts.Fatalf("after %d kills: %v", kills, err)
		}
		kills++
	}
	ts.Logf("killed %d times", kills)
	if kills < least {
		ts.Fatalf("killed %d times, want at least %d: make the run longer", kills, least)
	}
}

// cmdLastLine checks that the last line of standard output begins with a text.
func cmdLastLine(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, args[0]) {
		ts.Fatalf("the last line of standard output is %q", last)
	}
}

// cmdSame checks that two runs ended with the same metrics and the same weights and optimizer
// state, byte by byte: same one other
func cmdSame(ts *testscript.TestScript, _ bool, args []string) {
	a, b := weights(ts, args[0]), weights(ts, args[1])
	if len(a) == 0 || len(a) != len(b) {
		ts.Fatalf("%d files of weights in %s, %d in %s", len(a), args[0], len(b), args[1])
	}
	a, b = append(a, ts.MkAbs(args[0]+"/metrics.csv")), append(b, ts.MkAbs(args[1]+"/metrics.csv"))
	for i := range a {
		if ts.ReadFile(a[i]) != ts.ReadFile(b[i]) {
			ts.Fatalf("%s and %s differ", a[i], b[i])
		}
	}
}

// cmdTruncate cuts the weights of a run's newest checkpoint in half.
func cmdTruncate(ts *testscript.TestScript, _ bool, args []string) {
	for _, path := range weights(ts, args[0]) {
		ts.Check(os.Truncate(path, int64(len(ts.ReadFile(path))/2)))
	}
}

// weights lists the files of the newest checkpoint of a run.
func weights(ts *testscript.TestScript, run string) []string {
	checkpoints, err := filepath.Glob(ts.MkAbs(run + "/checkpoints/step-*"))
	ts.Check(err)
	if len(checkpoints) == 0 {
		ts.Fatalf("%s has no checkpoint", run)
	}
	files, err := filepath.Glob(filepath.Join(checkpoints[len(checkpoints)-1], "*.safetensors"))
	ts.Check(err)
	return files
}

// command is a program in the script's directory and environment.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path := args[0]
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if full := filepath.Join(dir, args[0]); executable(full) {
			path = full
			break
		}
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	return cmd
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// TestQuote checks that a shell reads the original words from the output of quote.
func TestQuote(t *testing.T) {
	for _, word := range []string{"runs/a", "with space", "it's", "$HOME", "", "a;b", "*"} {
		out, err := exec.Command("sh", "-c", "printf %s "+quote(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("quote(%q) = %s, which a shell reads as %q (%v)", word, quote(word), out, err)
		}
	}
}

// TestFlagsReachFields checks that every field that a flag is said to set is one of the
// configuration.
func TestFlagsReachFields(t *testing.T) {
	for _, s := range flagged() {
		f := configFlags{Set: []string{s.Key + "=[no such thing, 1.5]"}}
		if _, err := f.config(defaults); err == nil || strings.Contains(err.Error(), "unknown") {
			t.Errorf("%s sets %s: %v", s.Flag, s.Key, err)
		}
	}
	if _, err := (&configFlags{Set: []string{"model.colour=1"}}).config(defaults); err == nil ||
		!strings.Contains(fmt.Sprint(err), "unknown") {
		t.Errorf("an unknown field is accepted: %v", err)
	}
}
