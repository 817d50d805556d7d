package serve

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"autoamp/bench/reproduce"
	"autoamp/train/runs"
)

// registry is what was found below the folders. The files are looked at when somebody asks, and never while nobody does.
type registry struct {
	dirs []string
	// limits, if not nil, completes the rows of an entry.
	limits func(e *entry, rows []Row)

	mu      sync.Mutex // guards what follows
	roots   []string   // dirs without links
	finder  runs.Finder
	looked  time.Time
	version uint64
	entries []*entry          // by directory
	byID    map[string]*entry // the same
	removed map[string]uint64 // IDs that are gone, with the version at which they went
	note    string            // why the folders cannot be read
}

// fresh is how long what was found is shown without looking again.
const fresh = 400 * time.Millisecond

func newRegistry(dirs []string) *registry {
	return &registry{
		dirs: dirs, roots: make([]string, len(dirs)), finder: runs.Finder{Other: reproduce.Holds},
		byID: map[string]*entry{}, removed: map[string]uint64{},
	}
}

// refresh looks at the folders again, unless somebody has just done so. It returns an error if the folders cannot be listed; what
// was found before is gone then.
func (r *registry) refresh(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.looked) < fresh {
		return nil
	}
	err := r.look(context.WithoutCancel(ctx)) // others wait for it as well
	r.note = ""
	if err != nil {
		r.note = err.Error()
	}
	r.looked = time.Now()
	return err
}

// stale has the next refresh look again.
func (r *registry) stale() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked = time.Time{}
}

// look looks at the folders. What is below folders that cannot be listed is gone.
func (r *registry) look(ctx context.Context) error {
	places, err := r.finder.Find(ctx, r.dirs...)
	for i, dir := range r.dirs {
		root, e := filepath.Abs(dir)
		if e == nil {
			root, e = filepath.EvalSymlinks(root)
		}
		if e != nil {
			places, err = nil, cmp.Or(err, fmt.Errorf("serve: %w", e))
		}
		r.roots[i] = root
	}
	r.take(r.read(places, time.Now()))
	return err
}

// read looks at every place, on all cores. An entry that has not changed is the one that was there.
func (r *registry) read(places []runs.Place, now time.Time) []*entry {
	found := make([]*entry, len(places))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(places)) {
		workers.Go(func() {
			for i := range next {
				found[i] = r.entry(places[i], now)
			}
		})
	}
	for i := range places {
		next <- i
	}
	close(next)
	workers.Wait()
	return found
}

// entry is the entry of a place.
func (r *registry) entry(place runs.Place, now time.Time) *entry {
	id := idOf(place.Dir)
	if known := r.byID[id]; known != nil && known.place == place {
		return known.again(now)
	}
	root := r.rootOf(place.Dir)
	return newEntry(id, r.nameOf(root, place.Dir), r.roots[root], place, now)
}

// take replaces the entries, and counts the version up if anything is new.
func (r *registry) take(found []*entry) {
	next := r.version + 1
	byID := make(map[string]*entry, len(found))
	changed := false
	for _, e := range found {
		byID[e.id] = e
		delete(r.removed, e.id)
		if r.byID[e.id] != e {
			e.version, changed = next, true
		}
	}
	for id := range r.byID {
		if byID[id] == nil {
			r.removed[id], changed = next, true
		}
	}
	r.entries, r.byID = found, byID
	if changed {
		r.version = next
	}
}

// touch makes an entry new, so that readers ask for it again.
func (r *registry) touch(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.byID[id]; known != nil {
		r.version++
		again := *known
		again.version = r.version
		r.byID[id] = &again
		for i, e := range r.entries {
			if e == known {
				r.entries[i] = &again
			}
		}
	}
}

// get looks again and returns what has an ID and is of a kind.
func (r *registry) get(ctx context.Context, id string, kind runs.Kind) (*entry, error) {
	_ = r.refresh(ctx) // what cannot be listed is not found
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.byID[id]
	if e == nil || e.kind() != kind {
		return nil, fmt.Errorf("%s %q %w", kind, id, errGone)
	}
	return e, nil
}

// current is the version.
func (r *registry) current() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.version
}

// list is everything.
func (r *registry) list() List {
	change := r.since(0)
	r.mu.Lock()
	defer r.mu.Unlock()
	l := List{Version: change.Version, Dirs: r.dirs, Rows: change.Rows, Note: r.note}
	if len(l.Rows) == 0 && l.Note == "" {
		l.Note = "no runs below " + strings.Join(r.dirs, ", ") + " yet: what autoamp train --out writes there will appear here"
	}
	return l
}

// since is what has changed after a version.
func (r *registry) since(version uint64) Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	c := Change{Version: r.version, Rows: []Row{}, Removed: []string{}}
	for _, e := range r.entries {
		if e.version > version {
			rows := e.rows(now)
			if r.limits != nil {
				r.limits(e, rows)
			}
			c.Rows = append(c.Rows, rows...)
		}
	}
	for id, at := range r.removed {
		if at > version {
			c.Removed = append(c.Removed, id)
		}
	}
	return c
}

// idOf is the ID of a directory.
func idOf(dir string) string {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	sum := sha256.Sum256([]byte(dir))
	return hex.EncodeToString(sum[:8])
}

// rootOf is the number of the folder that a directory was found below.
func (r *registry) rootOf(dir string) int {
	for i, root := range r.dirs {
		if name, err := filepath.Rel(root, dir); err == nil && filepath.IsLocal(name) {
			return i
		}
	}
	return 0 // Find finds nothing elsewhere
}

// nameOf is a directory below its folder. Several folders are told apart by their names.
func (r *registry) nameOf(root int, dir string) string {
	name, err := filepath.Rel(r.dirs[root], dir)
	base := filepath.Base(r.roots[root])
	switch {
	case err != nil:
		return dir
	case name == ".":
		return base
	case len(r.dirs) > 1:
		return filepath.Join(base, name)
	}
	return name
}
