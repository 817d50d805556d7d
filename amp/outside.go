package amp

import "math"

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

// moments are those of the Law, or NaN.
func (q *outside) moments(y, c float64, m *[momentCount]float64) {
	if q.law == nil {
		for k := range m {
			m[k] = math.NaN()
		}
		return
	}
	q.law.posterior(q.sigma2).moments(y, c, m)
}

// grid is that of the Law, or empty: isIntegrable tells.
func (q *outside) grid() grid {
	if q.law == nil {
		return grid{}
	}
	return q.law.posterior(q.sigma2).grid()
}
