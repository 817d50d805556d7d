//go:build linux

package bench

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGPUScriptNeedsGlibc runs gpu.sh on machines whose getconf names other versions of glibc, or none. A script in place of
// autoamp writes what it is asked for.
func TestGPUScriptNeedsGlibc(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		getconf, want string
		status        int
	}{
		"Ubuntu 20.04": {"echo glibc 2.31", "glibc 2.31: the binaries need glibc 2.34 or newer", 2},
		"RHEL 9":       {"echo glibc 2.34", "wrote ", 0},
		"Alpine":       {"exit 1", "none found", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			scriptFile(t, dir, "getconf", test.getconf)
			status, output := gpuScript(t, dir, "echo measured", "--sections", "precision")
			if status != test.status || !strings.Contains(output, test.want) {
				t.Errorf("status %d\n%s", status, output)
			}
		})
	}
}

// TestGPUScriptKeepsTables lets a suite be killed before it prints: the table that it wrote after its last row is in the report.
func TestGPUScriptKeepsTables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dies := `while [ $# -gt 1 ]; do [ "$1" = --out ] && mkdir -p "$2" && echo '## row so far' >"$2/speed.md"; shift; done; kill -9 $$`
	status, output := gpuScript(t, dir, dies, "--sections", "speed")
	report, err := os.ReadFile(filepath.Join(dir, "report", "report.md"))
	if status != 0 || err != nil || !strings.Contains(string(report), "row so far") || !strings.Contains(string(report), "Cut short") {
		t.Errorf("status %d, error %v\n%s\n%s", status, err, report, output)
	}
	if _, err := os.Stat(filepath.Join(dir, "report", "parts")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("parts of the report are left: %v", err)
	}
	if strings.Contains(string(report), "Not finished") {
		t.Errorf("a script that has ended is not finished:\n%s", report)
	}
}

// TestGPUScriptIsKilled kills the script in its second section: the report has the first one and says that it is not finished, and
// report.json is whole.
func TestGPUScriptIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kills := `case "$*" in *precision*) kill -9 $(cut -d" " -f4 /proc/$PPID/stat) ;; version) ;; *)
while [ $# -gt 1 ]; do [ "$1" = --out ] && mkdir -p "$2" && echo '## first table' | tee "$2/speed.md" && echo '{"rows": 1}' >"$2/speed.json"; shift; done ;; esac`
	_, output := gpuScript(t, dir, kills, "--sections", "speed,precision")
	report, err := os.ReadFile(filepath.Join(dir, "report", "report.md"))
	if err != nil || !strings.Contains(string(report), "first table") || !strings.Contains(string(report), "Not finished: ") {
		t.Errorf("error %v\n%s\n%s", err, report, output)
	}
	var tables map[string]any
	tablesFile, err := os.ReadFile(filepath.Join(dir, "report", "report.json"))
	if err == nil {
		err = json.Unmarshal(tablesFile, &tables)
	}
	if err != nil || tables["speed"] == nil {
		t.Errorf("error %v\n%s", err, tablesFile)
	}
}

// TestGPUScriptSanitizesKernels: each tool of compute-sanitizer runs every test of a kernel, and none that makes the driver refuse a
// call, which the sanitizer would report.
func TestGPUScriptSanitizesKernels(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	scriptFile(t, dir, "tests", "exit 1")
	scriptFile(t, dir, "compute-sanitizer", `echo "$@" >>"$(dirname "$0")/calls"`)
	_, output := gpuScript(t, dir, "echo measured", "--tests", filepath.Join(dir, "tests"), "--sections", "memcheck,racecheck,initcheck")
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	lines := strings.Split(strings.TrimSpace(string(calls)), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d calls of compute-sanitizer:\n%s", len(lines), calls)
	}
	for i, tool := range []string{"memcheck", "racecheck", "initcheck"} {
		before, run, _ := strings.Cut(lines[i], " -test.run ")
		if !strings.Contains(before, "--tool "+tool) || !strings.Contains(before, "--report-api-errors no") {
			t.Errorf("%s: compute-sanitizer %s", tool, lines[i])
		}
		pattern := regexp.MustCompile(run)
		for _, test := range deviceTests(t, "normalised", "kernels", "spline", "draws") {
			if !pattern.MatchString(test) {
				t.Errorf("%s leaves out %s", tool, test)
			}
		}
		for _, test := range deviceTests(t, "emulated", "devices", "faults") {
			if pattern.MatchString(test) {
				t.Errorf("%s runs %s", tool, test)
			}
		}
	}
}

// deviceTests lists the tests of some files of package cuda that use the device.
func deviceTests(t *testing.T, files ...string) (tests []string) {
	t.Helper()
	head := regexp.MustCompile(`(?m)^func (Test\w+)`)
	for _, file := range files {
		source, err := os.ReadFile("../cuda/" + file + "_test.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range strings.Split(string(source), "\n}\n") {
			name := head.FindStringSubmatch(function)
			if name != nil && (strings.Contains(function, "newRig(t)") || strings.Contains(function, "newEmulator(t)")) {
				tests = append(tests, name[1])
			}
		}
	}
	if len(tests) < len(files) {
		t.Fatalf("%v: tests %v", files, tests)
	}
	return tests
}

// gpuScript runs gpu.sh with a script as autoamp, and with the programs in dir before others.
func gpuScript(t *testing.T, dir, autoamp string, args ...string) (status int, output string) {
	t.Helper()
	scriptFile(t, dir, "autoamp", autoamp)
	cmd := exec.CommandContext(t.Context(), "bash", append([]string{"gpu.sh", "--out", filepath.Join(dir, "report"),
		"--autoamp", filepath.Join(dir, "autoamp"), "--tests", "none"}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// scriptFile writes a program for the shell.
func scriptFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
