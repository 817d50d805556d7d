package amp_test

import (
	"fmt"
	"math"
	"testing"

	"autoamp/amp"
)

// midpoint is ∫ₐᵇ f by the midpoint rule with n and 2n intervals, extrapolated; it never asks for the ends.
func midpoint(a, b float64, n int, f func(float64) float64) float64 {
	rule := func(n int) float64 {
		h, sum := (b-a)/float64(n), 0.0
		for i := range n {
			sum += h * f(a+(float64(i)+0.5)*h)
		}
		return sum
	}
	return (4*rule(2*n) - rule(n)) / 3
}

// normalCDF is Φ, from the error function of the standard library.
func normalCDF(t float64) float64 { return math.Erfc(-t/math.Sqrt2) / 2 }

// overSpread is E f(T), T ~ N(0, variance), for an even f.
func overSpread(variance float64, f func(t float64) float64) float64 {
	sd := math.Sqrt(variance)
	half := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) * f(x*sd) }
	sum := 0.0
	for a := 0.0; a < 9; a++ {
		sum += 2 * simpson(half, a, a+1)
	}
	return sum
}

// noisyFixedPoint is ρ and v + Δ at the fixed point, from no information, of the recursion of amp/THEORY.md §11.3 for the code
// y = sign(z + √Δ·w): (A4) becomes a4 = 1 − v/(v+Δ)·J(ρ) with v = 1/τ1 and ρ = (1−v)/(v+Δ).
func noisyFixedPoint(p amp.Prior, rate, noise float64) (rho, total float64) {
	tau1, tau2, gamma1 := 1.0, 0.0, 0.0
	for pass, before := 0, 2.0; pass < 20000; pass++ {
		v := 1 / tau1
		rho, total = (1-v)/(v+noise), v+noise
		a4 := 1 - v/total*amp.ProbitGain(rho)
		tau2 = tau1 * (1 - a4) / a4
		if gamma1 = rate * tau2; rate <= 1 {
			gamma2 := tau1
			gamma1 = 1/((1-rate)/gamma2+rate/(gamma2+tau2)) - gamma2
		}
		mse := p.MMSE(1 / gamma1)
		if math.Abs(mse-before) < 1e-12 {
			break
		}
		before = mse
		if tau1 = 1/mse - gamma1; rate > 1 {
			tau1 += (rate - 1) * tau2
		}
		tau1 = math.Max(tau1, 1)
	}
	return rho, total
}

// entropyOverNoise is the code's entropy along the noise path: r bits at Δ = ∞, minus the integral of its derivative,
// r/(v+Δ)·E Tφ(T)·log₂Φ(T), T ~ N(0, ρ); Δ = t²/(1−t)², which is fine near Δ = 0.
func entropyOverNoise(p amp.Prior, rate float64) float64 {
	return rate - midpoint(0, 1, 80, func(t float64) float64 {
		noise := t * t / (1 - t) / (1 - t)
		rho, total := noisyFixedPoint(p, rate, noise)
		slope := overSpread(rho, func(x float64) float64 {
			density := math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
			return x * density * (math.Log2(normalCDF(x)) - math.Log2(math.Max(normalCDF(-x), 1e-300)))
		}) / 2
		return rate / total * slope * 2 * t / (1 - t) / (1 - t) / (1 - t)
	})
}

// entropyOverRate is the code's entropy along the rate path, r ≤ 1: a further Haar row sees z ~ N(p₁, 1/τ1).
func entropyOverRate(p amp.Prior, rate float64) float64 {
	return midpoint(0, rate, 24, func(r float64) float64 {
		rho, _ := noisyFixedPoint(p, r, 0)
		return overSpread(rho, func(x float64) float64 {
			sum := 0.0
			for _, q := range []float64{normalCDF(x), normalCDF(-x)} {
				if q > 0 {
					sum -= q * math.Log2(q)
				}
			}
			return sum
		})
	})
}

