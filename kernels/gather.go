package kernels

import (
	"math"
	"math/bits"
)

// Rows of a data set, drawn and masked.
//
//	dst[i, j] = data[k(i), j]·m[i, j]
//	m = 1/√p with probability p, and 0 otherwise; p = 1 copies
//
// The mask of element e = i·Cols + j of the batch is the mask that Sample draws for the e-th element of
// the stream. Row k(i) is ⌊w·Rows/2⁶⁴⌋ for the Philox words w = w1·2³² + w0 of counter i. These words are
// from the stream with the top bit of its number set. 1/√p is rounded to float32 before it multiplies.

// rowDraws marks the streams from which rows are drawn.
const rowDraws = 1 << 31

// Draw says which rows of a data set make a batch.
type Draw struct {
	// Rows and Cols are the size of the data set.
	Rows, Cols int
	// Batch is the number of rows of a whole batch, for InOrder.
	Batch int
	// InOrder takes row (step·Batch + i) mod Rows instead of a random row.
	InOrder bool
}

// row is k(i).
func (d Draw) row(i int, s Stream) int {
	rows := uint64(d.Rows)
	if d.InOrder {
		return int((s.Step%rows*uint64(d.Batch) + uint64(i)) % rows)
	}
	s.Stream |= rowDraws
	w := s.words(uint32(i))
	k, _ := bits.Mul64(uint64(w[1])<<32|uint64(w[0]), rows)
	return int(k)
}

// Gather fills dst, whole rows, with the rows first, first+1, … of a batch drawn from data (Rows, Cols).
func Gather(dst, data []float32, first int, d Draw, p float64, s Stream) {
	if p < 1 {
		Sample(dst, first*d.Cols, Law{Kind: SparseRademacher, P: p}, s) // ±1/√p or 0: the mask is its size
	}
	for i := first; len(dst) > 0; i++ {
		k := d.row(i, s)
		from := data[k*d.Cols : (k+1)*d.Cols]
		if p < 1 {
			multiplySize(dst[:d.Cols], from)
		} else {
			copy(dst, from)
		}
		dst = dst[d.Cols:]
	}
}

// multiplySize is dst = |dst|·x.
func multiplySize(dst, x []float32) {
	x = x[:len(dst)]
	for j, m := range dst {
		dst[j] = math.Float32frombits(math.Float32bits(m)&^(1<<31)) * x[j]
	}
}
