package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"autoamp/datasets/durable"
)

// RotatedFile is an open file of codes by a rotation. It is safe for concurrent use.
type RotatedFile struct {
	path     string
	file     *os.File
	header   *RotatedHeader
	energies Energies
}

// ErrModelCodes reports a file of codes of version 1, which the model decodes that wrote it.
var ErrModelCodes = errors.New("was encoded by a trained model, and needs it to decode")

// OpenRotated opens a file of codes and checks its header and its size. Errors name the damaged part. The error for a file of
// version 1 wraps ErrModelCodes.
func OpenRotated(path string) (*RotatedFile, error) {
	f, err := durable.OpenRegular(path)
	if err != nil {
		return nil, fmt.Errorf("train: decode: %w", err)
	}
	r := &RotatedFile{path: path, file: f}
	if r.header, err = readRotatedHeader(f); err == nil {
		err = r.readEnd()
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("train: decode: %s: %w", path, err)
	}
	return r, nil
}

func readRotatedHeader(r io.ReaderAt) (*RotatedHeader, error) {
	b := make([]byte, rotatedFixed)
	if n, err := r.ReadAt(b[:12], 0); err != nil {
		return nil, fmt.Errorf("header: %w", early(err, int64(n)))
	}
	if string(b[:8]) != codesMagic {
		return nil, fmt.Errorf("header: not a file of codes: begins with %q", b[:8])
	}
	switch version := binary.LittleEndian.Uint32(b[8:]); version {
	case codesVersion:
		return nil, ErrModelCodes
	case rotatedVersion:
	default:
		return nil, fmt.Errorf("header: version %d: must be %d, or %d for a model's codes", version, rotatedVersion, codesVersion)
	}
	if n, err := r.ReadAt(b, 0); err != nil {
		return nil, fmt.Errorf("header: %w", early(err, int64(n)))
	}
	size := binary.LittleEndian.Uint32(b[12:])
	if size < rotatedFixed+12 || size > maxHeader {
		return nil, fmt.Errorf("header: damaged: a header of %d bytes", size)
	}
	b = make([]byte, size)
	if n, err := r.ReadAt(b, 0); err != nil {
		return nil, fmt.Errorf("header: %w", early(err, int64(n)))
	}
	body := b[:size-4]
	if err := checkSum(binary.LittleEndian.Uint32(b[size-4:]), crc32.Checksum(body, castagnoli)); err != nil {
		return nil, fmt.Errorf("header (bytes 0 to %d): %w", size-1, err)
	}
	h, err := decodeHeader(body)
	if err != nil {
		return nil, fmt.Errorf("header (bytes 0 to %d): %w", size-1, err)
	}
	return h, nil
}

// readEnd compares the size of the file with that of its contents, and reads what follows the last block.
func (f *RotatedFile) readEnd() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	switch want := f.header.Size(); {
	case info.Size() < want:
		return fmt.Errorf("damaged: the file ends at byte %d, and has to have %d", info.Size(), want)
	case info.Size() > want:
		return fmt.Errorf("byte %d: the file goes on after its end", want)
	}
	b, at := make([]byte, rotatedEnd), f.header.end()
	if n, err := f.file.ReadAt(b, at); n < len(b) {
		return early(err, at+int64(n))
	}
	if f.energies, err = f.header.decodeEnd(b); err != nil {
		return fmt.Errorf("end (bytes %d to %d): %w", at, at+rotatedEnd-1, err)
	}
	return nil
}

// Energies returns how the rows differ in energy.
func (f *RotatedFile) Energies() Energies { return f.energies }

// Header returns the header. The caller must not change it.
func (f *RotatedFile) Header() *RotatedHeader { return f.header }

// Close closes the file.
func (f *RotatedFile) Close() error { return f.file.Close() }

// ReadBlock reads the rows of a block into buffer, which it returns, made longer where that is needed, and checks them.
func (f *RotatedFile) ReadBlock(block int, buffer []byte) ([]byte, error) {
	h := f.header
	if block < 0 || block >= h.Blocks() {
		return buffer, fmt.Errorf("train: decode: %s: block %d: must be from 0 to %d", f.path, block, h.Blocks()-1)
	}
	size, at := h.rowsOf(block)*h.rowBytes(), h.offset(block)
	if cap(buffer) < size+4 {
		buffer = make([]byte, size+4)
	}
	b := buffer[:size+4]
	n, err := f.file.ReadAt(b, at)
	if err = early(err, at+int64(n)); err == nil || n == len(b) {
		if err = checkSum(binary.LittleEndian.Uint32(b[size:]), blockSum(block, b[:size])); err == nil {
			err = h.checkPadding(b[:size])
		}
	}
	if err != nil {
		return buffer, fmt.Errorf("train: decode: %s: block %d (bytes %d to %d): %w", f.path, block, at, at+int64(size)+3, err)
	}
	return b[:size], nil
}

// checkPadding refuses codes with bits past the last.
func (h *RotatedHeader) checkPadding(rows []byte) error {
	used := h.Rotation.Bits % 8
	if used == 0 {
		return nil
	}
	for at := h.codeBytes() - 1; at < len(rows); at += h.rowBytes() {
		if rows[at]>>used != 0 {
			return errors.New("damaged: the bits past the last are not zero")
		}
	}
	return nil
}
