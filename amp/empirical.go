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
	return NewMaskedEmpirical(samples, 1, bins)
}

// NewMaskedEmpirical builds the law of samples behind a mask: x/√p with probability p and 0 otherwise, where x is one of the
// samples. Scale is the scale of the samples. The zeros are one atom, so that time and memory do not depend on p. A bin holds
// as much probability as without the mask, or, at small p, a 32nd of the samples.
//
// The error is NewEmpirical's, or p is outside [MinP, 1].
func NewMaskedEmpirical(samples []float64, p float64, bins int) (*Empirical, error) {
	if bins == 0 {
		bins = EmpiricalBins
	}
	if bins < 1 {
		return nil, &DomainError{"bins", bins, "must be at least 1, or 0 for the default"}
	}
	if err := checkProbability(p); err != nil {
		return nil, err
	}
	scale, err := rootMeanSquare(samples)
	if err != nil {
		return nil, err
	}
	s := newSorted(samples, scale, p, float64(len(samples))*(1-p)/p)
	size := math.Min(math.Ceil(s.total/float64(bins)), math.Ceil(float64(len(samples))/float64(min(bins, leastBins))))
	e := &Empirical{scale: scale, components: s.gather(size)}
	for _, x := range s.values {
		e.absMean += math.Abs(x) / s.total
		e.fourth += x * x / s.total * x * x
	}
	return e, nil
}

// leastBins is the number of bins that the samples behind a mask have at least.
const leastBins = 32

// sorted is a list of samples in order, each of weight 1, and the zeros of a mask.
type sorted struct {
	values []float64
	zero   float64 // the weight of each 0 among the values
	total  float64 // weight
}

// newSorted divides the samples by their scale and by √p, and adds zeros of that weight.
func newSorted(samples []float64, scale, p, zeros float64) *sorted {
	s := &sorted{values: make([]float64, len(samples), len(samples)+1), zero: 1, total: float64(len(samples)) + zeros}
	own := 0
	for i, x := range samples {
		s.values[i] = x / scale / math.Sqrt(p)
		if s.values[i] == 0 {
			own++
		}
	}
	if zeros > 0 && own == 0 {
		s.values, s.zero = append(s.values, 0), zeros
	} else if zeros > 0 {
		s.zero = 1 + zeros/float64(own)
	}
	slices.Sort(s.values)
	return s
}

// weight is the weight of a sample of value x.
func (s *sorted) weight(x float64) float64 {
	if x == 0 {
		return s.zero
	}
	return 1
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

// gather turns sorted samples into components: a value that fills a bin of that weight by itself becomes an atom.
func (s *sorted) gather(size float64) []component {
	var out []component
	start, gathered := 0, 0.0 // the open bin, and its weight
	flush := func(end int) {
		if end > start {
			out = append(out, s.summarise(s.values[start:end]))
		}
		start, gathered = end, 0
	}
	for i := 0; i < len(s.values); {
		j := i + 1
		for j < len(s.values) && s.values[j] == s.values[i] {
			j++
		}
		weight := float64(j-i) * s.weight(s.values[i])
		gathered += weight
		if weight >= size {
			flush(i)
			flush(j)
		} else if gathered >= size {
			flush(j)
		}
		i = j
	}
	flush(len(s.values))
	return out
}

// summarise is the component of one bin.
func (s *sorted) summarise(bin []float64) component {
	n, mean, square := 0.0, 0.0, 0.0
	for _, x := range bin {
		n += s.weight(x)
	}
	for _, x := range bin {
		mean += s.weight(x) * x / n
	}
	for _, x := range bin {
		square += s.weight(x) * (x - mean) * (x - mean) / n
	}
	if bin[0] == bin[len(bin)-1] {
		mean, square = bin[0], 0
	}
	return component{n / s.total, mean, square}
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
