// Package quadrature integrates piecewise smooth functions: Gauss–Legendre panels whose boundaries the caller puts
// where the integrand bends.
package quadrature

import "math"

// Order is the number of nodes per panel.
const Order = 20

// Rule holds the nodes on [-1, 1] and the weights of the Gauss–Legendre rule with Order points; it is exact for
// polynomials of degree 39.
type Rule struct {
	Node, Weight [Order]float64
}

// Legendre is the rule of this package. It never changes.
var Legendre = newLegendre()

// newLegendre finds the nodes by Newton's method on the Legendre polynomial (accurate to 1 ulp).
func newLegendre() Rule {
	var r Rule
	for i := range Order {
		x := math.Cos(math.Pi * (float64(i) + 0.75) / (Order + 0.5))
		var slope float64
		for range 10 {
			var value float64
			value, slope = legendre(x)
			x -= value / slope
		}
		_, slope = legendre(x)
		r.Node[i] = x
		r.Weight[i] = 2 / ((1 - x*x) * slope * slope)
	}
	return r
}

// legendre returns P_Order(x) and its derivative by the three-term recurrence.
func legendre(x float64) (value, slope float64) {
	p, q := 1.0, x
	for k := 2.0; k <= Order; k++ {
		p, q = q, ((2*k-1)*x*q-(k-1)*p)/k
	}
	return q, Order * (x*q - p) / (x*x - 1)
}

// Uniform returns ∫ₐᵇ f by panels of equal width at most step.
func Uniform(a, b, step float64, f func(x float64) float64) float64 {
	sum := 0.0
	Visit(a, b, step, func(x, weight float64) { sum += weight * f(x) })
	return sum
}

// Visit calls f with the nodes and weights of Uniform's rule, in increasing order of panels.
func Visit(a, b, step float64, f func(x, weight float64)) {
	n := math.Max(1, math.Ceil((b-a)/step))
	half := (b - a) / (2 * n)
	for i := range int(n) {
		mid := a + (2*float64(i)+1)*half
		for k, node := range Legendre.Node {
			f(mid+half*node, half*Legendre.Weight[k])
		}
	}
}

// Gaussian returns E f(Z) for Z ~ N(0, 1), cut at |Z| = 10 (mass 1.5e-23) and split at 0, where |Z| and sign(Z)
// bend. It is exact to rounding for f whose other singularities stay a distance of about 1 from the real axis.
func Gaussian(f func(z float64) float64) float64 {
	g := func(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) * f(z) }
	return Uniform(-10, 0, 1, g) + Uniform(0, 10, 1, g)
}
