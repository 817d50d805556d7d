package datasets

import (
	"context"
	"fmt"
	"runtime/debug"

	"autoamp/datasets/internal/mapping"
)

// Array is a NumPy array on disk, one sample for each entry of its first dimension. Its numbers, of
// any real type that float64 holds, in C or Fortran order, are mapped into memory and read when they
// are asked for, so that it may be larger than memory. (Rows of a Fortran array lie scattered: one
// that is larger than memory is better saved in C order.)
type Array struct {
	path       string
	header     npyHeader
	rows, cols int
	data       []byte // the numbers
	unmap      func() error
}

// OpenArray opens FILE.npy, or an array of an archive: FILE.npz where it holds only one, or
// FILE.npz:NAME. Arrays of an archive are read once and compared with their checksum, until ctx ends;
// those that numpy.savez wrote are mapped, compressed ones are kept in memory, at most 4 GiB.
//
// Errors name the file and what is wrong with it. Close gives the mapping back.
func OpenArray(ctx context.Context, path string) (*Array, error) {
	return openArray(ctx, path, (*npyHeader).table)
}

// OpenNumbers is OpenArray for numbers of which no rows are wanted: the array may have any shape. One of a single dimension
// is a single row.
func OpenNumbers(ctx context.Context, path string) (*Array, error) {
	return openArray(ctx, path, (*npyHeader).numbers)
}

func openArray(ctx context.Context, path string, shape shaping) (*Array, error) {
	a, err := openShaped(ctx, path, shape)
	if err != nil {
		return nil, fmt.Errorf("datasets: npy:%s: %w", path, err)
	}
	return a, nil
}

func openShaped(ctx context.Context, path string, shape shaping) (*Array, error) {
	s, err := findArray(path)
	if err != nil {
		return nil, err
	}
	defer s.file.Close()
	a, err := s.shape(path, shape)
	if err != nil {
		return nil, err
	}
	if s.compressed() {
		a.data, err = s.inflate(ctx, a)
		return a, err
	}
	whole, unmap, err := mapping.File(s.file, s.offset+s.size)
	if err != nil {
		return nil, fmt.Errorf("map %d bytes: %w", s.size, err)
	}
	if err := s.verify(ctx, whole[s.offset:]); err != nil {
		if unmap != nil {
			unmap()
		}
		return nil, err
	}
	a.data, a.unmap = whole[s.offset+a.header.size:], unmap
	return a, nil
}

// ArrayShape returns the number of samples and d of an array that OpenArray would open. It reads no more of it than its
// header.
func ArrayShape(path string) (rows, cols int, err error) {
	s, err := findArray(path)
	if err == nil {
		defer s.file.Close()
		var a *Array
		if a, err = s.shape(path, (*npyHeader).table); err == nil {
			return a.rows, a.cols, nil
		}
	}
	return 0, 0, fmt.Errorf("datasets: npy:%s: %w", path, err)
}

// Len returns the number of samples.
func (a *Array) Len() int { return a.rows }

// Dim returns d.
func (a *Array) Dim() int { return a.cols }

// Row copies the i-th sample into dst, rounded to float32. A file that was cut off since it was
// opened is an error.
func (a *Array) Row(dst []float32, i int) error {
	return a.at(i, len(dst), func(raw []byte, step int) { a.header.kind.row(dst, raw, step) })
}

// Row64 copies the i-th sample into dst as the file has it; only integers of 64 bits are rounded.
func (a *Array) Row64(dst []float64, i int) error {
	return a.at(i, len(dst), func(raw []byte, step int) {
		for j := range dst {
			dst[j] = a.header.kind.number(raw[j*step:])
		}
	})
}

// at calls read with the bytes from the i-th sample on and the distance of its numbers.
func (a *Array) at(i, cols int, read func(raw []byte, step int)) error {
	if i < 0 || i >= a.rows || cols != a.cols {
		return fmt.Errorf("datasets: row %d into %d numbers: %s is %d × %d", i, cols, a.path, a.rows, a.cols)
	}
	width := a.header.kind.width
	raw, step := a.data[width*i*a.cols:], width
	if a.header.fortran {
		raw, step = a.data[width*i:], width*a.rows
	}
	if !whole(func() { read(raw, step) }) {
		return fmt.Errorf("datasets: npy:%s: row %d is gone: the file was cut off while it was open", a.path, i)
	}
	return nil
}

// whole reads a mapped file. It reports false where the file was cut off since it was mapped.
func whole(read func()) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { ok = recover() == nil }()
	read()
	return true
}

// Close gives the mapping back. The array must not be used afterwards.
func (a *Array) Close() error {
	unmap := a.unmap
	a.data, a.unmap, a.rows = nil, nil, 0
	if unmap == nil {
		return nil
	}
	return unmap()
}

var _ Samples = (*Array)(nil)
