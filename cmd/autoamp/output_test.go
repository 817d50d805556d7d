//go:build unix

package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
)

// prints are, for every command, command lines that print: each form of its output. An empty one says why no command line of
// that command gets so far here.
func prints(dir string) map[string][]string {
	run, array := filepath.Join(dir, "run"), filepath.Join(dir, "x.npy")
	law := "theory --data sparse-gaussian --p 0.4 --rate 1"
	sweep := "theory --data sparse-gaussian --rate 1 --sweep p=0.2:0.4:0.2"
	train := "train --dim 8 --batch 8 --steps 20 --out " + dir
	suite := "bench suite --sizes 8x8 --threads 1 --rounds 1 --python none"
	timing := "bench theory --repetitions 1 --points 1 --samples 1 --python none"
	design := "bench design --points 1 --steps 2 --threads 1"
	rotated, tables := "encode --rotation hadamard "+array+" ", "codec bench "+dir+"/rows.npy --law gaussian --python none"
	grid, begun := "sweep "+dir+"/grid.yaml --out "+dir+"/sweep", dir+"/begun"
	return map[string][]string{
		"train": {
			train + "/table", train + "/json --json", "train --algorithm gd-min --dim 4 --steps 2 --out " + dir + "/gd", "train --print-config",
			"train --dim 8 --print-program", "train --dim 8 --print-graph",
		},
		"encode": {
			"encode " + run + " " + array + " " + dir + "/a", "encode " + run + " " + array + " " + dir + "/b --json",
			rotated + dir + "/r", rotated + dir + "/s --json",
		},
		"decode": {
			"decode " + run + " " + dir + "/a " + dir + "/c", "decode " + run + " " + dir + "/a " + dir + "/d --json --reference " + array,
			"decode " + dir + "/r " + dir + "/t", "decode " + dir + "/r " + dir + "/u --json",
		},
		"codec bench":     {tables, tables + " --json"},
		"serve":           {"serve " + run},
		"theory":          {law, law + " --json", law + " --explain", sweep, sweep + " --json", sweep + " --out " + dir + "/curves"},
		"bench step":      {"bench step --dim 8 --batch 8 --repetitions 1", "bench step --dim 8 --batch 8 --repetitions 1 --json"},
		"bench suite":     {suite, suite + " --json"},
		"bench theory":    {timing, timing + " --json"},
		"bench design":    {design, design + " --json", design + " --out " + dir + "/design"},
		"bench precision": {}, // needs a GPU; prints as bench suite does
		"reproduce":       {"reproduce list", "reproduce kogler-fig13 --out " + dir + "/table13", "reproduce kogler-fig13 --out " + dir + "/json13 --json"},
		"datasets fetch":  {}, // needs an image set of the published checksum
		"datasets info":   {}, // as fetch
		"demo":            {}, // trains for two minutes; prints as train does
		"plot":            {"plot " + run},
		"runs":            {"runs " + run, "runs " + run + " --json"},
		"compare":         {"compare " + run + " " + run, "compare " + run + " " + run + " --json"},
		"export":          {"export " + run + " " + dir + "/model.onnx"},
		"sweep run":       {grid + " --dry-run", grid + " --dry-run --json"}, // prints what it has done as gather does
		"sweep status":    {"sweep status " + begun, "sweep status " + begun + " --json"},
		"sweep gather":    {"sweep gather " + begun, "sweep gather " + begun + " --json"},
		"sweep retry":     {"sweep retry --failed " + begun},
		"sweep cancel":    {"sweep cancel " + begun},
		"sweep work":      {"sweep work " + begun},
		"sweep manifest":  {"sweep manifest --containerfile " + dir + "/grid.yaml"},
		"version":         {"version"},
		"cite":            {"cite"},
		"completion":      {"completion bash", "completion zsh", "completion fish"},
	}
}

