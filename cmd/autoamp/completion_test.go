//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"autoamp/cmd/autoamp/completion"
)

// completions answers a script: the first line, and the values without their help.
func completions(t *testing.T, words ...string) (first string, values []string) {
	t.Helper()
	var out bytes.Buffer
	if status, stderr := call(t, &out, append([]string{completion.Verb}, words...)...); status != 0 {
		t.Fatalf("%q: exit status %d, %s", words, status, stderr)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for _, line := range lines[1:] {
		value, _, _ := strings.Cut(line, "\t")
		values = append(values, value)
	}
	return lines[0], values
}

// TestComplete completes command lines as zsh and, with = and : as words, bash hands them over.
func TestComplete(t *testing.T) {
	for _, c := range []struct{ words, first, values string }{
		{"zsh|tr", "none\t", "train"},
		{"zsh|", "none\t", ""},
		{"zsh|train|--mod", "none\t", "--model"},
		{"zsh|train|--model|sh", "none\t", "shallow"},
		{"zsh|train|--model=sh", "none\t", "--model=shallow"},
		{"bash|train|--model|=|sh", "none\t", "shallow"},
		{"zsh|train|--model|shallow|--mod", "none\t", ""},
		{"zsh|train|--set|model.dim=8|--set", "none\t", "--set"},
		{"zsh|train|--seed|8|--see", "none\t", "--seeds"},
		{"zsh|train|--no-ti", "none\t", "--no-tied"},
		{"zsh|train|--tied|--ti", "none\t", ""},
		{"zsh|train|--unit-rows|--dat", "none\t", "--data --data-test"},
		{"zsh|train|-c|", "files\t", ""},
		{"zsh|train|--out=ru", "directories\t--out=", ""},
		{"zsh|train|--data|npy:x", "files\tnpy:", ""},
		{"zsh|train|--data=npy:x", "files\t--data=npy:", ""},
		{"bash|train|--data|npy|:|x", "files\tnpy:", ""},
		{"zsh|train|--data|m", "none\t", "mixture mnist"},
		{"zsh|train|--lr|", "none\t", ""},
		{"zsh|train|--no-such=", "none\t", ""},
		{"zsh|sweep|s", "files\t", "status"},
		{"zsh|sweep|grid.yaml|--launcher|sl", "none\t", "slurm"},
		{"zsh|sweep|grid.yaml|st", "none\t", ""},
		{"zsh|sweep|status|", "directories\t", ""},
		{"zsh|bench|suite|--precisions|fp32,t", "none\t", "fp32,tf32"},
		{"zsh|reproduce|all|kogler-fig14", "none\t", "kogler-fig14"},
		{"zsh|reproduce|--scale|qu", "none\t", "quick"},
		{"zsh|runs|--where|cand", "none\t", "candidate="},
		{"zsh|train|--set|optimizer.na", "none\t", "optimizer.name="},
		{"zsh|--qu", "none\t", "--quiet"},
		{"zsh|no-such|", "none\t", ""},
		{"zsh|datasets|info|--", "none\t", "--help --quiet --dir --class --channel --whiten --seed --out --json"},
		{"zsh|encode|--|run|--x", "files\t", ""},
	} {
		first, values := completions(t, strings.Split(c.words, "|")...)
		if c.words == "zsh|" { // every command
			for _, leaf := range leaves(t) {
				if command, _, _ := strings.Cut(leaf, " "); !slices.Contains(values, command) {
					t.Errorf("%s is not among the commands: %q", command, values)
				}
			}
			continue
		}
		if got := strings.Join(values, " "); first != c.first || got != c.values {
			t.Errorf("%s: %q, %s; want %q, %s", c.words, first, got, c.first, c.values)
		}
	}
	for _, args := range [][]string{{completion.Verb}, {completion.Verb, "bash"}, {"completion"}, {"completion", "tcsh"}} {
		if status, _ := call(t, io.Discard, args...); status != statusUsage {
			t.Errorf("%q: exit status %d", args, status)
		}
	}
}

// TestCompletionTags checks that every flag and argument of text says what completes it, and that lists are there and not empty.
func TestCompletionTags(t *testing.T) {
	t.Parallel()
	parser, err := (&app{stdout: &output{w: io.Discard}, stderr: io.Discard}).parser()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, leaf := range parser.Model.Leaves(false) {
		values := slices.Clone(leaf.Positional)
		for _, flag := range leaf.Flags {
			values = append(values, flag.Value)
		}
		for _, value := range values {
			checkTag(t, leaf.Path()+" "+value.ShortSummary(), value, used)
		}
	}
	for name := range lists {
		if !used[name] {
			t.Errorf("no flag has the list %s", name)
		}
	}
}

func checkTag(t *testing.T, name string, value *kong.Value, used map[string]bool) {
	t.Helper()
	of := completion.Of(value)
	kind := value.Target.Type()
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
		kind = kind.Elem()
	}
	if of == "" && kind.Kind() == reflect.String {
		t.Errorf("%s: has neither an enum nor a complete tag", name)
	}
	if list, ok := strings.CutPrefix(of, "@"); ok {
		used[list] = true
		if lists[list] == nil || len(lists[list]()) == 0 || slices.Contains(lists[list](), "") {
			t.Errorf("%s: the list %s is absent, empty or holds an empty word", name, list)
		}
	}
}

