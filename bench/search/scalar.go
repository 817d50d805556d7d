package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"autoamp/kernels"
	"autoamp/train/codec"
	"autoamp/train/codec/rotation"
)

// Scalar quantisation of rotated rows, as vector databases do it: a row is divided by its root mean square, which is kept in 32 bits,
// and rotated; its numbers, now about N(0, 1), are rounded to the nearest of 2^b values; the decoder rotates back.

// quantiserBits are the numbers b of bits a coordinate.
var quantiserBits = []int{1, 2, 4}

// normBits is the size of a stored norm.
const normBits = 32

// lloydMax returns the 2^b values of least mean squared error for N(0, 1), in order: each is the mean of its cell, and the cells end
// halfway between values (Lloyd 1982, Max 1960).
func lloydMax(bits int) []float64 {
	values := make([]float64, 1<<bits)
	for i := range values {
		values[i] = 4 * ((float64(i)+0.5)/float64(len(values)) - 0.5)
	}
	for range 3000 {
		low := math.Inf(-1)
		for i := range values {
			high := math.Inf(1)
			if i+1 < len(values) {
				high = (values[i] + values[i+1]) / 2
			}
			values[i] = (density(low) - density(high)) / (below(high) - below(low))
			low = high
		}
	}
	return values
}

func density(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

func below(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// quantiser rounds to the nearest of some values.
type quantiser struct {
	values []float32
	ends   []float32 // between them
}

func newQuantiser(bits int) *quantiser {
	q := &quantiser{}
	for i, v := range lloydMax(bits) {
		q.values = append(q.values, float32(v))
		if i > 0 {
			q.ends = append(q.ends, (q.values[i-1]+q.values[i])/2)
		}
	}
	return q
}

func (q *quantiser) round(z []float32) {
	for i, v := range z {
		at, _ := slices.BinarySearch(q.ends, v)
		z[i] = q.values[at]
	}
}

// addQuantisers quantises the rotated rows. Decoding is timed from the values on.
func (r *Result) addQuantisers(ctx context.Context, c *corpus, e codec.Encoding) error {
	b, err := rotation.New(rotation.Spec{Kind: e.Kind, Seed: e.Seed, Bits: r.Dim, Dim: r.Dim})
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	w, z, estimate := b.NewWorker(), make([]float32, r.Dim), make([]float32, len(c.rows.Data))
	for _, bits := range quantiserBits {
		if err := ctx.Err(); err != nil {
			return err
		}
		q, seconds := newQuantiser(bits), 0.0
		for i := 0; i < len(estimate); i += r.Dim {
			row, back := c.rows.Data[i:i+r.Dim], estimate[i:i+r.Dim]
			norm := math.Sqrt(kernels.Dot(row, row) / float64(r.Dim))
			if norm == 0 {
				continue
			}
			kernels.Scale(back, row, float32(1/norm))
			w.Forward(z, back)
			q.round(z)
			began := time.Now()
			w.Back(back, z)
			kernels.Scale(back, back, float32(norm))
			seconds += time.Since(began).Seconds()
		}
		line := c.measure(estimate)
		line.Decoder, line.Rate, line.Bits = fmt.Sprintf("scalar, %d bit", bits), float64(bits), float64(bits)+normBits/float64(r.Dim)
		line.Decoded = float64(r.Rows) / seconds
		r.Lines = append(r.Lines, line)
	}
	return nil
}
