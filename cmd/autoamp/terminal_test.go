//go:build unix

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// tty is a program on an emulated terminal.
type tty struct {
	cmd      *exec.Cmd
	master   *os.File
	emulator *vt.SafeEmulator
	changed  chan struct{} // has a token when something was written; closed at the end
	mu       sync.Mutex
	raw      strings.Builder
}

// onTTY starts autoamp on a terminal of some columns. Variables are NAME=VALUE, and stronger than those of a usual terminal.
func onTTY(t *testing.T, columns int, variables []string, args ...string) *tty {
	t.Helper()
	cmd := exec.Command("autoamp", args...)
	cmd.Env = variables
	return startTTY(t, columns, cmd)
}

// startTTY starts a program on a terminal. The variables of its environment are stronger than those of a usual terminal.
func startTTY(t *testing.T, columns int, cmd *exec.Cmd) *tty {
	t.Helper()
	const rows = 24
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LD_LIBRARY_PATH=" + os.Getenv("LD_LIBRARY_PATH"),
		"TERM=xterm-256color", "LANG=C.UTF-8",
	}, cmd.Env...)
	y := &tty{cmd: cmd, emulator: vt.NewSafeEmulator(columns, rows), changed: make(chan struct{}, 1)}
	var err error
	if y.master, err = pty.StartWithSize(y.cmd, &pty.Winsize{Rows: rows, Cols: uint16(columns)}); err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	t.Cleanup(func() {
		y.cmd.Process.Kill()
		y.master.Close()
		y.emulator.Close()
	})
	go y.read()
	go io.Copy(y.master, y.emulator) // what a terminal answers when a program asks it
	return y
}

// read passes on what the program writes, until it has ended.
func (y *tty) read() {
	defer close(y.changed)
	buffer := make([]byte, 1<<12)
	for {
		n, err := y.master.Read(buffer)
		y.mu.Lock()
		y.raw.Write(buffer[:n])
		y.mu.Unlock()
		y.emulator.Write(buffer[:n])
		if err != nil {
			return
		}
		select {
		case y.changed <- struct{}{}:
		default:
		}
	}
}

// screen is what the terminal shows, without the space at the ends of lines.
func (y *tty) screen() string {
	lines := strings.Split(y.emulator.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// written is all that the program wrote.
func (y *tty) written() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.raw.String()
}

// until waits for a screen.
func (y *tty) until(t *testing.T, what string, there func(screen string) bool) string {
	t.Helper()
	late := time.After(time.Minute)
	for {
		screen := y.screen()
		if there(screen) {
			return screen
		}
		select {
		case _, open := <-y.changed:
			if !open && !there(y.screen()) {
				t.Fatalf("the program ended without %s:\n%s", what, y.screen())
			}
		case <-late:
			t.Fatalf("after a minute the terminal does not show %s:\n%s", what, y.screen())
		}
	}
}

// end waits for the end of the program, and returns its exit status and the last screen.
func (y *tty) end(t *testing.T) (int, string) {
	t.Helper()
	for late := time.After(time.Minute); ; {
		select {
		case _, open := <-y.changed:
			if !open {
				return exitStatus(y.cmd.Wait()), y.screen()
			}
		case <-late:
			t.Fatalf("still there after a minute:\n%s", y.screen())
		}
	}
}

// resize changes the size of the terminal, which tells the program.
func (y *tty) resize(t *testing.T, columns, rows int) {
	t.Helper()
	y.emulator.Resize(columns, rows)
	if err := pty.Setsize(y.master, &pty.Winsize{Rows: uint16(rows), Cols: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
}

// endless is a training of a model of a moment that ends when it is told to.
func endless(dir string) []string {
	return []string{"train", "--dim", "16", "--batch", "16", "--init", "random", "--steps", "1000000000", "--threads", "1", "--out", dir}
}

// fields are what a frame of a training shows, each once.
var fields = []*regexp.Regexp{
	regexp.MustCompile(`\bstep \d+ of 1000000000\b`), regexp.MustCompile(` \d+ %`), regexp.MustCompile(`\b\d+ steps/s\b`),
	regexp.MustCompile(`(\d|\d h) left\b`), regexp.MustCompile(`\btest 0\.\d{4} ± 0\.\d{4}\b`), regexp.MustCompile(`\btheory 0\.\d{4} \([a-z-]+\)`),
	regexp.MustCompile(`\bgap [+-]\d+\.\d{2} %`),
}

var curve = regexp.MustCompile(`[▁▂▃▄▅▆▇█]+`)

// wholeFrame reports whether a screen shows every field once, and the curve on a line.
func wholeFrame(screen string) bool {
	words := strings.Join(strings.Fields(screen), " ")
	for _, field := range fields {
		if len(field.FindAllString(words, -1)) != 1 {
			return false
		}
	}
	return len(curve.FindAllString(screen, -1)) == 1
}

// TestTerminal trains on terminals of several widths: every field is there once, no log line is, and an interrupt leaves the
// terminal without the frame. The log is in the run's directory.
func TestTerminal(t *testing.T) {
	for _, columns := range []int{20, 40, 53, 80, 200} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "run")
			y := onTTY(t, columns, nil, endless(dir)...)
			y.until(t, "a whole frame", wholeFrame)
			y.cmd.Process.Signal(syscall.SIGINT)
			status, screen := y.end(t)
			words := strings.Join(strings.Fields(screen), " ")
			if status != statusInterrupted || strings.Contains(screen, "steps/s") || curve.MatchString(screen) || !strings.Contains(words, "continue with: ") {
				t.Errorf("exit status %d, and the terminal shows\n%s", status, screen)
			}
			for _, never := range []string{"level=", "msg=", "warning:", "test 0.0000", "NaN"} {
				if strings.Contains(y.written(), never) {
					t.Errorf("the terminal had %q:\n%q", never, y.written())
				}
			}
			log, err := os.ReadFile(filepath.Join(dir, "log.txt"))
			if err != nil || !strings.Contains(string(log), "msg=training") {
				t.Errorf("log.txt: %s, %v", log, err)
			}
		})
	}
}

