package train_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms lists the folders below this one; each imports only those above it in the list, and none imports package train. Waiting
// (internal/await) is for all.
var rooms = []string{"internal/await", "machine", "config", "matrix", "program", "theory", "rundir", "gdmin", "codec/rotation", "codec/law", "codec/inference", "codec", "figure", "report"}

func TestNoArrowRunsBackUp(t *testing.T) {
	t.Parallel()
	const root = "autoamp/train"
	for at, room := range rooms {
		files, err := filepath.Glob(filepath.Join(room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", room, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range parsed.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				above := strings.TrimPrefix(path, root+"/")
				if path == root || above != path && !slices.Contains(rooms[:at], above) {
					t.Errorf("%s imports %s", file, path)
				}
			}
		}
	}
}
