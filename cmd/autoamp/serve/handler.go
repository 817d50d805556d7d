package serve

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"autoamp/train/runs"
)

// handler is the routes.
func (s *Server) handler() (http.Handler, error) {
	page, err := pageFiles()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", page)
	for path, handle := range map[string]http.HandlerFunc{
		"/api/":                     s.unknown,
		"/api/list":                 s.list,
		"/api/events":               s.events,
		"/api/compare":              s.compare,
		"/api/run/{id}":             s.runPage,
		"/api/run/{id}/metrics":     s.metrics,
		"/api/run/{id}/structure":   s.structure,
		"/api/run/{id}/log":         s.log,
		"/api/run/{id}/file/{name}": s.runFile,
		"/api/run/{id}/picture/{step}/{replica}/{name}": s.picture,
		"/api/sweep/{id}":                                s.sweepPage,
		"/api/sweep/{id}/figure/{name}":                  s.sweepFigure,
		"/api/reproduce/{id}":                            s.reproducePage,
		"/api/reproduce/{id}/report":                     s.reproduceReport,
		"/api/reproduce/{id}/figure/{experiment}/{name}": s.reproduceFigure,
	} {
		mux.HandleFunc("GET "+path, handle)
	}
	return s.guard(mux), nil
}

// unknown answers to an address that is none of the interface.
func (s *Server) unknown(w http.ResponseWriter, r *http.Request) {
	s.fail(w, http.StatusNotFound, fmt.Errorf("no such address: %s", r.URL.Path))
}

// answer writes a value as JSON.
func (s *Server) answer(w http.ResponseWriter, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	s.send(w, "application/json", data)
}

// send writes an answer that no cache keeps: files change.
func (s *Server) send(w http.ResponseWriter, kind string, data []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(data) // a reader who has left gets no more
}

// fail writes an error.
func (s *Server) fail(w http.ResponseWriter, status int, err error) {
	data, _ := json.Marshal(Failure{Error: err.Error()}) // a text can be marshalled
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// list answers with everything that was found.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	_ = s.registry.refresh(r.Context()) // the list's note says why folders cannot be listed
	s.answer(w, s.registry.list())
}

// run finds the run of a request, or fails.
func (s *Server) run(w http.ResponseWriter, r *http.Request) (*entry, bool) {
	return s.entry(w, r, runs.Training)
}

// entry finds what a request is about, or fails. No file is read where one is a link out of the folder that is served.
func (s *Server) entry(w http.ResponseWriter, r *http.Request, kind runs.Kind) (*entry, bool) {
	e, err := s.registry.get(r.Context(), r.PathValue("id"), kind)
	if err == nil {
		err = e.out
	}
	if err != nil {
		s.fail(w, http.StatusNotFound, err)
	}
	return e, err == nil
}

var errGone = errors.New("was removed, or there never was one: the list has those that are there")
