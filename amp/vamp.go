package amp

import (
	"math"

	"autoamp/amp/internal/special"
)

// VAMPResult is the outcome of VAMP on one code.
type VAMPResult struct {
	Estimate []float64 // x̂ (d)
	// Believed is the mean posterior variance after each pass, VAMP's own estimate of its error. Its status is Contradicted where the
	// estimate's own code shows that the error is larger.
	Believed *Trajectory
}

// VAMP estimates x (d) from its code y = sign(Bx) ∈ {±1}ⁿ by generalised vector AMP with the exact posterior means of
// prior and sign channel. On a Haar encoder the error follows StateEvolution pass by pass, on other bi-rotationally
// invariant encoders VAMPStateEvolution.
//
// It stops when the believed error changes by less than max(Settings.Tolerance, 1e-8) or after min(Settings.MaxPasses, 200) passes;
// Settings.Damping acts on the messages of the x-stage. Two products, two solves a pass, one product at the end. The error is a
// *DomainError.
//
// Source: amp/THEORY.md §11.1; ICML 2024, eqs. (113)–(127) for the state evolution.
func VAMP(b LinearModel, y []float64, p Prior, s *Settings) (*VAMPResult, error) {
	settings, err := s.withDefaults()
	if err == nil {
		err = checkPrior(p)
	}
	if err == nil && b == nil {
		err = &DomainError{"B", "nil", "must be a linear model: see NewFlat and NewFactored"}
	}
	if err != nil {
		return nil, err
	}
	n, _ := b.Dims()
	if err := checkCode(y, n); err != nil {
		return nil, err
	}
	spectrum := collect(b.Eigenvalues(), rateOf(b))
	if !(spectrum.variance > 0) {
		return nil, &DomainError{"B", 0, "must not be zero"}
	}
	return newVAMPRun(b, y, p, spectrum).run(settings), nil
}

// rateOf is n/d.
func rateOf(op Operator) float64 {
	n, d := op.Dims()
	return float64(n) / float64(d)
}

// maxVAMPPasses bounds the passes on a matrix, where rounding and finite d stop progress long before.
const maxVAMPPasses = 200

// largestPrecision keeps the messages finite near perfect recovery.
const largestPrecision = 1e12

// vampRun holds the messages: r1, r2 with precisions γ1, γ2 on the signal, p1, p2 with τ1, τ2 on the output.
type vampRun struct {
	b                          LinearModel
	y                          []float64
	prior                      Prior
	spectrum                   spectrum
	gamma1, gamma2, tau1, tau2 float64
	r1, r2, p1, p2             []float64
	xhat, x2, zhat             []float64
}

// newVAMPRun starts without information: r2 = 0 at γ2 = 1, p1 = 0 at τ1 = 1/v_z.
func newVAMPRun(b LinearModel, y []float64, p Prior, sp spectrum) *vampRun {
	n, d := b.Dims()
	return &vampRun{
		b: b, y: y, prior: p, spectrum: sp, gamma2: 1, tau1: 1 / sp.variance,
		r1: make([]float64, d), r2: make([]float64, d), p1: make([]float64, n), p2: make([]float64, n),
		xhat: make([]float64, d), x2: make([]float64, d), zhat: make([]float64, n),
	}
}

// run iterates to the fixed point.
func (v *vampRun) run(s Settings) *VAMPResult {
	t := &Trajectory{Status: IterationLimit}
	tolerance := math.Max(s.Tolerance, 1e-8)
	for pass := 0; pass < min(s.MaxPasses, maxVAMPPasses); pass++ {
		v.outputStage()
		v.linearSignal(s.Damping, pass > 0)
		variance := v.signalStage()
		t.Gamma1 = v.gamma1
		if t.add(variance, tolerance) {
			break
		}
		v.linearOutput()
	}
	if v.wrong() > AllowedSigns(t.Final(), len(v.y)) {
		t.Status = Contradicted
	}
	return &VAMPResult{v.xhat, t}
}

// wrong is the number of signs of Bx̂ that differ from y.
func (v *vampRun) wrong() float64 {
	v.b.Apply(v.zhat, v.xhat)
	n := 0.0
	for i, y := range v.y {
		if !(y*v.zhat[i] > 0) {
			n++
		}
	}
	return n
}

