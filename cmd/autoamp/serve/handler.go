package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
)

const tokenKey = "token"

// handler is the routes.
func (s *Server) handler() (http.Handler, error) {
	page, err := pageFiles()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", page)
	mux.HandleFunc("GET /api/list", s.list)
	mux.HandleFunc("GET /api/run/{id}/metrics", s.metrics)
	return mux, nil
}

// answer writes a value as JSON.
func (s *Server) answer(w http.ResponseWriter, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(data) // a reader that left needs no answer
}

// fail writes an error.
func (s *Server) fail(w http.ResponseWriter, status int, err error) {
	data, _ := json.Marshal(Failure{Error: err.Error()}) // a text can be marshalled
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	if err := s.registry.refresh(r.Context()); err != nil {
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	s.answer(w, s.registry.list())
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	e := s.registry.find(r.PathValue("id"))
	if e == nil {
		s.fail(w, http.StatusNotFound, fmt.Errorf("no run %q: it was removed, or there was none", r.PathValue("id")))
		return
	}
	s.answer(w, readMetrics(e.run, 600))
}
