package serve

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/experiments"
	"autoamp/datasets/durable"
)

// begun makes the directory of a reproduction that has just begun.
func begun(t *testing.T, dir string, experiments ...string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	reproduced(t, dir)
	for _, name := range experiments {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	manifest := map[string]any{"format": 2, "experiments": experiments, "scale": "quick", "seed": 1}
	if err := durable.WriteJSON(durable.OS, filepath.Join(dir, "run.json"), manifest); err != nil {
		t.Fatal(err)
	}
}

// cellsOf writes the table of an experiment with the first of its committed cells.
func cellsOf(t *testing.T, dir, experiment string, cells int) {
	t.Helper()
	whole, err := os.ReadFile(filepath.Join("../../../bench/results/reproduce/quick", experiment, "table.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	kept, last := lines[0], ""
	for _, line := range lines[1:] {
		cell, _, _ := strings.Cut(line, ",")
		if cell != last {
			cells--
		}
		if last = cell; cells >= 0 {
			kept += line
		}
	}
	write(t, filepath.Join(dir, experiment, "table.csv"), kept)
}

// drawingServer is a server whose drawings are heard of. The rests are collected and end when the test says so.
type drawingServer struct {
	*Server
	heard chan string
	rests chan rest
}

type rest struct {
	lasts time.Duration
	end   func()
}

func servingDrawings(t *testing.T, root string) *drawingServer {
	t.Helper()
	s := &drawingServer{serving(t, root), make(chan string, 100), make(chan rest, 100)}
	told := s.drawings.told
	s.drawings.told = func(id string) {
		version := s.registry.current()
		told(id)
		if s.registry.current() == version {
			t.Error("readers do not hear of the drawing")
		}
		s.heard <- id
	}
	s.drawings.later = func(d time.Duration, end func()) { s.rests <- rest{d, end} }
	return s
}

// TestFillingFigure shows the figure of an experiment while its cells come in.
func TestFillingFigure(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "all")
	const name = "nguyen-floors"
	begun(t, dir, name)
	s := servingDrawings(t, root)
	row := fetch[List](t, s.Server, "/api/list").Rows[0]
	url := "/api/reproduce/" + row.ID
	page := func() Experiment { return fetch[Reproduction](t, s.Server, url).Experiments[0] }
	svg := func(x Experiment) string { return text(t, ask(t, s.Server, x.Figures[0].URL)) }
	if x := page(); x.Drawn != 0 || len(x.Figures) != 0 || x.Cells != 14 {
		t.Errorf("no cell: %+v", x)
	}
	cellsOf(t, dir, name, 2)
	before := listing(t, dir)
	if x := page(); x.Done != 2 || x.Drawn != 0 || len(x.Figures) != 0 {
		t.Errorf("before it is drawn: %+v", x)
	}
	<-s.heard
	two := page()
	if two.Drawn != 2 || len(two.Figures) != 1 || two.FigureNote != "" {
		t.Fatalf("two cells: %+v", two)
	}
	first := svg(two)
	r := ask(t, s.Server, two.Figures[0].URL)
	if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(first, "<svg") || !strings.Contains(policy, "sandbox") || r.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%s: %.80s", policy, first)
	}

	cellsOf(t, dir, name, 5)
	for range 3 { // nothing is drawn during the rest
		if x := page(); x.Done != 5 || x.Drawn != 2 || x.Figures[0] != two.Figures[0] {
			t.Errorf("during the rest: %+v", x)
		}
	}
	if len(s.heard) > 0 {
		t.Error("drawn during the rest")
	}
	pause := <-s.rests
	if pause.lasts < period || pause.lasts > longest {
		t.Errorf("a rest of %v", pause.lasts)
	}
	pause.end()
	<-s.heard
	five := page()
	if second := svg(five); five.Drawn != 5 || five.Figures[0].URL == two.Figures[0].URL || strings.Count(second, "<path") <= strings.Count(first, "<path") {
		t.Errorf("five cells: %+v", five)
	}
	(<-s.rests).end()
	page()
	if s.drawings.busy {
		t.Error("drawn without a new cell")
	}
	cellsOf(t, dir, name, 2)
	if after := listing(t, dir); !slices.Equal(before, after) {
		t.Errorf("files were written: %v, before %v", after, before)
	}
	if x := page(); x.Done != 2 || x.Drawn != 0 || len(x.Figures) != 0 {
		t.Errorf("cells that are gone are still shown: %+v", x)
	}
	failure(t, s.Server, url+"/figure/"+name+"/other.svg", http.StatusNotFound)

	if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	reproduced(t, dir, name) // the experiment has come to its end
	if x := page(); x.Drawn != 0 || len(x.Figures) != 1 || x.Status != reproduce.Pass || !strings.Contains(svg(x), "<svg") {
		t.Errorf("finished: %+v", x)
	}
}

// listing names the files below a folder, with their sizes.
func listing(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			info, _ := e.Info()
			out = append(out, fmt.Sprint(path, info.Size()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestManyFillingFigures draws one experiment at a time. A table that is damaged has a message, and a directory that is removed ends it.
func TestManyFillingFigures(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "all")
	names := []string{"kogler-fig2", "kogler-fig3", "nguyen-floors", "nguyen-theorem4", "rangamani-support"}
	begun(t, dir, names...)
	for _, name := range names {
		cellsOf(t, dir, name, 1)
	}
	s := servingDrawings(t, root)
	url := "/api/reproduce/" + fetch[List](t, s.Server, "/api/list").Rows[0].ID
	fetch[Reproduction](t, s.Server, url)
	for i := range names {
		<-s.heard
		drawn := 0
		for _, x := range fetch[Reproduction](t, s.Server, url).Experiments {
			drawn += x.Drawn
		}
		if drawn != i+1 || len(s.heard) > 0 {
			t.Errorf("%d experiments are drawn, want %d", drawn, i+1)
		}
		if i+1 < len(names) {
			(<-s.rests).end()
		}
	}

	write(t, filepath.Join(dir, names[1], "table.csv"), "cell,x\n\x00")
	r := fetch[Reproduction](t, s.Server, url)
	if r.State != "damaged" || !strings.Contains(r.Reason, names[1]) || len(r.Experiments[1].Figures) != 0 || len(r.Experiments[0].Figures) != 1 {
		t.Errorf("damaged: %+v", r)
	}
	cellsOf(t, dir, names[2], 2)
	fetch[Reproduction](t, s.Server, url)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	(<-s.rests).end()
	<-s.heard // what was read is drawn
	failure(t, s.Server, url, http.StatusNotFound)
	failure(t, s.Server, url+"/figure/kogler-fig2/kogler-fig2.svg", http.StatusNotFound)
}

// TestFigureNote says why a figure cannot be drawn.
func TestFigureNote(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "all")
	begun(t, dir, "nguyen-floors")
	cellsOf(t, dir, "nguyen-floors", 1)
	b, err := reproduce.ReadBegun(dir, func(name string) (*reproduce.Experiment, error) {
		e, err := experiments.Find(name)
		e.Figures = func(*reproduce.Results) ([]reproduce.Figure, error) { return nil, errors.New("no ink") }
		return e, err
	})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := b.Parts()
	if err != nil {
		t.Fatal(err)
	}
	rests := make(chan bool)
	d := newDrawings(func(string) {})
	d.later = func(time.Duration, func()) { rests <- true }
	d.of("id", &parts[0])
	<-rests
	var x Experiment
	if x.show(&entry{id: "id"}, d.of("id", &parts[0])); !strings.Contains(x.FigureNote, "nguyen-floors: figures: no ink") || x.Drawn != 0 {
		t.Errorf("%+v", x)
	}
}
