package amp

import (
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/amp/internal/history"
	"autoamp/amp/internal/special"
)

// RIGAMPSamples is the state evolution of a decoder that alternates products with a Haar encoder's B and Bᵀ and scalar
// functions of any kind, fitted or trained, on samples of the limit d → ∞. ToData returns samples of the entries of Bᵀẑ, and
// ToCode of the entries of Bx̂, Onsager terms included. Call the two in turn, where the decoder multiplies by its matrices:
//
//	y := s.Code()                     // entries of sign(Bx)
//	x1 := f1(s.ToData(y))             // x̂¹ = f1(Bᵀy)
//	z2 := g1(merge(s.ToCode(x1), y))  // ẑ²
//	x2 := f2(merge(s.ToData(z2), x1)) // x̂²
//
// All expectations are averages over the samples, and the averages of derivatives follow by Stein's lemma, so that the
// result has a standard error of order 1/√count.
//
// Source: amp/THEORY.md §9.3; Venkataramanan, Kögler, Mondelli 2022.
type RIGAMPSamples struct {
	prior                  Prior
	rate                   float64
	rng                    *rand.Rand
	psi, phi, gamma, delta history.Matrix
	omega, sigma           *history.Matrix
	mu                     [MaxRIGAMPIterations + 1]float64
	x                      []float64   // the signal, of second moment exactly 1
	fresh                  [][]float64 // standard normals used so far, orthogonal to each other and the signal
	w                      [][]float64 // noise of x¹, x², …
	z                      [][]float64 // G, z¹, z², …
	xhat, zhat             [][]float64
}

// NewRIGAMPSamples draws count ≥ 100 samples, a function of the seed. The error is a *DomainError.
func NewRIGAMPSamples(p Prior, rate float64, count int, seed uint64) (*RIGAMPSamples, error) {
	if err := checkPriorRate(p, rate); err != nil {
		return nil, err
	}
	if count < 100 {
		return nil, &DomainError{"count", count, "must be at least 100"}
	}
	s := &RIGAMPSamples{prior: p, rate: rate, rng: rand.New(rand.NewPCG(seed, 9))}
	s.x = make([]float64, count)
	for i := range s.x {
		s.x[i] = p.Sample(s.rng)
	}
	if average(s.x, s.x) == 0 {
		return nil, &DomainError{"count", count, "must be larger for this law: none of the samples is different from 0"}
	}
	scaleTo(s.x, 1)
	s.gamma[0][0] = 1
	s.sigma = &history.Matrix{}
	s.sigma[0][0] = 1
	s.z = [][]float64{s.normal()}
	return s, nil
}

// Code returns y = sign(G).
func (s *RIGAMPSamples) Code() []float64 {
	y := make([]float64, len(s.x))
	for i, g := range s.z[0] {
		y[i] = math.Copysign(1, g)
	}
	return y
}

// ToData returns Bᵀẑᵗ, which begins iteration t, at most MaxRIGAMPIterations; ẑ¹ is Code.
func (s *RIGAMPSamples) ToData(zhat []float64) ([]float64, error) {
	t := len(s.zhat) + 1
	if t > MaxRIGAMPIterations || len(s.xhat) != t-1 || len(zhat) != len(s.x) {
		return nil, s.misuse("ToData", zhat)
	}
	s.zhat = append(s.zhat, zhat)
	slope := history.Solve(s.sigma, 0, t, func(i int) float64 { return average(s.z[i], zhat) })
	copy(s.phi[t][:], slope)
	for i := 1; i <= t; i++ {
		s.delta[i][t] = average(s.zhat[i-1], zhat)
		s.delta[t][i] = s.delta[i][t]
	}
	kappa := FlatCumulants(s.rate, 2*t+2)
	beta := history.Onsager(kappa, &s.phi, &s.psi)
	s.omega = history.Covariance(kappa, &s.phi, &s.psi, &s.delta, &s.gamma)
	for i := range s.omega {
		for j := range s.omega[i] {
			s.omega[i][j] *= s.rate
		}
	}
	s.mu[t] = s.rate * beta[t][0]
	w := s.next(s.omega, 1, s.w)
	s.w = append(s.w, w)
	out := make([]float64, len(w))
	for k := range out {
		out[k] = s.mu[t]*s.x[k] + w[k]
		for i, xhat := range s.xhat {
			out[k] += s.rate * beta[t][i+1] * xhat[k]
		}
	}
	return out, nil
}

