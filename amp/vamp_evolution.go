package amp

import "math"

// VAMPStateEvolution returns the error per coordinate of VAMP, pass by pass from an uninformative start, for an encoder B
// of any spectrum: eigenvalues are the n eigenvalues of BBᵀ (zeros included), rate = n/d. For a flat spectrum it is
// StateEvolution. The fixed point is the Bayes-optimal error of a bi-rotationally invariant B where it is the only one.
//
// Source: amp/THEORY.md §11.1; ICML 2024, eqs. (113)–(127).
func VAMPStateEvolution(p Prior, rate float64, eigenvalues []float64, s *Settings) (*Trajectory, error) {
	settings, err := s.withDefaults()
	if err == nil {
		err = checkPriorRate(p, rate)
	}
	if err == nil {
		err = checkSpectrum("eigenvalues", eigenvalues)
	}
	if err != nil {
		return nil, err
	}
	spectrum := collect(eigenvalues, rate)
	if !(spectrum.variance > 0) {
		return nil, &DomainError{"eigenvalues", 0, "must not all be zero"}
	}
	return vampStateEvolution(p, spectrum, settings), nil
}

// vampStateEvolution runs the recursion. With no information the x-stage has γ2 = 1 and the z-stage τ1 = 1/v_z.
func vampStateEvolution(p Prior, b spectrum, s Settings) *Trajectory {
	t := &Trajectory{Status: IterationLimit, MSE: make([]float64, 0, 64)}
	tau2 := outputGain(1/b.variance, b.variance)
	gamma1 := b.signalPrecision(1, tau2)
	for {
		t.Gamma1 = gamma1
		mse := p.MMSE(1 / gamma1)
		if t.add(mse, s.Tolerance) || len(t.MSE) >= s.MaxPasses {
			return t
		}
		gamma2 := (1 - gamma1*mse) / mse
		tau1 := math.Max(b.outputPrecision(gamma2, tau2), 1/b.variance)
		tau2 += (1 - s.Damping) * (outputGain(tau1, b.variance) - tau2)
		gamma1 += (1 - s.Damping) * (b.signalPrecision(gamma2, tau2) - gamma1)
		if !(gamma1 > 0) || math.IsInf(gamma1, 1) {
			t.Status = Diverged
			return t
		}
	}
}

// outputGain is (A4): τ2 = τ1·J/(1 − J) at ρ = τ1·v_z − 1.
func outputGain(tau1, variance float64) float64 {
	j := ProbitGain(math.Max(0, tau1*variance-1))
	return tau1 * j / (1 - j)
}

// spectrum is a list of distinct eigenvalues of BBᵀ with their shares.
type spectrum struct {
	rate     float64
	variance float64 // v_z = E z² = the mean eigenvalue
	value    []float64
	share    []float64
}

// collect merges runs of equal eigenvalues, which makes flat spectra cheap.
func collect(eigenvalues []float64, rate float64) spectrum {
	b := spectrum{rate: rate}
	share := 1 / float64(len(eigenvalues))
	for _, l := range eigenvalues {
		b.variance += share * l
		if k := len(b.value); k > 0 && b.value[k-1] == l {
			b.share[k-1] += share
			continue
		}
		b.value = append(b.value, l)
		b.share = append(b.share, share)
	}
	return b
}

// removed is a3 = mean over the rows of τλ/(γ + τλ), divided by τ when perTau is wanted.
func (b *spectrum) removed(gamma, tau float64) (perTau float64) {
	for i, l := range b.value {
		perTau += b.share[i] * l / (gamma + tau*l)
	}
	return perTau
}

// outputPrecision is (A3): τ1 = τ2(1/a3 − 1) = (1 − a3)/(a3/τ2).
func (b *spectrum) outputPrecision(gamma2, tau2 float64) float64 {
	kept := 0.0 // 1 − a3
	for i, l := range b.value {
		kept += b.share[i] * gamma2 / (gamma2 + tau2*l)
	}
	return kept / b.removed(gamma2, tau2)
}

// signalPrecision is (A2) and the step for γ1: γ2(1/a2 − 1) with a2 = 1 − r·a3.
func (b *spectrum) signalPrecision(gamma2, tau2 float64) float64 {
	gained := b.rate * tau2 * b.removed(gamma2, tau2)
	return gamma2 * gained / (1 - gained)
}