// beginSweep writes dir/grid.yaml and begins it in dir/begun, without workers.
func beginSweep(t *testing.T, dir string) {
	t.Helper()
	text := []byte("base: {model: {dim: 4}, batch: 8, steps: 5}\ngrid: {model.rate: [0.5, 1]}\n")
	if err := os.WriteFile(dir+"/grid.yaml", text, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := sweep.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	grid, err := file.Expand(0)
	if err != nil {
		t.Fatal(err)
	}
	_, claim, err := sweep.Begin(dir+"/begun", grid, cells.Launch{Launcher: "local", Version: revision(), Replicas: 1, Seconds: 60, Tasks: 1})
	if err != nil {
		t.Fatal(err)
	}
	claim.Release()
}

// leaves lists the commands, from the parser, so that a new one is missed.
func leaves(t *testing.T) []string {
	parser, err := (&app{stdout: &output{w: io.Discard}, stderr: io.Discard}).parser()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, leaf := range parser.Model.Leaves(false) {
		names = append(names, leaf.Path())
	}
	return names
}

// call runs a command line in this process and returns its exit status and standard error.
func call(t *testing.T, stdout io.Writer, args ...string) (int, string) {
	t.Helper()
	var stderr bytes.Buffer
	a := &app{stdout: &output{w: stdout}, stderr: &stderr, log: slog.New(slog.DiscardHandler)}
	return a.conclude(a.execute(t.Context(), args)), stderr.String()
}

// TestFullOutput checks that no command that prints ends as done when standard output is full, and none says so when it is not.
func TestFullOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("needs a system with /dev/full: %v", err)
	}
	defer full.Close()
	dir := t.TempDir()
	const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 4), }"
	if err := os.WriteFile(dir+"/x.npy", npyWith(1, header, []float64{1, 2, 3, 4, 5, 6, 7, 8}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/rows.npy", npyWith(1, strings.Replace(header, "(2, 4)", "(30, 1)", 1), slices.Repeat([]float64{1, -2, 3}, 10)), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, stderr := call(t, io.Discard, "train", "--dim", "4", "--batch", "8", "--steps", "5", "--out", dir+"/run"); status != 0 {
		t.Fatal(stderr)
	}
	beginSweep(t, dir)
	lines, tried := prints(dir), 0
	for _, command := range leaves(t) {
		forms, known := lines[command]
		if !known {
			t.Errorf("%s is not in prints: say how it prints", command)
		}
		for _, line := range forms {
			tried++
			status, stderr := call(t, full, strings.Fields(line)...)
			if status != statusFailed || !strings.Contains(stderr, "standard output cannot be written: no space left on device") {
				t.Errorf("%s: exit status %d, %s", line, status, stderr)
			}
		}
	}
	t.Logf("%d command lines of %d commands", tried, len(leaves(t)))
}

// TestOneWriter checks that no command passes by the writer that keeps errors.
func TestOneWriter(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if file == "main.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, word := range []string{"os.Stdout", "os.Stderr", "fmt.Print"} {
			if bytes.Contains(source, []byte(word+"(")) || strings.HasPrefix(word, "os") && bytes.Contains(source, []byte(word)) {
				t.Errorf("%s: uses %s", file, word)
			}
		}
	}
}

// TestQuoteControls checks that a command to paste has no control characters and means the same.
func TestQuoteControls(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("needs bash")
	}
	for _, word := range []string{"a\x1b[2Jb", "it's\nmine", `back\slash` + "\t", "\xff.npy", "é\x01", "\u009b", "\u202egnp.npy"} {
		quoted := quote(word)
		if strings.ContainsFunc(quoted, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("quote(%q) = %q", word, quoted)
		}
		out, err := exec.Command("bash", "-c", "printf %s "+quoted).Output()
		if err != nil || string(out) != word {
			t.Errorf("quote(%q) = %s, which bash reads as %q (%v)", word, quoted, out, err)
		}
	}
}

// TestEveryFlagOnce gives every flag of every command twice, and every flag and argument of text as an empty text and as "-".
func TestEveryFlagOnce(t *testing.T) {
	parser, err := (&app{stdout: &output{w: io.Discard}, stderr: io.Discard}).parser()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, leaf := range parser.Model.Leaves(false) {
		for _, flag := range leaf.Flags {
			if flag.Name == "help" {
				continue
			}
			if !flag.IsCumulative() {
				tried++
				refusedFlag(t, leaf, flag, sample(flag), "is given twice", sample(flag))
			}
			if flag.Enum == "" && flag.Name != "device" && !flag.IsBool() && strings.Contains(flag.Target.Type().String(), "string") {
				tried += 2
				refusedFlag(t, leaf, flag, "", "is empty")
				refusedFlag(t, leaf, flag, "-", "= -: does not stand for standard input or output")
			}
		}
	}
	t.Logf("%d refusals", tried)
}

// sample is a value that a flag takes.
func sample(flag *kong.Flag) string {
	switch {
	case flag.IsBool():
		return "true"
	case flag.Enum != "":
		return slices.DeleteFunc(flag.EnumSlice(), func(word string) bool { return word == "" })[0]
	case flag.Name == "device":
		return "cpu"
	}
	return "1"
}

// refusedFlag calls a command with its required arguments and with a flag, once or twice.
func refusedFlag(t *testing.T, leaf *kong.Node, flag *kong.Flag, value, want string, more ...string) {
	t.Helper()
	args := strings.Fields(leaf.Path())
	for _, argument := range leaf.Positional {
		if argument.Enum != "" {
			args = append(args, argument.EnumSlice()[0])
			continue
		}
		args = append(args, "x")
	}
	for _, other := range leaf.Flags {
		if other.Required && other.Name != flag.Name {
			args = append(args, "--"+other.Name+"=gaussian")
		}
	}
	for _, v := range append([]string{value}, more...) {
		args = append(args, "--"+flag.Name+"="+v)
	}
	if status, stderr := call(t, io.Discard, args...); status != statusUsage || !strings.Contains(stderr, want) {
		t.Errorf("%q: exit status %d, %s want %s", args, status, stderr, want)
	}
}
