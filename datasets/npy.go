package datasets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
)

// Array is a NumPy array on disk, one sample for each entry of its first dimension. Its numbers,
// float32 or float64, in C or Fortran order, are mapped into memory and read when they are asked
// for, so that it may be larger than memory. (Rows of a Fortran array lie scattered: one that is
// larger than memory is better saved in C order.)
type Array struct {
	path       string
	header     npyHeader
	rows, cols int
	data       []byte // the numbers
	unmap      func() error
}

// OpenArray opens FILE.npy, or an array of an archive: FILE.npz where it holds only one, or
// FILE.npz:NAME. Arrays of an archive written by numpy.savez are mapped too; compressed ones are
// read into memory, at most 4 GiB.
//
// Errors name the file and what is wrong with it. Close gives the mapping back.
func OpenArray(path string) (*Array, error) {
	a, err := openArray(path)
	if err != nil {
		return nil, fmt.Errorf("datasets: npy:%s: %w", path, err)
	}
	return a, nil
}

func openArray(path string) (*Array, error) {
	file, member, zipped := cutArchive(path)
	f, err := os.Open(file)
	if err != nil {
		return nil, errors.Unwrap(err) // the path is named already
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	if zipped {
		return openMember(f, info.Size(), path, member)
	}
	return mapArray(f, path, 0, info.Size())
}

// mapArray maps the array that fills size bytes of a file from an offset on.
func mapArray(f *os.File, path string, offset, size int64) (*Array, error) {
	a, err := newArray(path, io.NewSectionReader(f, offset, size), size)
	if err != nil {
		return nil, err
	}
	whole, unmap, err := mapFile(f, offset+size)
	if err != nil {
		return nil, fmt.Errorf("map %d bytes: %w", size, err)
	}
	a.data, a.unmap = whole[offset+a.header.size:], unmap
	return a, nil
}

// newArray reads and checks the header of an array of so many bytes.
func newArray(path string, r io.Reader, size int64) (*Array, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, err
	}
	a := &Array{path: path, header: h}
	if a.rows, a.cols, err = h.table(); err != nil {
		return nil, err
	}
	if want := h.width() * int64(a.rows) * int64(a.cols); size-h.size != want {
		return nil, fmt.Errorf("shape %v: must have %d bytes of numbers, there are %d", h.shape, want, size-h.size)
	}
	return a, nil
}

// Len returns the number of samples.
func (a *Array) Len() int { return a.rows }

// Dim returns d.
func (a *Array) Dim() int { return a.cols }

// Row copies the i-th sample into dst, rounded to float32. A file that was cut off since it was
// opened is an error.
func (a *Array) Row(dst []float32, i int) (err error) {
	if i < 0 || i >= a.rows || len(dst) != a.cols {
		return fmt.Errorf("datasets: row %d into %d numbers: %s is %d × %d", i, len(dst), a.path, a.rows, a.cols)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("datasets: npy:%s: row %d is gone: the file was cut off while it was open", a.path, i)
		}
	}()
	width := int(a.header.width())
	raw, step := a.data[width*i*a.cols:], width
	if a.header.fortran {
		raw, step = a.data[width*i:], width*a.rows
	}
	if a.header.float64 {
		for j := range dst {
			dst[j] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[j*step:])))
		}
		return nil
	}
	for j := range dst {
		dst[j] = math.Float32frombits(binary.LittleEndian.Uint32(raw[j*step:]))
	}
	return nil
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
