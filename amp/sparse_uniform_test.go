package amp

import (
	"fmt"
	"math"
	"testing"

	"autoamp/amp/internal/quadrature"
	"autoamp/amp/internal/special"
)

// bayesUniform is the posterior of SparseUniform by the integral over x: log density of Y, mean, variance and the moments
// around c. Panels are 1/8 as wide as the integrand's scale; the sums are of positive terms around the mean found first.
func bayesUniform(p, y, s2, c float64) (logEvidence, mean, variance float64, m [momentCount]float64) {
	a, s := math.Sqrt(3/p), math.Sqrt(s2)
	near := min(max(y, -a), a) // the maximum of the integrand
	logPeak := -(y - near) * (y - near) / (2 * s2)
	scale := min(s, s2/max(math.Abs(y-near), s/1e3)) / 8
	lo, hi := max(-a, near-300*scale), min(a, near+300*scale)
	panels := math.Ceil((hi - lo) / scale)
	integrate := func(f func(x float64) float64) float64 {
		sum, width := 0.0, (hi-lo)/panels
		for k := range int(panels) {
			mid := lo + (float64(k)+0.5)*width
			for i, node := range quadrature.Legendre.Node {
				x := mid + node*width/2
				sum += quadrature.Legendre.Weight[i] * width / 2 * math.Exp(-(y-x)*(y-x)/(2*s2)-logPeak) * f(x)
			}
		}
		return sum
	}
	z := integrate(func(float64) float64 { return 1 })
	logFilled := math.Log(p) - math.Log(2*a) + logPeak + math.Log(z)
	logAtom := math.Log1p(-p) - y*y/(2*s2)
	odds := math.Exp(logAtom - logFilled)
	filled, atom := 1/(1+odds), 1/(1+1/odds)
	mean = filled * integrate(func(x float64) float64 { return x }) / z
	for k := range m {
		m[k] = filled*integrate(func(x float64) float64 { return math.Pow(x-c, float64(k)) })/z + atom*math.Pow(-c, float64(k))
	}
	variance = filled*integrate(func(x float64) float64 { return (x - mean) * (x - mean) })/z + atom*mean*mean
	return math.Log(s)*-1 + logSum(logFilled, logAtom, odds) - special.LogSqrt2Pi, mean, variance, m
}

// Every form, and both sides of the borders between them, against the Bayes integral.
func TestSparseUniformAgainstBayesIntegral(t *testing.T) {
	worst := 0.0
	for _, p := range []float64{1e-3, 0.05, 0.3, 0.9, 1} {
		a := math.Sqrt(3 / p)
		for _, ratio := range []float64{0.01, 0.2, 1, 1.99, 2.01, 3, 10, 60} { // a/s
			s := a / ratio
			q := newUniform(p, s*s)
			for _, y := range []float64{0, 1e-3 * a, 0.3 * a, 0.999 * a, 1.001 * a, a + 0.5*s, a + 2.9*s, a + 3.1*s, a + 9*s, 19.9 * s * s / a, 20.1 * s * s / a} {
				what := fmt.Sprintf("p=%g a/s=%g y=%g", p, ratio, y)
				logEvidence, mean, variance := q.eval(y)
				c := mean * 0.9
				var m [momentCount]float64
				q.moments(y, c, &m)
				wantLog, wantMean, wantVariance, wantM := bayesUniform(p, y, s*s, c)
				limit := 2e-12 * (1 + y*y/(s*s)) // the atom's odds have the error of y²/2s²
				for _, v := range []struct{ got, want, size float64 }{
					{logEvidence, wantLog, 1 + math.Abs(wantLog)}, {mean, wantMean, math.Abs(wantMean) + 1e-3*min(s, a)}, {variance, wantVariance, wantVariance},
				} {
					worst = max(worst, math.Abs(v.got-v.want)/(v.size*limit))
					if !(math.Abs(v.got-v.want) <= limit*v.size) {
						t.Errorf("%s: %.15g, want %.15g", what, v.got, v.want)
					}
				}
				for k := range m {
					if !(math.Abs(m[k]-wantM[k]) <= 1e3*limit*math.Pow(min(s, a), float64(k))+1e3*limit*math.Abs(wantM[k])) {
						t.Errorf("%s: moment %d = %.15g, want %.15g", what, k, m[k], wantM[k])
					}
				}
			}
		}
	}
	t.Logf("worst error: %.2g of the limit", worst)
}

// Where σ is small the noise is all that is left of the p coordinates that are not zero; where it is large, nothing is known.
func TestSparseUniformLimits(t *testing.T) {
	for _, p := range []float64{0.1, 0.5, 1} {
		law := SparseUniform{P: p}
		if got := law.MMSE(1e-12); math.Abs(got/(p*1e-12)-1) > 1e-3 {
			t.Errorf("p = %g: MMSE at σ² = 1e-12 is %g", p, got)
		}
		if got := law.MMSE(1e12); math.Abs(1-got-1e-12) > 1e-11 {
			t.Errorf("p = %g: MMSE at σ² = 1e12 is %g", p, got)
		}
	}
}

// (E|x|)² = 3p/4 is 2/π at 8/(3π).
func TestSparseUniformCriticalP(t *testing.T) {
	c, ok, err := CriticalP("sparse-uniform", 1, 1)
	if err != nil || !ok || math.Abs(c.P-8/(3*math.Pi)) > 1e-11 {
		t.Errorf("critical p %+v, %t, %v, want %.12g", c, ok, err, 8/(3*math.Pi))
	}
	if c, ok, err = CriticalPDenoiser("sparse-uniform", 1, 1); err != nil || !ok || !(c.P > 0.5 && c.P <= 1) {
		t.Errorf("critical p of the denoiser %+v, %t, %v", c, ok, err)
	}
}
