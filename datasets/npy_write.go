package datasets

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// ArrayWriter writes a .npy file of float32 in C order, row by row. Wrap a file into a buffer.
type ArrayWriter struct {
	w          io.Writer
	rows, cols int
	raw        []byte
}

// NewArrayWriter writes the header of an array (rows, cols).
func NewArrayWriter(w io.Writer, rows, cols int) (*ArrayWriter, error) {
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, cols)
	header += strings.Repeat(" ", 64-(10+len(header)+1)%64) + "\n" // numbers begin at a multiple of 64
	start := append([]byte(npyMagic), 1, 0)
	start = binary.LittleEndian.AppendUint16(start, uint16(len(header)))
	_, err := w.Write(append(start, header...))
	return &ArrayWriter{w: w, rows: rows, cols: cols}, err
}

// Write writes the next row.
func (a *ArrayWriter) Write(row []float32) error {
	if len(row) != a.cols || a.rows == 0 {
		return fmt.Errorf("datasets: npy: a row of %d numbers, %d rows of %d are left", len(row), a.rows, a.cols)
	}
	a.rows--
	a.raw = a.raw[:0]
	for _, v := range row {
		a.raw = binary.LittleEndian.AppendUint32(a.raw, math.Float32bits(v))
	}
	_, err := a.w.Write(a.raw)
	return err
}
