package nguyen

import (
	"math"

	"autoamp/kernels"
)

// ownOverlaps are λ_i = ⟨W_i, A_i⟩.
func ownOverlaps(w, dictionary []float32, atoms int) []float64 {
	dim := len(w) / atoms
	overlaps := make([]float64, atoms)
	for i := range overlaps {
		// Both are unit rows: λ = 1 − ‖W_i − A_i‖²/2, which rounds less than the product where λ is near 1.
		row := kernels.SquaredError(w[i*dim:(i+1)*dim], dictionary[i*dim:(i+1)*dim])
		overlaps[i] = 1 - row/2
	}
	return overlaps
}

// stepClusters moves overlaps by an iteration of the expected descent of the mixture, where the code is consistent: with
// g_i = −pλA_i + p(λ + b)²W_i the new W_i is along (1 − c(λ + b)²)W_i + cλA_i, c = ζp.
//
// Source: amp/THEORY.md §14.3.
func stepClusters(overlaps []float64, bias, step float64) {
	for i, l := range overlaps {
		own, atom := 1-step*(l+bias)*(l+bias), step*l
		overlaps[i] = (own*l + atom) / math.Sqrt(own*own+2*own*atom*l+atom*atom)
	}
}

// clusterDistance2 is ‖W − A‖² = Σ 2(1 − λ_i).
func clusterDistance2(overlaps []float64) float64 {
	sum := 0.0
	for _, l := range overlaps {
		sum += 2 * (1 - l)
	}
	return sum
}

// lemma1 returns the mean of λ_i, and the share of units that meet the condition of Lemma 1, |(b + λ)² − λ| ≤ 2(1 − λ). The
// weights are rounded to float32, so that 1 − λ is known to about 1e-7.
//
// Source: Nguyen, Wong, Hegde 2019, Lemma 1.
func lemma1(w, dictionary []float32, atoms int, bias float64) (mean, share float64) {
	for _, l := range ownOverlaps(w, dictionary, atoms) {
		mean += l / float64(atoms)
		if math.Abs((bias+l)*(bias+l)-l) <= 2*(1-l)+1e-6 {
			share += 1 / float64(atoms)
		}
	}
	return mean, share
}
