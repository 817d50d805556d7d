package codec

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"autoamp/train/codec/law"
	"autoamp/train/codec/rotation"
)

// A file of codes by a rotation, .a1b of version 2, little-endian:
//
//	magic      8 bytes, as in version 1
//	version    uint32, 2
//	size       uint32, bytes of the header, its checksum included
//	rotation   uint32, rotation.Kind
//	dim        uint32, d
//	bits       uint32, n
//	blockRows  uint32, rows of a block
//	rows       uint64
//	seed       uint64, of the rotation
//	side       uint32, bit 0: norms, bit 1: factors
//	scale      float64, the root of the mean square of the sampled rows' numbers
//	p, mean    float64, parameters of the law
//	divergence float64, nats per coordinate by which the law missed the sample
//	name       uint32 and that many bytes: the law's name
//	components uint32 and that many bytes: an empirical law, or none
//	checksum   uint32, CRC-32C of all that is above
//
// Then come the blocks; the last block has the remaining rows. A row has ⌈n/8⌉ bytes of code, the first bit lowest, 1 for +1, filled
// up with zeros, then a byte for its norm and one for its factor if the file has them. The CRC-32C of the block's number (uint64) and
// its rows follows. So block k begins at size + k·(blockRows·bytes of a row + 4): any row is read without those before. At the end:
//
//	energy     float64, E e over all rows, e the mean square of a row's numbers
//	root       float64, E √e
//	checksum   uint32, CRC-32C of the number of blocks (uint64) and of these two
const (
	rotatedVersion = 2
	rotatedFixed   = 8 + 6*4 + 8 + 8 + 4 + 4*8 // up to the law's name
	rotatedEnd     = 2*8 + 4
	// maxHeader bounds the size of a header: a law of 128 components takes 3 KiB.
	maxHeader = 1 << 20
	// rotatedRows is the number of rows of a block.
	rotatedRows = 256
)

// Side says which numbers of a row a file holds beside its code.
type Side struct {
	// Norms is the root mean square of the row's numbers, in 8 bits on a logarithmic scale.
	Norms bool
	// Factors is the share of the row's length that its code's direction has, in 8 bits: ⟨x, s⟩ of RaBitQ.
	Factors bool
}

func (s Side) bytes() int { return int(s.flags()&1 + s.flags()>>1) }

func (s Side) flags() (f uint32) {
	if s.Norms {
		f |= 1
	}
	if s.Factors {
		f |= 2
	}
	return f
}

// RotatedHeader describes a file of codes by a rotation.
type RotatedHeader struct {
	Rotation rotation.Spec
	// Rows is the number of rows, BlockRows that of a block.
	Rows, BlockRows int
	Side            Side
	// Law is that of a coordinate of x/√e, e the mean square of its row.
	Law *law.Law
	// Scale is the root of E e over the sampled rows, positive: the unit of norms.
	Scale float64
}

// Dim returns d.
func (h *RotatedHeader) Dim() int { return h.Rotation.Dim }

// rowBytes is the size of a row.
func (h *RotatedHeader) rowBytes() int { return h.codeBytes() + h.Side.bytes() }

func (h *RotatedHeader) codeBytes() int { return (h.Rotation.Bits + 7) / 8 }

// Blocks returns the number of blocks.
func (h *RotatedHeader) Blocks() int { return (h.Rows + h.BlockRows - 1) / h.BlockRows }

// rowsOf returns the number of rows of a block.
func (h *RotatedHeader) rowsOf(block int) int { return min(h.BlockRows, h.Rows-block*h.BlockRows) }

// offset is where a block begins.
func (h *RotatedHeader) offset(block int) int64 {
	return int64(h.size()) + int64(block)*int64(h.BlockRows*h.rowBytes()+4)
}

// size is that of the header.
func (h *RotatedHeader) size() int {
	return rotatedFixed + 4 + len(h.Law.Name) + 4 + len(h.Law.Components()) + 4
}

// Size returns the size of the file in bytes.
func (h *RotatedHeader) Size() int64 {
	return h.end() + rotatedEnd
}

// end is where the last block ends.
func (h *RotatedHeader) end() int64 {
	last := h.Blocks() - 1
	return h.offset(last) + int64(h.rowsOf(last)*h.rowBytes()+4)
}

func (h *RotatedHeader) check() error {
	switch {
	case h.Rotation.Check() != nil:
		return h.Rotation.Check()
	case h.Rows < 1 || h.Rows >= 1<<40:
		return fmt.Errorf("rows = %d: must be from 1 to 2⁴⁰", h.Rows)
	case h.BlockRows < 1 || h.BlockRows > 1<<16:
		return fmt.Errorf("rows of a block = %d: must be from 1 to 65536", h.BlockRows)
	case !(h.Scale > 0) || math.IsInf(h.Scale, 0):
		return fmt.Errorf("scale = %g: must be positive and finite", h.Scale)
	}
	return nil
}

