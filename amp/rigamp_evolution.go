package amp

import (
	"fmt"
	"math"
	"slices"

	"autoamp/amp/internal/history"
)

// RIGAMPEvolution is the state evolution of RI-GAMP with optimal functions on a bi-rotationally invariant encoder. The
// iterations are counted from 1; entry t−1 of a slice belongs to iteration t.
//
// x¹…xᵗ behave as μX + N(0, Ω), z¹…zᵗ with G = (Bx)_i in slot 0 as N(0, Σ).
type RIGAMPEvolution struct {
	MSE    []float64   // error of x̂ᵗ per coordinate
	Mu     []float64   // μ_t
	Omega  [][]float64 // Ω, t×t
	Sigma  [][]float64 // Σ, (t+1)×(t+1), slot 0 is G
	Alpha  [][]float64 // α_{t,i}, i ≤ t: subtract from B·x̂ᵗ
	Beta   [][]float64 // β_{t,i}, i < t: subtract from Bᵀ·ẑᵗ
	signal []combiner  // f_t
	output []combiner  // g_{t+1}
}

// combiner is a linear combination of the history and the variance that remains.
type combiner struct {
	weights  []float64
	variance float64
}

// RIGAMPStateEvolution runs the state evolution for a spectrum given by its free cumulants κ₂, κ₄, …; nil means a Haar
// encoder. Rows of B of unit norm have κ₂ = 1. iterations is between 1 and MaxRIGAMPIterations, and 2·iterations+2
// cumulants are needed.
//
// f_t is the posterior mean of X given x¹…xᵗ, and g_{t+1} comes from the posterior mean of G given z¹…zᵗ and y. All expectations have closed forms but
// MMSE and ProbitGain, since the estimates Ĝ_t form a martingale: E ẑˢẑᵗ = J_s/v_s for 2 ≤ s ≤ t.
//
// On flat spectra MSE equals the first passes of StateEvolution. The recursion ends early where the error falls below
// 1e-12, perfect recovery; then the slices are shorter. Once iterations repeat each other (MSE stable to 1e-6) the
// covariances are nearly singular and MSE is good to about 1e-9 only. The error is a *DomainError.
//
// Source: amp/THEORY.md §9; Venkataramanan, Kögler, Mondelli 2022.
func RIGAMPStateEvolution(p Prior, rate float64, cumulants []float64, iterations int) (*RIGAMPEvolution, error) {
	if err := checkPriorRate(p, rate); err != nil {
		return nil, err
	}
	if iterations < 1 || iterations > MaxRIGAMPIterations {
		return nil, &DomainError{"iterations", iterations, "must be between 1 and 7"}
	}
	needed := 2*iterations + 2
	if cumulants == nil {
		cumulants = FlatCumulants(rate, needed)
	}
	if err := checkCumulants(cumulants, needed); err != nil {
		return nil, err
	}
	e := newEvolution(rate, cumulants[:needed])
	for t := 1; t <= iterations; t++ {
		e.signalStep(p, t)
		if e.mse[t-1] < perfect {
			return e.result(t), nil
		}
		if t < iterations {
			e.outputStep(t)
		}
	}
	return e.result(iterations), nil
}

// checkCumulants accepts at least needed finite numbers, the first positive.
func checkCumulants(cumulants []float64, needed int) error {
	if len(cumulants) < needed {
		return &DomainError{"cumulants", len(cumulants), fmt.Sprintf("must be at least %d numbers, 2·iterations + 2", needed)}
	}
	for i, k := range cumulants[:needed] {
		if math.IsNaN(k) || math.IsInf(k, 0) || i == 0 && k <= 0 {
			return &DomainError{fmt.Sprintf("cumulants[%d]", i), k, "must be finite, the first one positive"}
		}
	}
	return nil
}

// Signal returns f_t of iteration t, counted from 1: x̂ᵗ is the posterior mean given Σ weights[i]·xⁱ⁺¹ = X + N(0, noise).
func (e *RIGAMPEvolution) Signal(t int) (weights []float64, noise float64) {
	c := e.signal[t-1]
	return slices.Clone(c.weights), c.variance
}

// Output returns g_{t+1}: with Ĝ = Σ weights[i]·zⁱ⁺¹, the best linear estimate of G, it is y·ψ(yĜ/√variance)/√variance.
func (e *RIGAMPEvolution) Output(t int) (weights []float64, variance float64) {
	c := e.output[t-1]
	return slices.Clone(c.weights), c.variance
}

