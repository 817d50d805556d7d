package amp

import "math"

// SparseCodingBias returns the bias ε = c·m₁·hᵖ·(δ + h^{−ξ}) of the ReLU sparse-coding autoencoder with h units, codes of
// support about hᵖ, mean amplitude mean = m₁, distance delta = δ to the dictionary and coherence h^{−xi}. The theorem has
// c = 2; the reconstruction of Table 1 uses c = 0.6, ξ = 0.1 and δ = h^{−2p}.
//
// Source: Rangamani et al. 2018, Theorem 3.1, as reconstructed in amp/THEORY.md §13.2 and §13.3.
func SparseCodingBias(h int, p, mean, delta, xi, c float64) float64 {
	return c * mean * math.Pow(float64(h), p) * (delta + math.Pow(float64(h), -xi))
}

// SparseCodingScale returns h^{p−1}, the scale to which Table 1 compares the average gradient norm.
//
// Source: Rangamani et al. 2018, Theorem 3.2 and Table 1.
func SparseCodingScale(h int, p float64) float64 { return math.Pow(float64(h), p-1) }

// SparseCodingGradient returns the leading gradient norm at the true dictionary for support size 1, amplitudes x uniform
// on [lo, hi] and no false positives: (1/h)·E[ε(2x − ε)·1{x > ε}].
//
// Source: amp/THEORY.md §13.2.
func SparseCodingGradient(h int, bias, lo, hi float64) float64 {
	from := math.Max(lo, bias)
	if !(from < hi) {
		return 0
	}
	// ∫ ε(2x − ε) dx = ε(x² − εx).
	integral := bias * (hi*hi - bias*hi - from*from + bias*from)
	return integral / ((hi - lo) * float64(h))
}
