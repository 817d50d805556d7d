package amp

import (
	"math"
	"math/rand/v2"
	"slices"

	"autoamp/amp/internal/special"
)

// Empirical is the law of given samples, for example whitened image pixels, scaled to unit second moment. Values that
// many samples share, such as the zeros of a mask, stay atoms; the others are gathered in quantile bins, each a normal
// component with the bin's mean and variance, so that the second moment is kept exactly.
//
// The samples are not centred. The law may be asymmetric; integrals over it run over the whole line.
type Empirical struct {
	components []component // sorted by mean
	absMean    float64
	fourth     float64
	scale      float64
}

// component is one normal component of an empirical law; variance 0 is an atom.
type component struct {
	weight, mean, variance float64
}

// EmpiricalBins is the default number of bins of NewEmpirical.
const EmpiricalBins = 512

// NewEmpirical builds the law of the samples, with at most bins components beside the atoms; bins = 0 means
// EmpiricalBins. samples is not kept or changed. The error is a *DomainError: no samples, a sample that is not finite,
// or all samples zero.
func NewEmpirical(samples []float64, bins int) (*Empirical, error) {
	if bins == 0 {
		bins = EmpiricalBins
	}
	if bins < 1 {
		return nil, &DomainError{"bins", bins, "must be at least 1, or 0 for the default"}
	}
	scale, err := rootMeanSquare(samples)
	if err != nil {
		return nil, err
	}
	sorted := slices.Clone(samples)
	for i := range sorted {
		sorted[i] /= scale
	}
	slices.Sort(sorted)
	e := &Empirical{scale: scale, components: gather(sorted, bins)}
	for _, x := range sorted {
		e.absMean += math.Abs(x)
		e.fourth += x * x * x * x
	}
	e.absMean /= float64(len(sorted))
	e.fourth /= float64(len(sorted))
	return e, nil
}

// rootMeanSquare is the scale of the samples, checked.
func rootMeanSquare(samples []float64) (float64, error) {
	if len(samples) == 0 {
		return 0, &DomainError{"samples", "empty", "must hold at least one sample"}
	}
	largest := 0.0
	for _, x := range samples {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return 0, &DomainError{"samples", x, "must be finite"}
		}
		largest = max(largest, math.Abs(x))
	}
	if largest == 0 {
		return 0, &DomainError{"samples", "all zero", "must have a positive second moment"}
	}
	sum := 0.0
	for _, x := range samples {
		sum += (x / largest) * (x / largest)
	}
	return largest * math.Sqrt(sum/float64(len(samples))), nil
}

// gather turns sorted samples into components: a value that fills a bin by itself becomes an atom.
func gather(sorted []float64, bins int) []component {
	size := max(1, (len(sorted)+bins-1)/bins)
	var out []component
	start := 0
	flush := func(end int) {
		if end > start {
			out = append(out, summarise(sorted[start:end], len(sorted)))
		}
		start = end
	}
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		if j-i >= size {
			flush(i)
			flush(j)
		} else if j-start >= size {
			flush(j)
		}
		i = j
	}
	flush(len(sorted))
	return out
}

// summarise is the component of one bin.
func summarise(bin []float64, total int) component {
	n := float64(len(bin))
	mean, square := 0.0, 0.0
	for _, x := range bin {
		mean += x / n
	}
	for _, x := range bin {
		square += (x - mean) * (x - mean) / n
	}
	if bin[0] == bin[len(bin)-1] {
		mean, square = bin[0], 0
	}
	return component{n / float64(total), mean, square}
}

// Scale returns the factor by which the samples were divided, their root mean square.
func (e *Empirical) Scale() float64 { return e.scale }

// PosteriorMean returns E[X | X + σZ = y].
func (e *Empirical) PosteriorMean(y, sigma2 float64) float64 {
	_, mean, _ := evaluate(e, y, sigma2)
	return mean
}

// PosteriorVariance returns Var(X | X + σZ = y).
func (e *Empirical) PosteriorVariance(y, sigma2 float64) float64 {
	_, _, variance := evaluate(e, y, sigma2)
	return variance
}

