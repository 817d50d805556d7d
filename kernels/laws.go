package kernels

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"autoamp/kernels/internal/vector"
)

// LawKind names the law of one coordinate of the data.
type LawKind uint8

// The laws have mean 0 and second moment 1. All but Gaussian are 0 with probability 1−p; SparseMixture
// is N(±m, 1/p − m²) elsewhere, SparseUniform uniform on ±√(3/p).
const (
	Gaussian LawKind = iota
	SparseGaussian
	SparseRademacher
	SparseLaplace
	SparseMixture
	SparseUniform
)

// Law is the law of one coordinate. P is the probability of being non-zero, in (0, 1]; Mean is the m of
// SparseMixture, with m² ≤ 1/P. Fields that a kind does not use are ignored.
type Law struct {
	Kind LawKind
	P    float64
	Mean float64
}

// lawConstants are the constants for drawing the elements of a law. An element is not zero where 31 random bits are at most
// limit. scale is the amplitude of the random number, or the number itself if it is constant. mean is the mean of the
// mixture.
type lawConstants struct {
	limit       int32
	scale, mean float32
}

// lawRow is a law as the samplers know it.
type lawRow struct {
	name   string
	sparse bool // P counts
	mixed  bool // Mean counts
	// scale returns scale and mean of lawConstants.
	scale func(l Law) (scale, mean float64)
	// draw makes the two elements of one counter's words; see sample.go.
	draw func(c lawConstants, w [4]uint32) (a, b float32)
	// vector is the same for AVX2, AVX-512 and NEON; sample.cu has it for CUDA.
	vector vector.Law
}

// laws has a row for each law, in the order in which they are presented. go generate writes the list for CUDA from it.
var laws = [...]lawRow{
	Gaussian: {
		name: "gaussian", vector: vector.Gaussian,
		scale: func(Law) (scale, mean float64) { return 1, 0 },
		draw:  func(c lawConstants, w [4]uint32) (a, b float32) { return normalPair(w[0], w[1], c.scale) },
	},
	SparseGaussian: {
		name: "sparse-gaussian", sparse: true, vector: vector.SparseGaussian,
		scale: func(l Law) (scale, mean float64) { return 1 / math.Sqrt(l.P), 0 },
		draw: func(c lawConstants, w [4]uint32) (a, b float32) {
			a, b = normalPair(w[0], w[1], c.scale)
			return c.mask(a, w[2]), c.mask(b, w[3])
		},
	},
	SparseRademacher: {
		name: "sparse-rademacher", sparse: true, vector: vector.SparseRademacher,
		scale: func(l Law) (scale, mean float64) { return 1 / math.Sqrt(l.P), 0 },
		draw: func(c lawConstants, w [4]uint32) (a, b float32) {
			return c.mask(flip(c.scale, w[2]), w[2]), c.mask(flip(c.scale, w[3]), w[3])
		},
	},
	SparseLaplace: {
		name: "sparse-laplace", sparse: true, vector: vector.SparseLaplace,
		scale: func(l Law) (scale, mean float64) { return 1 / math.Sqrt(2*l.P), 0 },
		draw: func(c lawConstants, w [4]uint32) (a, b float32) {
			a, b = minusLog(w[0])*c.scale, minusLog(w[1])*c.scale
			return c.mask(flip(a, w[2]), w[2]), c.mask(flip(b, w[3]), w[3])
		},
	},
	SparseMixture: {
		name: "sparse-mixture", sparse: true, mixed: true, vector: vector.SparseMixture,
		scale: func(l Law) (scale, mean float64) { return math.Sqrt(max(0, 1/l.P-l.Mean*l.Mean)), l.Mean },
		draw: func(c lawConstants, w [4]uint32) (a, b float32) {
			a, b = normalPair(w[0], w[1], c.scale)
			return c.mask(a+flip(c.mean, w[2]), w[2]), c.mask(b+flip(c.mean, w[3]), w[3])
		},
	},
	SparseUniform: {
		name: "sparse-uniform", sparse: true, vector: vector.SparseUniform,
		scale: func(l Law) (scale, mean float64) { return math.Sqrt(3 / l.P), 0 },
		draw: func(c lawConstants, w [4]uint32) (a, b float32) {
			return c.mask(uniform(w[0])*c.scale, w[2]), c.mask(uniform(w[1])*c.scale, w[3])
		},
	},
}

// uniform returns (w + ½)·2⁻³¹ of the signed w, in [−1, 1].
func uniform(w uint32) float32 { return fma(float32(int32(w)), 0x1p-31, 0x1p-32) }

// Laws lists the laws in the order in which they are presented.
func Laws() []LawKind {
	list := make([]LawKind, len(laws))
	for k := range list {
		list[k] = LawKind(k)
	}
	return list
}

// LawNames lists the names of the laws, in the order of Laws.
func LawNames() []string {
	names := make([]string, len(laws))
	for k, row := range laws {
		names[k] = row.name
	}
	return names
}

// ParseLaw returns the law of a name.
func ParseLaw(name string) (LawKind, error) {
	for k, row := range laws {
		if row.name == name {
			return LawKind(k), nil
		}
	}
	return 0, fmt.Errorf("kernels: law %q: want one of %s", name, strings.Join(LawNames(), ", "))
}

// String returns the name used on the command line.
func (k LawKind) String() string {
	if int(k) < len(laws) {
		return laws[k].name
	}
	return "LawKind(" + strconv.Itoa(int(k)) + ")"
}

// UsesP reports whether the law depends on P.
func (k LawKind) UsesP() bool { return int(k) < len(laws) && laws[k].sparse }

// UsesMean reports whether the law depends on Mean.
func (k LawKind) UsesMean() bool { return int(k) < len(laws) && laws[k].mixed }

// Constants returns the constants of a law for a sampler. A coordinate is not zero where 31 random bits are at most
// limit. scale is the amplitude of the random number, or the number itself if it is constant. mean is the mean of the
// mixture.
func (l Law) Constants() (limit int32, scale, mean float32) {
	s, m := laws[l.Kind].scale(l)
	limit = int32(int64(math.Round(min(1, max(0, l.P))*(1<<31))) - 1)
	return limit, float32(s), float32(m)
}