// TestTerminalResize makes the terminal narrower, wider, and lower than the frame under a training.
func TestTerminalResize(t *testing.T) {
	t.Parallel()
	y := onTTY(t, 80, nil, endless(filepath.Join(t.TempDir(), "run"))...)
	y.until(t, "a whole frame", wholeFrame)
	for _, columns := range []int{53, 20, 200, 40} {
		y.resize(t, columns, 24)
		y.until(t, fmt.Sprintf("a whole frame in %d columns", columns), func(screen string) bool {
			return wholeFrame(screen) && strings.HasPrefix(screen, "step ")
		})
	}
	y.resize(t, 40, 2)
	y.until(t, "two lines", func(screen string) bool { return strings.Count(screen, "\n") == 1 })
	y.resize(t, 80, 24)
	y.until(t, "a whole frame", wholeFrame)
	y.cmd.Process.Signal(syscall.SIGTERM)
	if status, screen := y.end(t); status != statusInterrupted || strings.Contains(screen, "steps/s") {
		t.Errorf("exit status %d, and the terminal shows\n%s", status, screen)
	}
}

// TestTerminalReplicas checks that models of several p and seeds have a line for each p.
func TestTerminalReplicas(t *testing.T) {
	t.Parallel()
	y := onTTY(t, 120, nil, append(endless(filepath.Join(t.TempDir(), "run")), "--p", "0.2,0.4", "--replicas", "2")...)
	y.until(t, "a line for each p", func(screen string) bool {
		lines := strings.Split(screen, "\n")
		return len(lines) == 4 && strings.HasPrefix(lines[1], "p 0.2  test 0.") && strings.HasPrefix(lines[2], "p 0.4  test 0.") &&
			strings.Contains(lines[1], "2 seeds") && strings.Contains(lines[2], "gap ")
	})
}

// TestTerminalStyles checks the letters of a locale without UTF-8, and NO_COLOR.
func TestTerminalStyles(t *testing.T) {
	t.Parallel()
	y := onTTY(t, 80, []string{"LC_ALL=C", "NO_COLOR=1"}, endless(filepath.Join(t.TempDir(), "run"))...)
	y.until(t, "a frame", func(screen string) bool { return strings.Contains(screen, "gap ") && strings.Contains(screen, "+-") })
	if text := y.written(); strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) || regexp.MustCompile(`\x1b\[\d*m`).MatchString(text) {
		t.Errorf("%q", text)
	}
}

// TestTerminalEnds checks what is left on the terminal after runs that end, that fail, that are quiet, and on a terminal that can only
// print.
func TestTerminalEnds(t *testing.T) {
	train := []string{"train", "--dim", "8", "--batch", "8", "--steps", "40", "--init", "random", "--threads", "1", "--out"}
	for name, c := range map[string]struct {
		variables   []string
		args        []string // after those of train and --out DIR
		status      int
		want, never string // of all that was written
	}{
		"done":   {nil, nil, 0, "trained ± s.e.", "warning:"},
		"failed": {nil, []string{"--lr", "1e30"}, statusFailed, "autoamp: train: ", "level="},
		"quiet":  {nil, []string{"--quiet"}, 0, "trained ± s.e.", "\x1b"},
		"dumb":   {[]string{"TERM=dumb"}, nil, 0, "level=INFO msg=training", "\x1b"},
		"unset":  {[]string{"TERM="}, nil, 0, "level=INFO msg=training", "\x1b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := onTTY(t, 200, c.variables, append(append(append([]string{}, train...), filepath.Join(t.TempDir(), "run")), c.args...)...)
			status, screen := y.end(t)
			text := y.written()
			if status != c.status || !strings.Contains(text, c.want) || strings.Contains(text, c.never) || strings.Contains(screen, "final evaluation") || strings.Contains(screen, "of 40  ") {
				t.Errorf("exit status %d, and the terminal shows\n%s\nafter %q", status, screen, text)
			}
		})
	}
}

