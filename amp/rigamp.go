package amp

import (
	"fmt"
	"math"

	"autoamp/amp/internal/history"
	"autoamp/amp/internal/special"
)

// MaxRIGAMPIterations bounds the general RI-GAMP recursion, which loses all digits of float64 beyond: 7.
const MaxRIGAMPIterations = history.Iterations

// SignalFunc is a function f_t of RI-GAMP, applied to each coordinate: it writes f(x¹…xᵗ) to xhat (d) and the averages of
// ∂f/∂xⁱ over the coordinates to slope (t). x holds t vectors (d). The arguments other than xhat and slope must not be
// changed, and none may be kept.
type SignalFunc func(xhat []float64, x [][]float64, slope []float64)

// OutputFunc is a function g_{t+1} of RI-GAMP: it writes g(z¹…zᵗ, y) to zhat (n) and the averages of ∂g/∂zⁱ to slope (t).
type OutputFunc func(zhat []float64, z [][]float64, y []float64, slope []float64)

// RIGAMP runs RI-GAMP on the encoder op and the code y = sign(Bx) ∈ {±1}ⁿ:
//
//	ẑ¹ = y,   xᵗ = Bᵀẑᵗ − Σ_{i<t} β_{t,i}x̂ⁱ,   x̂ᵗ = f_t(x¹…xᵗ),
//	zᵗ = Bx̂ᵗ − Σ_{i≤t} α_{t,i}ẑⁱ,   ẑᵗ⁺¹ = g_{t+1}(z¹…zᵗ, y).
//
// It returns the estimates x̂¹…x̂ᵀ, T = len(f) between 1 and MaxRIGAMPIterations; g[t−1] is g_{t+1}, so len(g) ≥ T−1.
// The Onsager coefficients come from the slopes that the functions report and the free cumulants of B (nil for a Haar
// encoder; at least 2T+2 of them), so that any list of functions may be used; RIGAMPEvolution.Functions gives the
// optimal one. Cost: 2T products with B.
//
// Source: amp/THEORY.md §9.1; Venkataramanan, Kögler, Mondelli 2022.
func RIGAMP(op Operator, y []float64, cumulants []float64, f []SignalFunc, g []OutputFunc) ([][]float64, error) {
	if op == nil {
		return nil, &DomainError{"B", "nil", "must be an operator"}
	}
	n, d := op.Dims()
	steps := len(f)
	if err := checkCode(y, n); err != nil {
		return nil, err
	}
	for t := range f {
		if f[t] == nil || t < min(len(g), steps-1) && g[t] == nil {
			return nil, &DomainError{"f, g", fmt.Sprintf("nil at %d", t), "must be functions"}
		}
	}
	if steps < 1 || steps > MaxRIGAMPIterations || len(g) < steps-1 {
		return nil, &DomainError{"f, g", fmt.Sprintf("%d, %d functions", steps, len(g)), "must be 1 to 7 functions f and at most one g less"}
	}
	rate := float64(n) / float64(d)
	if cumulants == nil {
		cumulants = FlatCumulants(rate, 2*steps+2)
	}
	if err := checkCumulants(cumulants, 2*steps+2); err != nil {
		return nil, err
	}
	run := &rigampRun{op: op, y: y, kappa: cumulants[:2*steps+2], rate: rate, zhat: [][]float64{y}}
	for t := 1; t <= steps; t++ {
		run.signalStep(t, f[t-1])
		if t < steps {
			run.outputStep(t, g[t-1])
		}
	}
	return run.xhat, nil
}

// checkCode accepts n entries ±1.
func checkCode(y []float64, n int) error {
	if len(y) != n {
		return &DomainError{"y", len(y), fmt.Sprintf("must have %d entries, the rows of B", n)}
	}
	for i, v := range y {
		if v != 1 && v != -1 {
			return &DomainError{fmt.Sprintf("y[%d]", i), v, "must be 1 or -1"}
		}
	}
	return nil
}

// rigampRun is the history of one run.
type rigampRun struct {
	op               Operator
	y, kappa         []float64
	rate             float64
	psi, phi         history.Matrix
	x, xhat, z, zhat [][]float64
}

