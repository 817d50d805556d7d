package amp

import "math"

// channel is a Prior of this package: it prepares the posterior at one noise level, so that loops over y pay for the
// constants once.
type channel interface {
	at(sigma2 float64) posterior
}

// posteriorAt returns the posterior of any law at sigma2 > 0.
func posteriorAt(p Prior, sigma2 float64) posterior {
	if own, ok := p.(channel); ok {
		return own.at(sigma2)
	}
	q := &outside{prior: p, sigma2: sigma2}
	if described, ok := p.(interface{ description() *Law }); ok {
		q.law = described.description()
	}
	return q
}

// isIntegrable reports whether the posterior of the law has a grid and moments.
func isIntegrable(p Prior) bool {
	q, ok := posteriorAt(p, 1).(*outside)
	return !ok || q.law != nil
}

// evaluate returns evidence (log), mean and variance of X given Y = y, the edges included.
func evaluate(p channel, y, sigma2 float64) (logEvidence, mean, variance float64) {
	if logEvidence, mean, variance, done := edge(y, sigma2); done {
		return logEvidence, mean, variance
	}
	return p.at(sigma2).eval(y)
}

// edge handles NaN, negative variances and σ = 0, where the posterior is a point mass.
func edge(y, sigma2 float64) (logEvidence, mean, variance float64, done bool) {
	switch {
	case math.IsNaN(y) || !(sigma2 >= 0):
		return math.NaN(), math.NaN(), math.NaN(), true
	case sigma2 == 0:
		return math.NaN(), y, 0, true
	}
	return 0, 0, 0, false
}

// mmse is Prior.MMSE by quadrature: ∫ evidence(y)·Var(X | y) dy.
func mmse(p channel, sigma2 float64) float64 {
	switch {
	case !(sigma2 >= 0):
		return math.NaN()
	case sigma2 == 0:
		return 0
	}
	q := p.at(sigma2)
	if logEvidence, _, _ := q.eval(0); math.IsNaN(logEvidence) {
		return math.NaN() // parameters of the prior out of range
	}
	return meanVariance(q)
}

// meanVariance is E Var(X | Y).
func meanVariance(q posterior) float64 {
	sum := 0.0
	q.grid().visit(func(y, w float64) {
		logEvidence, _, variance := q.eval(y)
		sum += w * math.Exp(logEvidence) * variance
	})
	return sum
}

// expectChannel returns E h(Y, E[X|Y], Var(X|Y)) over Y = X + σZ, by the same quadrature as mmse. For a symmetric
// prior h must be even in y.
func expectChannel(q posterior, h func(y, mean, variance float64) float64) float64 {
	sum := 0.0
	q.grid().visit(func(y, w float64) {
		logEvidence, mean, variance := q.eval(y)
		sum += w * math.Exp(logEvidence) * h(y, mean, variance)
	})
	return sum
}

// outside is the posterior of a law that another package defines, by its methods and, where it embeds one, by its Law.
type outside struct {
	prior  Prior
	sigma2 float64
	law    *Law // nil where the law does not say where its probability lies
}

// eval asks the law for the mean and, if it knows it, the variance. Without a Law the evidence is NaN.
func (q *outside) eval(y float64) (logEvidence, mean, variance float64) {
	logEvidence = math.NaN()
	if q.law != nil {
		logEvidence, _, _ = q.law.posterior(q.sigma2).eval(y)
	}
	return logEvidence, q.prior.PosteriorMean(y, q.sigma2), q.variance(y)
}

// variance is the law's own, or σ²·∂PosteriorMean/∂y.
func (q *outside) variance(y float64) float64 {
	if p, ok := q.prior.(interface {
		PosteriorVariance(y, sigma2 float64) float64
	}); ok {
		return p.PosteriorVariance(y, q.sigma2)
	}
	return math.Max(0, q.sigma2*q.slope(y))
}

// slopeStep is the step of the differences in units of σ. The posterior mean is analytic within 0.45σ or more of the real axis
// (grid.visit): the truncation error is below 1e-10, the rounding error about 1e-14 of the mean.
const slopeStep = 0.01

// slope is ∂PosteriorMean/∂y by central differences of order 8.
func (q *outside) slope(y float64) float64 {
	h := slopeStep * math.Sqrt(q.sigma2)
	sum := 0.0
	for i, c := range [...]float64{4. / 5, -1. / 5, 4. / 105, -1. / 280} {
		step := float64(i+1) * h
		sum += c * (q.prior.PosteriorMean(y+step, q.sigma2) - q.prior.PosteriorMean(y-step, q.sigma2))
	}
	return sum / h
}

// moments asks the Law for the posterior moments. Without a Law they are NaN.
func (q *outside) moments(y, c float64, m *[momentCount]float64) {
	if q.law == nil {
		for k := range m {
			m[k] = math.NaN()
		}
		return
	}
	q.law.posterior(q.sigma2).moments(y, c, m)
}

// grid asks the Law for its grid. Without a Law the grid is empty: isIntegrable tells.
func (q *outside) grid() grid {
	if q.law == nil {
		return grid{}
	}
	return q.law.posterior(q.sigma2).grid()
}