// TestTerminalBackground checks that a program in the background of its terminal, where timeout puts it, prints lines and draws nothing.
func TestTerminalBackground(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("timeout"); err != nil {
		t.Skip("needs timeout of coreutils")
	}
	dir := t.TempDir()
	y := startTTY(t, 100, exec.Command("sh", "-c", `timeout 100 autoamp "$@"; exit $?`, "sh", "sweep", smallSweep(t, dir), "--jobs", "1", "--out", dir+"/out"))
	status, screen := y.end(t)
	if text := y.written(); status != 0 || strings.Contains(text, "\x1b") || !strings.Contains(text, "cells done, 0 failed") {
		t.Errorf("exit status %d, and the terminal shows\n%s\nafter %q", status, screen, text)
	}
}

// TestTerminalStops stops a training by Ctrl-Z and lets it go on, in a shell with jobs: nothing of the frame is left beside what the shell
// writes, and the frame is below it afterwards.
func TestTerminalStops(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("needs bash: make shells installs it")
	}
	y := startTTY(t, 100, exec.Command("bash", "--norc", "--noprofile", "--noediting", "-i"))
	keys := func(text string) {
		if _, err := y.master.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	keys("exec 2>&1; PS1='shell> '; autoamp " + strings.Join(endless(filepath.Join(t.TempDir(), "run")), " ") + "\n")
	y.until(t, "a whole frame", wholeFrame)
	for range 2 {
		keys("\x1a")
		screen := y.until(t, "the shell", func(screen string) bool { return strings.HasSuffix(screen, "\nshell>") })
		if strings.Contains(screen, "steps/s") || curve.MatchString(screen) || !strings.Contains(screen, "Stopped") {
			t.Errorf("stopped, the terminal shows\n%s", screen)
		}
		keys("fg\n")
		y.until(t, "a whole frame below the shell", func(screen string) bool {
			_, below, _ := strings.Cut(screen, "shell> fg\n")
			return wholeFrame(below) && strings.Count(screen, "steps/s") == 1
		})
		keys("\x1a")
		y.until(t, "the shell", func(screen string) bool { return strings.HasSuffix(screen, "\nshell>") })
		keys("clear; fg\n")
		y.until(t, "a whole frame", wholeFrame)
	}
	keys("\x03")
	y.until(t, "the end", func(screen string) bool {
		return strings.Contains(screen, "continue with:") && !strings.Contains(screen, "steps/s")
	})
	keys("exit\n")
	y.end(t)
}

// smallSweep writes a sweep of two cells.
func smallSweep(t *testing.T, dir string) string {
	t.Helper()
	text := "base: {model: {dim: 4, init: random}, batch: 8, steps: 5}\ngrid: {model.rate: [0.5, 1]}\n"
	if err := os.WriteFile(dir+"/grid.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir + "/grid.yaml"
}

// TestTerminalCodec checks the bar of a codec, and that an interrupt leaves nothing of it.
func TestTerminalCodec(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, values := rand.New(rand.NewPCG(1, 1)), make([]float64, 20000*128)
	for i := range values {
		values[i] = r.NormFloat64()
	}
	header := "{'descr': '<f8', 'fortran_order': False, 'shape': (20000, 128), }"
	if err := os.WriteFile(dir+"/x.npy", npyWith(1, header, values), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, screen := onTTY(t, 100, nil, "encode", "--rotation", "hadamard", "--law", "gaussian", dir+"/x.npy", dir+"/x.a1b").end(t); status != 0 {
		t.Fatalf("exit status %d, and the terminal shows\n%s", status, screen)
	}
	y := onTTY(t, 100, nil, "decode", "--iterations", "200", "--threads", "1", dir+"/x.a1b", dir+"/back.npy")
	y.until(t, "a bar", func(screen string) bool {
		return strings.HasPrefix(screen, "decode  row ") && strings.Contains(screen, " of 20000  ") && strings.Contains(screen, "rows/s") && strings.Contains(screen, "░")
	})
	y.cmd.Process.Signal(syscall.SIGINT)
	if status, screen := y.end(t); status != statusInterrupted || strings.Contains(screen, "░") || !strings.Contains(screen, "nothing is written") {
		t.Errorf("exit status %d, and the terminal shows\n%s", status, screen)
	}
}

// TestTerminalSweep checks the bar of a sweep, and that its results stand alone in the end.
func TestTerminalSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	y := onTTY(t, 100, nil, "sweep", smallSweep(t, dir), "--jobs", "1", "--out", dir+"/out")
	y.until(t, "a bar", func(screen string) bool {
		return strings.Contains(screen, "of 2 cells done\n") && strings.Contains(screen, "░")
	})
	if status, screen := y.end(t); status != 0 || strings.Contains(screen, "█") || strings.Contains(screen, "░") || !strings.Contains(screen, "2 of 2 cells done; in ") {
		t.Errorf("exit status %d, and the terminal shows\n%s", status, screen)
	}
}
