package nguyen

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"autoamp/graph"
	"autoamp/kernels"
)

// chance is the mean share of samples with a consistent code over random dictionaries, and over W at distance δ in random
// directions. Given the length R of y, a unit off the support has ⟨W_i, y⟩ = R·u with u the coordinate of a point that is uniform
// on the sphere, since W_i is independent of y. A unit of the support has ρx_i + N(0, (R² − x_i²)/d), ρ = 1/√(1 + δ²). R² is normal
// with mean Σx² + dσ² and variance (2Σ_{i≠j}x_i²x_j² + 4dσ²Σx² + 2d²σ⁴)/d. Units are taken as independent given R, which leaves
// out terms of order 1/√d.
//
// Source: amp/THEORY.md §14.6.
func (c consistency) chance(law kernels.CodeLaw) float64 {
	const points = 512
	sum := 0.0
	x := make([]float64, law.Support)
	for t := range points {
		var squares, fourth float64
		for j := range x {
			x[j] = law.Lo + (law.Hi-law.Lo)*lattice(t, j)
			squares += x[j] * x[j]
			fourth += x[j] * x[j] * x[j] * x[j]
		}
		d, noise2 := float64(c.Dim), c.deviation()*c.deviation()
		mean := squares + d*noise2
		variance := (2*(squares*squares-fourth) + 4*d*noise2*squares + 2*d*d*noise2*noise2) / d
		for n, node := range hermiteNodes {
			length2 := math.Max(mean+node*math.Sqrt(variance), mean/10)
			sum += hermiteWeights[n] * c.chanceAt(law, x, length2) / points
		}
		if law.Lo == law.Hi {
			return sum * points
		}
	}
	return sum
}

// The five points and weights of Gauss–Hermite quadrature for the standard normal law: x²  = 0, 5 ∓ √10.
var (
	hermiteNodes   = [...]float64{0, -1.3556261799742659, 1.3556261799742659, -2.8569700138728056, 2.8569700138728056}
	hermiteWeights = [...]float64{8.0 / 15, 0.22207592200561266, 0.22207592200561266, 0.011257411327720690, 0.011257411327720690}
)

// lattice is coordinate j of point t of a Kronecker lattice in [0, 1): multiples of the square roots of primes.
func lattice(t, j int) float64 {
	_, fraction := math.Modf((float64(t) + 0.5) * math.Sqrt(primes[j%len(primes)]))
	return fraction
}

var primes = [...]float64{2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53}

// chanceAt is the chance for entries x and a length √length2 of y.
func (c consistency) chanceAt(law kernels.CodeLaw, x []float64, length2 float64) float64 {
	d, level := float64(c.Dim), c.level(law)
	chance, overlap := 1.0, 1/math.Sqrt(1+c.Delta*c.Delta)
	for _, xi := range x {
		rest := math.Sqrt(math.Max(length2-xi*xi, 1e-12) / d)
		chance *= upperTail((level - overlap*xi) / rest)
	}
	off := 1 - mathext.RegIncBeta(0.5, (d-1)/2, math.Min(1, level*level/length2)) // P(|u| > level/R)
	if c.Activation == graph.ReLU {
		off /= 2
	}
	return chance * math.Pow(1-off, float64(c.Atoms-len(x)))
}
