package datasets

import (
	"math"
	"math/rand/v2"
	"slices"
)

// PixelLaw says how the coordinates of a data set are distributed, over all samples and coordinates, beside the Laplace
// and the Gaussian law of mean 0 and the same second moment.
//
// Source: Kögler et al., Figure 12, where whitened CIFAR-10 pixels follow the Laplace law.
type PixelLaw struct {
	SecondMoment float64 `json:"second_moment"`
	AbsMean      float64 `json:"abs_mean"`
	// Kurtosis is E x⁴/(E x²)²: 6 for the Laplace law, 3 for the Gaussian one.
	Kurtosis float64 `json:"kurtosis"`
	// LaplaceScale is the most likely scale b of the density e^{−|x|/b}/2b, which is E|x|. A Laplace law of unit variance
	// has 1/√2.
	LaplaceScale float64 `json:"laplace_scale"`
	// LaplaceLikelihood and GaussLikelihood are the mean log density of a coordinate under the most likely laws.
	LaplaceLikelihood float64 `json:"laplace_log_likelihood"`
	GaussLikelihood   float64 `json:"gauss_log_likelihood"`
	// LaplaceDistance and GaussDistance are Kolmogorov's, the largest difference of the distribution functions, to the
	// laws of equal second moment.
	LaplaceDistance float64 `json:"laplace_kolmogorov"`
	GaussDistance   float64 `json:"gauss_kolmogorov"`
	Histogram       []Bin   `json:"histogram"`
}

// Bin is one bin of a histogram of x/√E x².
type Bin struct {
	From    float64 `json:"from"`
	To      float64 `json:"to"`
	Density float64 `json:"density"`
	// Laplace is the mean unit-variance Laplace density over the bin.
	Laplace float64 `json:"laplace"`
}

// The histogram covers [−histogramEnd, histogramEnd].
const (
	histogramEnd  = 5
	histogramBins = 50
)

// pixelSample is how many coordinates the distances and the histogram are taken from: their error is below 0.002.
const pixelSample = 1 << 20

// NewPixelLaw measures the law of a table. Moments are those of the whole table, distances and histogram of a million
// coordinates drawn from it.
func NewPixelLaw(t *Table, seed uint64) *PixelLaw {
	l := &PixelLaw{SecondMoment: t.SecondMoment(), AbsMean: t.AbsMean()}
	l.Kurtosis = t.average(func(x float64) float64 { return x * x * x * x }) / (l.SecondMoment * l.SecondMoment)
	l.LaplaceScale = l.AbsMean
	l.LaplaceLikelihood = -1 - math.Log(2*l.AbsMean)
	l.GaussLikelihood = -0.5 - 0.5*math.Log(2*math.Pi*l.SecondMoment)
	x := t.Coordinates(pixelSample, 1, seed)
	slices.Sort(x)
	for i := range x {
		x[i] /= math.Sqrt(l.SecondMoment)
	}
	l.LaplaceDistance, l.GaussDistance = kolmogorov(x, laplaceCDF), kolmogorov(x, gaussCDF)
	l.Histogram = histogram(x)
	return l
}

// Coordinates draws count numbers from a table, uniformly and with replacement, and masks them: each is kept with
// probability p and divided by √p, and zero otherwise. They are the empirical law that package amp takes.
func (t *Table) Coordinates(count int, p float64, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 0))
	x, scale := make([]float64, count), 1/math.Sqrt(p)
	for i := range x {
		v := scale * float64(t.Data[r.IntN(len(t.Data))])
		if r.Float64() < p {
			x[i] = v
		}
	}
	return x
}

// kolmogorov returns the largest distance between the distribution function of sorted samples and cdf. Equal samples
// are one step.
func kolmogorov(sorted []float64, cdf func(x float64) float64) float64 {
	largest, n := 0.0, float64(len(sorted))
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		at := cdf(sorted[i])
		largest = max(largest, math.Abs(at-float64(i)/n), math.Abs(at-float64(j)/n))
		i = j
	}
	return largest
}

// laplaceCDF is that of the unit-variance Laplace law.
func laplaceCDF(x float64) float64 {
	tail := math.Exp(-math.Sqrt2*math.Abs(x)) / 2
	if x < 0 {
		return tail
	}
	return 1 - tail
}

func gaussCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

func histogram(sorted []float64) []Bin {
	bins := make([]Bin, histogramBins)
	const width = 2.0 * histogramEnd / histogramBins
	below := func(x float64) float64 {
		k, _ := slices.BinarySearch(sorted, x)
		return float64(k)
	}
	for i := range bins {
		from := -histogramEnd + width*float64(i)
		to := from + width
		bins[i] = Bin{From: from, To: to,
			Density: (below(to) - below(from)) / (width * float64(len(sorted))),
			Laplace: (laplaceCDF(to) - laplaceCDF(from)) / width}
	}
	return bins
}
