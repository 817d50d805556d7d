package datasets

import (
	"context"
	"fmt"

	"autoamp/datasets/internal/symmetric"
)

// SecondMoments is the matrix E xxᵀ of a data set that is not centred.
type SecondMoments struct {
	dim     int
	algebra symmetric.Algebra
	sum     []float64 // on and above the diagonal, (d, d)
}

// NewSecondMoments reads a data set once. It takes N·d² multiplications and d² float64.
func NewSecondMoments(ctx context.Context, s Samples) (*SecondMoments, error) {
	n, d := s.Len(), s.Dim()
	m := &SecondMoments{dim: d, algebra: symmetric.Open(), sum: make([]float64, d*d)}
	row, block := make([]float32, d), make([]float64, 0, min(n, covarianceBlock)*d)
	for i := range n {
		if err := s.Row(row, i); err != nil {
			return nil, err
		}
		for _, v := range row {
			block = append(block, float64(v))
		}
		if len(block) == cap(block) || i == n-1 {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("datasets: second moments: %w", ctx.Err())
			}
			m.algebra.AddGram(m.sum, block, d)
			block = block[:0]
		}
	}
	for i := range m.sum {
		m.sum[i] /= float64(n)
	}
	return m, nil
}

// Spectrum returns the eigenvalues of the second moments, at least 0, in ascending order. Coordinates are masked
// with probability p ∈ (0, 1] of being kept and divided by √p, which multiplies the entries off the diagonal by p.
func (m *SecondMoments) Spectrum(ctx context.Context, p float64) ([]float64, error) {
	masked := make([]float64, len(m.sum))
	for i, v := range m.sum {
		masked[i] = p * v
	}
	for i := range m.dim {
		masked[i*(m.dim+1)] = m.sum[i*(m.dim+1)]
	}
	values, err := m.algebra.Eigen(ctx, masked, m.dim, false)
	for i, v := range values {
		values[i] = max(0, v) // rounding
	}
	return values, err
}
