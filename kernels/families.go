package kernels

import (
	"fmt"
	"math"
	"strings"

	"autoamp/kernels/internal/vector"
)

// The parametric denoisers f of the decoder x̂ = f(Ay) (theory §3), with σ the logistic function:
//
//	G1(u) = u·(a0 + a1·σ(a2 + ρu²)),  ρ = softplus(a3)          θ = (a0, a1, a2, a3)
//	G2(u) = G1(u) + b1·tanh(b2·u)                               θ = (a0, a1, a2, a3, b1, b2)
//	T1(u) = c·(tanh(a·u + e) + tanh(a·u − e))                   θ = (c, a, e)
//	T2(u) = T1(u) + c′·tanh(a′·u)                               θ = (c, a, e, c′, a′)
//	U1(u) = T1(u) + b·u                                         θ = (c, a, e, b)
//
// and their derivatives, with s = σ(a2 + ρu²), T = tanh, S = sech²:
//
//	G: f′ = a0 + a1·s + 2a1ρu²·s(1−s) + b1b2·S(b2u)
//	   ∂a0 = u, ∂a1 = us, ∂a2 = a1us(1−s), ∂a3 = a1σ(a3)u³s(1−s), ∂b1 = T(b2u), ∂b2 = b1uS(b2u)
//	T: f′ = ca·(S(au+e) + S(au−e)) + c′a′S(a′u)
//	   ∂c = T(au+e) + T(au−e), ∂a = cu·(S+S), ∂e = c·(S−S), ∂c′ = T(a′u), ∂a′ = c′uS(a′u)
//	U: f′ is b more, ∂b = u
//
// U1 is nearly the posterior mean of X uniform on [−A, A] for Y = X + noise. Take the logistic distribution for the noise,
// which is close to the Gaussian distribution. The density of Y is σ(k(u+A)) − σ(k(u−A)) ∝ 1/(cosh ku + cosh kA), so that
// Tweedie's formula gives
//
//	E[X | u] = u + s²·d ln density/du = u − ½ks²·[tanh(½k(u+A)) + tanh(½k(u−A))],
//
// U1 with b = 1, c = −½ks², a = ½k, e = ½kA. The parameters of U1 are trained, and so may leave these values.

// Family names a family of denoisers: a constant below, or a value of Spline. The zero value is no family.
type Family uint32

const (
	// G1 contains the posterior mean of sparse Gaussian data.
	G1 Family = 1 + iota
	// G2 is G1 with a step: within 2e-4 of the posterior mean's error for every law of laws.go; the default.
	G2
	// T1 contains the posterior mean of sparse Rademacher data (ICML 2024, eq. (112)) below p ≈ 0.76 at rate 1.
	T1
	// T2 is T1 with a third step, for large p.
	T2
	// U1 is T1 with a linear term: within 2e-7 of the posterior mean's error for uniform data at rate 1, where T1 is within
	// 2e-5, and better than T2 for sparse uniform data from p = 0.6 on.
	U1
)

// MaxParams is the largest number of parameters of a family but the splines.
const MaxParams = 6

// base is the first term of a family: the gate or the pair.
type base uint8

const (
	gate base = 1 + iota // u·(a0 + a1·σ(a2 + ρu²)), four parameters
	pair                 // c·(tanh(a·u + e) + tanh(a·u − e)), three parameters
)

// familyRow is a family as the kernels know it.
type familyRow struct {
	name string
	base base
	// linear is + b·u, the parameter behind the base's.
	linear bool
	step   bool // + b·tanh(k·u), the last two parameters
	// start are the parameters that training starts from: f is odd, increasing, of slope near 1.
	start []float32
	// vector is the same for AVX2, AVX-512 and NEON.
	vector vector.Family
}

// families has a row for each family but the splines. go generate writes the list for CUDA from it.
var families = [...]familyRow{
	G1: {name: "g1", base: gate, start: []float32{0.5, 0.5, -1, 0}, vector: vector.G1},
	G2: {name: "g2", base: gate, step: true, start: []float32{0.5, 0.5, -1, 0, 0.1, 1}, vector: vector.G2},
	T1: {name: "t1", base: pair, start: []float32{0.6, 1, 1}, vector: vector.T1},
	T2: {name: "t2", base: pair, step: true, start: []float32{0.6, 1, 1, 0.1, 1}, vector: vector.T2},
	U1: {name: "u1", base: pair, linear: true, start: []float32{0.3, 1, 1, 0.5}, vector: vector.U1},
}

// row is the family's row. It is nil for a spline and for a value that is no family.
func (f Family) row() *familyRow {
	if f < 1 || int(f) >= len(families) {
		return nil
	}
	return &families[f]
}

// Families lists the families with a closed form.
func Families() []Family {
	list := make([]Family, 0, len(families)-1)
	for f := range families[1:] {
		list = append(list, Family(1+f))
	}
	return list
}

// FamilyNames lists the names of Families.
func FamilyNames() []string {
	var names []string
	for _, f := range Families() {
		names = append(names, f.String())
	}
	return names
}

// String returns the family's name in settings, such as "g2", or one like "spline(33)"; "" for the zero value.
func (f Family) String() string {
	switch row := f.row(); {
	case row != nil:
		return row.name
	case f.isSpline():
		return f.splineName()
	case f == 0:
		return ""
	}
	return fmt.Sprintf("Family(%d)", uint32(f))
}

