package datasets

import (
	"context"
	"errors"
	"fmt"
	"math"

	"autoamp/datasets/internal/symmetric"
)

// Mean returns the mean of every coordinate. Errors are an empty table and a value that is not finite.
func (t *Table) Mean() ([]float64, error) {
	n, d := t.Len(), t.Cols
	if n == 0 {
		return nil, errors.New("datasets: no samples")
	}
	mean := make([]float64, d)
	for i := range n {
		for j, v := range t.Data[i*d:][:d] {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= float64(n)
		if math.IsNaN(mean[j]) || math.IsInf(mean[j], 0) {
			return nil, fmt.Errorf("datasets: coordinate %d has values that are not finite", j)
		}
	}
	return mean, nil
}

// SecondMoment returns the mean of x² over samples and coordinates.
func (t *Table) SecondMoment() float64 { return t.average(func(x float64) float64 { return x * x }) }

// AbsMean returns the mean of |x| over samples and coordinates.
func (t *Table) AbsMean() float64 { return t.average(math.Abs) }

func (t *Table) average(f func(x float64) float64) float64 {
	var sum float64
	for _, v := range t.Data {
		sum += f(float64(v))
	}
	return sum / float64(len(t.Data))
}

// covarianceBlock is the number of samples that are added to a covariance together.
const covarianceBlock = 2048

// covariance returns (1/N)·Σ(x − μ)(x − μ)ᵀ on and above the diagonal, (d, d), in float64 throughout: the smallest
// eigenvalues of images are 10⁻⁸ of the largest, which sums in float32 would drown.
func covariance(ctx context.Context, algebra symmetric.Algebra, t *Table, mean []float64) ([]float64, error) {
	n, d := t.Len(), t.Cols
	sum := make([]float64, d*d)
	block := make([]float64, min(n, covarianceBlock)*d)
	for lo := 0; lo < n; lo += covarianceBlock {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := t.Data[lo*d : min(n, lo+covarianceBlock)*d]
		for i, v := range rows {
			block[i] = float64(v) - mean[i%d]
		}
		algebra.AddGram(sum, block[:len(rows)], d)
	}
	for i := range sum {
		sum[i] /= float64(n)
	}
	return sum, nil
}

// shift subtracts mean from every sample.
func (t *Table) shift(mean []float64) {
	for i, v := range t.Data {
		t.Data[i] = float32(float64(v) - mean[i%t.Cols])
	}
}

// scaleTo divides every number by √moment and returns the factor.
func (t *Table) scaleTo(moment float64) float64 {
	scale := 1 / math.Sqrt(moment)
	for i, v := range t.Data {
		t.Data[i] = float32(float64(v) * scale)
	}
	return scale
}
