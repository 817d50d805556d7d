package train_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/graph"
)

// knownLaw is a law with a known density of its noisy observation.
type knownLaw interface {
	amp.Prior
	Evidence(y, sigma2 float64) float64
}

// splineExcess returns E(f − f*)² of the best spline, where u is the best linear estimate of x behind a Haar encoder,
// the scale that an undenoised decoder ends at, and f* the posterior mean.
func splineExcess(law knownLaw, rate float64, family graph.Family) float64 {
	mu, sigma2 := amp.HaarChannel(rate)
	scale := mu / (mu*mu + sigma2)
	mean := amp.Denoiser(law, rate)
	k := family.Params()
	theta, hat := make([]float64, k), make([]float64, k)
	normal, right := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	for j := range k {
		normal.SetSym(j, j, 1e-12) // outer knots may have no mass
	}
	walk := func(visit func(weight, u, want float64)) {
		const step = 2e-3
		for y := -30.0; y < 30; y += step { // y = u/μ
			want, _ := mean(mu * y)
			visit(step*law.Evidence(y, sigma2/(mu*mu)), scale*mu*y, want)
		}
	}
	walk(func(weight, u, want float64) {
		family.Eval(u, theta, hat)
		for i, a := range hat {
			right.SetVec(i, right.AtVec(i)+weight*want*a)
			for j := i; a != 0 && j < min(k, i+2); j++ {
				normal.SetSym(i, j, normal.At(i, j)+weight*a*hat[j])
			}
		}
	})
	var c mat.Cholesky
	if !c.Factorize(normal) || c.SolveVecTo(mat.NewVecDense(k, theta), right) != nil {
		return math.NaN()
	}
	var excess float64
	walk(func(weight, u, want float64) {
		f, _ := family.Eval(u, theta, hat)
		excess += weight * (f - want) * (f - want)
	})
	return excess
}

// The README's claim about the default knots and twice as many, at the hardest of amp/THEORY.md §3's laws and rates.
func TestSplineContainsPosteriorMeans(t *testing.T) {
	t.Parallel()
	for _, law := range []knownLaw{
		amp.SparseGaussian{P: 0.1}, amp.SparseLaplace{P: 0.2}, amp.SparseRademacher{P: 0.2}, amp.SparseRademacher{P: 0.4},
		amp.SparseMixture{P: 0.3, Mean: 1},
	} {
		for _, rate := range []float64{0.5, 1, 1.5} {
			t.Run(fmt.Sprintf("%T%+v/r=%g", law, law, rate), func(t *testing.T) {
				t.Parallel()
				if e := splineExcess(law, rate, graph.Spline(graph.DefaultKnots, false)); !(e < 2e-4) {
					t.Errorf("33 knots: excess %g", e)
				}
				if e := splineExcess(law, rate, graph.Spline(65, false)); !(e < 1e-5) {
					t.Errorf("65 knots: excess %g", e)
				}
			})
		}
	}
}
