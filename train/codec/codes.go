package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A file of codes, .a1b, little-endian:
//
//	magic      8 bytes, 89 'A' '1' 'B' 0D 0A 1A 0A: a transfer as text damages it
//	version    uint32, 1
//	dim        uint32, d, numbers in a decoded row
//	bits       uint32, n, bits of a row's code
//	blockRows  uint32, rows of a block
//	rows       uint64
//	model      32 bytes, a hash of the model that decodes
//	checksum   uint32, CRC-32C of all that is above
//
// Then come the blocks; the last block has the remaining rows. A block is the codes of its rows
// without gaps, the first bit lowest, 1 for +1, filled up to a whole byte with zeros. The CRC-32C
// of the block's number (uint64) and these bytes follows.
const (
	codesMagic   = "\x89A1B\r\n\x1a\n"
	codesVersion = 1
	codesHeader  = 8 + 4*4 + 8 + 32 + 4
)

// Header describes the contents of a file of codes.
type Header struct {
	// Dim, Bits and BlockRows are d, n and the number of rows in a block; BlockRows·Bits < 2³¹.
	Dim, Bits, BlockRows int
	// Rows is the number of rows.
	Rows int
	// Model identifies the model that decodes.
	Model [32]byte
}

func (h Header) check() error {
	const most = 1 << 31
	if h.Dim < 1 || h.Bits < 1 || h.BlockRows < 1 || h.Rows < 1 || h.Dim >= most || h.Bits >= most ||
		h.BlockRows >= most || h.Rows >= 1<<50 || h.BlockRows > most/h.Bits {
		return fmt.Errorf("%d rows of %d numbers, %d bits each, in blocks of %d: out of range", h.Rows, h.Dim, h.Bits, h.BlockRows)
	}
	return nil
}

// Size returns the size of the file in bytes.
func (h Header) Size() int64 {
	whole, left := int64(h.Rows/h.BlockRows), h.Rows%h.BlockRows
	size := codesHeader + whole*int64(h.blockBytes(h.BlockRows)+4)
	if left > 0 {
		size += int64(h.blockBytes(left) + 4)
	}
	return size
}

func (h Header) blockBytes(rows int) int { return (rows*h.Bits + 7) / 8 }

// rowsOf returns the number of rows of a block, 0 past the last.
func (h Header) rowsOf(block int) int {
	return max(0, min(h.BlockRows, h.Rows-block*h.BlockRows))
}

func (h Header) encode() []byte {
	b := append([]byte(codesMagic), codesVersion, 0, 0, 0)
	for _, v := range []int{h.Dim, h.Bits, h.BlockRows} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(h.Rows))
	b = append(b, h.Model[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// blockSum is the checksum of a block. It includes the block's number, so that swapped blocks are found.
func blockSum(block int, data []byte) uint32 {
	number := binary.LittleEndian.AppendUint64(nil, uint64(block))
	return crc32.Update(crc32.Checksum(number, castagnoli), castagnoli, data)
}

// Writer writes a file of codes, a block at a time.
type Writer struct {
	w      io.Writer
	header Header
	block  int
	buffer []byte
}

// NewWriter writes the header.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("datasets: codes: %w", err)
	}
	_, err := w.Write(h.encode())
	return &Writer{w: w, header: h}, err
}

// Write writes the next block from codes of ±1, (BlockRows, n). Rows past the last are left out.
func (c *Writer) Write(code []float32) error {
	rows := c.header.rowsOf(c.block)
	if rows == 0 || len(code) != c.header.BlockRows*c.header.Bits {
		return fmt.Errorf("datasets: codes: block %d of %d numbers: want %d, of %d rows",
			c.block, len(code), c.header.BlockRows*c.header.Bits, c.header.Rows)
	}
	c.buffer = pack(c.buffer[:0], code[:rows*c.header.Bits])
	c.buffer = binary.LittleEndian.AppendUint32(c.buffer, blockSum(c.block, c.buffer))
	c.block++
	_, err := c.w.Write(c.buffer)
	return err
}

// Close reports blocks that were not written. The file stays the caller's.
func (c *Writer) Close() error {
	if c.header.rowsOf(c.block) > 0 {
		return fmt.Errorf("datasets: codes: %d blocks of %d rows were written, of %d rows", c.block, c.header.BlockRows, c.header.Rows)
	}
	return nil
}

// pack appends one bit for each number.
func pack(dst []byte, code []float32) []byte {
	var b byte
	for i, z := range code {
		if z > 0 {
			b |= 1 << (i % 8)
		}
		if i%8 == 7 || i == len(code)-1 {
			dst, b = append(dst, b), 0
		}
	}
	return dst
}

