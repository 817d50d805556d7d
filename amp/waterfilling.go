package amp

import (
	"math"
	"slices"
)

// arcsinExcess is c₀ = π/2 − 1: arcsin(M) ≈ M + c₀·I for the Gram matrix M of incoherent unit rows.
const arcsinExcess = math.Pi/2 - 1

// WaterFilling returns the lower bound on the error per coordinate for Gaussian data whose covariance has the given
// eigenvalues (d of them, ≥ 0), and the spectrum allocation[j] = λ_j of the encoder's BᵀB that reaches it, in the
// order of the eigenvalues. The rate n/d is positive. The error per coordinate is normalised by d, not by the energy.
//
// With D = √eigenvalue the bound is (1/d)·min Σ D_j²·c₀/(λ_j + c₀) over λ ≥ 0 with Σλ = n and at most n of them
// positive: λ_j = θD_j − c₀ on the largest D. It is approached as d → ∞ within blocks of equal eigenvalues.
//
// Source: amp/THEORY.md §5.2; Shevchenko et al. 2023, Theorem 5.2, for block spectra.
func WaterFilling(eigenvalues []float64, rate float64) (bound float64, allocation []float64, err error) {
	if err := checkRate(rate); err != nil {
		return 0, nil, err
	}
	if err := checkSpectrum("eigenvalues", eigenvalues); err != nil {
		return 0, nil, err
	}
	order := descending(eigenvalues)
	n := rate * float64(len(eigenvalues))
	k, theta := waterLevel(eigenvalues, order, n)
	allocation = make([]float64, len(eigenvalues))
	for i, j := range order {
		root := math.Sqrt(eigenvalues[j])
		if i >= k {
			bound += eigenvalues[j]
			continue
		}
		allocation[j] = math.Max(0, theta*root-arcsinExcess)
		bound += arcsinExcess * root / theta
	}
	return bound / float64(len(eigenvalues)), allocation, nil
}

// waterLevel returns the number k of active eigenvalues, the largest with λ_k ≥ 0, and θ = (n + kc₀)/Σ_{j≤k}D_j.
func waterLevel(eigenvalues []float64, order []int, n float64) (k int, theta float64) {
	sum := 0.0
	for i, j := range order {
		root := math.Sqrt(eigenvalues[j])
		sum += root
		level := (n + float64(i+1)*arcsinExcess) / sum
		if root == 0 || i > 0 && float64(i+1) > n*(1+1e-12) || level*root < arcsinExcess {
			break
		}
		k, theta = i+1, level
	}
	return k, theta
}

// descending returns the indices of x from its largest entry to its smallest.
func descending(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case x[a] > x[b]:
			return -1
		case x[a] < x[b]:
			return 1
		}
		return 0
	})
	return order
}

// checkSpectrum accepts a non-empty list of finite numbers ≥ 0.
func checkSpectrum(field string, x []float64) error {
	if len(x) == 0 {
		return &DomainError{field, "empty", "must hold at least one number"}
	}
	for _, v := range x {
		if !(v >= 0) || math.IsInf(v, 1) {
			return &DomainError{field, v, "must be finite and not negative"}
		}
	}
	return nil
}

// DegenerateRGauss returns RGauss for a covariance with a fraction zeroFraction = ζ ∈ [0, 1) of zero eigenvalues and the
// others 1, (1−ζ)·RGauss(r/(1−ζ)), per coordinate of the full space; divide by 1−ζ to have it per unit of energy. The
// slope jumps at r = 1−ζ. NaN outside the domain. Whitened MNIST is compared with it.
//
// Source: ICML 2024, Figure 11; amp/THEORY.md §5.2.
func DegenerateRGauss(rate, zeroFraction float64) float64 {
	if !(zeroFraction >= 0 && zeroFraction < 1) {
		return math.NaN()
	}
	return (1 - zeroFraction) * RGauss(rate/(1-zeroFraction))
}
