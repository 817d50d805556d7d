package runs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"autoamp/train/runs"
)

// TestFind looks for runs among other folders.
func TestFind(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, file := range []string{
		"a/config.yaml", "a/log.txt", "a/checkpoints/step-000000001/config.yaml", "a/inner/metrics.csv", "a/inner/structure.csv",
		"b/config.yaml",                    // a file for --config
		"c/d/checkpoints/x",                // its config.yaml was lost
		".git/config.yaml", ".git/log.txt", // hidden
		"e/.tmp-f/config.yaml", "e/log.txt", // not whole yet
		"g/metrics.csv",
		"h/sweep.json", "h/runs/ab/1/config.yaml", "h/runs/ab/1/log.txt",
	} {
		path := filepath.Join(root, file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, nil, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("..", filepath.Join(root, "a", "loop")); err != nil {
		t.Fatal(err)
	}
	want := []runs.Place{{Dir: filepath.Join(root, "a")}, {Dir: filepath.Join(root, "a", "inner")}, {Dir: filepath.Join(root, "c", "d")},
		{Dir: filepath.Join(root, "h"), Sweep: true}}
	for _, dirs := range [][]string{{root}, {root, root + "/a/"}, {root + "/a/loop"}} {
		found, err := runs.Find(t.Context(), dirs...)
		for i := range found {
			found[i].Dir = strings.Replace(found[i].Dir, "/a/loop", "", 1)
		}
		if difference := cmp.Diff(want, found); difference != "" || err != nil {
			t.Errorf("%v: %v, %s", dirs, err, difference)
		}
	}
	for _, dir := range []string{"nowhere", "b/config.yaml"} {
		if _, err := runs.Find(t.Context(), root, filepath.Join(root, dir)); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if _, err := runs.One(t.Context(), root); err == nil || !strings.Contains(err.Error(), "holds no run") {
		t.Errorf("a folder of runs is read as one: %v", err)
	}
	if r, err := runs.One(t.Context(), filepath.Join(root, "a")); err != nil || r.State != runs.Damaged {
		t.Errorf("an empty config.yaml: %+v, %v", r, err)
	}
	if r, err := runs.One(t.Context(), filepath.Join(root, "h")); err != nil || r.Kind != runs.Sweep || r.State != runs.Damaged {
		t.Errorf("an empty sweep.json: %+v, %v", r, err)
	}
	if r, err := runs.One(t.Context(), filepath.Join(root, "c", "d")); err != nil || !strings.Contains(r.Reason, "config.yaml") {
		t.Errorf("no config.yaml: %+v, %v", r, err)
	}
}

// TestFolderThatCannotBeListed checks that a folder without permission is named and does not end the listing.
func TestFolderThatCannotBeListed(t *testing.T) {
	t.Parallel()
	rows := runs.Rows(runs.Read(t.Context(), []runs.Place{{Dir: "locked", Err: fs.ErrPermission}}), time.Now())
	if len(rows) != 1 || rows[0].State != runs.Damaged || rows[0].Reason != fs.ErrPermission.Error() || rows[0].P != nil {
		t.Errorf("%+v", rows)
	}
}

// known are rows to select from.
func known() []runs.Row {
	number := func(x float64) *float64 { return &x }
	learning := func(rate string) map[string]string { return map[string]string{"optimizer.learning_rate": rate} }
	return runs.Rows([]runs.Run{
		{Dir: "a", State: runs.Finished, Model: "shallow", Dim: 100, Settings: learning("0.003"), Points: []runs.Point{
			{P: 0.4, TestMSE: number(0.3), Gap: number(-0.01)}, {P: 0.04, TestMSE: number(0.2)}}},
		{Dir: "b", State: runs.Running, Model: "denoiser", Dim: 20, Settings: learning("3e-4"), Points: []runs.Point{{P: 0.4}}},
		{Dir: "c", State: runs.Damaged, Reason: "cut off"},
	}, time.Time{})
}

// names are the directories of rows, each with its p.
func names(rows []runs.Row) string {
	var out []string
	for _, r := range rows {
		name := r.Dir
		if r.P != nil && *r.P != 0.4 {
			name += "'"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"p=0.4": "a b", "p = .40": "a b", "p=4e-1": "a b", "p!=0.4": "a' c", "p<0.4": "a'", "p<=0.4": "a a' b", "p>=0.4": "a b", "p>0.4": "",
		"p=high": "", "p!=high": "a a' b c", "p<high": "",
		"d>20": "a a'", "d<100": "b c", "model=shallow": "a a'", "model!=shallow": "b c", "model=shal": "", "state=damaged": "c", "dir>=b": "b c",
		"test_mse<0.25": "a'", "test_mse!=0.3": "a' b c", "gap<0": "a", "model=": "c",
		"p=0.4 and d>20": "a", "p=0.4 and d>20 or state=damaged": "a c", "d<30 and p=0.4 or p=0.04": "a' b",
		"optimizer.learning_rate=3e-3": "a a'", "optimizer.learning_rate<0.001": "b", "optimizer.learning_rate!=0.003": "b c",
	} {
		condition, err := runs.ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := names(condition.Select(known())); got != want {
			t.Errorf("%s selects %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"": "must be like p=0.4", "p": "must be like p=0.4", "=3": "must be like p=0.4", "p!3": "must be !=", "p=3 and q=3": "no field \"q\"", "p=3 and": "must be like p=0.4",
		"q=3": "no field \"q\": there are dir, kind, state, model, data, p, d,", "optimizer=3": "optimizer.learning_rate", "optimizer.rate=3": "no field",
	} {
		if _, err := runs.ParseCondition(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]string{
		"test_mse": "a' a b c", "-test_mse": "a a' b c", "p": "a' a b c", "-p": "a b a' c", "d": "c b a a'", "model": "c b a a'", "-dir": "c b a a'",
		"optimizer.learning_rate": "b a a' c",
	} {
		rows := known()
		if err := runs.Sort(rows, by); err != nil || names(rows) != want {
			t.Errorf("%s: %q, want %q (%v)", by, names(rows), want, err)
		}
	}
	if err := runs.Sort(nil, "mse"); err == nil || !strings.Contains(err.Error(), "test_mse") {
		t.Errorf("mse: %v", err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	point := func(p, mse, stderr float64) runs.Point {
		return runs.Point{P: p, TestMSE: &mse, TestMSEStderr: &stderr}
	}
	a := runs.Run{Settings: map[string]string{"steps": "1", "batch": "8", "model.tau": "0.1"}, Points: []runs.Point{point(0.4, 0.3, 0.003), point(1, 0.5, 0)}}
	b := runs.Run{Settings: map[string]string{"steps": "2", "batch": "8", "data.window": "9"}, Points: []runs.Point{{P: 0.1}, point(0.4, 0.29, 0.004), point(1, 0.5, 0)}}
	c := runs.Compare(a, b)
	if difference := cmp.Diff([]runs.Difference{{"data.window", "", "9"}, {"model.tau", "0.1", ""}, {"steps", "1", "2"}}, c.Settings); difference != "" {
		t.Error(difference)
	}
	if len(c.Results) != 3 || c.Results[0].P != 0.4 || c.Results[2].A != nil || c.Results[2].B.P != 0.1 || c.Results[2].Difference != nil {
		t.Fatalf("%+v", c.Results)
	}
	if got := *c.Results[0].Sigma; got < -2-1e-9 || got > -2+1e-9 { // −0.01 in units of 0.005
		t.Errorf("σ = %v, want -2", got)
	}
	if c.Results[1].Sigma != nil || *c.Results[1].Difference != 0 {
		t.Errorf("without standard errors: %+v", c.Results[1])
	}
}