// Evidence returns the density of X + σZ at y.
func (e *Empirical) Evidence(y, sigma2 float64) float64 {
	logEvidence, _, _ := evaluate(e, y, sigma2)
	return math.Exp(logEvidence)
}

// MMSE returns E Var(X | X + σZ) of the binned law, absolute error below 1e-12.
func (e *Empirical) MMSE(sigma2 float64) float64 { return mmse(e, sigma2) }

// AbsMean returns the samples' mean of |x|.
func (e *Empirical) AbsMean() float64 { return e.absMean }

// FourthMoment returns the samples' mean of x⁴.
func (e *Empirical) FourthMoment() float64 { return e.fourth }

// Sample draws from the binned law.
func (e *Empirical) Sample(r *rand.Rand) float64 {
	if len(e.components) == 0 {
		return math.NaN() // not made by NewEmpirical
	}
	u := r.Float64()
	for _, c := range e.components {
		if u -= c.weight; u < 0 {
			return c.mean + math.Sqrt(c.variance)*r.NormFloat64()
		}
	}
	return e.components[len(e.components)-1].mean
}

func (e *Empirical) at(sigma2 float64) posterior {
	q := &mixture{components: e.components, s2: sigma2, height: make([]float64, len(e.components)), half: make([]float64, len(e.components))}
	for i, c := range e.components {
		total := c.variance + sigma2
		q.height[i] = math.Log(c.weight) - 0.5*math.Log(total) - special.LogSqrt2Pi
		q.half[i] = 0.5 / total
	}
	return q
}

// mixture is the posterior of a law of many normal components.
type mixture struct {
	components []component
	s2         float64
	height     []float64 // log density of each weighted component at its mean
	half       []float64 // half its precision
}

// negligible is the log-odds below which a component is left out: e⁻⁵⁰ = 2e-22.
const negligible = -50

// log is the log weight of component i at y.
func (q *mixture) log(i int, y float64) float64 {
	z := y - q.components[i].mean
	return q.height[i] - z*z*q.half[i]
}

// best returns the largest log weight and its component.
func (q *mixture) best(y float64) (top float64, at component) {
	top = math.Inf(-1)
	for i, c := range q.components {
		if l := q.log(i, y); l > top {
			top, at = l, c
		}
	}
	return top, at
}

// inner returns mean and variance of X within a component.
func (q *mixture) inner(c component, y float64) (mean, variance float64) {
	total := c.variance + q.s2
	return (c.mean*q.s2 + y*c.variance) / total, c.variance * (q.s2 / total)
}

// eval accumulates around the mean of the best component, which avoids the cancellation of E X² − (E X)².
func (q *mixture) eval(y float64) (logEvidence, mean, variance float64) {
	top, at := q.best(y)
	center, _ := q.inner(at, y)
	var sum, first, second float64
	for i, c := range q.components {
		l := q.log(i, y) - top
		if l < negligible {
			continue
		}
		w := math.Exp(l)
		m, v := q.inner(c, y)
		sum += w
		first += w * (m - center)
		second += w * (v + (m-center)*(m-center))
	}
	first /= sum
	return top + math.Log(sum), center + first, math.Max(0, second/sum-first*first)
}

// moments adds up the components.
func (q *mixture) moments(y, c float64, m *[momentCount]float64) {
	top, _ := q.best(y)
	*m = [momentCount]float64{}
	for i, k := range q.components {
		l := q.log(i, y) - top
		if l < negligible {
			continue
		}
		mean, variance := q.inner(k, y)
		addGaussian(m, mean-c, variance, math.Exp(l))
	}
	sum := m[0]
	for k := range m {
		m[k] /= sum
	}
}

// grid has one zone per component.
func (q *mixture) grid() grid {
	zones := make([]zone, len(q.components))
	for i, c := range q.components {
		zones[i] = gaussianZone(c.mean, c.variance+q.s2)
	}
	return grid{more: zones}
}
