// Package history holds the matrices of RI-GAMP that are indexed by iteration, and computes Onsager
// coefficients and covariances from them (amp/THEORY.md §9).
package history

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Iterations bounds the general RI-GAMP recursion: its cumulant sums grow like 4ᵏ and lose all digits of float64 beyond.
const Iterations = 7

// Matrix is a square matrix indexed by iteration, with slot 0 for the truth.
type Matrix [Iterations + 1][Iterations + 1]float64

// times returns a·b.
func (a *Matrix) times(b *Matrix) *Matrix {
	var c Matrix
	for i := range a {
		for k, x := range a[i] {
			if x == 0 {
				continue
			}
			for j := range c[i] {
				c[i][j] += x * b[k][j]
			}
		}
	}
	return &c
}

// transposed returns aᵀ.
func (a *Matrix) transposed() *Matrix {
	var c Matrix
	for i := range a {
		for j := range a[i] {
			c[j][i] = a[i][j]
		}
	}
	return &c
}

// add adds scale·b to a.
func (a *Matrix) add(b *Matrix, scale float64) {
	for i := range a {
		for j := range a[i] {
			a[i][j] += scale * b[i][j]
		}
	}
}

// identity is the unit matrix.
func identity() *Matrix {
	var c Matrix
	for i := range c {
		c[i][i] = 1
	}
	return &c
}

// Onsager returns Σ_j κ_{2j+2}·P·(N·P)ʲ, which is α for P = Ψ, N = Φ and β/r for P = Φ, N = Ψ.
func Onsager(kappa []float64, p, n *Matrix) *Matrix {
	var sum Matrix
	step := n.times(p)
	term := p
	for _, k := range kappa {
		sum.add(term, k)
		term = term.times(step)
	}
	return &sum
}

// Covariance returns Σ_j κ_{2j+2}·[Σ_{i≤j} SⁱK(Sᵀ)^{j−i} + Σ_{i<j} Sⁱ(PLPᵀ)(Sᵀ)^{j−1−i}] with S = P·N: Σ for
// (P, N, K, L) = (Ψ, Φ, Γ, Δ), Ω/r for (Φ, Ψ, Δ, Γ).
func Covariance(kappa []float64, p, n, k, l *Matrix) *Matrix {
	s := p.times(n)
	st := s.transposed()
	outer := p.times(l).times(p.transposed())
	first, second := *k, Matrix{} // the two inner sums for the present j
	left := identity()            // Sʲ
	var sum Matrix
	for _, c := range kappa {
		sum.add(&first, c)
		sum.add(&second, c)
		// T_{j+1} = T_j·Sᵀ + S^{j+1}·K, and the same for the second sum.
		nextSecond := second.times(st)
		nextSecond.add(left.times(outer), 1)
		left = left.times(s)
		nextFirst := first.times(st)
		nextFirst.add(left.times(k), 1)
		first, second = *nextFirst, *nextSecond
	}
	return &sum
}

// vanishing is the eigenvalue, relative to the largest, below which a direction is rounding error.
const vanishing = 1e-12

// Solve returns the solution of M[lo:hi, lo:hi]·x = b[lo:hi] for a positive semidefinite block, dropping directions
// whose eigenvalue is below 1e-12 of the largest (or of the truth's variance): there iterations repeat each other.
func Solve(m *Matrix, lo, hi int, b func(i int) float64) []float64 {
	size := hi - lo
	sym := mat.NewSymDense(size, nil)
	for i := range size {
		for j := i; j < size; j++ {
			sym.SetSym(i, j, m[lo+i][lo+j])
		}
	}
	var eigen mat.EigenSym
	x := make([]float64, size)
	if !eigen.Factorize(sym, true) {
		for i := range x {
			x[i] = math.NaN()
		}
		return x
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	floor := vanishing * math.Max(values[size-1], math.Abs(m[0][0]))
	for k, value := range values {
		if value <= floor {
			continue
		}
		projection := 0.0
		for i := range size {
			projection += vectors.At(i, k) * b(lo+i)
		}
		for i := range size {
			x[i] += vectors.At(i, k) * projection / value
		}
	}
	return x
}
