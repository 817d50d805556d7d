package durabletest

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// node is a file or a directory: its part on the disk, and the changes that are not there yet.
type node struct {
	content []byte // of a file
	pending []change
	size    int64 // of a file, as the process sees it

	entries map[string]*node // of a directory, nil for a file
	moves   []move
}

// change is a write at an offset or, without data, a cut to that size.
type change struct {
	at   int64
	data []byte
	cut  bool
}

// move adds, renames or removes an entry.
type move struct {
	from, to string // either may be empty
	node     *node
}

func newDirectory() *node { return &node{entries: map[string]*node{}} }

// play makes one call.
func play(names map[string]*node, e event) {
	parent, base := names[filepath.Dir(e.path)], filepath.Base(e.path)
	n := names[e.path]
	switch e.kind {
	case "create":
		n = &node{}
		names[e.path] = n
		parent.moves = append(parent.moves, move{to: base, node: n})
	case "mkdir":
		n = newDirectory()
		names[e.path] = n
		parent.moves = append(parent.moves, move{to: base, node: n})
	case "write":
		n.pending = append(n.pending, change{at: n.size, data: e.data})
		n.size += int64(len(e.data))
	case "truncate":
		n.pending = append(n.pending, change{at: e.size, cut: true})
		n.size = e.size
	case "sync":
		n.content, n.pending = apply(n.content, n.pending), nil
	case "rename":
		parent.moves = append(parent.moves, move{from: base, to: filepath.Base(e.to), node: n})
		rename(names, e.path, e.to)
	case "remove":
		parent.moves = append(parent.moves, move{from: base})
		delete(names, e.path)
	case "syncdir":
		n.entries, n.moves = moved(n.entries, n.moves), nil
	}
}

// rename gives a path and all below it another name.
func rename(names map[string]*node, from, to string) {
	for path, n := range maps.Clone(names) {
		if path == from {
			delete(names, path)
			names[to] = n
		} else if below, ok := strings.CutPrefix(path, from+"/"); ok {
			delete(names, path)
			names[to+"/"+below] = n
		}
	}
}

// apply makes changes in order.
func apply(content []byte, changes []change) []byte {
	content = append([]byte{}, content...)
	for _, c := range changes {
		if c.cut && c.at < int64(len(content)) {
			content = content[:c.at]
		}
		if gap := c.at + int64(len(c.data)) - int64(len(content)); gap > 0 {
			content = append(content, make([]byte, gap)...)
		}
		copy(content[c.at:], c.data)
	}
	return content
}

// moved makes moves in order.
func moved(entries map[string]*node, moves []move) map[string]*node {
	entries = maps.Clone(entries)
	for _, m := range moves {
		delete(entries, m.from)
		if m.to != "" {
			entries[m.to] = m.node
		}
	}
	return entries
}

// leave writes a directory with some of the changes that are not on the disk yet: at times all of them, at times none.
func (n *node) leave(path string, chance *rand.Rand) error {
	entries := moved(n.entries, some(n.moves, chance))
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		e, to := entries[name], filepath.Join(path, name)
		var err error
		if e.entries == nil {
			err = os.WriteFile(to, apply(e.content, some(e.pending, chance)), 0o666)
		} else if err = os.Mkdir(to, 0o777); err == nil {
			err = e.leave(to, chance)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// some chooses: a third of the time all, a third nothing, else each by a coin.
func some[T any](all []T, chance *rand.Rand) []T {
	switch chance.IntN(3) {
	case 0:
		return all
	case 1:
		return nil
	}
	var kept []T
	for _, one := range all {
		if chance.IntN(2) == 0 {
			kept = append(kept, one)
		}
	}
	return kept
}