// The potential's value against both paths, which share no formula with it but the recursion.
func TestCodeEntropyAlongTwoPaths(t *testing.T) {
	t.Parallel()
	const tolerance = 2e-5 // the paths' quadratures
	for _, c := range []struct {
		law  amp.Prior
		rate float64
	}{
		{amp.SparseRademacher{P: 1}, 0.5}, {amp.SparseRademacher{P: 1}, 1}, {amp.SparseRademacher{P: 1}, 1.3},
		{amp.SparseGaussian{P: 0.4}, 1}, {amp.SparseRademacher{P: 0.4}, 1.6333}, {amp.SparseMixture{P: 0.999, Mean: 1}, 1.2},
		{amp.SparseLaplace{P: 0.3}, 0.4},
	} {
		t.Run(fmt.Sprintf("%v/r=%g", c.law, c.rate), func(t *testing.T) {
			t.Parallel()
			got, err := amp.CodeEntropy(c.law, c.rate)
			if err != nil {
				t.Fatal(err)
			}
			checkAbsolute(t, "noise path", got, entropyOverNoise(c.law, c.rate), tolerance)
			if c.rate <= 1 {
				checkAbsolute(t, "rate path", got, entropyOverRate(c.law, c.rate), tolerance)
			}
		})
	}
}

// The values of amp/THEORY.md §11.4, five digits.
func TestCodeEntropyValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		law        amp.Prior
		rate, bits float64
	}{
		{amp.SparseRademacher{P: 1}, 0.5, 0.49834}, {amp.SparseRademacher{P: 1}, 1, 0.94410}, {amp.SparseRademacher{P: 1}, 1.3, 1.08764},
		{amp.SparseGaussian{P: 0.4}, 1, 0.93855},
	} {
		bits, err := amp.CodeEntropy(c.law, c.rate)
		if err != nil {
			t.Fatal(err)
		}
		checkAbsolute(t, fmt.Sprintf("%v, r = %g", c.law, c.rate), bits, c.bits, 1e-5)
	}
	if _, err := amp.CodeEntropy(spiky{0.3}, 1); err == nil {
		t.Error("a law without a density: no error")
	}
}

// More bits tell more, and no more than they are: on the branch of AMP the entropy rises with the rate, by at most the bits added.
func TestCodeEntropyRisesWithTheRate(t *testing.T) {
	t.Parallel()
	for _, name := range amp.PriorNames() {
		law := mustPrior(t, name, 0.3, 1)
		before, at := 0.0, 0.0
		for rate := 0.02; rate < 1.3; rate *= 1.3 {
			bits, err := amp.CodeEntropy(law, rate)
			if err != nil {
				t.Fatal(err)
			}
			if bits < before || bits-before > rate-at+1e-12 {
				t.Errorf("%s: %g bits at rate %g, %g at %g", name, bits, rate, before, at)
			}
			before, at = bits, rate
		}
	}
}

func TestDiscreteEntropy(t *testing.T) {
	t.Parallel()
	atoms, err := amp.NewLaw(nil, nil, amp.Atom{X: -1, Weight: 0.5}, amp.Atom{X: 1, Weight: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	measured, err := amp.NewEmpirical([]float64{0, 0, 3, -3}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		law  amp.Prior
		bits float64
	}{
		{amp.SparseRademacher{P: 1}, 1},
		{amp.SparseRademacher{P: 0.4}, 1.37095}, // 0.4 + h₂(0.4)
		{amp.SparseMixture{P: 0.25, Mean: 2}, 0.25 - 0.25*math.Log2(0.25) - 0.75*math.Log2(0.75)},
		{atoms, 1}, {measured, 1.5},
		{struct{ *amp.Law }{atoms}, 1}, // a law from outside
	} {
		bits, ok := amp.DiscreteEntropy(c.law)
		if !ok || math.Abs(bits-c.bits) > 1e-5 {
			t.Errorf("%v: %g bits, %t; want %g", c.law, bits, ok, c.bits)
		}
	}
	for _, law := range []amp.Prior{amp.SparseGaussian{P: 0.3}, amp.SparseMixture{P: 0.3, Mean: 1}, spikyLaw(t, 0.3), spiky{0.3}} {
		if bits, ok := amp.DiscreteEntropy(law); ok {
			t.Errorf("%T: %g bits for a law that is not discrete", law, bits)
		}
	}
}