// AllowedSigns returns the largest number of signs of Bx̂ that may differ from the code's n where the error of x̂ is mse, by five standard
// deviations: the sign of a normal z is missed with probability arccos(√(1−e))/π by an estimate with the relative error e that has not seen y. VAMP's has, and misses fewer.
func AllowedSigns(mse float64, n int) float64 {
	e := math.Min(1, math.Max(0, mse)) // of data with unit second moment
	missed := float64(n) * math.Acos(math.Sqrt(1-e)) / math.Pi
	return missed + 5*math.Sqrt(missed)
}

// outputStage is (A4): the posterior of z given p1 and its sign; T = p1√τ1.
func (v *vampRun) outputStage() {
	root, total := math.Sqrt(v.tau1), 0.0
	for i, y := range v.y {
		t := y * v.p1[i] * root
		mills := special.InverseMills(t)
		v.zhat[i] = v.p1[i] + y*mills/root
		total += 1 - mills*(mills+t)
	}
	share := total / float64(len(v.y)) // posterior variance in units of 1/τ1
	v.tau2 = clampPrecision(v.tau1 * (1 - share) / share)
	extrinsic(v.p2, v.zhat, v.p1, v.tau1/share, v.tau1, v.tau2)
}

// linearSignal is (A2): the Gaussian posterior of x, made extrinsic to r1.
func (v *vampRun) linearSignal(damping float64, damp bool) {
	v.solve()
	gained := v.spectrum.rate * v.tau2 * v.spectrum.removed(v.gamma2, v.tau2)
	gamma1 := clampPrecision(v.gamma2 * gained / (1 - gained))
	keep := 0.0
	if damp {
		keep = damping
	}
	eta := v.gamma2 + gamma1
	for j := range v.r1 {
		v.r1[j] = keep*v.r1[j] + (1-keep)*(eta*v.x2[j]-v.gamma2*v.r2[j])/gamma1
	}
	v.gamma1 = keep*v.gamma1 + (1-keep)*gamma1
}

// signalStage is (A1): the posterior of each coordinate given r1; it returns the mean variance.
func (v *vampRun) signalStage() float64 {
	q := posteriorAt(v.prior, 1/v.gamma1)
	total := 0.0
	for j, r := range v.r1 {
		_, mean, variance := q.eval(r)
		v.xhat[j] = mean
		total += variance
	}
	variance := math.Max(total/float64(len(v.r1)), 1/largestPrecision)
	v.gamma2 = clampPrecision((1 - v.gamma1*variance) / variance)
	extrinsic(v.r2, v.xhat, v.r1, 1/variance, v.gamma1, v.gamma2)
	return variance
}

// linearOutput is (A3): the Gaussian posterior of z = Bx, made extrinsic to p1.
func (v *vampRun) linearOutput() {
	v.solve()
	v.b.Apply(v.zhat, v.x2)
	perTau := v.spectrum.removed(v.gamma2, v.tau2) // a3/τ2, the mean posterior variance of z
	v.tau1 = clampPrecision(v.spectrum.outputPrecision(v.gamma2, v.tau2))
	extrinsic(v.p1, v.zhat, v.p2, 1/perTau, v.tau2, v.tau1)
}

// solve writes (γ2 + τ2BᵀB)⁻¹(γ2r2 + τ2Bᵀp2) to x2.
func (v *vampRun) solve() {
	v.b.ApplyTransposed(v.x2, v.p2)
	for j := range v.x2 {
		v.x2[j] = v.gamma2*v.r2[j] + v.tau2*v.x2[j]
	}
	v.b.Solve(v.x2, v.x2, v.gamma2, v.tau2)
}

// extrinsic writes (η·mean − γ·message)/rest to dst, the message that is left of a posterior.
func extrinsic(dst, mean, message []float64, eta, gamma, rest float64) {
	for j := range dst {
		dst[j] = (eta*mean[j] - gamma*message[j]) / rest
	}
}

// clampPrecision keeps a precision positive and finite.
func clampPrecision(x float64) float64 {
	return math.Min(math.Max(x, 1/largestPrecision), largestPrecision)
}
