package amp

// The error at finite d, to first order in 1/d.
//
// Derivation. The coordinates of x are i.i.d. with E x² = 1 and E x⁴ = m₄, B is a Haar encoder, u = Bᵀsign(Bx), and
// one coordinate x = x_j is looked at. Write ‖x‖² = d(1+δ); given x, E δ = (x²−1)/d and E δ² = (m₄−1)/d.
//
// The part of u along x is T/‖x‖·x and the rest is uniform on a sphere of the hyperplane orthogonal to x, so that
// u_j = M·x + √Q·g, where g has mean 0, variance 1 and, as a coordinate of a sphere, fourth cumulant −6/d.
//
// r ≤ 1: T = Σ_{i≤n}|q_i| with q uniform on the unit sphere of R^d, M = T/√(d(1+δ)) and
// Q = (n − T²)(1 − x²/(d(1+δ)))/(d−1). From E|q₁| = √(2/(πd))·(1 + 1/(4d)) and E|q₁q₂| = 2/(πd),
// E T/√d = μ(1 + 1/(4d)), E T²/d = μ² + (r − 2r/π)/d, Var(T/√d) = V/d.
//
// r > 1: B = √r·O with orthonormal columns, T = Σ|q_i|/√n with q uniform on the unit sphere of R^n, M = rT/√(1+δ). Of
// the part of the code orthogonal to q, n(1−T²), the share β ~ Beta((d−1)/2, (n−d)/2) lies in the range of O:
// Q = rn(1−T²)β(1 − x²/(d(1+δ)))/(d−1), with E β = (d−1)/(n−1) and Var β/(E β)² = 2(r−1)/(rd).
//
// To leading order, multiplied by d, with c = 1/(4·max(1,r)):
//
//	                    r ≤ 1                           r > 1
//	V                   r(1−2/π) − r²/π                 r(1−3/π)
//	E[M − μ | x]        μ(c + 3(m₄−1)/8 − (x²−1)/2)     the same
//	Var M               V + μ²(m₄−1)/4                  the same
//	E[Q − σ² | x]       (2r/π)(1−r) − σ²x²              −σ²x²
//	Cov(M, Q)           −2μV                            −2μV/r
//	Var Q               4μ²V                            4μ²V/r² + 2σ⁴(r−1)/r
//
// For a loss h(u) and g Gaussian, F(M, Q) = E_g h(Mx + √Q·g) has ∂_M F = x·E h′ and, by the heat equation,
// ∂_Q F = ½E h″. The expansion of E F around (μ, σ²) and the cumulant of g give
//
//	d·(E h(u_j) − E_g h) = x·E_g h′·dE[M−μ] + ½E_g h″·(dE[Q−σ²] + x²·dVar M) + ½x·E_g h‴·dCov
//	                       + E_g h⁗·(dVar Q/8 − σ⁴/4).
//
// With h(u) = (x − f(u))² this is averaged over x. f = f* may stay fixed: it minimises the leading term, so that
// re-optimising it changes the error by O(1/d²). E_g h⁽ᵏ⁾ = E_g[h·He_k(g)]/σᵏ (Stein) needs no derivative of f*, and
// given u the average over x is one over posterior moments up to order 6.
//
// Simulation (dense Haar matrices, TestStudyFiniteDimension, 160 000 inputs at d = 100): d·excess, linear | denoiser
//
//	                        formula          d = 100                        d = 200
//	SG(0.4)  r = 1          0.716 | 0.844    0.715 ± .009 | 0.851 ± .012    0.742 ± .017 | 0.842 ± .023
//	SG(0.4)  r = 1.5        0.936 | 1.079    0.957 ± .007 | 1.105 ± .009    0.935 ± .015 | 1.056 ± .018
//	SG(0.2)  r = 0.5        0.955 | 1.852    0.964 ± .012 | 1.886 ± .026    0.927 ± .025 | 1.796 ± .054
//	SL(0.5)  r = 0.5        0.716 | 1.369    0.678 ± .013 | 1.365 ± .023    0.763 ± .027 | 1.489 ± .048
//	SR(0.3)  r = 1          0.053 | 0.060    0.049 ± .008 | 0.047 ± .011    0.065 ± .018 | 0.087 ± .025
//	SM(0.5)  r = 1.25       0.412 | 0.445    0.414 ± .008 | 0.456 ± .009    0.418 ± .015 | 0.446 ± .018
//	G        r = 0.75       0     | 0        −0.010 ± .012 (both)           −0.006 ± .024 (both)

