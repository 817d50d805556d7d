package serve

import (
	"errors"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"autoamp/train/config"
	"autoamp/train/rundir"
	"autoamp/train/runs"
)

// runPage answers with a run.
func (s *Server) runPage(w http.ResponseWriter, r *http.Request) {
	if e, ok := s.run(w, r); ok {
		s.answer(w, s.newRun(e))
	}
}

// newRun is what a run's files say.
func (s *Server) newRun(e *entry) Run {
	run := e.run
	out := Run{
		ID: e.id, Name: e.name, Dir: run.Dir, State: run.State, Reason: run.Reason, Rows: e.rows(time.Now()), Settings: []Setting{},
		Theory: s.theories.of(e), Replicas: replicasOf(run), Checks: checkpointsOf(e), WallS: run.WallS, MsStep: run.MsPerStep, Files: runFiles(e),
	}
	s.theories.limits(e, out.Rows)
	for _, key := range config.Settings() {
		if value, ok := run.Settings[key.Key]; ok {
			out.Settings = append(out.Settings, Setting{key.Key, value, key.Help})
		}
	}
	if run.State != runs.Finished && run.State != runs.Running && s.Resume != nil && run.Settings != nil {
		out.Resume = s.Resume(run.Dir)
	}
	if summary, err := rundir.ReadSummary(run.Dir); err == nil {
		out.Device = summary.Device
	}
	return out
}

// replicasOf lists the models of a run: the seeds of the first p, then those of the next.
func replicasOf(run runs.Run) []Replica {
	out := []Replica{}
	seeds := run.SeedTexts()
	for _, p := range run.Points {
		for _, seed := range seeds {
			out = append(out, Replica{len(out), seed, Number(p.P)})
		}
	}
	return out
}

// address is a path of this server with parts that may hold any letters.
func address(parts ...string) string {
	path := "/api"
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}

// figureNames are the pictures and pages that a run's directory may hold.
var figureNames = []string{"report.html", "loss.svg", "weights.svg", "gdmin.svg", "mse_vs_p.svg"}

// runFiles lists the files of a run that can be opened as they are.
func runFiles(e *entry) []File {
	out := []File{}
	for _, name := range figureNames {
		if rundir.Exists(filepath.Join(e.run.Dir, name)) {
			out = append(out, File{name, address("run", e.id, "file", name)})
		}
	}
	return out
}

// runFile answers with a file of a run.
func (s *Server) runFile(w http.ResponseWriter, r *http.Request) {
	e, ok := s.run(w, r)
	if !ok {
		return
	}
	name := r.PathValue("name")
	if !slices.Contains(figureNames, name) {
		s.fail(w, http.StatusNotFound, errors.New("no such file: "+strconv.Quote(name)))
		return
	}
	s.sendFile(w, e.run.Dir, name)
}

// compare answers with several runs.
func (s *Server) compare(w http.ResponseWriter, r *http.Request) {
	ids := r.URL.Query()["run"]
	if len(ids) == 0 || len(ids) > maxCompared {
		s.fail(w, http.StatusBadRequest, errors.New("run: must be given 1 to "+strconv.Itoa(maxCompared)+" times"))
		return
	}
	out := Compare{Runs: []Run{}, Settings: []Difference{}}
	for _, id := range ids {
		e, err := s.registry.get(r.Context(), id, runs.Training)
		if err == nil {
			err = e.out
		}
		if err != nil {
			s.fail(w, http.StatusNotFound, err)
			return
		}
		out.Runs = append(out.Runs, s.newRun(e))
	}
	out.Settings = differences(out.Runs)
	s.answer(w, out)
}

// maxCompared is the most runs that are compared.
const maxCompared = 50

// differences are the settings in which runs differ.
func differences(list []Run) []Difference {
	out := []Difference{}
	for _, key := range config.Settings() {
		d := Difference{Key: key.Key}
		for _, run := range list {
			d.Values = append(d.Values, run.value(key.Key))
		}
		if slices.ContainsFunc(d.Values, func(v string) bool { return v != d.Values[0] }) {
			out = append(out, d)
		}
	}
	return out
}

// value is a setting, empty where it does not apply.
func (r *Run) value(key string) string {
	for _, s := range r.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
