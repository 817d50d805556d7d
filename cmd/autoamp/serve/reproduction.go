package serve

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/experiments"
	"autoamp/train/runs"
)

// reproductionView is a reproduction whose cells are listed once.
type reproductionView struct {
	mu    sync.Mutex // guards what follows
	stamp uint64     // of the manifest
	begun *reproduce.Begun
}

// read reads how far the reproduction in a directory is.
func (v *reproductionView) read(dir string) (*reproduce.Begun, []reproduce.Part, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := newStamp(dir)
	s.file(dir, reproduce.Files()[0])
	stamp, err := s.sum()
	if err != nil {
		return nil, nil, err
	}
	if v.begun == nil || v.stamp != stamp {
		begun, err := reproduce.ReadBegun(dir, experiments.Find)
		if err != nil {
			return nil, nil, err
		}
		v.begun, v.stamp = begun, stamp
	}
	parts, err := v.begun.Parts()
	return v.begun, parts, err
}

// line is the reproduction as a line of the list. Its steps are cells.
func (v *reproductionView) line(dir string) runs.Run {
	r := runs.Run{Dir: dir, Kind: Reproduced, Changed: changed(dir)}
	begun, parts, err := v.read(dir)
	if begun == nil {
		r.State, r.Reason = runs.Damaged, err.Error()
		return r
	}
	names, judged := []string{}, 0
	for _, p := range parts {
		names = append(names, p.Name)
		r.Step, r.Steps = r.Step+p.Done(), r.Steps+len(p.Cells)
		if p.Verdict != nil {
			judged++
		}
	}
	r.Model = strings.Join(names, " ")
	switch {
	case err != nil:
		r.State, r.Reason = runs.Damaged, err.Error()
	case begun.AtWork():
		r.State = runs.Running
	case judged == len(parts):
		r.State = runs.Finished
	default:
		r.State = runs.Interrupted
	}
	return r
}

// changed is the time of the newest change of a folder and the folders in it.
func changed(dir string) time.Time {
	var at time.Time
	entries, _ := os.ReadDir(dir) // a folder that is gone has not changed
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	return at
}

// reproducePage answers with a reproduction.
func (s *Server) reproducePage(w http.ResponseWriter, r *http.Request) {
	e, ok := s.entry(w, r, Reproduced)
	if !ok {
		return
	}
	out := Reproduction{ID: e.id, Name: e.name, Dir: e.run.Dir, State: e.run.State, Reason: e.run.Reason, Experiments: []Experiment{}}
	begun, parts, err := e.reproduction.read(e.run.Dir)
	if err != nil {
		out.State, out.Reason = runs.Damaged, err.Error()
	}
	if begun != nil {
		out.Scale, out.Seed = begun.Scale, strconv.FormatUint(begun.Seed, 10)
		if _, ok := begun.HasReport(); ok {
			out.Report = address("reproduce", e.id, "report")
		}
	}
	for _, p := range parts {
		experiment := newExperiment(e, p)
		if filling(&p) {
			experiment.show(e, s.drawings.of(e.id, &p))
		}
		out.Experiments = append(out.Experiments, experiment)
	}
	s.answer(w, out)
}

// newExperiment is an experiment at a moment.
func newExperiment(e *entry, p reproduce.Part) Experiment {
	out := Experiment{Name: p.Name, Done: p.Done(), Cells: len(p.Cells), List: []PartCell{}, Claims: []Claim{}, Figures: []File{}}
	for _, c := range p.Cells {
		out.List = append(out.List, PartCell(c))
	}
	if p.Experiment != nil {
		out.Title, out.Paper, out.Claim = p.Experiment.Title, p.Experiment.Paper, p.Experiment.Claim
	}
	if v := p.Verdict; v != nil {
		out.Status, out.Reason, out.Claim, out.Paper = v.Status, v.Reason, v.Claim, v.Paper
		for _, c := range slices.Concat(v.Claims, v.Regressions) {
			out.Claims = append(out.Claims, Claim{c.Claim, c.Outcome, c.Note, c.Value, c.Stderr, c.Reference, string(c.Kind), c.Sigma})
		}
	}
	for _, name := range p.Figures {
		url := address("reproduce", e.id, "figure", p.Name, name+".svg") + fmt.Sprintf("?v=%x", e.stamp)
		out.Figures = append(out.Figures, File{name, url})
	}
	return out
}

// show shows what is drawn of an experiment that is not finished, in place of figures of an earlier recipe.
func (x *Experiment) show(e *entry, d drawing) {
	x.FigureNote = d.note
	if len(d.figures) == 0 {
		return
	}
	x.Drawn, x.Figures = d.cells, []File{}
	h := fnv.New64a()
	for _, f := range d.figures {
		h.Reset()
		_, _ = h.Write(f.svg) // a hash takes everything
		x.Figures = append(x.Figures, File{f.name, address("reproduce", e.id, "figure", x.Name, f.name+".svg") + fmt.Sprintf("?v=%x", h.Sum64())})
	}
}

// reproduceReport answers with the report.
func (s *Server) reproduceReport(w http.ResponseWriter, r *http.Request) {
	e, ok := s.entry(w, r, Reproduced)
	if !ok {
		return
	}
	begun, _, err := e.reproduction.read(e.run.Dir)
	if begun == nil {
		s.fail(w, http.StatusNotFound, err)
		return
	}
	name, _ := begun.HasReport()
	s.sendFile(w, e.run.Dir, name)
}

// reproduceFigure answers with a figure of an experiment.
func (s *Server) reproduceFigure(w http.ResponseWriter, r *http.Request) {
	e, ok := s.entry(w, r, Reproduced)
	if !ok {
		return
	}
	_, parts, _ := e.reproduction.read(e.run.Dir) // damage elsewhere does not hide a figure
	name, isSVG := strings.CutSuffix(r.PathValue("name"), ".svg")
	for _, p := range parts {
		if !isSVG || p.Name != r.PathValue("experiment") {
			continue
		}
		if svg, ok := s.drawings.figure(e.id, p.Name, name); ok && filling(&p) {
			w.Header().Set("Content-Security-Policy", sandboxed)
			s.send(w, "image/svg+xml", svg)
			return
		}
		if slices.Contains(p.Figures, name) {
			s.sendFile(w, e.run.Dir, filepath.Join(p.Name, name+".svg"))
			return
		}
	}
	s.fail(w, http.StatusNotFound, fmt.Errorf("no figure %q of %q", r.PathValue("name"), r.PathValue("experiment")))
}
