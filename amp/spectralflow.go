package amp

import "math"

// SpectralFlow returns the eigenvalues λ_j of BBᵀ at the given time for the gradient flow of GD-min started at lambda,
//
//	dλ_j/ds = 4c₀λ_j·[1/(λ_j + c₀)² − mean_k λ_k/(λ_k + c₀)²],   c₀ = π/2 − 1,
//
// where s = η·t for steps of size η on F = d·(Risk − 1). It conserves Σλ = n, tends to λ ≡ 1 at rate SpectralFlowRate
// and does not depend on the sparsity of the data. Relative error below 1e-9; lambda is not changed. time ≥ 0.
//
// Source: amp/THEORY.md §4.5, behind ICML 2024, Theorem 4.1.
func SpectralFlow(lambda []float64, time float64) ([]float64, error) {
	if err := checkSpectrum("lambda", lambda); err != nil {
		return nil, err
	}
	if !(time >= 0) || math.IsInf(time, 1) {
		return nil, &DomainError{"time", time, "must be finite and not negative"}
	}
	flow := newFlow(lambda)
	step := 0.01
	for s := 0.0; s < time; {
		taken := math.Min(step, time-s)
		ok, next := flow.try(taken)
		if ok {
			s += taken
		}
		if time-s < 1e-15*time || ok && flow.settled() {
			break
		}
		step = next
	}
	return flow.lambda, nil
}

// settled reports that no eigenvalue moves any more.
func (f *flow) settled() bool {
	derivative(f.work, f.lambda)
	for j, l := range f.lambda {
		if math.Abs(f.work[j]) > 1e-13*l {
			return false
		}
	}
	return true
}

// SpectralFlowRate is the exponential rate 8c₀(2/π)³ = 1.178 at which the flow approaches λ ≡ 1.
const SpectralFlowRate = 8 * arcsinExcess * 8 / (math.Pi * math.Pi * math.Pi)

// SpectralMSE returns the error per coordinate at the optimal linear decoder of an incoherent encoder whose BBᵀ has
// eigenvalues lambda: 1 − r·mean λ/(λ + c₀).
//
// Source: amp/THEORY.md §4.4 with arcsin(M) ≈ M + c₀I.
func SpectralMSE(lambda []float64, rate float64) float64 {
	sum := 0.0
	for _, l := range lambda {
		sum += l / (l + arcsinExcess)
	}
	return 1 - rate*sum/float64(len(lambda))
}

// flow is the state of the Runge–Kutta method.
type flow struct {
	lambda, work, high, low []float64
	slope                   [4][]float64
}

// newFlow allocates the stages once.
func newFlow(lambda []float64) *flow {
	n := len(lambda)
	f := &flow{lambda: append([]float64(nil), lambda...)}
	f.work, f.high, f.low = make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range f.slope {
		f.slope[i] = make([]float64, n)
	}
	return f
}

// derivative is the right-hand side.
func derivative(dst, lambda []float64) {
	mean := 0.0
	for _, l := range lambda {
		mean += l / ((l + arcsinExcess) * (l + arcsinExcess))
	}
	mean /= float64(len(lambda))
	for j, l := range lambda {
		dst[j] = 4 * arcsinExcess * l * (1/((l+arcsinExcess)*(l+arcsinExcess)) - mean)
	}
}

// rk4 writes one classical fourth-order step from src to dst.
func (f *flow) rk4(dst, src []float64, step float64) {
	k := &f.slope
	derivative(k[0], src)
	for stage, share := range []float64{0.5, 0.5, 1} {
		for j := range src {
			f.work[j] = src[j] + share*step*k[stage][j]
		}
		derivative(k[stage+1], f.work)
	}
	for j := range src {
		dst[j] = src[j] + step/6*(k[0][j]+2*k[1][j]+2*k[2][j]+k[3][j])
	}
}

// flowTolerance is the error allowed in one step.
const flowTolerance = 1e-11

// try compares one step with two half steps, accepts the extrapolated value of fifth order if they agree, and
// proposes the next step.
func (f *flow) try(step float64) (ok bool, next float64) {
	f.rk4(f.low, f.lambda, step)
	f.rk4(f.high, f.lambda, step/2)
	f.rk4(f.high, f.high, step/2)
	worst := 0.0
	for j := range f.high {
		worst = math.Max(worst, math.Abs(f.high[j]-f.low[j])/(1+f.high[j]))
	}
	next = step * math.Min(4, math.Max(0.2, 0.9*math.Pow(flowTolerance/(worst+1e-300), 0.2)))
	if worst > 15*flowTolerance {
		return false, next
	}
	for j := range f.high {
		f.lambda[j] = f.high[j] + (f.high[j]-f.low[j])/15
	}
	return true, next
}
