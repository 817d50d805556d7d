package reproduce

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/datasets/durable"
	"autoamp/train/figure"
)

// smallExperiment is an experiment with every feature that takes a millisecond: three cells, claims on rows and a matrix, and a
// figure. The second cell keeps its state in Env.Dir and leaves the matrix.
type smallExperiment struct {
	runs    []string // cells that were run
	begun   func(cell string)
	stopIn  string // the cell that an interruption comes in
	figures bool
}

func (s *smallExperiment) experiment() *Experiment {
	e := &Experiment{
		Name: "small", Paper: "test", Title: "small", Claim: "nothing is lost", Columns: []string{"x", "y", "text"},
		Cells: func(p Params) ([]Cell, error) {
			var cells []Cell
			for i, name := range []string{"a", "b", "c"} {
				cells = append(cells, Cell{Name: name, Settings: p, Run: func(ctx context.Context, env *Env) (*Output, error) {
					return s.cell(ctx, env, name, float64(i))
				}})
			}
			return cells, nil
		},
		Claims: func(r *Results) ([]Claim, error) {
			m, err := r.Matrix("b")
			if err != nil {
				return nil, err
			}
			claims := []Claim{Equal("m", Exact(m.At(0, 1)), ClosedForm(0.7), 1, 0)}
			for i, row := range r.Rows {
				claims = append(claims, Equal("y", Exact(row.Num("y")), ClosedForm(float64(i/2)/3), 1, 0))
			}
			return claims, nil
		},
	}
	if s.figures {
		e.Figures = smallFigures
	}
	return e
}

func (s *smallExperiment) cell(ctx context.Context, env *Env, name string, y float64) (*Output, error) {
	s.runs = append(s.runs, name)
	if s.begun != nil {
		s.begun(name)
	}
	out := &Output{Rows: []Row{{"x": 1, "y": y / 3, "text": "a, \"b\"\nc"}, {"x": 2, "y": y / 3}}}
	if name != "b" {
		return out, nil
	}
	out.Matrices = map[string]*mat.Dense{"b": mat.NewDense(1, 2, []float64{y, 0.7})}
	if err := durable.MkdirAll(env.Disk, env.Dir); err != nil {
		return nil, err
	}
	if err := durable.WriteBytes(env.Disk, filepath.Join(env.Dir, "state"), durable.SealText([]byte("half"))); err != nil {
		return nil, err
	}
	if s.stopIn == name {
		return nil, context.Canceled
	}
	data, err := durable.ReadFile(filepath.Join(env.Dir, "state"), 100)
	if err == nil {
		_, err = durable.OpenText(data)
	}
	return out, err
}

func smallFigures(r *Results) ([]Figure, error) {
	if _, err := r.Matrix("b"); err != nil {
		return nil, err
	}
	var figures []Figure
	for _, name := range []string{"one", "two"} {
		chart := &figure.Chart{}
		chart.Add(figure.Curve{Points: plotter.XYs{{X: 0, Y: r.Rows[2].Num("y")}, {X: 1, Y: 1}}, Pen: figure.Solid(figure.Blue)})
		figures = append(figures, Figure{Name: name, Width: vg.Inch, Height: vg.Inch, Paint: chart.Paint})
	}
	return figures, nil
}

// run is Suite of the experiment alone.
func (s *smallExperiment) run(dir string, d durable.Disk) (*Outcome, error) {
	outcomes, err := Suite(context.Background(), []*Experiment{s.experiment()},
		Settings{Params: Params{Scale: Quick, Seed: 1}, Dir: dir, Disk: d})
	if len(outcomes) == 0 {
		return nil, err
	}
	return outcomes[0], err
}

// unsynced is the machine's disk without waiting for it.
type unsynced struct{ durable.Disk }

type unsyncedFile struct{ durable.File }

func (unsynced) SyncDir(string) error { return nil }

func (unsyncedFile) Sync() error { return nil }
func fast() durable.Disk         { return unsynced{durable.OS} }
func (d unsynced) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	f, err := d.Disk.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return unsyncedFile{f}, nil
}

// folder is a folder in memory where the machine has one, since some disks wait even for a rename.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "autoamp-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// files reads all files below a folder.
func files(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		all[rel], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// restore makes the files below a folder those again.
func restore(t testing.TB, dir string, want map[string][]byte) {
	t.Helper()
	now := files(t, dir)
	for name := range now {
		if _, kept := want[name]; !kept {
			os.Remove(filepath.Join(dir, name))
		}
	}
	for name, data := range want {
		if old, there := now[name]; !there || !bytes.Equal(old, data) {
			place(t, filepath.Join(dir, name), data)
		}
	}
}

// place writes a file and the folders that it lies in.
func place(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, data, 0o666)); err != nil {
		t.Fatal(err)
	}
}

// results are the files with bytes that depend on the seed alone.
var results = []string{"run.json", "small/table.csv", "small/verdict.json", "small/matrices/b.npz"}

