package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeProgram is a shell script that writes its name to a file when it runs.
func fakeProgram(t *testing.T, dir, name, rest string) string {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs sh")
	}
	path := filepath.Join(dir, name)
	script := fmt.Sprintf("#!/bin/sh\necho %s \"$@\" >> %s/turns\n%s\n", name, dir, rest)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPair: two programs take turns in alternating order, and a ratio is that of a pair, not of the medians.
func TestPair(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// This takes 1, 2, 4 ms in its turns, against 3, 2, 12: ratios of 3, 1 and 3.
	numbered := `n=$(grep -c "^NAME " DIR/turns); set -- TIMES; shift $((n-1)); echo "{\"ms_per_step\":$1,\"dim\":$n}"`
	fake := func(name, times string) string {
		return fakeProgram(t, dir, name, strings.NewReplacer("NAME", name, "DIR", dir, "TIMES", times).Replace(numbered))
	}
	var progress []int
	r, err := Pair(t.Context(), fake("this", "1 2 4"), fake("other", "3 2 12"), []string{"step", "--x"}, 3, func(done, total int) {
		progress = append(progress, done, total)
	})
	if err != nil {
		t.Fatal(err)
	}
	turns, err := os.ReadFile(filepath.Join(dir, "turns"))
	if want := "other step --x\nthis step --x\nthis step --x\nother step --x\nother step --x\nthis step --x\n"; err != nil || string(turns) != want {
		t.Errorf("turns\n%swant\n%s%v", turns, want, err)
	}
	if diff := cmp.Diff(Quartiles{Median: 3, P25: 2, P75: 3}, r.Ratio); diff != "" {
		t.Error(diff)
	}
	if r.This.Ms.Median != 2 || r.Against.Ms.Median != 3 || r.This.Last.Dim != 3 || r.Pairs != 3 {
		t.Errorf("medians %g and %g, last %d, %d pairs; want 2, 3, 3, 3", r.This.Ms.Median, r.Against.Ms.Median, r.This.Last.Dim, r.Pairs)
	}
	if diff := cmp.Diff([]int{1, 3, 2, 3, 3, 3}, progress); diff != "" {
		t.Error(diff)
	}
}

func TestPairFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := fakeProgram(t, dir, "good", `echo '{"ms_per_step":1}'`)
	for name, test := range map[string]struct{ rest, want string }{
		"fails":   {"echo 'unknown flag --data' >&2; echo more >&2; exit 2", "exit status 2: unknown flag --data"},
		"no-json": {"echo hello", "invalid character 'h'"},
		"no-time": {"echo '{}'", "no ms_per_step"},
	} {
		path := fakeProgram(t, dir, name, test.rest)
		_, err := Pair(t.Context(), good, path, nil, 1, func(int, int) {})
		if err == nil || !strings.Contains(err.Error(), "bench: "+path+": ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Pair(ctx, good, good, nil, 1, func(int, int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