// ToCode returns Bx̂ᵗ, once for each t.
func (s *RIGAMPSamples) ToCode(xhat []float64) ([]float64, error) {
	t := len(s.xhat) + 1
	if t > MaxRIGAMPIterations || len(s.zhat) != t || len(xhat) != len(s.x) {
		return nil, s.misuse("ToCode", xhat)
	}
	s.xhat = append(s.xhat, xhat)
	slope := history.Solve(s.omega, 1, t+1, func(i int) float64 { return average(s.w[i-1], xhat) })
	copy(s.psi[t][1:], slope)
	s.gamma[0][t] = average(s.x, xhat)
	s.gamma[t][0] = s.gamma[0][t]
	for i := 1; i <= t; i++ {
		s.gamma[i][t] = average(s.xhat[i-1], xhat)
		s.gamma[t][i] = s.gamma[i][t]
	}
	kappa := FlatCumulants(s.rate, 2*t+2)
	alpha := history.Onsager(kappa, &s.psi, &s.phi)
	s.sigma = history.Covariance(kappa, &s.psi, &s.phi, &s.gamma, &s.delta)
	z := s.next(s.sigma, 0, s.z)
	s.z = append(s.z, z)
	out := make([]float64, len(z))
	for k := range out {
		out[k] = z[k]
		for i, zhat := range s.zhat {
			out[k] += alpha[t][i+1] * zhat[k]
		}
	}
	return out, nil
}

func (s *RIGAMPSamples) misuse(call string, in []float64) error {
	return &DomainError{call, fmt.Sprintf("%d values after %d calls of ToData and %d of ToCode", len(in), len(s.zhat), len(s.xhat)),
		fmt.Sprintf("must take turns, ToData first, at most %d times, with one value for each sample", MaxRIGAMPIterations)}
}

// PosteriorMean returns E[X | x¹…xᵗ], the best estimate after t calls of ToData, at every sample, and its error.
func (s *RIGAMPSamples) PosteriorMean() (mean []float64, mse float64) {
	t := len(s.w)
	weights := history.Solve(s.omega, 1, t+1, func(i int) float64 { return s.mu[i] })
	snr := 0.0
	for i, w := range weights {
		snr += w * s.mu[i+1]
	}
	mean = make([]float64, len(s.x))
	for k := range mean {
		y := s.x[k]
		for i, w := range weights {
			y += w * s.w[i][k] / snr
		}
		mean[k] = s.prior.PosteriorMean(y, 1/snr)
	}
	return mean, s.prior.MMSE(1 / snr)
}

// Output returns the optimal g, (E[G | z¹…zᵗ, y] − E[G | z¹…zᵗ])/Var(G | z¹…zᵗ), after t calls of ToCode.
func (s *RIGAMPSamples) Output() []float64 {
	t := len(s.z) - 1
	weights := history.Solve(s.sigma, 1, t+1, func(i int) float64 { return s.sigma[i][0] })
	v := s.sigma[0][0]
	for i, w := range weights {
		v -= w * s.sigma[i+1][0]
	}
	sd := math.Sqrt(v)
	out := make([]float64, len(s.x))
	for k := range out {
		estimate := 0.0
		for i, w := range weights {
			estimate += w * s.z[i+1][k]
		}
		y := math.Copysign(1, s.z[0][k])
		out[k] = y * special.InverseMills(y*estimate/sd) / sd
	}
	return out
}

// Error returns the error per coordinate of an estimate that is a function of x¹…xᵗ: the posterior mean's error, which is
// exact, plus the estimate's squared distance from the posterior mean.
func (s *RIGAMPSamples) Error(xhat []float64) float64 {
	mean, mse := s.PosteriorMean()
	for k, m := range mean {
		mse += (m - xhat[k]) * (m - xhat[k]) / float64(len(mean))
	}
	return mse
}

// next draws a vector whose variance, and covariances with the earlier vectors, are the matrix's. Slot lo of the matrix
// belongs to earlier[0].
func (s *RIGAMPSamples) next(m *history.Matrix, lo int, earlier [][]float64) []float64 {
	at := lo + len(earlier)
	weights := []float64{}
	if len(earlier) > 0 {
		weights = history.Solve(m, lo, at, func(i int) float64 { return m[i][at] })
	}
	variance := m[at][at]
	for i, w := range weights {
		variance -= w * m[lo+i][at]
	}
	out := s.normal()
	sd := math.Sqrt(math.Max(variance, 0))
	for k := range out {
		out[k] *= sd
		for i, w := range weights {
			out[k] += w * earlier[i][k]
		}
	}
	return out
}

// normal draws standard normals with exact second moments: they are orthogonal to all that were drawn before.
func (s *RIGAMPSamples) normal() []float64 {
	out := make([]float64, len(s.x))
	for i := range out { // stratified, so that E|G| is exact too
		out[i] = math.Sqrt2 * math.Erfinv((2*float64(i)+1)/float64(len(out))-1)
	}
	s.rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	for _, before := range append([][]float64{s.x}, s.fresh...) {
		c := average(out, before)
		for i := range out {
			out[i] -= c * before[i]
		}
	}
	scaleTo(out, 1)
	kept := append([]float64(nil), out...)
	s.fresh = append(s.fresh, kept)
	return out
}

func average(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum / float64(len(a))
}

// scaleTo gives a the second moment m2.
func scaleTo(a []float64, m2 float64) {
	factor := math.Sqrt(m2 / average(a, a))
	for i := range a {
		a[i] *= factor
	}
}