// ErrRotatedCodes reports a file of codes of version 2, which needs no model.
var ErrRotatedCodes = errors.New("was encoded by a rotation: it is decoded without a model")

// Reader reads a file of codes, a block at a time, and checks it.
type Reader struct {
	r      io.Reader
	header Header
	block  int
	offset int64
	buffer []byte
}

// NewReader reads the header. Errors name the damaged part and its place.
func NewReader(r io.Reader) (*Reader, error) {
	c := &Reader{r: r, offset: codesHeader}
	if err := c.readHeader(); err != nil {
		return nil, fmt.Errorf("datasets: codes: header (bytes 0 to %d): %w", codesHeader-1, err)
	}
	return c, nil
}

// Header returns the header of the file.
func (c *Reader) Header() Header { return c.header }

func (c *Reader) readHeader() error {
	b := make([]byte, codesHeader)
	if n, err := io.ReadFull(c.r, b); err != nil {
		return early(err, int64(n))
	}
	if string(b[:8]) != codesMagic {
		return fmt.Errorf("not a file of codes: begins with %q", b[:8])
	}
	switch v := binary.LittleEndian.Uint32(b[8:]); v {
	case codesVersion:
	case rotatedVersion:
		return ErrRotatedCodes
	default:
		return fmt.Errorf("version %d: must be %d", v, codesVersion)
	}
	if err := checkSum(binary.LittleEndian.Uint32(b[codesHeader-4:]), crc32.Checksum(b[:codesHeader-4], castagnoli)); err != nil {
		return err
	}
	rows := binary.LittleEndian.Uint64(b[24:])
	c.header = Header{
		Dim: int(binary.LittleEndian.Uint32(b[12:])), Bits: int(binary.LittleEndian.Uint32(b[16:])),
		BlockRows: int(binary.LittleEndian.Uint32(b[20:])), Rows: int(min(rows, 1<<50)), Model: [32]byte(b[32:64]),
	}
	return c.header.check()
}

// Next reads the next block into code, (BlockRows, n), as ±1, and returns the number of its rows;
// codes past them are +1. After the last block it returns io.EOF, or an error if the file goes on.
func (c *Reader) Next(code []float32) (rows int, err error) {
	if len(code) != c.header.BlockRows*c.header.Bits {
		return 0, fmt.Errorf("datasets: codes: %d numbers for a block of %d", len(code), c.header.BlockRows*c.header.Bits)
	}
	if rows = c.header.rowsOf(c.block); rows == 0 {
		return 0, c.end()
	}
	if err := c.readBlock(code, rows); err != nil {
		return 0, fmt.Errorf("datasets: codes: block %d (bytes %d to %d): %w",
			c.block, c.offset, c.offset+int64(c.header.blockBytes(rows)+3), err)
	}
	c.block++
	c.offset += int64(c.header.blockBytes(rows) + 4)
	return rows, nil
}

func (c *Reader) readBlock(code []float32, rows int) error {
	size := c.header.blockBytes(rows)
	if c.buffer == nil {
		c.buffer = make([]byte, size+4) // the first block is the largest
	}
	b := c.buffer[:size+4]
	if n, err := io.ReadFull(c.r, b); err != nil {
		return early(err, c.offset+int64(n))
	}
	if err := checkSum(binary.LittleEndian.Uint32(b[size:]), blockSum(c.block, b[:size])); err != nil {
		return err
	}
	bits := rows * c.header.Bits
	if bits%8 != 0 && b[size-1]>>(bits%8) != 0 {
		return errors.New("damaged: the bits past the last are not zero")
	}
	for i := range code {
		code[i] = 1
		if i < bits && b[i/8]>>(i%8)&1 == 0 {
			code[i] = -1
		}
	}
	return nil
}

// end checks that nothing follows the last block.
func (c *Reader) end() error {
	switch n, err := io.ReadFull(c.r, make([]byte, 1)); {
	case n > 0:
		return fmt.Errorf("datasets: codes: byte %d: the file goes on after its last block", c.offset)
	case errors.Is(err, io.EOF):
		return io.EOF
	default:
		return err
	}
}

func early(err error, offset int64) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("damaged: the file ends at byte %d", offset)
	}
	return err
}

func checkSum(stored, computed uint32) error {
	if stored != computed {
		return fmt.Errorf("damaged: CRC-32C %08x, want %08x", computed, stored)
	}
	return nil
}
