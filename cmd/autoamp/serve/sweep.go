package serve

import (
	"fmt"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"sync"

	"autoamp/train/figure"
	"autoamp/train/runs"
	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
)

// sweepView is a sweep whose results are read once.
type sweepView struct {
	mu      sync.Mutex // guards what follows
	stamp   uint64     // of the manifest and the plan
	sweep   *sweep.Sweep
	results *sweep.Results
}

// status reads the state of the sweep in a directory.
func (v *sweepView) status(dir string) (*sweep.Status, error) {
	s := newStamp(dir)
	s.file(dir, sweep.ManifestFile)
	s.file(dir, cells.PlanFile)
	stamp, err := s.sum()
	if err != nil {
		return nil, err
	}
	if v.sweep == nil || v.stamp != stamp {
		opened, err := sweep.Open(dir)
		if err != nil {
			return nil, err
		}
		v.sweep, v.stamp, v.results = opened, stamp, sweep.NewResults(opened.Directory)
	}
	return v.sweep.Status(v.results, nil)
}

// read is the sweep as a line of the list.
func (v *sweepView) read(dir string) runs.Run {
	v.mu.Lock()
	defer v.mu.Unlock()
	status, err := v.status(dir)
	if err != nil {
		return runs.Run{Dir: dir, Kind: runs.Sweep, State: runs.Damaged, Reason: err.Error()}
	}
	return runs.OfSweep(status)
}

// sweepPage answers with a sweep.
func (s *Server) sweepPage(w http.ResponseWriter, r *http.Request) {
	e, ok := s.entry(w, r, runs.Sweep)
	if !ok {
		return
	}
	out := Sweep{
		ID: e.id, Name: e.name, Dir: e.run.Dir, State: e.run.State, Reason: e.run.Reason,
		Columns: []string{}, Cells: []Cell{}, Running: []Work{}, Failures: []cells.Failure{}, Figures: []File{},
	}
	if e.run.State != runs.Damaged {
		e.sweep.mu.Lock()
		defer e.sweep.mu.Unlock()
		status, err := e.sweep.status(e.run.Dir)
		if err != nil {
			out.State, out.Reason = runs.Damaged, err.Error()
		} else {
			out.fill(status, e.stamp)
		}
	}
	s.answer(w, out)
}

// fill takes over the state of a sweep. The stamp makes the addresses of figures new when the figures are.
func (s *Sweep) fill(st *sweep.Status, stamp uint64) {
	s.Counts, s.LeftS, s.Columns, s.File = st.Counts, st.Left(), st.Grid.Header(), string(st.Grid.File.Text)
	for i := range st.Grid.Cells {
		cell := &st.Grid.Cells[i]
		out := Cell{Values: st.Grid.Values(cell), State: st.States[i]}
		result, ok := st.Results.Get(cell.Key)
		if !ok {
			unknown := math.NaN()
			result = sweep.Result{TestMSE: unknown, Stderr: unknown, Limit: unknown, FiniteDim: unknown, Gap: unknown, Seconds: unknown}
		}
		out.TestMSE, out.Stderr, out.Limit, out.FiniteD = Number(result.TestMSE), Number(result.Stderr), Number(result.Limit), Number(result.FiniteDim)
		out.Gap, out.Candidate, out.Seconds = Number(result.Gap), result.Candidate, Number(result.Seconds)
		s.Cells = append(s.Cells, out)
	}
	for _, w := range st.Running {
		s.Running = append(s.Running, Work{w.Job.Name, w.Progress.Step, w.Progress.Steps, w.Left.Seconds(), w.Host, w.PID})
	}
	s.Failures = append(s.Failures, st.Failures...)
	for _, f := range st.Figures() {
		s.Figures = append(s.Figures, File{f.Name, address("sweep", s.ID, "figure", f.Name+".svg") + fmt.Sprintf("?v=%x", stamp)})
	}
}

// sweepFigure answers with a figure of the cells that are done.
func (s *Server) sweepFigure(w http.ResponseWriter, r *http.Request) {
	e, ok := s.entry(w, r, runs.Sweep)
	if !ok {
		return
	}
	name, isSVG := strings.CutSuffix(r.PathValue("name"), ".svg")
	key := fmt.Sprintf("%s %d %s", e.run.Dir, e.stamp, name)
	svg, err := s.pictures.draw(r.Context(), key, func() ([]byte, error) {
		e.sweep.mu.Lock()
		defer e.sweep.mu.Unlock()
		status, err := e.sweep.status(e.run.Dir)
		if err != nil {
			return nil, err
		}
		for _, f := range status.Figures() {
			if isSVG && f.Name == name {
				return f.Render(figure.SVG)
			}
		}
		return nil, fmt.Errorf("no figure %q of %s", r.PathValue("name"), filepath.Base(e.run.Dir))
	})
	if err != nil {
		s.fail(w, http.StatusNotFound, err)
		return
	}
	w.Header().Set("Content-Security-Policy", sandboxed)
	s.send(w, "image/svg+xml", svg)
}