// differing names the results of a folder that differ from the wanted ones. It compares a matrix by its numbers.
func differing(got, want map[string][]byte) (names []string) {
	for _, name := range results {
		same := bytes.Equal(got[name], want[name])
		if strings.HasSuffix(name, ".npz") && !same {
			a, err := parseMatrix(got[name])
			b, _ := parseMatrix(want[name])
			same = err == nil && mat.Equal(a, b)
		}
		if !same {
			names = append(names, name)
		}
	}
	return names
}

// whole returns the files of a finished run.
func whole(t testing.TB) map[string][]byte {
	t.Helper()
	dir := folder(t)
	if o, err := (&smallExperiment{figures: true}).run(dir, fast()); err != nil || o.Verdict.Status != Pass {
		t.Fatalf("%+v, %v", o, err)
	}
	return files(t, dir)
}

// counts are the outcomes of damages.
type counts struct{ files, flips, cuts, refused, recomputed, harmless, silent int }

// walk damages every file in every byte and at every length, and runs the experiment on it.
type walk struct {
	t             *testing.T
	dir           string
	before, after map[string][]byte // of the run that is damaged, and of a finished one
	counts        counts
}

// Every file of a finished and of a half-finished reproduction: each byte with one bit flipped, each length cut. Either it is
// refused with a message that names the file and nothing is written, or the same numbers come out.
func TestDamage(t *testing.T) {
	t.Parallel()
	after := whole(t)
	for name, begin := range map[string]*smallExperiment{"finished": {}, "half-finished": {stopIn: "b"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &walk{t: t, dir: folder(t), after: after}
			if _, err := begin.run(w.dir, fast()); err != nil && begin.stopIn == "" {
				t.Fatal(err)
			}
			w.before = files(t, w.dir)
			for _, file := range slices.Sorted(maps.Keys(w.before)) {
				if file != reportFile { // which nobody reads, see TestPicturesAreDrawnAgain
					w.file(file)
				}
			}
			t.Logf("%+v", w.counts)
			if w.counts.silent > 0 || w.counts.refused == 0 || w.counts.flips < 400 {
				t.Error("see the counts")
			}
		})
	}
}

// file damages one file.
func (w *walk) file(name string) {
	w.counts.files++
	data := w.before[name]
	chance := rand.New(rand.NewPCG(1, uint64(len(data))))
	for i := range data {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << chance.IntN(8)
		w.counts.flips++
		w.check(name, bad)
	}
	for size := range data {
		w.counts.cuts++
		w.check(name, data[:size])
	}
}

// check runs the experiment on a damaged file, counts the outcome, and mends the file again.
func (w *walk) check(name string, bad []byte) {
	place(w.t, filepath.Join(w.dir, name), bad)
	s := &smallExperiment{}
	_, err := s.run(w.dir, fast())
	now := files(w.t, w.dir)
	switch wrong := differing(now, w.after); {
	case err != nil:
		w.counts.refused++
		if !strings.Contains(err.Error(), name) {
			w.t.Errorf("%s: the message does not name it: %v", name, err)
		}
		if bytes.Equal(now[name], bad) && bytes.Equal(now["small/verdict.json"], w.before["small/verdict.json"]) {
			break
		}
		w.t.Errorf("%s: refused, and something is written: %v", name, err)
	case len(wrong) > 0:
		w.counts.silent++
		w.t.Errorf("%s: accepted in silence, and %v differ:\n%q", name, wrong, bad)
	case len(s.runs) > w.expected():
		w.counts.recomputed++
	default:
		w.counts.harmless++
	}
	restore(w.t, w.dir, w.before)
}

// expected is the number of unfinished cells without damage.
func (w *walk) expected() int {
	missing := 0
	for _, name := range []string{"a", "b", "c"} {
		if !bytes.Contains(w.before["small/table.csv"], []byte("\n"+name+"-")) {
			missing++
		}
	}
	return missing
}

// A picture that is damaged or missing is drawn again by the same command, and so is the report.
func TestPicturesAreDrawnAgain(t *testing.T) {
	t.Parallel()
	dir, after := folder(t), whole(t)
	for _, name := range []string{"small/one.svg", "small/one.png", "small/one.pdf", "small/two.svg", "small/two.png", "small/two.pdf", reportFile} {
		for what, bad := range map[string][]byte{"empty": {}, "cut": after[name][:100], "missing": nil, "changed": bytes.ToUpper(after[name])} {
			restore(t, dir, after)
			if place(t, filepath.Join(dir, name), bad); bad == nil {
				os.Remove(filepath.Join(dir, name))
			}
			s := &smallExperiment{figures: true}
			if o, err := s.run(dir, fast()); err != nil || o.Verdict.Status != Pass || len(s.runs) > 0 {
				t.Fatalf("%s %s: %+v, %v", name, what, o, err)
			}
			now := files(t, dir)[name]
			exact := strings.HasSuffix(name, "g") // a PDF and the report say when they were made
			if len(now) < len(after[name])*9/10 || bytes.Equal(now, bad) || exact && !bytes.Equal(now, after[name]) {
				t.Errorf("%s %s: not drawn again", name, what)
			}
		}
	}
}
