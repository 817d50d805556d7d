package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"autoamp/train/runs"
)

// registry is what was found below the folders.
type registry struct {
	dirs []string

	mu      sync.Mutex
	version uint64
	entries []*entry
	byID    map[string]*entry
}

// entry is a run, a sweep or a reproduction.
type entry struct {
	id, name string
	run      runs.Run
}

func newRegistry(dirs []string) *registry { return &registry{dirs: dirs} }

// refresh looks at the folders again.
func (r *registry) refresh(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	places, err := runs.Find(ctx, r.dirs...)
	if err != nil {
		return err
	}
	r.entries, r.byID = nil, map[string]*entry{}
	for _, run := range runs.Read(ctx, places) {
		e := &entry{id: idOf(run.Dir), name: r.nameOf(run.Dir), run: run}
		r.entries, r.byID[e.id] = append(r.entries, e), e
	}
	r.version++
	return nil
}

func (r *registry) find(id string) *entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

func (r *registry) list() List {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := List{Version: r.version, Dirs: r.dirs, Rows: []Row{}}
	for _, e := range r.entries {
		l.Rows = append(l.Rows, e.rows(time.Now())...)
	}
	if len(l.Rows) == 0 {
		l.Note = "no runs below " + strings.Join(r.dirs, ", ")
	}
	return l
}

func (e *entry) rows(now time.Time) []Row {
	var out []Row
	for _, row := range runs.Rows([]runs.Run{e.run}, now) {
		progress := 0.0
		if row.Steps > 0 {
			progress = float64(row.Step) / float64(row.Steps)
		}
		out = append(out, Row{ID: e.id, Name: e.name, Row: row, Progress: progress, ChangedS: float64(e.run.Changed.UnixMilli()) / 1e3, Spark: []Number{}})
	}
	return out
}

// idOf is the ID of a directory.
func idOf(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	sum := sha256.Sum256([]byte(dir))
	return hex.EncodeToString(sum[:8])
}

// nameOf is the directory below the folder that was given.
func (r *registry) nameOf(dir string) string {
	for _, root := range r.dirs {
		name, err := filepath.Rel(root, dir)
		if err != nil || strings.HasPrefix(name, "..") {
			continue
		}
		if name == "." {
			return filepath.Base(dir)
		}
		return name
	}
	return dir
}