// signalStep computes xᵗ and x̂ᵗ.
func (r *rigampRun) signalStep(t int, f SignalFunc) {
	_, d := r.op.Dims()
	beta := history.Onsager(r.kappa, &r.phi, &r.psi)
	x := make([]float64, d)
	r.op.ApplyTransposed(x, r.zhat[t-1])
	subtract(x, r.xhat, beta[t][1:t], r.rate)
	r.x = append(r.x, x)
	xhat := make([]float64, d)
	f(xhat, r.x, r.psi[t][1:t+1])
	r.xhat = append(r.xhat, xhat)
}

// outputStep computes zᵗ and ẑᵗ⁺¹.
func (r *rigampRun) outputStep(t int, g OutputFunc) {
	n, _ := r.op.Dims()
	alpha := history.Onsager(r.kappa, &r.psi, &r.phi)
	z := make([]float64, n)
	r.op.Apply(z, r.xhat[t-1])
	subtract(z, r.zhat, alpha[t][1:t+1], 1)
	r.z = append(r.z, z)
	zhat := make([]float64, n)
	g(zhat, r.z, r.y, r.phi[t+1][1:t+1])
	r.zhat = append(r.zhat, zhat)
}

// subtract removes scale·Σ coefficients[i]·history[i] from x.
func subtract(x []float64, history [][]float64, coefficients []float64, scale float64) {
	for i, c := range coefficients {
		for j, v := range history[i] {
			x[j] -= scale * c * v
		}
	}
}

// Functions returns the optimal functions f_1…f_T and g_2…g_T of the state evolution for RIGAMP, for the law it was
// computed with. A function that would gain less than 0.03 % in variance over the one before it repeats that one: its
// weights are differences of nearly equal iterates, which on a matrix of finite size amplify noise.
func (e *RIGAMPEvolution) Functions(p Prior) (f []SignalFunc, g []OutputFunc) {
	for _, c := range frozen(e.signal) {
		f = append(f, c.posteriorMean(p))
	}
	for _, c := range frozen(e.output) {
		g = append(g, c.probit)
	}
	return f, g
}

// worthwhile is the relative gain in variance below which an iteration repeats the one before.
const worthwhile = 3e-4

// frozen replaces combiners that bring nothing by the one before, padded with weight 0.
func frozen(combiners []combiner) []combiner {
	out := make([]combiner, len(combiners))
	for t, c := range combiners {
		out[t] = c
		if t > 0 && c.variance > (1-worthwhile)*out[t-1].variance {
			weights := make([]float64, t+1)
			copy(weights, out[t-1].weights)
			out[t] = combiner{weights, out[t-1].variance}
		}
	}
	return out
}

// posteriorMean is f_t: the posterior mean at x_eff = μᵀΩ⁻¹x/SNR with noise 1/SNR.
func (c combiner) posteriorMean(p Prior) SignalFunc {
	q := posteriorAt(p, c.variance)
	return func(xhat []float64, x [][]float64, slope []float64) {
		total := 0.0
		for j := range xhat {
			_, mean, variance := q.eval(c.combine(x, j))
			xhat[j] = mean
			total += variance
		}
		for i, w := range c.weights {
			slope[i] = w * total / (c.variance * float64(len(xhat)))
		}
	}
}

// probit is g_{t+1} = (E[G|z, y] − Ĝ)/v = y·ψ(yT)/√v with T = Ĝ/√v; its slope in Ĝ is −ψ(yT)(ψ(yT) + yT)/v.
func (c combiner) probit(zhat []float64, z [][]float64, y []float64, slope []float64) {
	sd, total := math.Sqrt(c.variance), 0.0
	for j := range zhat {
		t := y[j] * c.combine(z, j) / sd
		mills := special.InverseMills(t)
		zhat[j] = y[j] * mills / sd
		total -= mills * (mills + t) / c.variance
	}
	for i, w := range c.weights {
		slope[i] = w * total / float64(len(zhat))
	}
}

// combine is the weighted sum of the history at coordinate j.
func (c combiner) combine(history [][]float64, j int) float64 {
	sum := 0.0
	for i, w := range c.weights {
		sum += w * history[i][j]
	}
	return sum
}
