package serve

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
)

// maxFile bounds a file that is sent as it is, in bytes.
const maxFile = 256 << 20

// sandboxed is the policy of a file that is sent as it is: somebody may have changed it. It shows itself and runs nothing.
const sandboxed = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

// sendFile answers with a file of a directory. A link out of the directory, and what is no regular file, is an error.
func (s *Server) sendFile(w http.ResponseWriter, dir, name string) {
	data, err := readIn(dir, name)
	if err != nil {
		s.fail(w, http.StatusNotFound, err)
		return
	}
	w.Header().Set("Content-Security-Policy", sandboxed)
	s.send(w, mime.TypeByExtension(filepath.Ext(name)), data)
}

// readIn reads a file of a directory.
func readIn(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%s: must be a regular file of at most %d bytes", name, maxFile)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile))
}
