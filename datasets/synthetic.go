package datasets

import (
	"fmt"

	"autoamp/kernels"
)

// synthetic draws independent coordinates of one law.
type synthetic struct {
	law    kernels.Law
	dim    int
	seed   uint64
	stream uint32
}

// Synthetic returns the source of independent coordinates of a law made by NewLaw, in
// dimension dim ≥ 1. A program that samples draws the same numbers for the same law, seed,
// stream and step.
func Synthetic(law kernels.Law, dim int, seed uint64, stream uint32) (Source, error) {
	if dim < 1 {
		return nil, fmt.Errorf("datasets: dim = %d: must be at least 1", dim)
	}
	if err := check(law); err != nil {
		return nil, err
	}
	return synthetic{law: law, dim: dim, seed: seed, stream: stream}, nil
}

// Dim returns d.
func (s synthetic) Dim() int { return s.dim }

// Fill draws a batch.
func (s synthetic) Fill(dst []float32, step uint64) error {
	if len(dst)%s.dim != 0 {
		return fmt.Errorf("datasets: batch of %d numbers: must be a multiple of dim, %d", len(dst), s.dim)
	}
	kernels.Sample(dst, 0, s.law, kernels.Stream{Seed: s.seed, Stream: s.stream, Step: step})
	return nil
}