// Params returns the length of θ. It is 0 for a value that is no family.
func (f Family) Params() int {
	if row := f.row(); row != nil {
		return len(row.start)
	}
	knots, _, _ := f.Knots()
	return knots
}

// Part is one fact about the composition of a family.
type Part struct{ Name, Value string }

// Parts returns the composition of a family with a closed form, for the list in the CUDA build. It is empty for a spline.
func (f Family) Parts() []Part {
	row := f.row()
	if row == nil {
		return nil
	}
	return []Part{
		{"params", fmt.Sprint(f.Params())},
		{"base", map[base]string{gate: "GATE", pair: "PAIR"}[row.base]},
		{"is_linear", fmt.Sprint(row.linear)},
		{"has_step", fmt.Sprint(row.step)},
	}
}

// Start returns the parameters that training starts from: f is odd, increasing, of slope near 1.
func (f Family) Start() []float32 {
	if row := f.row(); row != nil {
		return row.start
	}
	knots, monotone, ok := f.Knots()
	if !ok {
		return nil
	}
	return splineStart(knots, monotone)
}

// ParseFamily returns the family of a name that String writes. It does not parse splines; Spline returns them.
func ParseFamily(name string) (Family, error) {
	for _, f := range Families() {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, fmt.Errorf("kernels: denoiser %q: want one of %s", name, strings.Join(FamilyNames(), ", "))
}

// denoiser is a family with its parameters, in the form that the vector kernels read.
type denoiser struct {
	// G: 1/s = 1 + 2^(shift + curve·u²).
	a0, a1       float32 // a0 is b of a linear term too
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

// newDenoiser prepares θ. Σ out·∂ₖf is gain[k] times the k-th sum of the kernels.
func newDenoiser(f Family, theta []float32) (d denoiser, gain [MaxParams]float64) {
	gain = [MaxParams]float64{1, 1, 1, 1, 1, 1}
	row := &families[f]
	var k int // the parameters of the base
	switch row.base {
	case gate:
		k = d.setGate(theta, &gain)
	case pair:
		k = d.setPair(theta, &gain)
	default:
		panic("kernels: a family without base")
	}
	if row.linear {
		d.a0 = theta[k]
		k++
	}
	if !row.step {
		d.setStep(0, 0)
		return d, gain
	}
	height, steepness := float64(theta[k]), float64(theta[k+1])
	d.setStep(height, steepness)
	gain[k], gain[k+1] = math.Copysign(1, steepness), height
	return d, gain
}

func (d *denoiser) setGate(theta []float32, gain *[MaxParams]float64) (params int) {
	a1 := float64(theta[1])
	rho, sigma := softplus(float64(theta[3]))
	d.a0, d.a1 = theta[0], theta[1]
	d.shift = float32(-float64(theta[2]) * log2e)
	d.curve = float32(-rho * log2e)
	d.slope = float32(2 * a1 * rho)
	gain[2], gain[3] = a1, a1*sigma
	return 4
}

func (d *denoiser) setPair(theta []float32, gain *[MaxParams]float64) (params int) {
	c := float64(theta[0])
	d.c, d.a, d.e = theta[0], theta[1], theta[2]
	d.ca = float32(c * float64(theta[1]))
	gain[1], gain[2] = c, c
	return 3
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

// point holds f at one u: the value, the slope, and ∂ₖf without the factor gain.
type point struct {
	value, slope float32
	partial      [MaxParams]float32
}

func (d *denoiser) at(f Family, u float32) (p point) {
	row := &families[f]
	var k int // the parameters of the base
	switch row.base {
	case gate:
		p, k = d.gate(u), 4
	case pair:
		p, k = d.pair(u), 3
	default:
		panic("kernels: a family without base")
	}
	if row.linear {
		d.addLinear(&p, k, u)
		k++
	}
	if row.step {
		d.addStep(&p, k, u)
	}
	return p
}

func (d *denoiser) gate(u float32) (p point) {
	u2 := float32(u * u)
	v := max32(-exp2Floor, min32(gateEnd, fma(u2, d.curve, d.shift)))
	n := v + roundMagic
	e := exp2m1(v - float32(n-roundMagic))
	h := pow2(math.Float32bits(n), exp2Floor)
	e = fma(h, e, h)
	s := 1 / (1 + e)
	ds := float32(float32(e*s) * s)
	factor := fma(d.a1, s, d.a0)
	p.value = float32(u * factor)
	p.slope = fma(float32(d.slope*u2), ds, factor)
	uds := float32(u * ds)
	p.partial = [MaxParams]float32{u, float32(u * s), uds, float32(uds * u2)}
	return p
}

func (d *denoiser) pair(u float32) (p point) {
	tp := tanhOf(fma(d.a, u, d.e), -2*log2eHi, tanhEnd)
	tm := tanhOf(fma(d.a, u, -d.e), -2*log2eHi, tanhEnd)
	sp, sm := sech2(tp), sech2(tm)
	sum, width := tp+tm, sp+sm
	p.value = float32(d.c * sum)
	p.slope = float32(d.ca * width)
	p.partial = [MaxParams]float32{sum, float32(u * width), sp - sm}
	return p
}

// addLinear adds b·u. The sum for ∂b has number k.
func (d *denoiser) addLinear(p *point, k int, u float32) {
	p.value = fma(d.a0, u, p.value)
	p.slope += d.a0
	p.partial[k] = u
}

// addStep adds step·tanh(k·u). Its two sums have the numbers k and k+1.
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
