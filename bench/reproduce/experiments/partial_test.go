package experiments

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"autoamp/bench/reproduce"
	"autoamp/datasets/durable"
	"autoamp/train/figure"
)

// TestPartialTables draws every experiment while cells of its committed quick table are missing: all of them, all but the first or the last
// ones, and some by chance, without their matrices. Nothing fails, and the finished table shows the most.
func TestPartialTables(t *testing.T) {
	t.Parallel()
	for _, e := range All() {
		t.Run(e.Name, func(t *testing.T) {
			p, most := newPartial(t, e), 0
			for _, keep := range p.subsets() {
				p.write(keep)
				most = max(most, p.draw(len(keep)))
			}
			if all := p.draw(len(p.cells)); all < most {
				t.Errorf("all cells draw %d elements, some of them %d", all, most)
			}
		})
	}
}

// partial is the directory of an experiment whose table can be cut.
type partial struct {
	*testing.T
	e     *reproduce.Experiment
	begun *reproduce.Begun
	dir   string
	lines [][]string // of the whole table
	cells []string   // keys, in the order of the table
}

// newPartial makes the directory, without a table.
func newPartial(t *testing.T, e *reproduce.Experiment) *partial {
	t.Helper()
	p := &partial{T: t, e: e, dir: filepath.Join(t.TempDir(), e.Name)}
	f, err := os.Open(filepath.Join(results, "quick", e.Name, "table.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if p.lines, err = csv.NewReader(f).ReadAll(); err != nil {
		t.Fatal(err)
	}
	first := map[string]bool{} // and no cells that were run again with other seeds, which nothing draws
	cells, err := e.Cells(reproduce.Params{Scale: reproduce.Quick, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range cells {
		key, err := cells[i].Key()
		if err != nil {
			t.Fatal(err)
		}
		first[key] = true
	}
	for _, line := range p.lines[1:] {
		if n := len(p.cells); first[line[0]] && (n == 0 || p.cells[n-1] != line[0]) {
			p.cells = append(p.cells, line[0])
		}
	}
	manifest := map[string]any{"format": 2, "experiments": []string{e.Name}, "scale": "quick", "seed": 1}
	if err := errors.Join(os.Mkdir(p.dir, 0o700), durable.WriteJSON(durable.OS, filepath.Join(filepath.Dir(p.dir), "run.json"), manifest)); err != nil {
		t.Fatal(err)
	}
	if p.begun, err = reproduce.ReadBegun(filepath.Dir(p.dir), Find); err != nil {
		t.Fatal(err)
	}
	return p
}

// subsets are the cells that are there, time after time: at last all.
func (p *partial) subsets() []map[string]bool {
	of := func(cells ...string) map[string]bool {
		kept := map[string]bool{}
		for _, c := range cells {
			kept[c] = true
		}
		return kept
	}
	n := len(p.cells)
	all := []map[string]bool{of(), of(p.cells[0]), of(p.cells[n-1]), of(p.cells[:(n+1)/2]...), of(p.cells[n/2:]...)}
	r := rand.New(rand.NewPCG(1, uint64(n)))
	for range 3 {
		shuffled := append([]string{}, p.cells...)
		r.Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		all = append(all, of(shuffled[:1+r.IntN(n)]...))
	}
	return append(all, of(p.cells...))
}

// write writes the table of some cells. The matrices are there with all cells.
func (p *partial) write(keep map[string]bool) {
	p.Helper()
	var text strings.Builder
	w := csv.NewWriter(&text)
	_ = w.Write(p.lines[0]) // a builder takes everything
	for _, line := range p.lines[1:] {
		if keep[line[0]] {
			_ = w.Write(line)
		}
	}
	w.Flush()
	err := os.WriteFile(filepath.Join(p.dir, "table.csv"), []byte(text.String()), 0o600)
	from, to := filepath.Join(results, "quick", p.e.Name, "matrices"), filepath.Join(p.dir, "matrices")
	if len(keep) == len(p.cells) && err == nil {
		_ = os.RemoveAll(to) // of a set of all cells before
		if err = os.CopyFS(to, os.DirFS(from)); errors.Is(err, fs.ErrNotExist) {
			err = nil // most experiments have none
		}
	}
	if err != nil {
		p.Fatal(err)
	}
}

// embedded are the bytes of an image in a picture.
var embedded = regexp.MustCompile(`base64,[^"]*`)

// draw draws what is there, and counts the elements of the pictures.
func (p *partial) draw(done int) (elements int) {
	p.Helper()
	parts, err := p.begun.Parts()
	if err != nil {
		p.Fatal(err)
	}
	part := parts[0]
	if part.Done() != done {
		p.Errorf("%d of %d cells are done, want %d", part.Done(), len(part.Cells), done)
	}
	figures, err := part.Draw()
	if err != nil {
		p.Fatalf("%d cells: %v", done, err)
	}
	if (len(figures) > 0) != (done > 0 && p.e.Figures != nil) {
		p.Errorf("%d cells: %d figures", done, len(figures))
	}
	for _, f := range figures {
		svg, err := f.Render(figure.SVG)
		if err != nil {
			p.Errorf("%d cells: %s: %v", done, f.Name, err)
		}
		text := embedded.ReplaceAllString(string(svg), "") + f.Caption
		if _, at, missing := strings.Cut(text, "NaN"); missing {
			p.Errorf("%d cells: %s: NaN%.200s", done, f.Name, at)
		}
		elements += strings.Count(text, "<path") + strings.Count(text, "<image")
	}
	return elements
}
