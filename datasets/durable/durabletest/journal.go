package durabletest

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"autoamp/datasets/durable"
)

// Journal is the machine's disk, of which it remembers every call below a folder, in order. [Journal.Crash] writes the files that a
// power cut may leave.
//
// The model is what POSIX promises, which is less than file systems keep. The content of a file is on the disk when its Sync
// has returned, the entries of a directory when SyncDir has. Of what is not, any part may be there and any other part missing:
// a write may be lost before one that is kept (there are zeros then), an entry may be lost of a file that was synced.
type Journal struct {
	root   string
	mu     sync.Mutex
	events []event
}

// event is a call that changed something, with paths relative to the folder.
type event struct {
	kind     string // create, write, truncate, sync, mkdir, rename, remove, syncdir
	path, to string
	data     []byte
	size     int64
}

// NewJournal remembers calls below a folder, which must be empty.
func NewJournal(root string) *Journal { return &Journal{root: root} }

// Len is the number of calls so far.
func (j *Journal) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.events)
}

// add remembers a call that was made.
func (j *Journal) add(e event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var inside bool
	if e.path, inside = j.relative(e.path); !inside {
		return
	}
	if e.to != "" {
		e.to, _ = j.relative(e.to)
	}
	j.events = append(j.events, e)
}

func (j *Journal) relative(path string) (string, bool) {
	rel, err := filepath.Rel(j.root, path)
	return rel, err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}

// OpenFile opens a file whose calls are remembered as well.
func (j *Journal) OpenFile(name string, flag int, perm fs.FileMode) (durable.File, error) {
	_, missing := os.Lstat(name)
	f, err := durable.OS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	if missing != nil {
		j.add(event{kind: "create", path: name})
	} else if flag&os.O_TRUNC != 0 {
		j.add(event{kind: "truncate", path: name})
	}
	return &journalFile{File: f, journal: j}, nil
}

// Mkdir makes a directory.
func (j *Journal) Mkdir(name string, perm fs.FileMode) error {
	err := durable.OS.Mkdir(name, perm)
	if err == nil {
		j.add(event{kind: "mkdir", path: name})
	}
	return err
}

// Rename renames.
func (j *Journal) Rename(from, to string) error {
	err := durable.OS.Rename(from, to)
	if err == nil {
		j.add(event{kind: "rename", path: from, to: to})
	}
	return err
}

// Remove unlinks a file or removes an empty directory.
func (j *Journal) Remove(name string) error {
	err := durable.OS.Remove(name)
	if err == nil {
		j.add(event{kind: "remove", path: name})
	}
	return err
}

// SyncDir says that a directory's entries are on the disk.
func (j *Journal) SyncDir(name string) error {
	j.add(event{kind: "syncdir", path: name})
	return nil
}

type journalFile struct {
	durable.File
	journal *Journal
}

func (f *journalFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.journal.add(event{kind: "write", path: f.Name(), data: append([]byte{}, p[:n]...)})
	return n, err
}

func (f *journalFile) Sync() error {
	f.journal.add(event{kind: "sync", path: f.Name()})
	return nil
}

func (f *journalFile) Truncate(size int64) error {
	err := f.File.Truncate(size)
	if err == nil {
		f.journal.add(event{kind: "truncate", path: f.Name(), size: size})
	}
	return err
}

// Crash writes into an empty folder what a power cut after the first calls may leave, by chance.
func (j *Journal) Crash(calls int, chance *rand.Rand, folder string) error {
	root := newDirectory()
	names := map[string]*node{".": root} // as the running process sees them
	for _, e := range j.events[:calls] {
		play(names, e)
	}
	return root.leave(folder, chance)
}
