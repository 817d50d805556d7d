package serve

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"autoamp/datasets/durable"
	"autoamp/train/rundir"
)

// The states of a file of rows.
const (
	whole   = "whole"
	missing = "missing"
	damaged = "damaged"
)

// maxRows bounds the rows that are kept of a file: about 100 MB.
const maxRows = 1_000_000

// follower reads a file of rows while it grows: what was read once is not read again. A file that was cut, as by a resumed run,
// or replaced is read from its beginning.
type follower[Row any] struct {
	path   string
	header []string
	parse  func(line string) (Row, error)

	mu     sync.Mutex // guards what follows
	rows   []Row
	offset int64  // of the first byte that was not read
	last   []byte // the last line before offset: another one there means that the file was replaced
	err    error  // of the line at offset
}

// view is what a follower has read.
type view[Row any] struct {
	rows   []Row // to be read only
	state  string
	reason string
}

// read reads what is new.
func (f *follower[Row]) read() view[Row] {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.catchUp()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.reset()
		return view[Row]{state: missing}
	case err == nil:
		err = f.err
	}
	v := view[Row]{rows: f.rows, state: whole}
	if err != nil {
		v.state, v.reason = damaged, err.Error()
	}
	return v
}

func (f *follower[Row]) reset() { f.rows, f.offset, f.last, f.err = nil, 0, nil, nil }

// catchUp reads the lines behind the offset.
func (f *follower[Row]) catchUp() error {
	file, err := durable.OpenRegular(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < f.offset || f.err != nil || !f.unchanged(file) {
		f.reset()
	}
	data, err := io.ReadAll(io.NewSectionReader(file, f.offset, info.Size()-f.offset))
	if err != nil {
		return err
	}
	f.take(data)
	return nil
}

// unchanged reports whether the last line that was read is still there.
func (f *follower[Row]) unchanged(file io.ReaderAt) bool {
	there := make([]byte, len(f.last))
	_, err := file.ReadAt(there, f.offset-int64(len(f.last)))
	return (err == nil || err == io.EOF) && bytes.Equal(there, f.last)
}

// take reads whole lines. A last line without an end is left for the next time: the run may be writing it.
func (f *follower[Row]) take(data []byte) {
	for {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return
		}
		if f.err = f.line(string(line)); f.err != nil {
			return
		}
		f.last, f.offset = data[:len(line)+1:len(line)+1], f.offset+int64(len(line)+1)
		data = rest
	}
}

// line takes a line.
func (f *follower[Row]) line(line string) error {
	name := filepath.Base(f.path)
	if f.offset == 0 {
		if header := strings.Join(f.header, ","); line != header {
			return fmt.Errorf("%s: the first line is not %s", name, header)
		}
		return nil
	}
	if len(f.rows) >= maxRows {
		return fmt.Errorf("%s: more than %d rows; the first ones are shown", name, maxRows)
	}
	row, err := f.parse(line)
	if err != nil {
		return fmt.Errorf("%s: line %d: %w", name, len(f.rows)+2, err)
	}
	f.rows = append(f.rows, row)
	return nil
}

// keepFiles is the number of files whose rows are kept between requests.
const keepFiles = 4

// files keeps the newest followers.
type files[Row any] struct {
	header []string
	parse  func(line string) (Row, error)

	mu   sync.Mutex
	kept []*follower[Row] // the newest last
}

// at is the follower of a path.
func (k *files[Row]) at(path string) *follower[Row] {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := &follower[Row]{path: path, header: k.header, parse: k.parse}
	for i, known := range k.kept {
		if known.path == path {
			f, k.kept = known, append(k.kept[:i:i], k.kept[i+1:]...)
			break
		}
	}
	k.kept = append(k.kept, f)
	k.kept = k.kept[max(0, len(k.kept)-keepFiles):]
	return f
}

// newMetricsFiles keeps files of metrics.
func newMetricsFiles() *files[rundir.Row] {
	return &files[rundir.Row]{header: rundir.MetricsHeader, parse: rundir.ParseRow}
}
