package amp

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// MaxRIGAMPIterations bounds the general RI-GAMP recursion: its cumulant sums grow like 4ᵏ and lose all digits of
// float64 beyond.
const MaxRIGAMPIterations = 7

// small is a square matrix indexed by iteration, with slot 0 for the truth.
type small [MaxRIGAMPIterations + 1][MaxRIGAMPIterations + 1]float64

// times returns a·b.
func (a *small) times(b *small) *small {
	var c small
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
func (a *small) transposed() *small {
	var c small
	for i := range a {
		for j := range a[i] {
			c[j][i] = a[i][j]
		}
	}
	return &c
}

// add adds scale·b to a.
func (a *small) add(b *small, scale float64) {
	for i := range a {
		for j := range a[i] {
			a[i][j] += scale * b[i][j]
		}
	}
}

// identity is the unit matrix.
func identity() *small {
	var c small
	for i := range c {
		c[i][i] = 1
	}
	return &c
}

// onsager returns Σ_j κ_{2j+2}·P·(N·P)ʲ, which is α for P = Ψ, N = Φ and β/r for P = Φ, N = Ψ.
func onsager(kappa []float64, p, n *small) *small {
	var sum small
	step := n.times(p)
	term := p
	for _, k := range kappa {
		sum.add(term, k)
		term = term.times(step)
	}
	return &sum
}

// covariance returns Σ_j κ_{2j+2}·[Σ_{i≤j} SⁱK(Sᵀ)^{j−i} + Σ_{i<j} Sⁱ(PLPᵀ)(Sᵀ)^{j−1−i}] with S = P·N: Σ for
// (P, N, K, L) = (Ψ, Φ, Γ, Δ), Ω/r for (Φ, Ψ, Δ, Γ).
func covariance(kappa []float64, p, n, k, l *small) *small {
	s := p.times(n)
	st := s.transposed()
	outer := p.times(l).times(p.transposed())
	first, second := *k, small{} // the two inner sums for the present j
	left := identity()           // Sʲ
	var sum small
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

// solveBlock returns the solution of M[lo:hi, lo:hi]·x = b[lo:hi] for a positive semidefinite block, dropping directions
// whose eigenvalue is below 1e-12 of the largest (or of the truth's variance): there iterations repeat each other.
func solveBlock(m *small, lo, hi int, b func(i int) float64) []float64 {
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
