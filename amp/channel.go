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
