package config

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"autoamp/datasets"
)

// DataConfig is the data: a law or a data set. The coordinates of a law are independent with mean 0
// and second moment 1. A data set is images or the rows of a NumPy array.
type DataConfig struct {
	// Name is a law, such as sparse-gaussian (autoamp train --help lists them), or a
	// data set: mnist, cifar10, npy:FILE (see datasets.OpenArray), or a dictionary model: mixture,
	// sparse-codes, nonnegative-codes; default sparse-gaussian.
	Name string `yaml:"name" json:"name"`
	// P lists the probabilities in (0, 1] that a coordinate is not zero, all different, one
	// group of replicas for each; default [0.4], for gaussian [1] and nothing else. Coordinates of a
	// data set are multiplied by 1/√p or 0, afresh whenever a row is drawn; default [1].
	P []float64 `yaml:"p,flow" json:"p"`
	// MixtureMean is m of sparse-mixture, with 0 < m ≤ 1/√p; default 1.
	MixtureMean float64 `yaml:"mixture_mean,omitempty" json:"mixture_mean,omitempty"`
	// SetConfig is for data sets only, DictionaryConfig is for dictionary models only.
	SetConfig        `yaml:",inline"`
	DictionaryConfig `yaml:",inline"`
}

// CheckLaw returns an *Error for a P or a MixtureMean that the law called Name does not have. Validate has the same
// rule. CheckLaw does not read the other fields.
func (d DataConfig) CheckLaw() error {
	for _, p := range d.P {
		if d.Name == "gaussian" && p != 1 {
			return &Error{"data.p", p, gaussianHasNoZeros}
		}
	}
	if ok, why := ofMixture.holds(Config{Data: d}), ofMixture.otherwise(Config{}); !ok && d.MixtureMean != 0 {
		return &Error{"data.mixture_mean", d.MixtureMean, why}
	}
	return nil
}

const gaussianHasNoZeros = "gaussian data has no zeros, so p is 1; for zeros set data.name: sparse-gaussian"

var ofMixture = only("data.name", dataName, "sparse-mixture")

// tooLargeMean returns the first p for which sparse-mixture has no such mean, or 0: its variance is 1/p − m².
func tooLargeMean(c Config) float64 {
	m := c.Data.MixtureMean
	if len(c.Listed.MixtureMeans) > 0 { // which are checked one by one
		return 0
	}
	for _, p := range c.Data.P {
		if !(m > 0 && m*m*p <= 1+1e-12) {
			return p
		}
	}
	return 0
}

// dataSettings is the data.
var dataSettings = []Setting{
	{
		Key: "data.name", Flag: Flag{Name: "data", Group: "data", Placeholder: "D"},
		Help: strings.Join(datasets.Names(), ", ") + "; a dictionary model: mixture, " +
			"sparse-codes or nonnegative-codes; or a data set: mnist, cifar10, npy:FILE.",
		Default: "sparse-gaussian",
		start:   fixed("sparse-gaussian"),
		bounds: []bound{
			must(func(c Config, v any) bool { return c.Data.IsSet() || slices.Contains(dataNames, v.(string)) },
				"must be one of "+strings.Join(dataNames, ", ")).of(slices.Concat(namedData, []string{FilePrefix})...),
		},
		with: []bound{
			rule(func(c Config) bool { return !c.Alternating() || !c.Data.IsSet() && !c.Data.IsDictionary() },
				"algorithm gd-min draws from a law: must be one of "+strings.Join(datasets.Names(), ", ")),
			rule(func(c Config) bool {
				return !c.Alternating() || c.Data.Name == "gaussian" || c.Sparse() || c.GDMin.Objective == Samples
			}, "the population objective is known for gaussian and sparse-gaussian; set gdmin.objective: samples for other data"),
		},
	},
	{
		Key: "data.p", Flag: Flag{Name: "p", Group: "data", Placeholder: "P,..."},
		Help:    "Probability of a coordinate not to be zero; a list trains all.",
		Default: "0.4, for data sets 1: no mask", Elements: "must be in (0, 1], all different",
		start: func(c Config) any {
			if c.Data.Name == "gaussian" || c.Data.IsSet() || c.Data.IsDictionary() {
				return []float64{1}
			}
			return []float64{0.4}
		},
		each: func(c Config, bad func(any, string)) {
			for i, p := range c.Data.P {
				switch {
				case !(p > 0 && p <= 1):
					bad(p, "must be in (0, 1]")
				case slices.Contains(c.Data.P[:i], p):
					bad(p, "is listed twice")
				case c.Data.IsDictionary() && p != 1:
					bad(p, "a dictionary model has no mask, so p is 1; leave it out")
				case c.Data.Name == "gaussian" && p != 1:
					bad(p, gaussianHasNoZeros)
				}
			}
		},
	},
	{
		Key: "data.mixture_mean", Flag: Flag{Name: "mixture-mean", Group: "data", Placeholder: "M"},
		Help: "Mean m of sparse-mixture, whose variance is 1/p − m².", Default: "1",
		only:  []condition{ofMixture},
		start: fixed(1.0),
		bounds: []bound{told(func(c Config) bool { return tooLargeMean(c) == 0 }, func(c Config) string {
			p := tooLargeMean(c)
			return fmt.Sprintf("must be in (0, 1/√p], at p = %g in (0, %.6g]", p, 1/math.Sqrt(p))
		}, "must be in (0, 1/√p]")},
	},
}

func dataName(c Config) string { return c.Data.Name }

// namedData are the names of all data but files, and dataNames are for messages.
var (
	namedData = slices.Concat(datasets.Names(), datasets.CodeNames(), datasets.ImageNames())
	dataNames = slices.Concat(namedData, []string{FilePrefix + "FILE"})
)