func (h *RotatedHeader) encode() []byte {
	order, r := binary.LittleEndian, h.Rotation
	b := append([]byte(codesMagic), rotatedVersion, 0, 0, 0)
	for _, v := range []int{h.size(), int(r.Kind), r.Dim, r.Bits, h.BlockRows} {
		b = order.AppendUint32(b, uint32(v))
	}
	b = order.AppendUint64(b, uint64(h.Rows))
	b = order.AppendUint64(b, r.Seed)
	b = order.AppendUint32(b, h.Side.flags())
	for _, v := range []float64{h.Scale, h.Law.P, h.Law.Mean, h.Law.Divergence} {
		b = order.AppendUint64(b, math.Float64bits(v))
	}
	for _, text := range [][]byte{[]byte(h.Law.Name), h.Law.Components()} {
		b = order.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	return order.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// fields takes numbers off the front of bytes that are known to be long enough.
type fields []byte

func (f *fields) uint32() uint32 {
	v := binary.LittleEndian.Uint32(*f)
	*f = (*f)[4:]
	return v
}

func (f *fields) uint64() uint64 {
	v := binary.LittleEndian.Uint64(*f)
	*f = (*f)[8:]
	return v
}

func (f *fields) float64() float64 { return math.Float64frombits(f.uint64()) }

// text takes a length and that many bytes, unless fewer are left.
func (f *fields) text() ([]byte, error) {
	if len(*f) < 4 {
		return nil, fmt.Errorf("%d bytes are left of the header, want a length", len(*f))
	}
	n := f.uint32()
	if uint64(n) > uint64(len(*f)) {
		return nil, fmt.Errorf("a text of %d bytes, and %d are left of the header", n, len(*f))
	}
	b := (*f)[:n:n]
	*f = (*f)[n:]
	return b, nil
}

// Energies says how the rows of a file differ in energy.
type Energies struct {
	// Mean and Root are E e and E √e, e the mean square of a row's numbers.
	Mean, Root float64
}

// Concentration returns (E √e)²/E e, at most 1, and 1 where all rows are 0.
func (e Energies) Concentration() float64 {
	if e.Mean == 0 {
		return 1
	}
	return math.Min(1, e.Root*e.Root/e.Mean)
}

func (h *RotatedHeader) encodeEnd(e Energies) []byte {
	b := binary.LittleEndian.AppendUint64(nil, math.Float64bits(e.Mean))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(e.Root))
	return binary.LittleEndian.AppendUint32(b, blockSum(h.Blocks(), b))
}

func (h *RotatedHeader) decodeEnd(b []byte) (e Energies, err error) {
	f := fields(b)
	e = Energies{f.float64(), f.float64()}
	if err := checkSum(f.uint32(), blockSum(h.Blocks(), b[:rotatedEnd-4])); err != nil {
		return e, err
	}
	if !(e.Mean >= 0) || !(e.Root >= 0) || math.IsInf(e.Mean, 0) || math.IsInf(e.Root, 0) {
		return e, fmt.Errorf("mean square %g and mean root %g of the rows: must be finite", e.Mean, e.Root)
	}
	return e, nil
}

// decodeHeader reads a header whose magic, version, size and checksum have been checked, from the size on.
func decodeHeader(b []byte) (*RotatedHeader, error) {
	f := fields(b[16:])
	h := &RotatedHeader{}
	h.Rotation.Kind, h.Rotation.Dim, h.Rotation.Bits = rotation.Kind(f.uint32()), int(f.uint32()), int(f.uint32())
	h.BlockRows, h.Rows = int(f.uint32()), int(min(f.uint64(), 1<<50))
	h.Rotation.Seed = f.uint64()
	side := f.uint32()
	if side > 3 {
		return nil, fmt.Errorf("side information %#x: must be made of 1 (norms) and 2 (factors)", side)
	}
	h.Side = Side{side&1 != 0, side&2 != 0}
	h.Scale = f.float64()
	p, mean, divergence := f.float64(), f.float64(), f.float64()
	name, err := f.text()
	if err != nil {
		return nil, err
	}
	components, err := f.text()
	switch {
	case err != nil:
		return nil, err
	case len(f) > 0:
		return nil, fmt.Errorf("%d bytes follow the law", len(f))
	case string(name) == law.Empirical:
		h.Law, err = law.NewEmpirical(components)
	default:
		h.Law, err = law.New(string(name), p, mean)
	}
	if err != nil {
		return nil, fmt.Errorf("law: %w", err)
	}
	h.Law.Divergence = divergence
	return h, h.check()
}
