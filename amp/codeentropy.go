package amp

import (
	"math"

	"autoamp/amp/internal/quadrature"
	"autoamp/amp/internal/special"
)

// CodeEntropy returns the entropy per coordinate, H(y)/d in bits, of the code y = sign(Bx) of a Haar encoder as d → ∞, on the
// branch that AMP follows: at the fixed point of StateEvolution, which starts without information. It is at most rate bits.
//
// Where it exceeds the entropy of a discrete law, that branch is impossible, since y is a function of x: the data are determined
// by their code, and AMP does not find them. RateIT is the rate from which on this happens.
//
// The value is that of the potential of VAMP, whose stationary points are the fixed points of the recursion (amp/THEORY.md §11.4):
// with h₂ the entropy of a coin in nats, p₁ ~ N(0, 1 − 1/τ1) and λ over the spectrum of BᵀB,
//
//	H(y)/d = I(X; X + N(0, 1/γ1)) + r·E h₂(Φ(√τ1·p₁)) + ½E_λ ln(γ2 + τ2λ) − ½ln(γ1 + γ2) + (r/2)·ln(τ1/(τ1 + τ2)).
//
// Absolute error below 1e-9 where the status of the recursion is Converged. The error is a *DomainError: a rate out of bounds, or
// a law whose density behind the Gaussian channel is not known, see Prior.
func CodeEntropy(p Prior, rate float64) (bits float64, err error) {
	if err := checkPriorRate(p, rate); err != nil {
		return math.NaN(), err
	}
	if err := checkIntegrable(p, "the entropy of its code"); err != nil {
		return math.NaN(), err
	}
	settings, _ := (*Settings)(nil).withDefaults()
	return codeEntropy(p, rate, stateEvolution(p, rate, settings)), nil
}

// codeEntropy is the potential at the end of a trajectory, in bits per coordinate.
func codeEntropy(p Prior, rate float64, t *Trajectory) float64 {
	if t.Final() == 0 {
		return entropyAtRecovery(p)
	}
	f := fixedPointAt(rate, t.Gamma1, t.Final())
	nats := mutualInformation(p, f.gamma1) + rate*signEntropy(f.tau1) + f.linearTerm(rate)
	return math.Min(nats/math.Ln2, rate) // rounding
}

// entropyAtRecovery is H(y)/d where the code determines the data: the entropy of a discrete law.
func entropyAtRecovery(p Prior) float64 {
	if bits, ok := DiscreteEntropy(p); ok {
		return bits
	}
	return math.NaN() // no code of finitely many bits determines a continuous law; StateEvolution neglects errors below 1e-12
}

// fixedPoint holds the precisions of the recursion of amp/THEORY.md §11.3 at a fixed point.
type fixedPoint struct {
	gamma1, gamma2, tau1, tau2 float64
	gain                       float64 // J
}

// fixedPointAt finds the other precisions from γ1, which at r ≥ 1 is rτ2.
func fixedPointAt(rate, gamma1, mse float64) fixedPoint {
	f := fixedPoint{gamma1: gamma1, gamma2: (1 - gamma1*mse) / mse}
	f.tau1 = f.gamma2
	if rate > 1 {
		f.tau1 += (rate - 1) * gamma1 / rate
	}
	f.tau1 = math.Max(f.tau1, 1)
	f.gain = ProbitGain(f.tau1 - 1)
	f.tau2 = f.tau1 * f.gain / (1 - f.gain)
	return f
}

// linearTerm is what the linear stage adds to the potential, in nats per coordinate. ½ln γ2 is taken out of two of its terms.
func (f *fixedPoint) linearTerm(rate float64) float64 {
	spectrum := rate * math.Log1p(f.tau2/f.gamma2)
	if rate > 1 {
		spectrum = math.Log1p(rate * f.tau2 / f.gamma2)
	}
	return 0.5 * (spectrum - math.Log1p(f.gamma1/f.gamma2) + rate*math.Log1p(-f.gain))
}

// mutualInformation is I(X; X + N(0, 1/γ)) in nats: the differential entropy of the sum minus that of the noise.
func mutualInformation(p Prior, gamma float64) float64 {
	q := posteriorAt(p, 1/gamma)
	sum := 0.0
	q.grid().visit(func(y, w float64) {
		if logEvidence, _, _ := q.eval(y); !math.IsInf(logEvidence, -1) {
			sum -= w * math.Exp(logEvidence) * logEvidence
		}
	})
	return math.Max(0, sum-0.5*(math.Log(2*math.Pi/gamma)+1))
}

// signEntropy is the mean entropy in nats of the sign of z ~ N(p₁, 1/τ1), p₁ ~ N(0, 1 − 1/τ1). The integrand has the singularities
// of ln Φ, at a distance of more than 2 in √τ1·p₁.
func signEntropy(tau1 float64) float64 {
	spread := math.Sqrt(tau1 - 1) // of √τ1·p₁
	if spread == 0 {
		return math.Ln2
	}
	end := math.Min(10*spread, 40) // beyond 40 the sign is known to e⁻⁸⁰⁰
	sum := quadrature.Uniform(0, end, math.Min(1, spread), func(t float64) float64 {
		return math.Exp(-t*t/(2*spread*spread)) * coinEntropy(t)
	})
	return 2 * special.InvSqrt2Pi * sum / spread
}

// coinEntropy is h₂(Φ(t)) in nats.
func coinEntropy(t float64) float64 {
	return -special.NormalCDF(t)*special.LogNormalCDF(t) - special.NormalCDF(-t)*special.LogNormalCDF(-t)
}
