package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
)

// Survey is what one pass over a data set finds.
type Survey struct {
	// RMS is the root of the mean square of all numbers.
	RMS float64
	// Mean is the mean of each coordinate, (d).
	Mean []float64
	// SHA256 is the hash of N and d, 64 bits each, and of all numbers as float32, little-endian,
	// row by row: the content, whatever the file's type and order.
	SHA256 [32]byte
}

// NewSurvey reads a data set once. It refuses a number that is not finite as float32, naming row and column,
// and data that are all the same number.
func NewSurvey(ctx context.Context, s Samples) (*Survey, error) {
	n, d := s.Len(), s.Dim()
	out := &Survey{Mean: make([]float64, d)}
	sum := sha256.New()
	writeWords(sum, uint64(n), uint64(d))
	row, raw := make([]float32, d), make([]byte, 4*d)
	var square float64
	for i := range n {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("datasets: read row %d of %d: %w", i, n, ctx.Err())
		}
		if err := s.Row(row, i); err != nil {
			return nil, err
		}
		var part float64 // of the row: keeps the sum accurate
		for j, v := range row {
			x := float64(v)
			part += x * x
			out.Mean[j] += x
			binary.LittleEndian.PutUint32(raw[4*j:], math.Float32bits(v))
		}
		if math.IsNaN(part) || math.IsInf(part, 0) {
			return nil, notFinite(row, i)
		}
		square += part
		sum.Write(raw)
	}
	sum.Sum(out.SHA256[:0])
	return out, out.finish(square, n)
}

func writeWords(h hash.Hash, words ...uint64) {
	for _, w := range words {
		h.Write(binary.LittleEndian.AppendUint64(nil, w))
	}
}

// notFinite names the column.
func notFinite(row []float32, i int) error {
	for j, v := range row {
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("datasets: row %d, column %d is %v: must be finite, and below 3.4e38 in size", i, j, x)
		}
	}
	return fmt.Errorf("datasets: row %d: its norm is not finite", i)
}

// finish turns sums into means and refuses constant data.
func (s *Survey) finish(square float64, n int) error {
	s.RMS = math.Sqrt(square / float64(n) / float64(len(s.Mean)))
	var mean float64 // of all numbers
	for j := range s.Mean {
		s.Mean[j] /= float64(n)
		mean += s.Mean[j] / float64(len(s.Mean))
	}
	// A constant rounds to a variance of a few units in the last place of its square.
	if variance := s.RMS*s.RMS - mean*mean; !(variance > 1e-12*s.RMS*s.RMS) {
		return fmt.Errorf("datasets: all numbers are %.6g: data without variance cannot be coded", mean)
	}
	return nil
}