// Useful returns the number of iterations before the first whose f or g gains less than 0.03 % in variance over the one before it:
// see Functions.
func (e *RIGAMPEvolution) Useful() int {
	for t := 1; t < len(e.signal); t++ {
		if e.signal[t].variance > (1-worthwhile)*e.signal[t-1].variance {
			return t
		}
		if t < len(e.output) && e.output[t].variance > (1-worthwhile)*e.output[t-1].variance {
			return t + 1
		}
	}
	return len(e.signal)
}

// evolution carries the matrices of amp/THEORY.md §9.3.
type evolution struct {
	rate                   float64
	kappa                  []float64
	psi, phi, gamma, delta history.Matrix
	alpha, beta            *history.Matrix
	omega, sigma           *history.Matrix
	mse                    []float64
	signal, output         []combiner
}

// newEvolution starts from ẑ¹ = y: E ∂y/∂G = √(2/(πκ₂)).
func newEvolution(rate float64, kappa []float64) *evolution {
	e := &evolution{rate: rate, kappa: kappa}
	e.gamma[0][0] = 1
	e.delta[1][1] = 1
	e.phi[1][0] = math.Sqrt(2 / (math.Pi * kappa[0]))
	return e
}

// signalStep computes β, Ω of iteration t, then f_t, then α, Σ.
func (e *evolution) signalStep(p Prior, t int) {
	e.beta = history.Onsager(e.kappa, &e.phi, &e.psi)
	e.omega = history.Covariance(e.kappa, &e.phi, &e.psi, &e.delta, &e.gamma)
	weights := history.Solve(e.omega, 1, t+1, func(i int) float64 { return e.beta[i][0] })
	snr := 0.0 // μᵀΩ⁻¹μ, in units in which Ω and μ lack their factor r
	for i, w := range weights {
		snr += w * e.beta[i+1][0]
	}
	noise := 1 / (e.rate * snr)
	mse := p.MMSE(noise)
	e.mse = append(e.mse, mse)
	for i := range weights {
		e.psi[t][i+1] = weights[i] * mse
		weights[i] *= noise
	}
	e.signal = append(e.signal, combiner{weights, noise})
	e.gamma[0][t], e.gamma[t][0] = 1-mse, 1-mse
	for s := 1; s <= t; s++ {
		overlap := 1 - math.Max(mse, e.mse[s-1])
		e.gamma[s][t], e.gamma[t][s] = overlap, overlap
	}
	e.alpha = history.Onsager(e.kappa, &e.psi, &e.phi)
	e.sigma = history.Covariance(e.kappa, &e.psi, &e.phi, &e.gamma, &e.delta)
}

// outputStep computes g_{t+1} from z¹…zᵗ.
func (e *evolution) outputStep(t int) {
	weights := history.Solve(e.sigma, 1, t+1, func(i int) float64 { return e.sigma[i][0] })
	explained := 0.0
	for i, w := range weights {
		explained += w * e.sigma[i+1][0]
	}
	v := e.sigma[0][0] - explained
	gain := ProbitGain(explained/v) / v
	e.output = append(e.output, combiner{weights, v})
	e.phi[t+1][0] = gain
	for i, w := range weights {
		e.phi[t+1][i+1] = -w * gain
	}
	e.delta[t+1][t+1] = gain
	for s := 2; s <= t; s++ {
		e.delta[s][t+1] = e.delta[s][s]
		e.delta[t+1][s] = e.delta[s][s]
	}
	first := math.Sqrt(2 / (math.Pi * e.sigma[0][0]))
	e.delta[1][t+1], e.delta[t+1][1] = first, first
}

// result copies the history for the caller.
func (e *evolution) result(iterations int) *RIGAMPEvolution {
	r := &RIGAMPEvolution{MSE: e.mse, signal: e.signal, output: e.output}
	for t := 1; t <= iterations; t++ {
		r.Mu = append(r.Mu, e.rate*e.beta[t][0])
		r.Alpha = append(r.Alpha, copyRow(e.alpha[t][1:t+1], 1))
		r.Beta = append(r.Beta, copyRow(e.beta[t][1:t], e.rate))
		r.Omega = append(r.Omega, copyRow(e.omega[t][1:iterations+1], e.rate))
	}
	for t := 0; t <= iterations; t++ {
		r.Sigma = append(r.Sigma, copyRow(e.sigma[t][:iterations+1], 1))
	}
	return r
}

// copyRow returns scale·row.
func copyRow(row []float64, scale float64) []float64 {
	out := make([]float64, len(row))
	for i, x := range row {
		out[i] = scale * x
	}
	return out
}
