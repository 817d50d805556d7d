package kernels

import (
	"fmt"
	"math"
)

// The parametric denoisers f of the decoder x̂ = f(Ay) (amp/THEORY.md §3), with σ the logistic function:
//
//	G1(u) = u·(a0 + a1·σ(a2 + ρu²)),  ρ = softplus(a3)          θ = (a0, a1, a2, a3)
//	G2(u) = G1(u) + b1·tanh(b2·u)                               θ = (a0, a1, a2, a3, b1, b2)
//	T1(u) = c·(tanh(a·u + e) + tanh(a·u − e))                   θ = (c, a, e)
//	T2(u) = T1(u) + c′·tanh(a′·u)                               θ = (c, a, e, c′, a′)
//
// and their derivatives, with s = σ(a2 + ρu²), T = tanh, S = sech²:
//
//	G: f′ = a0 + a1·s + 2a1ρu²·s(1−s) + b1b2·S(b2u)
//	   ∂a0 = u, ∂a1 = us, ∂a2 = a1us(1−s), ∂a3 = a1σ(a3)u³s(1−s), ∂b1 = T(b2u), ∂b2 = b1uS(b2u)
//	T: f′ = ca·(S(au+e) + S(au−e)) + c′a′S(a′u)
//	   ∂c = T(au+e) + T(au−e), ∂a = cu·(S+S), ∂e = c·(S−S), ∂c′ = T(a′u), ∂a′ = c′uS(a′u)

// Family names a family of denoisers: a constant below, or what Spline returns.
type Family uint32

const (
	// G1 contains the posterior mean of sparse Gaussian data.
	G1 Family = iota
	// G2 is G1 with a step; it fits every law and is the default.
	G2
	// T1 contains the posterior mean of sparse Rademacher data.
	T1
	// T2 is T1 with a third step, for large p.
	T2
)

// MaxParams is the largest number of parameters of a family but the splines.
const MaxParams = 6

var families = [...]struct {
	name   string
	params int
}{G1: {"g1", 4}, G2: {"g2", 6}, T1: {"t1", 3}, T2: {"t2", 5}}

// String returns the family's name in settings: "g1", "g2", "t1" or "t2", or one like "spline(33)".
func (f Family) String() string {
	if f.isSpline() {
		return f.splineName()
	}
	if int(f) < len(families) {
		return families[f].name
	}
	return fmt.Sprintf("Family(%d)", uint32(f))
}

// NumParams returns the length of θ.
func (f Family) NumParams() int {
	if f.isSpline() {
		return int(f >> 8)
	}
	return families[f].params
}

// ParseFamily returns the family of a name as String writes it; the splines are Spline's.
func ParseFamily(name string) (Family, error) {
	for f := range families {
		if families[f].name == name {
			return Family(f), nil
		}
	}
	return 0, fmt.Errorf("kernels: denoiser %q: want g1, g2, t1 or t2", name)
}

// denoiser is a family with its parameters ready for evaluation: what the vector kernels read.
type denoiser struct {
	// G: 1/s = 1 + 2^(shift + curve·u²).
	a0, a1       float32
	shift, curve float32
	slope        float32 // 2a1ρ
	// T: the two tanh with argument a·u ± e.
	c, a, e float32
	ca      float32
	// The step b·tanh(k·u) of G2 and T2, sign of k in b; hi = −2|k|·log₂e, hi·end = −127.
	step, stepSlope float32
	hi, end         float32
	// The factor of e·f′ and its like in DenoiseMSE.
	scale float32
}

// gateEnd is the exponent at which exp(−v) of the logistic gate stops growing.
const gateEnd = 126

