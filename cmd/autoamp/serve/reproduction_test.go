package serve

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/bench/reproduce"
	"autoamp/datasets/durable"
	"autoamp/train/runs"
)

// reproduced makes the directory of a reproduction from the committed results of an experiment.
func reproduced(t *testing.T, dir string, experiments ...string) {
	t.Helper()
	for _, name := range experiments {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join("../../../bench/results/reproduce/quick", name))); err != nil {
			t.Fatal(err)
		}
	}
	manifest := map[string]any{"format": 2, "experiments": experiments, "scale": "quick", "seed": 1}
	if err := durable.WriteJSON(durable.OS, filepath.Join(dir, "run.json"), manifest); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "index.html"), "<h1>report</h1><script>alert(1)</script>")
}

// TestReproduction shows a reproduction that is done, and one that is not.
func TestReproduction(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "all")
	reproduced(t, dir, "kogler-fig10", "kogler-fig2")
	s := serving(t, root)
	row := fetch[List](t, s, "/api/list").Rows[0]
	if row.Kind != Reproduced || row.State != runs.Finished || row.Progress != 1 || row.Steps < 3 || row.Model != "kogler-fig10 kogler-fig2" {
		t.Errorf("%+v", row)
	}
	url := "/api/reproduce/" + row.ID
	r := fetch[Reproduction](t, s, url)
	if len(r.Experiments) != 2 || r.Scale != "quick" || r.Seed != "1" {
		t.Fatalf("%+v", r)
	}
	e := r.Experiments[0]
	if e.Name != "kogler-fig10" || e.Status != reproduce.Pass || e.Done != e.Cells || e.Cells == 0 || len(e.List) != e.Cells || !e.List[0].Done || e.List[0].Name == "" || len(e.Claims) == 0 || e.Title == "" || e.Claims[0].Value == nil {
		t.Errorf("%+v", e)
	}
	if body := text(t, ask(t, s, e.Figures[0].URL)); !strings.Contains(body, "<svg") {
		t.Errorf("%.80s", body)
	}
	report := ask(t, s, r.Report)
	if policy := report.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script-src") || !strings.Contains(text(t, report), "<h1>report") {
		t.Errorf("%s", policy)
	}
	failure(t, s, url+"/figure/kogler-fig10/other.svg", http.StatusNotFound)
	failure(t, s, url+"/figure/kogler-fig10/table.csv", http.StatusNotFound)
	failure(t, s, "/api/run/"+row.ID, http.StatusNotFound)

	table := filepath.Join(dir, "kogler-fig2", "table.csv")
	if err := os.Remove(filepath.Join(dir, "kogler-fig2", "verdict.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(table); err != nil {
		t.Fatal(err)
	}
	if row := fetch[List](t, s, "/api/list").Rows[0]; row.State != runs.Interrupted || row.Progress >= 1 || row.Progress == 0 {
		t.Errorf("half of it: %+v", row)
	}
	write(t, table, "cell,x\n\x00")
	r = fetch[Reproduction](t, s, url)
	if r.State != runs.Damaged || !strings.Contains(r.Reason, "table.csv") || len(r.Experiments) != 2 || r.Experiments[0].Status != reproduce.Pass {
		t.Errorf("damaged: %+v", r)
	}
	write(t, filepath.Join(dir, "run.json"), "{}")
	if row := fetch[List](t, s, "/api/list").Rows[0]; row.State != runs.Damaged || !strings.Contains(row.Reason, "run.json") {
		t.Errorf("%+v", row)
	}
	if r := fetch[Reproduction](t, s, url); r.State != runs.Damaged {
		t.Errorf("%+v", r)
	}
	failure(t, s, url+"/report", http.StatusNotFound)
}

// TestForeignManifest refuses experiments whose names are paths, and shows those that this version does not know.
func TestForeignManifest(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]runs.State{"../x": runs.Damaged, "a/b": runs.Damaged, "": runs.Damaged, "of-tomorrow": runs.Interrupted} {
		root := t.TempDir()
		reproduced(t, root)
		manifest := map[string]any{"format": 2, "experiments": []string{name}, "scale": "quick", "seed": 1}
		if err := durable.WriteJSON(durable.OS, filepath.Join(root, "run.json"), manifest); err != nil {
			t.Fatal(err)
		}
		if row := fetch[List](t, serving(t, root), "/api/list").Rows[0]; row.State != state {
			t.Errorf("%q: %s (%s), want %s", name, row.State, row.Reason, state)
		}
	}
}
