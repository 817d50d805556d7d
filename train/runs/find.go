package runs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"autoamp/datasets/durable"
	"autoamp/train/rundir"
	"autoamp/train/sweep"
)

// Place is a directory that holds a run or a sweep, or what a Finder was told of.
type Place struct {
	Dir   string
	Sweep bool
	// Other is true for a directory that Finder.Other knows.
	Other bool
	// Err says that the directory cannot be listed. Whether it holds a run is not known then.
	Err error
}

// Find lists the directories that hold runs and sweeps, in the order of their names: those that are given, and those below them. It
// does not follow links below them, and it leaves out hidden folders and the runs of a sweep's cells. A given directory that does not exist is an error.
func Find(ctx context.Context, dirs ...string) ([]Place, error) {
	return (&Finder{}).Find(ctx, dirs...)
}

// find is Find with a reader of folders.
func (w *walk) find(dirs []string) ([]Place, error) {
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			err = fmt.Errorf("%s: must be a directory", dir)
		}
		if err != nil {
			return nil, fmt.Errorf("runs: %w", err)
		}
		if err := w.visit(filepath.Clean(dir)); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(w.found, func(a, b Place) int { return strings.Compare(a.Dir, b.Dir) })
	return slices.CompactFunc(w.found, func(a, b Place) bool { return a.Dir == b.Dir }), nil
}

// walk collects places.
type walk struct {
	ctx   context.Context
	read  func(dir string) ([]os.DirEntry, error)
	other func(entries []os.DirEntry) bool // nil for none
	found []Place
}

// visit looks at a directory and at those below it.
func (w *walk) visit(dir string) error {
	if err := w.ctx.Err(); err != nil {
		return fmt.Errorf("runs: looking for runs was interrupted: %w", err)
	}
	entries, err := w.read(dir)
	if err != nil && !os.IsNotExist(err) {
		w.found = append(w.found, Place{Dir: dir, Err: err})
	}
	if has(entries, sweep.ManifestFile) {
		w.found = append(w.found, Place{Dir: dir, Sweep: true})
		return nil
	}
	switch {
	case w.other != nil && w.other(entries):
		w.found = append(w.found, Place{Dir: dir, Other: true})
	case holdsRun(entries):
		w.found = append(w.found, Place{Dir: dir})
	}
	for _, e := range entries {
		if e.IsDir() && !hidden(e.Name()) && e.Name() != rundir.CheckpointFolder {
			if err := w.visit(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// hidden reports a name that a shell's * leaves out, such as .git, or of a folder that is not whole yet.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, durable.Temporary)
}

// holdsRun reports whether these are the files of a run. A config.yaml alone may be a file for --config.
func holdsRun(entries []os.DirEntry) bool {
	return has(entries, rundir.CheckpointFolder) || has(entries, rundir.MetricsFile) && has(entries, rundir.StructureFile) ||
		has(entries, rundir.ConfigFile) && has(entries, rundir.LogFile)
}

// has reports whether one of the files has a name.
func has(entries []os.DirEntry, name string) bool {
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == name })
}
