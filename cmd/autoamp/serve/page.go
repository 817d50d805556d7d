package serve

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var embedded embed.FS

// pageFiles serves the page.
func pageFiles() (http.Handler, error) {
	files, err := fs.Sub(embedded, "page")
	if err != nil {
		return nil, err
	}
	return http.FileServerFS(files), nil
}
