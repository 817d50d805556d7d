package datasets

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"autoamp/datasets/durable"
)

// ErrDamaged says that bytes are not those that were once written.
var ErrDamaged = errors.New("damaged")

// storedArray is an array as it lies on the disk.
type storedArray struct {
	file   *os.File
	member *zip.File // of an archive; nil for FILE.npy
	offset int64     // where the bytes begin in the file; 0 if they are compressed
	size   int64     // of the array with its header, in bytes
}

// findArray opens the file of an array and finds the array in it.
func findArray(path string) (*storedArray, error) {
	file, name, zipped := cutArchive(path)
	f, err := durable.OpenRegular(file)
	if err != nil {
		return nil, errors.Unwrap(err) // the path is named already
	}
	s := &storedArray{file: f}
	info, err := f.Stat()
	if err == nil {
		s.size = info.Size()
	}
	if err == nil && zipped {
		err = s.enter(name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

func (s *storedArray) compressed() bool { return s.member != nil && s.member.Method != zip.Store }

// reader reads the bytes of the array from its header on.
func (s *storedArray) reader() (io.ReadCloser, error) {
	if s.compressed() {
		return s.member.Open()
	}
	return io.NopCloser(io.NewSectionReader(s.file, s.offset, s.size)), nil
}

// shape reads and checks the header.
func (s *storedArray) shape(path string, shape shaping) (*Array, error) {
	r, err := s.reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return newArray(path, r, s.size, shape)
}

// newArray reads and checks the header of an array that has size bytes.
func newArray(path string, r io.Reader, size int64, shape shaping) (*Array, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, err
	}
	a := &Array{path: path, header: h}
	if a.rows, a.cols, err = shape(&a.header); err != nil {
		return nil, err
	}
	if want := h.bytes(a.rows, a.cols); size-h.size != want {
		return nil, fmt.Errorf("shape %v: must have %d bytes of numbers, there are %d", h.shape, want, size-h.size)
	}
	return a, nil
}

// verify compares the bytes of a member with its checksum.
func (s *storedArray) verify(ctx context.Context, data []byte) error {
	if s.member == nil {
		return nil
	}
	var sum uint32
	for len(data) > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped while it was read: %w", err)
		}
		piece := data[:min(len(data), pieceSize)]
		if !whole(func() { sum = crc32.Update(sum, crc32.IEEETable, piece) }) {
			return errors.New("the file was cut off while it was read")
		}
		data = data[len(piece):]
	}
	return s.checkSum(sum)
}

func (s *storedArray) checkSum(sum uint32) error {
	if sum != s.member.CRC32 {
		return fmt.Errorf("%s: %w: its bytes have CRC-32 %08x, the archive says %08x", s.member.Name, ErrDamaged, sum, s.member.CRC32)
	}
	return nil
}

// inflate reads a compressed array and compares it with its checksum. Nothing is inflated that goes past the numbers which
// the header declares.
func (s *storedArray) inflate(ctx context.Context, a *Array) ([]byte, error) {
	r, err := s.member.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	sum := crc32.NewIEEE()
	plain := io.TeeReader(interruptible{ctx, r}, sum)
	data := make([]byte, s.size)
	if n, err := io.ReadFull(plain, data); ctx.Err() != nil {
		return nil, fmt.Errorf("stopped while it was read: %w", ctx.Err())
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w: after %d of %d bytes: %w", s.member.Name, ErrDamaged, n, s.size, err)
	}
	if err := s.checkSum(sum.Sum32()); err != nil {
		return nil, err
	}
	switch n, err := plain.Read(make([]byte, 1)); {
	case n > 0:
		return nil, fmt.Errorf("%s: %w: goes on after its %d bytes", s.member.Name, ErrDamaged, s.size)
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%s: %w: %w", s.member.Name, ErrDamaged, err)
	}
	return data[a.header.size:], nil
}
