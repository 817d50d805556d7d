package amp

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Operator is an encoder B (n, d) that is known by its products. The algorithms of this package need no more, so a fast
// transform serves as well as a matrix.
type Operator interface {
	// Dims returns the rows n and the columns d.
	Dims() (n, d int)
	// Apply writes B·x to dst; x is (d), dst is (n).
	Apply(dst, x []float64)
	// ApplyTransposed writes Bᵀ·z to dst; z is (n), dst is (d).
	ApplyTransposed(dst, z []float64)
}

// LinearModel is an Operator that also solves the Gaussian stage of VAMP.
type LinearModel interface {
	Operator
	// Solve writes (gamma·I + tau·BᵀB)⁻¹·w to dst; both are (d) and may be the same. gamma, tau > 0.
	Solve(dst, w []float64, gamma, tau float64)
	// Eigenvalues returns the n eigenvalues of BBᵀ. The caller must not change them.
	Eigenvalues() []float64
}

// Dense is a matrix as an Operator.
type Dense struct {
	m *mat.Dense
}

// NewDense checks b (n, d) and returns it as an Operator; b is not copied and must not change. The error is a
// *DomainError that names the first entry that is not finite.
func NewDense(b *mat.Dense) (*Dense, error) {
	if b == nil {
		return nil, &DomainError{"B", "nil", "must be a matrix"}
	}
	if err := checkMatrix("B", b); err != nil {
		return nil, err
	}
	return &Dense{b}, nil
}

// Dims returns the rows n and the columns d.
func (o *Dense) Dims() (n, d int) { return o.m.Dims() }

// Apply writes B·x to dst.
func (o *Dense) Apply(dst, x []float64) {
	mat.NewVecDense(len(dst), dst).MulVec(o.m, mat.NewVecDense(len(x), x))
}

// ApplyTransposed writes Bᵀ·z to dst.
func (o *Dense) ApplyTransposed(dst, z []float64) {
	mat.NewVecDense(len(dst), dst).MulVec(o.m.T(), mat.NewVecDense(len(z), z))
}

// Flat is an Operator whose rows (n ≤ d) are orthonormal, or whose columns (n > d) are orthogonal with squared norm n/d:
// a Haar encoder. Its Gaussian stage needs no factorisation.
type Flat struct {
	Operator
	eigenvalues []float64
}

// NewFlat wraps a Haar encoder. It trusts the caller that the spectrum is flat, up to one product that must keep its
// norm to 1e-6.
func NewFlat(op Operator) (*Flat, error) {
	if op == nil {
		return nil, &DomainError{"B", "nil", "must be an operator"}
	}
	n, d := op.Dims()
	if n < 1 || d < 1 {
		return nil, &DomainError{"B", fmt.Sprintf("(%d, %d)", n, d), "must have at least one row and column"}
	}
	f := &Flat{op, make([]float64, n)}
	level := math.Max(1, float64(n)/float64(d))
	for i := range min(n, d) {
		f.eigenvalues[i] = level
	}
	if !f.probe(level) {
		return nil, &DomainError{"B", "matrix", "must have orthonormal rows, or orthogonal columns of squared norm n/d"}
	}
	return f, nil
}

// probe checks BBᵀz = z, or BᵀBx = (n/d)x, on one vector.
func (f *Flat) probe(level float64) bool {
	n, d := f.Dims()
	z, x := make([]float64, n), make([]float64, d)
	forth, back := f.ApplyTransposed, f.Apply
	probe, image := z, x
	if n > d {
		forth, back = f.Apply, f.ApplyTransposed
		probe, image = x, z
	}
	for i := range probe {
		probe[i] = math.Cos(float64(i) + 0.5*float64(i%7))
	}
	forth(image, probe)
	again := make([]float64, len(probe))
	back(again, image)
	var wrong, size float64
	for i, v := range probe {
		wrong += (again[i] - level*v) * (again[i] - level*v)
		size += v * v
	}
	return wrong <= 1e-12*size*level*level
}

// Solve uses that BᵀB is a multiple of a projection.
func (f *Flat) Solve(dst, w []float64, gamma, tau float64) {
	n, d := f.Dims()
	if n >= d {
		scale := 1 / (gamma + tau*float64(n)/float64(d))
		for i, v := range w {
			dst[i] = scale * v
		}
		return
	}
	code, back := make([]float64, n), make([]float64, d)
	f.Apply(code, w)
	f.ApplyTransposed(back, code)
	shrink := tau / (gamma + tau)
	for i, v := range w {
		dst[i] = (v - shrink*back[i]) / gamma
	}
}

// Eigenvalues returns max(1, r), with n − d zeros for n > d.
func (f *Flat) Eigenvalues() []float64 { return f.eigenvalues }

// Factored is a matrix with its singular value decomposition B = U·diag(s)·Vᵀ: any spectrum.
type Factored struct {
	*Dense
	v           *mat.Dense // (d, min(n, d))
	s2          []float64  // squared singular values
	eigenvalues []float64
}

// NewFactored factorises b (n, d) at a cost of O(nd·min(n,d)); b is not copied and must not change.
func NewFactored(b *mat.Dense) (*Factored, error) {
	dense, err := NewDense(b)
	if err != nil {
		return nil, err
	}
	var svd mat.SVD
	if !svd.Factorize(b, mat.SVDThinV) {
		return nil, &DomainError{"B", "matrix", "must have a singular value decomposition that converges"}
	}
	n, _ := b.Dims()
	f := &Factored{Dense: dense, v: new(mat.Dense), eigenvalues: make([]float64, n)}
	svd.VTo(f.v)
	for i, s := range svd.Values(nil) {
		f.s2 = append(f.s2, s*s)
		f.eigenvalues[i] = s * s
	}
	return f, nil
}

// Solve works in the basis of right singular vectors: (w − V·diag(τs²/(γ+τs²))·Vᵀw)/γ.
func (f *Factored) Solve(dst, w []float64, gamma, tau float64) {
	projected := mat.NewVecDense(len(f.s2), nil)
	projected.MulVec(f.v.T(), mat.NewVecDense(len(w), w))
	for i, s2 := range f.s2 {
		projected.SetVec(i, projected.AtVec(i)*tau*s2/(gamma+tau*s2))
	}
	var back mat.VecDense
	back.MulVec(f.v, projected)
	for i, v := range w {
		dst[i] = (v - back.AtVec(i)) / gamma
	}
}

// Eigenvalues returns the squared singular values, with n − d zeros for n > d.
func (f *Factored) Eigenvalues() []float64 { return f.eigenvalues }
