package amp

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// ErrSingular is wrapped where the optimal decoder does not exist: two rows of B are parallel.
var ErrSingular = errors.New("the code's covariance is singular")

// PopulationRisk returns the exact error per coordinate, E‖x − A·sign(Bx)‖²/d, of decoder A (d, n) and encoder B (n, d)
// for Gaussian data, or, with masks, for sparse Gaussian data of sparsity p. The rows of B are normalised inside; nil
// masks mean p = 1. Without masks
//
//	Risk = 1 + (1/d)·[tr(AᵀA·Q) − 2√(2/π)·tr(AB)],   Q = (2/π)·arcsin(BBᵀ) with diagonal 1.
//
// Cost O(n²d) per mask. Source: amp/THEORY.md §4.4; ICML 2024, eqs. (6) and (24).
func PopulationRisk(a, b mat.Matrix, p float64, masks []Mask) (float64, error) {
	pop, err := newPopulation(b, p, masks)
	if err != nil {
		return 0, err
	}
	if err := pop.checkDecoder(a); err != nil {
		return 0, err
	}
	q, rows := pop.average()
	var gram, product mat.Dense
	gram.Mul(a.T(), a)
	product.Mul(a, rows)
	energy := 0.0
	for i := range pop.n {
		energy += floats.Dot(gram.RawRowView(i), q.RawRowView(i))
	}
	return 1 + (energy-2*pop.gain*mat.Trace(&product))/float64(pop.d), nil
}

// OptimalDecoder returns the decoder A (d, n) that minimises PopulationRisk for the encoder B (n, d),
// √(2/π)·Bᵀ·Q⁻¹ without masks and √(2/(πp))·(E B̂_m)ᵀ(E Q_m)⁻¹ with them. The system is solved, not inverted. The error
// wraps ErrSingular where rows of B are parallel.
//
// Source: amp/THEORY.md §4.4.
func OptimalDecoder(b mat.Matrix, p float64, masks []Mask) (*mat.Dense, error) {
	pop, err := newPopulation(b, p, masks)
	if err != nil {
		return nil, err
	}
	q, rows := pop.average()
	symmetric := mat.NewSymDense(pop.n, q.RawMatrix().Data)
	var chol mat.Cholesky
	if hasParallelRows(q) || !chol.Factorize(symmetric) {
		return nil, fmt.Errorf("amp: optimal decoder: %w: rows of B are parallel", ErrSingular)
	}
	var transposed mat.Dense
	if err := chol.SolveTo(&transposed, rows); err != nil {
		return nil, fmt.Errorf("amp: optimal decoder: %w: %w", ErrSingular, err)
	}
	a := mat.DenseCopyOf(transposed.T())
	a.Scale(pop.gain, a)
	return a, nil
}

// hasParallelRows looks for correlations of ±1, which arcsin leaves within 1e-7 after rounding.
func hasParallelRows(q *mat.Dense) bool {
	n, _ := q.Dims()
	for i := range n {
		for j := range i {
			if math.Abs(q.At(i, j)) > 1-1e-7 {
				return true
			}
		}
	}
	return false
}

// PopulationGradient returns the gradient (n, d) of PopulationRisk with respect to the unit rows of B at fixed A, projected
// on the tangent spaces of the spheres. The objective F of amp/THEORY.md is d·(Risk − 1): multiply by d for its gradient.
//
// The diagonal of the arcsine kernel is constant and has weight 0. Source: amp/THEORY.md §4.4.
func PopulationGradient(a, b mat.Matrix, p float64, masks []Mask) (*mat.Dense, error) {
	pop, err := newPopulation(b, p, masks)
	if err != nil {
		return nil, err
	}
	if err := pop.checkDecoder(a); err != nil {
		return nil, err
	}
	var gram mat.Dense
	gram.Mul(a.T(), a)
	gradient := mat.NewDense(pop.n, pop.d, nil)
	for _, m := range pop.masks {
		pop.addGradient(gradient, a, &gram, m)
	}
	gradient.Scale(1/float64(pop.d), gradient)
	return gradient, nil
}

// population is an encoder with unit rows and the masks of the data.
type population struct {
	n, d  int
	rows  *mat.Dense // (n, d), unit rows
	gain  float64    // √(2/(πp))
	masks []Mask
}

