package amp

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Prior is the law of one coordinate X with E X² = 1, seen through the Gaussian channel Y = X + σZ, Z ~ N(0, 1). Any type
// with these methods is a law, also one outside this package.
//
// y is the observation and sigma2 = σ² ≥ 0 the noise variance, both finite. At sigma2 = 0 the posterior is a point mass at y; a
// negative sigma2, a NaN, and a prior whose parameters are out of range (build priors with NewPrior to have them
// checked) give NaN. The laws of this package are values, safe for concurrent use, and stable for p ∈ [MinP, 1] and
// σ ∈ [1e-8, 1e8].
//
// A law without closed forms is a Law: its density and point masses, the rest by quadrature. A type of your own embeds *Law and
// defines the methods that it knows in closed form. Some methods are optional:
//
//   - PosteriorVariance(y, sigma2 float64) float64 is Var(X | Y = y). Without it σ²·∂PosteriorMean/∂y is taken by differences.
//   - NonZero() float64 is P(X ≠ 0). Without it ChainMSE has no value.
//
// The denoiser's error at finite d and ThreeLayerDecoder integrate over the posterior, and so need a law of this package or one
// that embeds *Law. A type that embeds another law of this package is that law, whatever methods it defines.
type Prior interface {
	// PosteriorMean returns E[X | Y = y].
	PosteriorMean(y, sigma2 float64) float64
	// MMSE returns E Var(X | Y). StateEvolution extrapolates it to a fixed point: an error above 1e-11 shows.
	MMSE(sigma2 float64) float64
	// AbsMean returns E|X|.
	AbsMean() float64
	// FourthMoment returns E X⁴.
	FourthMoment() float64
	// Sample draws from the law.
	Sample(r *rand.Rand) float64
}

// posterior is the law of X given Y = y at a fixed σ² > 0.
type posterior interface {
	// eval returns the log density of Y, and the posterior mean and variance, at y.
	eval(y float64) (logEvidence, mean, variance float64)
	// moments fills m[k] = E[(X − c)ᵏ | Y = y].
	moments(y, c float64, m *[momentCount]float64)
	// grid says where Y has its mass and on which scale the posterior bends.
	grid() grid
}

// momentCount is the number of posterior moments, orders 0 to 6, that the finite-dimension correction needs.
const momentCount = 7

// priorRow is a law by its name.
type priorRow struct {
	name string
	make func(p, mixtureMean float64) (Prior, error)
}

// priorTable has a row for each law, by its name on the command line. kernels has a row of that name too: CONTRIBUTING.md has
// the files of a law.
var priorTable = [...]priorRow{
	{"gaussian", func(_, _ float64) (Prior, error) { return Gaussian{}, nil }},
	{"sparse-gaussian", func(p, _ float64) (Prior, error) { return SparseGaussian{P: p}, checkProbability(p) }},
	{"sparse-rademacher", func(p, _ float64) (Prior, error) { return SparseRademacher{P: p}, checkProbability(p) }},
	{"sparse-laplace", func(p, _ float64) (Prior, error) { return SparseLaplace{P: p}, checkProbability(p) }},
	{"sparse-mixture", func(p, m float64) (Prior, error) { return SparseMixture{P: p, Mean: m}, checkMixture(p, m) }},
	{"sparse-uniform", func(p, _ float64) (Prior, error) { return SparseUniform{P: p}, checkProbability(p) }},
}

// sparseInWords is a law that is zero with probability 1 − p. The rounding error of 0.9 is taken off 1 − 0.9.
func sparseInWords(p float64, otherwise string) string {
	return fmt.Sprintf("0 with probability %v, else %s", math.Round((1-p)*1e12)/1e12, otherwise)
}

// PriorNames returns the names that NewPrior knows.
func PriorNames() []string {
	names := make([]string, len(priorTable))
	for i, b := range priorTable {
		names[i] = b.name
	}
	return names
}

// NewPrior returns the prior of that name. p ∈ [MinP, 1] is the probability that a coordinate is not zero; "gaussian"
// ignores it. mixtureMean is m of "sparse-mixture", 0 ≤ m ≤ 1/√p (amp/THEORY.md §2; the command line's default is 1);
// the other families ignore it.
//
// The error is a *DomainError or wraps ErrUnknownPrior.
func NewPrior(name string, p, mixtureMean float64) (Prior, error) {
	for _, b := range priorTable {
		if b.name != name {
			continue
		}
		prior, err := b.make(p, mixtureMean)
		if err != nil {
			return nil, err
		}
		return prior, nil
	}
	return nil, unknownPrior(name)
}
