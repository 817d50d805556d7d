package train

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/internal/await"
)

// rigampSamples is the number of samples of the limit on which the scalars are fitted. Its noise
// enters the Onsager terms: with 2¹⁶ samples the error of x̂² was off by up to 0.003, with 2²⁰ by 3e-4.
// They take 8 MiB for each vector, some 15 vectors for two iterations.
const rigampSamples = 1 << 20

// fittedSamples is the number of samples that the fits use, the first ones: a fit of seven numbers
// errs by some 1e-4 of its residual.
const fittedSamples = 1 << 14

// writeRIGAMP writes the fitted scalars of every replica, a function of its law alone.
func writeRIGAMP(ctx context.Context, runner graph.Runner, replicas []graph.Replica, c Config) error {
	for _, at := range c.Points() {
		c.Data.MixtureMean = at.MixtureMean
		fit, err := await.Result(ctx, func() (*rigampFit, error) { return fitRIGAMP(c, at.P) })
		if err != nil {
			return fmt.Errorf("train: initialise from state evolution at p = %g: %w", at.P, err)
		}
		for i, r := range replicas {
			if (config.Point{P: r.P, MixtureMean: r.Mean}) != at {
				continue
			}
			for name, values := range fit.scalars {
				if err := runner.Write(name, i, values); err != nil {
					return fmt.Errorf("train: replica %d: write %s: %w", i, name, err)
				}
			}
		}
	}
	return nil
}

// rigampFit holds the scalars of rigamp that state evolution gives.
type rigampFit struct {
	scalars map[string][]float32
	mse     []float64            // of x̂¹ … x̂ᵀ as d → ∞, with these scalars
	last    map[string][]float64 // the newest fit of an f and of a g, where the next one starts too
}

// fitRIGAMP goes through the layers of rigamp on samples of the limit d → ∞ and fits each function,
// with the merge before it, by least squares: f_t to the posterior mean given all of x¹…xᵗ, g_t to
// RI-GAMP's optimal function of z¹…zᵗ and y. The input of each layer is the output of the fitted
// layers before it, and not the output of optimal layers.
func fitRIGAMP(c Config, p float64) (*rigampFit, error) {
	prior, err := amp.NewPrior(c.Data.Name, p, c.Data.MixtureMean)
	if err != nil {
		return nil, err
	}
	rate := float64(c.Model.Code()) / float64(c.Model.Dim)
	s, err := amp.NewRIGAMPSamples(prior, rate, rigampSamples, 1)
	if err != nil {
		return nil, err
	}
	fit := &rigampFit{scalars: map[string][]float32{}, last: map[string][]float64{}}
	zhats := [][]float64{s.Code()} // ẑ¹ … ẑᵗ
	var xhats [][]float64          // x̂ᵗ … x̂¹
	for t := 1; ; t++ {
		u, err := s.ToData(zhats[t-1])
		if err != nil {
			return nil, err
		}
		target, _ := s.PosteriorMean()
		beta := 1.0 // there is no merge before f1
		if t > 1 {
			beta = 1 / rms(u)
		}
		xhat := fit.layer("f", t, u, xhats, target, beta)
		xhats = append([][]float64{xhat}, xhats...)
		fit.mse = append(fit.mse, s.Error(xhat))
		if t == c.Model.Iterations {
			return fit, nil
		}
		z, err := s.ToCode(xhat)
		if err != nil {
			return nil, err
		}
		zhats = append(zhats, fit.layer("g", t, z, zhats, s.Output(), -1))
	}
}

// layer fits θ and γ of G2(β·a + γ₁·b₁ + γ₂·b₂ …; θ) to target, records them for f_t or g_t and its merges, and returns
// the layer's output. β is a free choice, since θ includes a scale of the argument. f1 has no b.
func (r *rigampFit) layer(function string, t int, a []float64, b [][]float64, target []float64, beta float64) []float64 {
	l := &layer{a: make([]float64, len(a)), b: b, target: target}
	for i, v := range a {
		l.a[i] = beta * v
	}
	var best []float64
	bestError := math.Inf(1)
	for _, start := range append([][]float64{r.last[function]}, layerStarts[function]...) {
		if theta, e := l.fit(start); e < bestError {
			best, bestError = theta, e
		}
	}
	r.last[function] = best
	theta := make([]float32, graph.G2.Params())
	for k := range theta {
		theta[k] = float32(best[k])
	}
	r.scalars[graph.RIGAMPTheta(function, t)] = theta
	for k, gamma := range best[len(theta):] {
		r.scalars[graph.RIGAMPMerge(function, t, k+1)] = []float32{float32(beta), float32(gamma)}
		beta = 1
	}
	out := make([]float64, len(a))
	slopes := make([]float64, len(best))
	for i := range out {
		out[i] = l.at(i, best, slopes)
	}
	return out
}

