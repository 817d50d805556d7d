package amp

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// SpectrumMoments returns m_{2k} = mean λᵏ for k = 1…count over the eigenvalues of BBᵀ (n of them, zeros included).
func SpectrumMoments(eigenvalues []float64, count int) ([]float64, error) {
	if err := checkSpectrum("eigenvalues", eigenvalues); err != nil {
		return nil, err
	}
	if count < 1 {
		return nil, &DomainError{"count", count, "must be at least 1"}
	}
	moments := make([]float64, count)
	for _, l := range eigenvalues {
		power := 1.0
		for k := range moments {
			power *= l
			moments[k] += power / float64(len(eigenvalues))
		}
	}
	return moments, nil
}

// FreeCumulants returns the rectangular free cumulants κ_{2k}, k = 1, 2, …, of a matrix B with n rows, d columns and
// rate n/d from the moments m_{2k} = (1/n)·tr(BBᵀ)ᵏ:
//
//	M(z) = R(z·(rM(z)+1)·(M(z)+1)),   M = Σ m_{2k}zᵏ,   R = Σ κ_{2k}zᵏ.
//
// The convention is over rows. An i.i.d. Gaussian B of variance 1/d has κ₂ = 1 and no others. The cumulants grow like
// 4ᵏ; with float64 moments about 20 are meaningful.
//
// Source: amp/THEORY.md §9.2; Venkataramanan, Kögler, Mondelli 2022.
func FreeCumulants(moments []float64, rate float64) ([]float64, error) {
	if err := checkRate(rate); err != nil {
		return nil, err
	}
	if err := checkSpectrum("moments", moments); err != nil {
		return nil, err
	}
	order := len(moments)
	m := append([]float64{0}, moments...)
	w := powerSeriesArgument(m, rate)
	kappa := make([]float64, order)
	rest := append([]float64(nil), m...) // M − Σ_{j<k} κ_{2j}·wʲ
	power := append([]float64(nil), w...)
	for k := 1; k <= order; k++ {
		kappa[k-1] = rest[k] // [z^k]w^k = 1
		for i := range rest {
			rest[i] -= kappa[k-1] * power[i]
		}
		power = multiplySeries(power, w)
	}
	return kappa, nil
}

// powerSeriesArgument is w(z) = z(rM+1)(M+1), truncated.
func powerSeriesArgument(m []float64, rate float64) []float64 {
	left, right := make([]float64, len(m)), make([]float64, len(m))
	for i, x := range m {
		left[i], right[i] = rate*x, x
	}
	left[0]++
	right[0]++
	product := multiplySeries(left, right)
	w := make([]float64, len(m))
	copy(w[1:], product)
	return w
}

// multiplySeries multiplies two truncated power series of equal length.
func multiplySeries(a, b []float64) []float64 {
	c := make([]float64, len(a))
	for i, x := range a {
		for j := 0; i+j < len(c); j++ {
			c[i+j] += x * b[j]
		}
	}
	return c
}

// FlatCumulants returns the first count cumulants κ_{2k} = (−1)^{k−1}·Cat_{k−1}·min(1,r)^{k−1} of a Haar encoder:
// 1, −m̄, 2m̄², −5m̄³, …. It returns nil for a rate that is not positive or count < 1.
//
// Source: amp/THEORY.md §9.2.
func FlatCumulants(rate float64, count int) []float64 {
	if !(rate > 0) || count < 1 {
		return nil
	}
	kappa := make([]float64, count)
	value, small := 1.0, math.Min(1, rate)
	for k := range kappa {
		kappa[k] = value
		value *= -small * 2 * float64(2*k+1) / float64(k+2) // Cat_{k+1}/Cat_k = 2(2k+1)/(k+2)
	}
	return kappa
}

// Eigenvalues returns the n eigenvalues of BBᵀ for an encoder B (n, d). The error is a *DomainError for a matrix that
// is empty or holds a NaN or infinity.
func Eigenvalues(b mat.Matrix) ([]float64, error) {
	if err := checkMatrix("B", b); err != nil {
		return nil, err
	}
	n, _ := b.Dims()
	var svd mat.SVD
	if !svd.Factorize(b, mat.SVDNone) {
		return nil, &DomainError{"B", "matrix", "must have a singular value decomposition that converges"}
	}
	eigenvalues := make([]float64, n)
	for i, s := range svd.Values(nil) {
		eigenvalues[i] = s * s
	}
	return eigenvalues, nil
}

// checkMatrix accepts a non-empty matrix of finite numbers.
func checkMatrix(field string, m mat.Matrix) error {
	if m == nil {
		return &DomainError{field, "nil", "must be a matrix"}
	}
	rows, cols := m.Dims()
	if rows == 0 || cols == 0 {
		return &DomainError{field, "empty", "must have at least one row and column"}
	}
	for i := range rows {
		for j := range cols {
			if v := m.At(i, j); math.IsNaN(v) || math.IsInf(v, 0) {
				return &DomainError{fmt.Sprintf("%s[%d,%d]", field, i, j), v, "must be finite"}
			}
		}
	}
	return nil
}
