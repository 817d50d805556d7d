package law

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"autoamp/amp"
	"autoamp/amp/root"
)

const (
	// fitNoise is the variance of the noise that blurs the sample before laws are compared: without it a point mass has no likelihood
	// beside a density. It is small beside the noise of a code, 0.57 at a rate of 1, so that what it hides no decoder sees.
	fitNoise = 0.05
	// tolerance is the divergence up to which a law fits.
	tolerance = 1e-3
	// sampleBins is the number of bins of the empirical law.
	sampleBins = 128
	// binWidth is the width of the blurred sample's bins, an eighth of the noise's standard deviation.
	binWidth = 0.028
)

// Fit chooses among the named laws the one that fits the sample z, coordinates of unit second moment.
//
// The sample is blurred with a little noise of its own. Parameters are those of greatest likelihood. Laws are compared by likelihood,
// less ½·ln N/N for each parameter (Schwarz 1978). Divergence is the Kullback–Leibler divergence from the blurred sample's histogram
// to the blurred law. The empirical law is taken where it is named and the others' divergence is above a thousandth of a nat, or
// where it is alone.
func Fit(names []string, z []float64) (*Law, error) {
	if len(z) == 0 {
		return nil, fmt.Errorf("law: no sample")
	}
	h := newHistogram(z)
	var best *Law
	bestScore := math.Inf(-1)
	for _, name := range names {
		if name == Empirical {
			continue
		}
		l, parameters := h.fit(name)
		score := h.likelihood(l.Prior()) - parameters*math.Log(h.count)/(2*h.count)
		if score > bestScore {
			best, bestScore = l, score
		}
	}
	if best != nil {
		best.Divergence = h.divergence(best.Prior())
	}
	if slices.Contains(names, Empirical) && (best == nil || best.Divergence > tolerance+h.bias()) {
		return h.empirical(z)
	}
	if best == nil {
		return nil, fmt.Errorf("law: no law is named")
	}
	return best, nil
}

// histogram is the blurred sample, in bins that are not empty.
type histogram struct {
	count  float64
	at     []float64 // the middle of a bin
	weight []float64 // share of the sample
}

func newHistogram(z []float64) *histogram {
	noise, sd := rand.New(rand.NewPCG(1, 2)), math.Sqrt(fitNoise)
	bins := map[int]int{}
	for _, x := range z {
		bins[int(math.Floor((x+sd*noise.NormFloat64())/binWidth))]++
	}
	h := &histogram{count: float64(len(z))}
	for _, k := range slices.Sorted(maps.Keys(bins)) {
		h.at = append(h.at, (float64(k)+0.5)*binWidth)
		h.weight = append(h.weight, float64(bins[k])/h.count)
	}
	return h
}

// evidence is what all laws of package amp have.
type evidence interface {
	Evidence(y, sigma2 float64) float64
}

// likelihood is the mean log density of the blurred law.
func (h *histogram) likelihood(p amp.Prior) float64 {
	law, ok := p.(evidence)
	if !ok {
		return math.Inf(-1)
	}
	const least = 1e-300 // a bounded law's density far outside
	sum := 0.0
	for i, y := range h.at {
		sum += h.weight[i] * math.Log(math.Max(law.Evidence(y, fitNoise), least))
	}
	return sum
}

// divergence is the mean of ln(share of a bin/its probability), less what the histogram's own randomness adds to it.
func (h *histogram) divergence(p amp.Prior) float64 {
	entropy := 0.0
	for _, w := range h.weight {
		entropy += w * math.Log(w/binWidth)
	}
	return math.Max(0, entropy-h.likelihood(p)-h.bias())
}

// bias is half the number of bins over the sample's size.
func (h *histogram) bias() float64 { return float64(len(h.at)) / (2 * h.count) }

// empirical is the law of the sample.
func (h *histogram) empirical(z []float64) (*Law, error) {
	e, err := amp.NewEmpirical(z, sampleBins)
	if err != nil {
		return nil, fmt.Errorf("law: %w", err)
	}
	return &Law{Name: Empirical, empirical: e, Divergence: h.divergence(e)}, nil
}

// fit returns the law of greatest likelihood of a family, and the number of its parameters.
func (h *histogram) fit(name string) (l *Law, parameters float64) {
	switch name {
	case "gaussian":
		return &Law{Name: name, P: 1}, 0
	case "sparse-mixture":
		return h.fitMixture(), 2
	}
	p := h.bestP(func(p float64) *Law { return &Law{Name: name, P: p} })
	return &Law{Name: name, P: p}, 1
}

// leastP is the smallest p that is tried.
const leastP = 1e-4

// bestP looks for the p of greatest likelihood: on a grid in ln p, then by golden section beside the best.
func (h *histogram) bestP(law func(p float64) *Law) float64 {
	score := func(logP float64) float64 { return h.likelihood(law(math.Min(1, math.Exp(logP))).Prior()) }
	const steps = 24
	low := math.Log(leastP)
	best, value := 0.0, math.Inf(-1)
	for i := range steps + 1 {
		at := low * float64(i) / steps
		if v := score(at); v > value {
			best, value = at, v
		}
	}
	return math.Min(1, math.Exp(greatest(score, math.Max(low, best+low/steps), math.Min(0, best-low/steps))))
}

// fitMixture looks for p at each of several m in units of 1/√p, and then for m beside the best.
func (h *histogram) fitMixture() *Law {
	at := func(share float64) *Law {
		law := func(p float64) *Law { return &Law{Name: "sparse-mixture", P: p, Mean: share / math.Sqrt(p)} }
		return law(h.bestP(law))
	}
	score := func(share float64) float64 { return h.likelihood(at(share).Prior()) }
	const steps = 6
	best, value := 0.0, math.Inf(-1)
	for i := range steps + 1 {
		if v := score(float64(i) / steps); v > value {
			best, value = float64(i)/steps, v
		}
	}
	return at(greatest(score, math.Max(0, best-1./steps), math.Min(1, best+1./steps)))
}

// greatest returns the place of the greatest value of a function with one maximum between low and high, to 1e-4 of the distance.
func greatest(f func(float64) float64, low, high float64) float64 {
	const share = 6.7e-5 // golden section leaves .618²⁰ of the distance
	at, _ := root.Minimum(func(x float64) float64 { return -f(x) }, low, high, share*(high-low))
	return at
}
