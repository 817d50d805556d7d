package serve

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"autoamp/bench/reproduce"
	"autoamp/train/rundir"
	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
)

// stampRun tells whether the files of a run have changed. Once the summary is there, no other file changes.
func stampRun(root, dir string) (uint64, error) {
	s := newStamp(root)
	if s.file(dir, rundir.SummaryFile) {
		s.check(dir, rundir.MetricsFile, rundir.StructureFile, rundir.LogFile, rundir.CheckpointFolder)
		s.file(dir, rundir.ConfigFile)
		return s.sum()
	}
	for _, name := range []string{rundir.ConfigFile, rundir.MetricsFile, rundir.StructureFile, rundir.LogFile, rundir.CheckpointFolder} {
		s.file(dir, name)
	}
	return s.sum()
}

// stampSweep tells whether the files of a sweep have changed: results, failures, and who is at work.
func stampSweep(root, dir string) (uint64, error) {
	s := newStamp(root)
	s.file(dir, sweep.ManifestFile)
	s.file(dir, cells.PlanFile)
	for _, folder := range []string{cells.DoneFolder, cells.FailedFolder, cells.ClaimsFolder} {
		s.folder(dir, folder)
	}
	return s.sum()
}

// stampReproduction tells whether the files of a reproduction have changed.
func stampReproduction(root, dir string) (uint64, error) {
	s := newStamp(root)
	for _, name := range reproduce.Files() {
		s.file(dir, name)
	}
	for _, folder := range []string{cells.DoneFolder, cells.ClaimsFolder} {
		s.folder(dir, folder)
	}
	entries, _ := os.ReadDir(dir) // its error is that of the listing
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			s.folder(dir, e.Name())
		}
	}
	return s.sum()
}

// stamp is a hash of sizes and times of files.
type stamp struct {
	root string
	hash interface {
		Write([]byte) (int, error)
		Sum64() uint64
	}
	err error
}

func newStamp(root string) *stamp { return &stamp{root: root, hash: fnv.New64a()} }

// sum is the hash. The error is that of a file that is a link out of the root.
func (s *stamp) sum() (uint64, error) { return s.hash.Sum64(), s.err }

// file adds a file or folder, and reports whether it is there.
func (s *stamp) file(dir, name string) bool {
	path := filepath.Join(dir, name)
	s.check(dir, name)
	info, err := os.Stat(path)
	if err != nil {
		s.add(0, 0)
		return false
	}
	s.add(info.Size(), info.ModTime().UnixNano())
	return true
}

// folder adds a folder and the folders or files in it.
func (s *stamp) folder(dir, name string) {
	if !s.file(dir, name) {
		return
	}
	path := filepath.Join(dir, name)
	entries, _ := os.ReadDir(path) // a folder that was removed meanwhile has no entries
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			s.add(info.Size(), info.ModTime().UnixNano())
		}
	}
}

func (s *stamp) add(numbers ...int64) {
	for _, n := range numbers {
		_, _ = s.hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(n))) // a hash takes everything
	}
}

// check refuses files that are links out of the root: their contents are not a run's below it.
func (s *stamp) check(dir string, names ...string) {
	for _, name := range names {
		path := filepath.Join(dir, name)
		info, err := os.Lstat(path)
		if s.err != nil || err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		to, err := filepath.EvalSymlinks(path)
		if err == nil {
			to, err = filepath.Abs(to)
		}
		if err != nil || !within(s.root, to) {
			s.err = fmt.Errorf("%s is a link out of the folder that is served: must be a file in it", name)
		}
	}
}

// within reports whether a path without links is below a folder.
func within(root, path string) bool {
	name, err := filepath.Rel(root, path)
	return err == nil && filepath.IsLocal(name)
}
