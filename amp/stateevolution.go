package amp

import "math"

// StateEvolution returns the error per coordinate of VAMP, and in its first passes RI-GAMP, behind a Haar encoder, pass by pass
// from an uninformative start to the fixed point: the scalar recursion of amp/THEORY.md §11.3. Pass 1 is DenoiserMSE, pass t the
// optimal RI-GAMP after t iterations. The last one is the Bayes-optimal error too, unless there is a hard phase: BayesMSE.
//
// rate > 0. The error of a pass is below 1e-11; the distance to the fixed point is below Settings.Tolerance when the
// status is Converged. A nil s means the defaults. The returned error is a *DomainError.
//
// Source: ICML 2024, eqs. (113)–(127).
func StateEvolution(p Prior, rate float64, s *Settings) (*Trajectory, error) {
	settings, err := s.withDefaults()
	if err == nil {
		err = checkPriorRate(p, rate)
	}
	if err != nil {
		return nil, err
	}
	return stateEvolution(p, rate, settings), nil
}

// stateEvolution runs the recursion. Its first pass, from no information at all, gives γ1 = SNR₁ = μ²/σ² and
// τ2 = J(0)/(1 − J(0)).
func stateEvolution(p Prior, rate float64, s Settings) *Trajectory {
	t := &Trajectory{Status: IterationLimit, MSE: make([]float64, 0, 64)}
	gamma1 := 1 / haarNoise(rate)
	tau2 := 1 / (math.Pi/2 - 1)
	for {
		t.Gamma1 = gamma1
		mse := p.MMSE(1 / gamma1)
		if t.add(mse, s.Tolerance) || len(t.MSE) >= s.MaxPasses {
			return t
		}
		newGamma1, newTau2 := flatPass(rate, gamma1, tau2, mse)
		gamma1 += (1 - s.Damping) * (newGamma1 - gamma1)
		tau2 += (1 - s.Damping) * (newTau2 - tau2)
		if !(gamma1 > 0) || math.IsInf(gamma1, 1) {
			t.Status = Diverged
			return t
		}
	}
}

// flatPass is one pass of amp/THEORY.md §11.3, with the formula for γ1 freed of its cancellation.
func flatPass(rate, gamma1, tau2, mse float64) (newGamma1, newTau2 float64) {
	gamma2 := (1 - gamma1*mse) / mse
	tau1 := gamma2
	if rate > 1 {
		tau1 += (rate - 1) * tau2
	}
	tau1 = math.Max(tau1, 1)
	j := ProbitGain(tau1 - 1)
	newTau2 = tau1 * j / (1 - j)
	if rate > 1 {
		return rate * newTau2, newTau2
	}
	return rate * newTau2 * gamma2 / (gamma2 + (1-rate)*newTau2), newTau2
}
