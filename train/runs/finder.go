package runs

import (
	"context"
	"os"
	"time"
)

// Finder is Find for a caller that looks again and again: it lists a folder again only after the folder has changed. The zero
// value is ready. It is not safe for concurrent use.
type Finder struct {
	// Other, if not nil, reports whether a folder with these entries is a Place that this package does not know. What is below it
	// is looked at all the same.
	Other func(entries []os.DirEntry) bool

	folders map[string]folder
}

// folder is what a folder has held.
type folder struct {
	changed time.Time // the folder's own time
	entries []os.DirEntry
	used    bool // by the newest Find
}

// settled is how old the change of a folder must be for its entries to be kept: two changes within a tick of a file system's clock,
// which is up to two seconds, have the same time.
const settled = 3 * time.Second

// Find is the function Find.
func (f *Finder) Find(ctx context.Context, dirs ...string) ([]Place, error) {
	if f.folders == nil {
		f.folders = map[string]folder{}
	}
	w := walk{ctx: ctx, read: f.read, other: f.Other}
	found, err := w.find(dirs)
	for dir, known := range f.folders {
		if !known.used {
			delete(f.folders, dir)
			continue
		}
		known.used = false
		f.folders[dir] = known
	}
	return found, err
}

// read is os.ReadDir of a folder that may have been read before.
func (f *Finder) read(dir string) ([]os.DirEntry, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	known, ok := f.folders[dir]
	if !ok || !known.changed.Equal(info.ModTime()) || time.Since(known.changed) < settled {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return entries, err
		}
		known = folder{changed: info.ModTime(), entries: entries}
	}
	known.used = true
	f.folders[dir] = known
	return known.entries, nil
}