import (
	"fmt"
	"math"
)

// FiniteDimension returns the errors per coordinate at data dimension d of a Haar encoder with the linear decoder and
// with the posterior-mean denoiser: the limits RGauss and DenoiserMSE plus their corrections of order 1/d, for inputs
// with i.i.d. coordinates (whose energy ‖x‖²/d fluctuates). The rate is n/d for the actual integer n.
//
// For the linear decoder the correction is (1−R)·((m₄−1)/4 − 1/(2·max(1,r)))/d, with R = RGauss and m₄ the fourth
// moment; amp/THEORY.md §6.4 has the case r ≤ 1. What is neglected is of order (m₄/d)²: at d = 100 and p ≥ 0.2 less than
// 6 % of the correction (table above). The formula is evaluated at any d; NewFiniteDim knows where it means something.
//
// rate > 0 and d ≥ 1; NaN otherwise. denoiser is NaN for a law from outside this package that does not embed a *Law.
func FiniteDimension(p Prior, rate float64, d int) (linear, denoiser float64) {
	if p == nil || !(rate > 0) || d < 1 {
		return math.NaN(), math.NaN()
	}
	linear = RGauss(rate) + linearSlope(p.FourthMoment(), rate)/float64(d)
	if !isIntegrable(p) {
		return linear, math.NaN()
	}
	denoiser = DenoiserMSE(p, rate) + denoiserSlope(p, rate)/float64(d)
	return linear, denoiser
}

// NewFiniteDim is FiniteDimension where the expansion holds: the rule for all who print or compare errors at finite d.
//
// The linear decoder's correction, a quarter of (m₄−1)/d, is out by 2 % of itself at m₄ = d (sparse Gaussian, pd = 3) and by
// a third at m₄ = 3d: where m₄ > d the error is a *DomainError that names the least d. The denoiser's error as d → ∞ can jump
// where the energies of finite d vary: Denoiser is nil where the first order leads below 0, or above the linear decoder's error,
// which no best denoiser exceeds. It is nil too for a law whose posterior cannot be integrated, see Prior.
func NewFiniteDim(p Prior, rate float64, d int) (*FiniteDim, error) {
	if err := checkPriorRate(p, rate); err != nil {
		return nil, err
	}
	if m4 := p.FourthMoment(); !(m4 <= float64(d)) {
		return nil, &DomainError{"dim", d, fmt.Sprintf("must be at least E x⁴ = %.6g for errors at finite d, an expansion in 1/d", m4)}
	}
	linear, denoiser := FiniteDimension(p, rate, d)
	f := &FiniteDim{Dim: d, Linear: linear}
	if denoiser >= 0 && denoiser <= linear+finiteRounding {
		f.Denoiser = &denoiser
	}
	return f, nil
}

// finiteRounding is for Gaussian data, whose linear decoder and denoiser agree.
const finiteRounding = 1e-9

// linearSlope is the 1/d coefficient of the linear decoder.
func linearSlope(m4, rate float64) float64 {
	return (1 - RGauss(rate)) * ((m4-1)/4 - 1/(2*math.Max(1, rate)))
}

