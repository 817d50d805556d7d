package serve

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"autoamp/datasets/durable"
	"autoamp/train/rundir"
)

// The sizes of a log's end, in bytes.
const (
	defaultLog = 16 << 10
	maxLog     = 1 << 20
)

// log answers with the end of a run's log.
func (s *Server) log(w http.ResponseWriter, r *http.Request) {
	e, ok := s.run(w, r)
	if !ok {
		return
	}
	bytes := int64(defaultLog)
	if text := r.URL.Query().Get("bytes"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 || n > maxLog {
			s.fail(w, http.StatusBadRequest, fmt.Errorf("bytes = %q: must be at least 1 and at most %d", text, maxLog))
			return
		}
		bytes = n
	}
	path := filepath.Join(e.run.Dir, rundir.LogFile)
	lines, err := durable.LastLines(path, bytes)
	if os.IsNotExist(err) {
		err = nil
	}
	if err != nil {
		s.fail(w, http.StatusNotFound, err)
		return
	}
	out := Log{Lines: []string{}}
	if text := strings.TrimSuffix(string(lines), "\n"); text != "" {
		out.Lines = strings.Split(strings.ToValidUTF8(text, "�"), "\n")
	}
	if info, err := os.Stat(path); err == nil {
		out.Cut = info.Size() > int64(len(lines))
	}
	s.answer(w, out)
}
