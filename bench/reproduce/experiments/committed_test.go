package experiments

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/bench/reproduce"
)

// results is the folder of the runs that the repository holds, a folder for each scale.
const results = "../../results/reproduce"

// committed are the runs that the repository holds: every experiment at quick, and at paper those that have been run.
func committed(t *testing.T, visit func(t *testing.T, e *reproduce.Experiment, scale reproduce.Scale, dir string)) {
	for _, scale := range []reproduce.Scale{reproduce.Quick, reproduce.Paper} {
		for _, e := range All() {
			dir := filepath.Join(results, string(scale), e.Name)
			if _, err := os.Stat(dir); scale == reproduce.Paper && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			t.Run(string(scale)+"/"+e.Name, func(t *testing.T) { visit(t, e, scale, dir) })
		}
	}
}

// judged judges a copy of a committed run again, from its table. It computes nothing, and it needs no data set.
func judged(t *testing.T, e *reproduce.Experiment, scale reproduce.Scale, dir string) *reproduce.Outcome {
	t.Helper()
	t.Setenv("AUTOAMP_DATA", t.TempDir())
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatalf("%v: autoamp reproduce %s --scale %s", err, e.Name, scale)
	}
	s := reproduce.Settings{Params: reproduce.Params{Scale: scale, Seed: 1}, Dir: copied, OnlyPlot: true}
	o, err := reproduce.Run(t.Context(), e, s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestCommittedRuns judges every run in the repository again.
func TestCommittedRuns(t *testing.T) {
	committed(t, func(t *testing.T, e *reproduce.Experiment, scale reproduce.Scale, dir string) {
		o := judged(t, e, scale, dir)
		t.Run("verdict", func(t *testing.T) { sameVerdict(t, o, dir) })
		t.Run("claims can fail", func(t *testing.T) { claimsCanFail(t, o.Verdict) })
	})
}

// TestNoRowTwice: no run of a table stands in two of its cells, where means would count it as two seeds.
func TestNoRowTwice(t *testing.T) {
	committed(t, func(t *testing.T, _ *reproduce.Experiment, _ reproduce.Scale, dir string) {
		f, err := os.Open(filepath.Join(dir, "table.csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		cell := map[string]string{}
		for _, line := range lines {
			row := strings.Join(line[1:len(line)-1], ",") // without the cell and its checksum
			if cell[row] != "" {
				t.Errorf("%s and %s: %s", cell[row], line[0], row)
			}
			cell[row] = line[0]
		}
	})
}

// sameVerdict checks that the table leads to the verdict that is written beside it, that every figure can be drawn, and that
// nothing was run from changed sources.
func sameVerdict(t *testing.T, o *reproduce.Outcome, dir string) {
	again, err := json.Marshal(o.Verdict)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "verdict.json"))
	if err != nil {
		t.Fatal(err)
	}
	var a, b map[string]any
	if err := errors.Join(json.Unmarshal(again, &a), json.Unmarshal(kept, &b)); err != nil {
		t.Fatal(err)
	}
	delete(b, "crc32c")
	if where := differs("", a, b); where != "" {
		t.Errorf("the verdict in the repository is another: %s", where)
	}
	if o.Verdict.Status != reproduce.Pass && o.Verdict.Status != reproduce.Deviates {
		t.Errorf("%s: %s", o.Verdict.Status, o.Verdict.Reason)
	}
	if strings.Contains(o.Cost.Version, "dirty") || o.Cost.Version == "" {
		t.Errorf("run by version %q: run it by a program built from a commit", o.Cost.Version)
	}
	for _, f := range o.Figures {
		if _, err := os.Stat(filepath.Join(dir, f.Name+".svg")); err != nil {
			t.Error(err)
		}
	}
}

// claimsCanFail moves every number that a run found by the effect of its figure: every claim fails then. It also repeats the rules
// that a claim keeps, from its numbers alone.
func claimsCanFail(t *testing.T, v *reproduce.Verdict) {
	for _, c := range append(v.Claims, v.Regressions...) {
		for _, m := range c.Mutants() {
			// A number that is moved to the paper's reference meets the paper's claim.
			if met := c.Outcome() == reproduce.Deviates && m.Outcome() == reproduce.Pass; m.Outcome() != reproduce.Fail && !met {
				t.Errorf("%s: found %g and effect %g: a mutant is %s", c.Text, c.Found.Value, c.Effect, m.Outcome())
			}
		}
		for _, c := range append(c.Corrected, c) {
			if !(c.Tolerance() <= c.Effect/4*(1+1e-9)) || c.Found.Seeds > 0 && c.Found.Seeds < 3 {
				t.Errorf("%s: tolerance %g, effect %g, %d seeds", c.Text, c.Tolerance(), c.Effect, c.Found.Seeds)
			}
		}
	}
}

// differs names the first place where two JSON values differ. Numbers may differ by what another processor rounds.
func differs(at string, a, b any) string {
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return at
		}
		for key, value := range a {
			if where := differs(at+"."+key, value, other[key]); where != "" {
				return where
			}
		}
		return ""
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return at
		}
		for i := range a {
			if where := differs(at+"."+string(rune('0'+i%10)), a[i], other[i]); where != "" {
				return where
			}
		}
		return ""
	case float64:
		if other, ok := b.(float64); ok && math.Abs(a-other) <= 1e-9+1e-6*math.Abs(a) {
			return ""
		}
		return at
	}
	if a != b {
		return at
	}
	return ""
}
