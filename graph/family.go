package graph

import (
	"fmt"
	"math"
)

// Family is a parametric scalar denoiser f(u; θ), the f of the decoder x̂ = f(A y)
// (ICML 2024, eq. (4)).
type Family string

// The families.
const (
	// G1 is u·(a0 + a1·σ(a2 + ρu²)), ρ = softplus(a3), θ = (a0, a1, a2, a3). It contains the
	// posterior mean of sparse Gaussian data.
	G1 Family = "g1"
	// G2 is G1 + b1·tanh(b2·u), θ = (a0, a1, a2, a3, b1, b2): within 2e-4 of the posterior
	// mean's error for every law of this package.
	G2 Family = "g2"
	// T1 is c·(tanh(au + e) + tanh(au − e)), θ = (c, a, e). It contains the posterior mean of
	// sparse Rademacher data (ICML 2024, eq. (112)) below p ≈ 0.76 at rate 1.
	T1 Family = "t1"
	// T2 is T1 + c′·tanh(a′u), θ = (c, a, e, c′, a′).
	T2 Family = "t2"
)

// Families lists the families, of the splines the default ones.
func Families() []Family {
	return []Family{G1, G2, T1, T2, Spline(DefaultKnots, false), Spline(DefaultKnots, true)}
}

// start holds the starts of the families with a closed form.
var start = map[Family][]float32{
	G1: {0.5, 0.5, -1, 0},
	G2: {0.5, 0.5, -1, 0, 0.1, 1},
	T1: {0.6, 1, 1},
	T2: {0.6, 1, 1, 0.1, 1},
}

// Params returns the number of parameters, 0 for an unknown family.
func (f Family) Params() int {
	if knots, _, ok := f.Knots(); ok {
		return knots
	}
	return len(start[f])
}

// Start returns the parameters that training starts from: f is odd, increasing, of slope near 1.
func (f Family) Start() []float32 {
	if knots, monotone, ok := f.Knots(); ok {
		return splineStart(knots, monotone)
	}
	return start[f]
}

// Validate reports an unknown family.
func (f Family) Validate() error {
	if knots, _, ok := f.Knots(); ok && (knots < 2 || knots > MaxKnots) {
		return fmt.Errorf("graph: denoiser = %q: must have from 2 to %d knots", string(f), MaxKnots)
	}
	if f.Params() == 0 {
		return fmt.Errorf("graph: denoiser = %q: must be one of %v, or a spline with other knots", string(f), Families())
	}
	return nil
}

// at prepares f at θ: the function returns f(u), ∂f/∂u and, in dtheta, ∂f/∂θ.
func (f Family) at(theta []float64) func(u float64, dtheta []float64) (y, dydu float64) {
	if _, monotone, ok := f.Knots(); ok {
		return splineAt(theta, monotone)
	}
	return func(u float64, dtheta []float64) (y, dydu float64) { return f.closed(u, theta, dtheta) }
}

// closed is at for the families with a closed form.
func (f Family) closed(u float64, theta, dtheta []float64) (y, dydu float64) {
	switch f {
	case G1, G2:
		y, dydu = evalG1(u, theta, dtheta)
		if f == G2 {
			y, dydu = addTanh(u, theta[4:], dtheta[4:], y, dydu)
		}
	case T1, T2:
		y, dydu = evalT1(u, theta, dtheta)
		if f == T2 {
			y, dydu = addTanh(u, theta[3:], dtheta[3:], y, dydu)
		}
	}
	return y, dydu
}

func evalG1(u float64, th, d []float64) (y, dydu float64) {
	rho := math.Log1p(math.Exp(th[3]))
	s := logistic(th[2] + rho*u*u)
	ds := s * (1 - s)
	d[0] = u
	d[1] = u * s
	d[2] = th[1] * u * ds
	d[3] = th[1] * u * u * u * ds * logistic(th[3])
	return u * (th[0] + th[1]*s), th[0] + th[1]*s + 2*th[1]*rho*u*u*ds
}

func evalT1(u float64, th, d []float64) (y, dydu float64) {
	c, a, e := th[0], th[1], th[2]
	plus, minus := math.Tanh(a*u+e), math.Tanh(a*u-e)
	sp, sm := 1-plus*plus, 1-minus*minus
	d[0] = plus + minus
	d[1] = c * u * (sp + sm)
	d[2] = c * (sp - sm)
	return c * (plus + minus), c * a * (sp + sm)
}

func addTanh(u float64, th, d []float64, y, dydu float64) (float64, float64) {
	t := math.Tanh(th[1] * u)
	s := 1 - t*t
	d[0] = t
	d[1] = th[0] * u * s
	return y + th[0]*t, dydu + th[0]*th[1]*s
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Eval returns f(u; θ) and ∂f/∂u and writes ∂f/∂θ into dtheta, in float64; θ and dtheta have Params elements.
func (f Family) Eval(u float64, theta, dtheta []float64) (y, dydu float64) {
	return f.at(theta)(u, dtheta)
}