// layerStarts are the start values of the fits: θ of G2, then γ₁; the other γ start at 0. The start values of amp/THEORY.md §10
// are among them.
var layerStarts = map[string][][]float64{
	"f": {{0.5, 0.5, -1, 0, 0.1, 1, 0.5}, {0.1, 0.9, -3, 1, 0.01, 1, -0.3}, {0.2, 0.1, -1, 0, 0.9, 2, 0}},
	"g": {{0.65, 1.25, -2, 1.3, -0.7, 1.7, 1}, {0.65, 1.25, -2, 1.3, -0.7, 1.7, 2.5}, {0.5, 0.3, -1, 0, 0.5, 1, 1}},
}

// layer is a least-squares problem.
type layer struct {
	a      []float64
	b      [][]float64
	target []float64
}

// at returns the layer's output at a sample, and its derivatives.
func (l *layer) at(i int, theta, slopes []float64) float64 {
	n := graph.G2.Params()
	u := l.a[i]
	for k, b := range l.b {
		u += theta[n+k] * b[i]
	}
	value, slope := graph.G2.Eval(u, theta[:n], slopes[:n])
	for k, b := range l.b {
		slopes[n+k] = slope * b[i]
	}
	return value
}

// normal returns the mean squared error, the normal matrix JᵀJ and the gradient Jᵀ(target − value).
func (l *layer) normal(theta []float64) (e float64, jtj *mat.SymDense, jtr *mat.VecDense) {
	n := len(theta)
	slopes, upper, right := make([]float64, n), make([]float64, n*n), make([]float64, n)
	scale := 1.0 / fittedSamples
	for i, want := range l.target[:fittedSamples] {
		residual := want - l.at(i, theta, slopes)
		e += scale * residual * residual
		for j, a := range slopes {
			right[j] += scale * a * residual
			for k, b := range slopes[j:] {
				upper[j*n+j+k] += scale * a * b
			}
		}
	}
	return e, mat.NewSymDense(n, upper), mat.NewVecDense(n, right)
}

// fit is the method of Levenberg and Marquardt from one start.
func (l *layer) fit(start []float64) (theta []float64, e float64) {
	theta = make([]float64, graph.G2.Params()+len(l.b))
	copy(theta, start)
	e, jtj, jtr := l.normal(theta)
	damping := 1e-2
	for range 60 {
		next, ok := dampedStep(theta, jtj, jtr, damping)
		nextError, nextJtj, nextJtr := math.Inf(1), jtj, jtr
		if ok {
			nextError, nextJtj, nextJtr = l.normal(next)
		}
		if !(nextError < e) {
			if damping *= 5; damping > 1e8 {
				break
			}
			continue
		}
		done := e-nextError < 1e-5*e
		theta, e, jtj, jtr = next, nextError, nextJtj, nextJtr
		damping /= 5
		if done {
			break
		}
	}
	return theta, e
}

// dampedStep solves (JᵀJ + damping·(diag JᵀJ + 1e-6))·δ = Jᵀr and returns θ + δ.
func dampedStep(theta []float64, jtj *mat.SymDense, jtr *mat.VecDense, damping float64) ([]float64, bool) {
	n := len(theta)
	damped := mat.NewSymDense(n, nil)
	damped.CopySym(jtj)
	for j := range n {
		damped.SetSym(j, j, jtj.At(j, j)*(1+damping)+damping*1e-6)
	}
	var c mat.Cholesky
	var delta mat.VecDense
	if !c.Factorize(damped) || c.SolveVecTo(&delta, jtr) != nil {
		return nil, false
	}
	next := make([]float64, n)
	for j := range next {
		next[j] = theta[j] + delta.AtVec(j)
	}
	return next, true
}

func rms(a []float64) float64 {
	var sum float64
	for _, v := range a {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(a)))
}