// installations are the ways of the README to install the script, in shells without the user's files.
var installations = []struct {
	shell string
	args  []string
	lines []string
}{
	{"bash", []string{"--norc", "--noprofile", "-i"}, []string{"PS1='$ '", "source <(autoamp completion bash)"}},
	{"zsh", []string{"-f", "-i"}, []string{"PS1='$ '", "autoload -U compinit; compinit -u -D", "source <(autoamp completion zsh)"}},
	{"zsh", []string{"-f", "-i"}, []string{
		"PS1='$ '", "mkdir ~/.zfunc", "autoamp completion zsh > ~/.zfunc/_autoamp", "fpath+=~/.zfunc", "autoload -U compinit; compinit -u -D",
	}},
	{"fish", []string{"--no-config", "-i"}, []string{"function fish_prompt; echo '$ '; end", "autoamp completion fish | source"}},
	{"fish", []string{"-i"}, []string{
		"function fish_prompt; echo '$ '; end", "mkdir -p ~/.config/fish/completions",
		"autoamp completion fish > ~/.config/fish/completions/autoamp.fish",
	}},
}

// TestShells presses Tab in real shells.
func TestShells(t *testing.T) {
	for _, in := range installations {
		t.Run(in.shell, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(in.shell)
			if err != nil {
				t.Skipf("needs %s: make shells", in.shell)
			}
			y := startShell(t, exec.Command(path, in.args...), in.lines)
			for _, c := range []struct{ typed, want string }{
				{"autoamp exp", "autoamp export"},
				{"autoamp train --prec", "autoamp train --precision"},
				{"autoamp train --model ri", "autoamp train --model rigamp"},
				{"autoamp train --model=ri", "autoamp train --model=rigamp"},
				{"autoamp theory --data sparse-l", "autoamp theory --data sparse-laplace"},
				{"autoamp train --data npy:ro", "autoamp train --data npy:rows.npy"},
				{"autoamp train --data-test=npy:ro", "autoamp train --data-test=npy:rows.npy"},
				{"autoamp train --config=gr", "autoamp train --config=grid.yaml"},
				{"autoamp sweep gr", "autoamp sweep grid.yaml"},
				{"autoamp sweep stat", "autoamp sweep status"},
				{"autoamp plot out", "autoamp plot outputs/"},
				{"autoamp datasets info ci", "autoamp datasets info cifar10"},
				{"autoamp train --set schedule.sh", "autoamp train --set schedule.shape="},
				{"autoamp reproduce --launcher local al", "autoamp reproduce --launcher local all"},
			} {
				io.WriteString(y.master, c.typed+"\t")
				y.until(t, c.want, func(screen string) bool { return strings.Contains(screen, c.want) })
				io.WriteString(y.master, "\x15\x0c") // forget the line, clear the screen
				y.until(t, "an empty line", func(screen string) bool { return !strings.Contains(screen, "autoamp") })
			}
		})
	}
}

// startShell starts a shell in a folder with some files, and types lines.
func startShell(t *testing.T, cmd *exec.Cmd, lines []string) *tty {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"grid.yaml", "rows.npy", "outputs/run/config.yaml"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Dir, cmd.Env = dir, []string{"HOME=" + t.TempDir(), "BASH_SILENCE_DEPRECATION_WARNING=1"}
	y := startTTY(t, 100, cmd)
	io.WriteString(y.master, strings.Join(lines, "\r")+"; echo rea''dy\r")
	y.until(t, "the end of the script", func(screen string) bool { return strings.Contains(screen, "ready") })
	io.WriteString(y.master, "\x0c")
	y.until(t, "an empty screen", func(screen string) bool { return !strings.Contains(screen, "autoamp") })
	return y
}