// fluctuations holds the moments of M and Q, times d: those that depend on x as a + b·x².
type fluctuations struct {
	gain, gainX2   float64 // E[M − μ | x]
	gainVariance   float64 // Var M
	noise, noiseX2 float64 // E[Q − σ² | x]
	covariance     float64 // Cov(M, Q)
	noiseVariance  float64 // Var Q
}

// haarFluctuations is the table above.
func haarFluctuations(m4, rate float64) fluctuations {
	mu, sigma2 := HaarChannel(rate)
	f := fluctuations{
		gain:    mu * (1/(4*math.Max(1, rate)) + 3*(m4-1)/8 + 0.5),
		gainX2:  -mu / 2,
		noiseX2: -sigma2,
	}
	if rate <= 1 {
		v := rate*(1-2/math.Pi) - rate*rate/math.Pi
		f.gainVariance = v + mu*mu*(m4-1)/4
		f.noise = 2 * rate / math.Pi * (1 - rate)
		f.covariance = -2 * mu * v
		f.noiseVariance = 4 * mu * mu * v
		return f
	}
	v := rate * (1 - 3/math.Pi)
	f.gainVariance = v + mu*mu*(m4-1)/4
	f.covariance = -2 * mu * v / rate
	f.noiseVariance = 4*mu*mu*v/(rate*rate) + 2*sigma2*sigma2*(rate-1)/rate
	return f
}

// denoiserSlope is the 1/d coefficient of the denoiser. With t = u/μ = x + s·g the loss weights of g are Hermite
// polynomials in (t − x)/s.
func denoiserSlope(p Prior, rate float64) float64 {
	_, sigma2 := HaarChannel(rate)
	f := haarFluctuations(p.FourthMoment(), rate)
	s := math.Sqrt(haarNoise(rate))
	sigma := math.Sqrt(sigma2)
	q := posteriorAt(p, haarNoise(rate))
	var m [momentCount]float64
	return expectChannel(q, func(y, mean, _ float64) float64 {
		q.moments(y, mean, &m)
		return f.slopeAt(y, mean, s, sigma, &m)
	})
}

// slopeAt is the conditional expectation given t of (x − f*)² times the weight of the header's expansion. The weight
// is a polynomial of degree 4 in e = x − f*, found by interpolation-free arithmetic on coefficients.
func (f *fluctuations) slopeAt(t, mean, s, sigma float64, m *[momentCount]float64) float64 {
	x := poly{mean, 1}
	x2 := x.times(x)
	g := poly{(t - mean) / s, -1 / s}
	g2 := g.times(g)
	he2 := g2.plus(poly{-1}, 1)
	he3 := g2.plus(poly{-3}, 1).times(g)
	he4 := g2.plus(poly{-6}, 1).times(g2).plus(poly{3}, 1)
	sigma2 := sigma * sigma
	w := x.times(g).times(poly{f.gain}.plus(x2, f.gainX2)).scaled(1 / sigma)
	w = w.plus(he2.times(poly{f.noise}.plus(x2, f.noiseX2+f.gainVariance)), 1/(2*sigma2))
	w = w.plus(he3.times(x), f.covariance/(2*sigma2*sigma))
	w = w.plus(he4, f.noiseVariance/(8*sigma2*sigma2)-0.25)
	sum := 0.0
	for k, c := range w {
		sum += c * m[k+2]
	}
	return sum
}

// poly is a polynomial of degree at most 4, constant first.
type poly [5]float64

// times multiplies, dropping degrees above 4 (none occur).
func (a poly) times(b poly) (c poly) {
	for i, x := range a {
		if x == 0 {
			continue
		}
		for j := 0; i+j < len(c); j++ {
			c[i+j] += x * b[j]
		}
	}
	return c
}

// plus returns a + scale·b.
func (a poly) plus(b poly, scale float64) poly {
	for i := range a {
		a[i] += scale * b[i]
	}
	return a
}

// scaled returns scale·a.
func (a poly) scaled(scale float64) poly {
	for i := range a {
		a[i] *= scale
	}
	return a
}
