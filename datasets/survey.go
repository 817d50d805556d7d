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

// NewSurvey reads a data set once. It refuses a number that is not finite as float32, naming its row and column
// in the file, data that are all the same number, and numbers of whose differences float32 loses more than a hundredth.
func NewSurvey(ctx context.Context, s Samples) (*Survey, error) {
	n, d := s.Len(), s.Dim()
	out := &Survey{Mean: make([]float64, d)}
	sum := sha256.New()
	writeWords(sum, uint64(n), uint64(d))
	row, raw := make([]float32, d), make([]byte, 4*d)
	var square float64
	var numbers resolution
	for i := range n {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("datasets: read row %d of %d: %w", i, n, ctx.Err())
		}
		if err := s.Row(row, i); err != nil {
			return nil, err
		}
		part := out.add(row, raw)
		if math.IsNaN(part) || math.IsInf(part, 0) {
			return nil, fmt.Errorf("datasets: %w", CheckFinite(s, i, row))
		}
		if err := numbers.add(s, i, row); err != nil {
			return nil, err
		}
		square += part
		sum.Write(raw)
	}
	sum.Sum(out.SHA256[:0])
	square = square / float64(n) / float64(d)
	if err := numbers.check(square); err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	}
	out.RMS = math.Sqrt(square)
	for j := range out.Mean {
		out.Mean[j] /= float64(n)
	}
	return out, nil
}

// add adds a row to the sums of the columns, writes it as bytes and returns its sum of squares, apart: that keeps the sum over
// all rows accurate.
func (s *Survey) add(row []float32, raw []byte) (square float64) {
	for j, v := range row {
		x := float64(v)
		square += x * x
		s.Mean[j] += x
		binary.LittleEndian.PutUint32(raw[4*j:], math.Float32bits(v))
	}
	return square
}

func writeWords(h hash.Hash, words ...uint64) {
	for _, w := range words {
		h.Write(binary.LittleEndian.AppendUint64(nil, w))
	}
}
