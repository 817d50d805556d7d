package datasets

import (
	"fmt"

	"autoamp/kernels"
)

// Bilinear is the source of a dictionary model y = A*ᵀx* + η: sparse codes, a dictionary, and Gaussian noise. A program that
// generates draws the same codes and noise for the same law, seed, stream and step; y agrees up to the rounding of the
// product.
type Bilinear struct {
	// Dictionary is A*, (m, d) row-major.
	Dictionary []float32
	// Atoms is m.
	Atoms int
	// Law is the law of the codes, made by NewCodeLaw.
	Law kernels.CodeLaw
	// Noise is the standard deviation of η in every coordinate, at least 0.
	Noise float64
	// Seed and Stream name the draw: Training, Evaluation, ….
	Seed   uint64
	Stream uint32
}

// Dim returns d.
func (b *Bilinear) Dim() int { return len(b.Dictionary) / max(b.Atoms, 1) }

// Fill draws a batch.
func (b *Bilinear) Fill(dst []float32, step uint64) error {
	_, err := b.FillCodes(dst, step)
	return err
}

// FillCodes draws a batch and returns its codes, (b, m) row-major.
func (b *Bilinear) FillCodes(dst []float32, step uint64) (codes []float32, err error) {
	dim := b.Dim()
	if dim == 0 || len(dst)%dim != 0 || len(b.Dictionary)%b.Atoms != 0 {
		return nil, fmt.Errorf("datasets: batch of %d numbers from a dictionary of %d numbers and %d atoms: must be whole rows",
			len(dst), len(b.Dictionary), b.Atoms)
	}
	batch := len(dst) / dim
	codes = make([]float32, batch*b.Atoms)
	kernels.SampleCodes(codes, b.Atoms, 0, b.Law, kernels.Stream{Seed: b.Seed, Stream: CodeStream(b.Stream), Step: step})
	kernels.Normal(dst, 0, float32(b.Noise), kernels.Stream{Seed: b.Seed, Stream: b.Stream, Step: step})
	for i := range batch {
		y := dst[i*dim : (i+1)*dim]
		for k, x := range codes[i*b.Atoms : (i+1)*b.Atoms] {
			if x != 0 {
				kernels.Axpy(y, b.Dictionary[k*dim:(k+1)*dim], x)
			}
		}
	}
	return codes, nil
}

var _ Source = (*Bilinear)(nil)