// newPopulation checks and normalises.
func newPopulation(b mat.Matrix, p float64, masks []Mask) (*population, error) {
	if err := checkMatrix("B", b); err != nil {
		return nil, err
	}
	n, d := b.Dims()
	if masks == nil {
		p = 1
		masks = []Mask{{Keep: nil, Weight: 1}}
	}
	if err := checkProbability(p); err != nil {
		return nil, err
	}
	for _, m := range masks {
		if m.Keep != nil && len(m.Keep) != d {
			return nil, &DomainError{"mask", len(m.Keep), fmt.Sprintf("must have %d entries, the columns of B", d)}
		}
	}
	rows := mat.DenseCopyOf(b)
	for i := range n {
		row := rows.RawRowView(i)
		norm := floats.Norm(row, 2)
		if norm == 0 {
			return nil, &DomainError{fmt.Sprintf("B[%d]", i), "zero row", "must not be zero"}
		}
		divide(row, norm)
	}
	return &population{n, d, rows, math.Sqrt(2 / (math.Pi * p)), masks}, nil
}

// checkDecoder accepts a finite (d, n) matrix.
func (pop *population) checkDecoder(a mat.Matrix) error {
	if err := checkMatrix("A", a); err != nil {
		return err
	}
	if r, c := a.Dims(); r != pop.d || c != pop.n {
		return &DomainError{"A", fmt.Sprintf("(%d, %d)", r, c), fmt.Sprintf("must be (%d, %d), the transpose of B's shape", pop.d, pop.n)}
	}
	return nil
}

// masked returns B̂_m, the rows with masked columns zeroed and normalised again, and the row norms before that. Rows
// that vanish stay zero.
func (pop *population) masked(m Mask) (rows *mat.Dense, norms []float64) {
	rows = mat.DenseCopyOf(pop.rows)
	norms = make([]float64, pop.n)
	for i := range pop.n {
		row := rows.RawRowView(i)
		for j := range row {
			if m.Keep != nil && !m.Keep[j] {
				row[j] = 0
			}
		}
		norms[i] = floats.Norm(row, 2)
		if norms[i] > 0 {
			divide(row, norms[i])
		}
	}
	return rows, norms
}

// divide divides rather than multiplies by the reciprocal: a row with one entry left must become exactly ±1, since
// arcsin turns a rounding error there into 1e-8.
func divide(row []float64, norm float64) {
	for j := range row {
		row[j] /= norm
	}
}

// average returns E Q_m (n, n) and E B̂_m (n, d).
func (pop *population) average() (q, rows *mat.Dense) {
	q, rows = mat.NewDense(pop.n, pop.n, nil), mat.NewDense(pop.n, pop.d, nil)
	var gram mat.Dense
	for _, m := range pop.masks {
		masked, _ := pop.masked(m)
		gram.Mul(masked, masked.T())
		for i := range pop.n {
			floats.AddScaled(rows.RawRowView(i), m.Weight, masked.RawRowView(i))
			for j := range pop.n {
				q.Set(i, j, q.At(i, j)+m.Weight*arcsineKernel(gram.At(i, j), i == j))
			}
		}
	}
	return q, rows
}

// arcsineKernel is (2/π)·arcsin(c), clamped, and 1 on the diagonal.
func arcsineKernel(c float64, diagonal bool) float64 {
	if diagonal {
		return 1
	}
	return 2 / math.Pi * math.Asin(math.Max(-1, math.Min(1, c)))
}

// addGradient adds the gradient of one mask: D_m⁻¹·Tan(2·W_m·B̂_m − 2·gain·Aᵀ)∘mask with
// W_ij = (2/π)(AᵀA)_ij/√(1 − M_ij²) off the diagonal.
func (pop *population) addGradient(dst *mat.Dense, a mat.Matrix, gram *mat.Dense, m Mask) {
	rows, norms := pop.masked(m)
	var weights, g mat.Dense
	weights.Mul(rows, rows.T())
	for i := range pop.n {
		for j := range pop.n {
			weights.Set(i, j, kernelSlope(weights.At(i, j), i == j)*gram.At(i, j))
		}
	}
	g.Mul(&weights, rows)
	for i := range pop.n {
		if norms[i] == 0 {
			continue
		}
		row, unit := g.RawRowView(i), rows.RawRowView(i)
		for j := range row {
			row[j] = 2*row[j] - 2*pop.gain*a.At(j, i)
		}
		floats.AddScaled(row, -floats.Dot(row, unit), unit)
		for j, v := range row {
			if m.Keep == nil || m.Keep[j] {
				dst.Set(i, j, dst.At(i, j)+m.Weight/norms[i]*v)
			}
		}
	}
}

// kernelSlope is the derivative of arcsineKernel, 0 on the diagonal and at parallel rows.
func kernelSlope(c float64, diagonal bool) float64 {
	if diagonal || !(1-c*c > 1e-13) {
		return 0
	}
	return 2 / math.Pi / math.Sqrt(1-c*c)
}