// newDenoiser prepares θ; gain[k] is the factor that turns the k-th sum of the kernels into Σ out·∂ₖf.
func newDenoiser(f Family, theta []float32) (d denoiser, gain [MaxParams]float64) {
	t := [MaxParams]float64{}
	for k := range f.NumParams() {
		t[k] = float64(theta[k])
	}
	gain = [MaxParams]float64{1, 1, 1, 1, 1, 1}
	switch f {
	case G1, G2:
		rho, sigma := softplus(t[3])
		d.a0, d.a1 = theta[0], theta[1]
		d.shift = float32(-t[2] * log2e)
		d.curve = float32(-rho * log2e)
		d.slope = float32(2 * t[1] * rho)
		gain[2], gain[3] = t[1], t[1]*sigma
		d.setStep(t[4], t[5])
		gain[4], gain[5] = math.Copysign(1, t[5]), t[4]
	case T1, T2:
		d.c, d.a, d.e = theta[0], theta[1], theta[2]
		d.ca = float32(t[0] * t[1])
		gain[1], gain[2] = t[0], t[0]
		d.setStep(t[3], t[4])
		gain[3], gain[4] = math.Copysign(1, t[4]), t[3]
	}
	return d, gain
}

func (d *denoiser) setStep(height, k float64) {
	d.step = float32(math.Copysign(1, k) * height)
	d.stepSlope = float32(height * k)
	d.hi, _, d.end = split(-2*math.Abs(k)*log2e, exp2Floor)
}

// softplus returns ln(1+eˣ) and its derivative.
func softplus(x float64) (value, slope float64) {
	e := math.Exp(-math.Abs(x))
	value = max(x, 0) + math.Log1p(e)
	if x >= 0 {
		return value, 1 / (1 + e)
	}
	return value, e / (1 + e)
}

// point is what the kernels know about f at one u: the value, the slope, and ∂ₖf but for gain.
type point struct {
	value, slope float32
	partial      [MaxParams]float32
}

func (d *denoiser) at(f Family, u float32) (p point) {
	switch f {
	case G1:
		return d.g(u)
	case G2:
		p = d.g(u)
		d.addStep(&p, 4, u)
	case T1:
		return d.t(u)
	case T2:
		p = d.t(u)
		d.addStep(&p, 3, u)
	}
	return p
}

func (d *denoiser) g(u float32) (p point) {
	u2 := float32(u * u)
	v := max32(-exp2Floor, min32(gateEnd, fma(u2, d.curve, d.shift)))
	n := v + roundMagic
	e := exp2m1(v - float32(n-roundMagic))
	h := pow2(math.Float32bits(n), exp2Floor)
	e = fma(h, e, h)
	s := 1 / (1 + e)
	ds := float32(float32(e*s) * s)
	gate := fma(d.a1, s, d.a0)
	p.value = float32(u * gate)
	p.slope = fma(float32(d.slope*u2), ds, gate)
	uds := float32(u * ds)
	p.partial = [MaxParams]float32{u, float32(u * s), uds, float32(uds * u2)}
	return p
}

func (d *denoiser) t(u float32) (p point) {
	tp := tanhOf(fma(d.a, u, d.e), -2*log2eHi, tanhEnd)
	tm := tanhOf(fma(d.a, u, -d.e), -2*log2eHi, tanhEnd)
	sp, sm := sech2(tp), sech2(tm)
	sum, width := tp+tm, sp+sm
	p.value = float32(d.c * sum)
	p.slope = float32(d.ca * width)
	p.partial = [MaxParams]float32{sum, float32(u * width), sp - sm}
	return p
}

// addStep adds step·tanh(k·u), whose sums are number k and k+1.
func (d *denoiser) addStep(p *point, k int, u float32) {
	tanh := tanhOf(u, d.hi, d.end)
	slope := sech2(tanh)
	p.value = fma(d.step, tanh, p.value)
	p.slope = fma(d.stepSlope, slope, p.slope)
	p.partial[k] = tanh
	p.partial[k+1] = float32(u * slope)
}

// addGains adds scale·gain·sums to dtheta.
func addGains(dtheta []float64, sums, gain *[MaxParams]float64, scale float64) {
	for k := range dtheta {
		dtheta[k] += scale * gain[k] * sums[k]
	}
}
