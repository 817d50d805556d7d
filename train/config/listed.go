package config

import (
	"fmt"
	"slices"

	"autoamp/graph"
)

// ListedConfig lists replicas one by one, in place of every seed at every p. The lists are of one length, or empty: then the
// replicas have the value of the configuration. autoamp sweep trains cells of one program this way.
type ListedConfig struct {
	// Seeds is the seed of each replica.
	Seeds []uint64 `yaml:"seeds,flow,omitempty" json:"seeds,omitempty"`
	// P is the probability in (0, 1] of each replica that a coordinate is not zero, one of data.p.
	P []float64 `yaml:"p,flow,omitempty" json:"p,omitempty"`
	// LearningRates is the peak learning rate of each replica.
	LearningRates []float64 `yaml:"learning_rates,flow,omitempty" json:"learning_rates,omitempty"`
	// MixtureMeans is the mean of sparse-mixture of each replica.
	MixtureMeans []float64 `yaml:"mixture_means,flow,omitempty" json:"mixture_means,omitempty"`
}

// IsListed reports whether replicas are listed one by one.
func (c Config) IsListed() bool { return len(c.Listed.Seeds) > 0 }

// SideBySide returns c with replicas that are listed one by one. c is resolved.
func (c Config) SideBySide(replicas []graph.Replica) Config {
	c.Listed, c.Seeds, c.Data.P = ListedConfig{}, nil, nil
	for _, r := range replicas {
		c.Listed.Seeds = append(c.Listed.Seeds, r.Seed)
		c.Listed.P = append(c.Listed.P, r.P)
		c.Listed.LearningRates = append(c.Listed.LearningRates, r.LearningRate)
		if c.Data.Name == "sparse-mixture" {
			c.Listed.MixtureMeans = append(c.Listed.MixtureMeans, r.Mean)
		}
		if !slices.Contains(c.Seeds, r.Seed) {
			c.Seeds = append(c.Seeds, r.Seed)
		}
		if !slices.Contains(c.Data.P, r.P) {
			c.Data.P = append(c.Data.P, r.P)
		}
	}
	return c
}

// listedReplicas are the replicas of a configuration that lists them.
func (c Config) listedReplicas(common graph.Replica) []graph.Replica {
	at := func(list []float64, i int, otherwise float64) float64 {
		if i < len(list) {
			return list[i]
		}
		return otherwise
	}
	out := make([]graph.Replica, len(c.Listed.Seeds))
	for i := range out {
		out[i] = graph.Replica{
			Seed: c.Listed.Seeds[i], P: at(c.Listed.P, i, c.Data.P[0]), Mean: at(c.Listed.MixtureMeans, i, common.Mean),
			LearningRate: at(c.Listed.LearningRates, i, common.LearningRate),
		}
	}
	return out
}

// Point is the law of the data of some replicas, as far as replicas may differ in it.
type Point struct{ P, MixtureMean float64 }

// Points lists the laws of the replicas: by p in the order of data.p or, of listed replicas, in their order. c is resolved.
func (c Config) Points() []Point {
	var out []Point
	if !c.IsListed() {
		for _, p := range c.Data.P {
			out = append(out, Point{p, c.Data.MixtureMean})
		}
		return out
	}
	for _, r := range c.Replicas() {
		if at := (Point{r.P, r.Mean}); !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// PointOf returns the place in Points of each replica.
func (c Config) PointOf() []int {
	points, replicas := c.Points(), c.Replicas()
	out := make([]int, len(replicas))
	for i, r := range replicas {
		out[i] = slices.Index(points, Point{r.P, r.Mean})
	}
	return out
}

// ofListed is the condition of lists beside the one of seeds.
var ofListed = where(Config.IsListed, "goes with replicas.seeds; leave it out")

// aligned bounds the length of a list of replicas.
func aligned(length func(ListedConfig) int) bound {
	return told(func(c Config) bool { n := length(c.Listed); return n == 0 || n == len(c.Listed.Seeds) },
		func(c Config) string {
			return fmt.Sprintf("must have as many elements as replicas.seeds, %d", len(c.Listed.Seeds))
		},
		"as many elements as replicas.seeds")
}

// listedSettings are replicas one by one.
var listedSettings = []Setting{
	{
		Key: "replicas.seeds", Help: "Seed of each replica, where replicas are listed one by one in place of every seed at every p.",
		Default: "not listed", Elements: "of seeds", only: []condition{optimised},
		each: func(c Config, bad func(any, string)) {
			for _, s := range c.Listed.Seeds {
				if !slices.Contains(c.Seeds, s) {
					bad(s, "must be one of seeds")
				}
			}
		},
		with: []bound{must(func(_ Config, v any) bool { return len(v.([]uint64)) <= MaxReplicas }, fmt.Sprintf("at most %d replicas", MaxReplicas))},
	},
	{
		Key: "replicas.p", Help: "The p of each listed replica.", Default: "the first of data.p", Elements: "of data.p",
		only: []condition{ofListed},
		each: func(c Config, bad func(any, string)) {
			for _, p := range c.Listed.P {
				if !slices.Contains(c.Data.P, p) {
					bad(p, "must be one of data.p")
				}
			}
		},
		with: []bound{aligned(func(l ListedConfig) int { return len(l.P) })},
	},
	{
		Key: "replicas.learning_rates", Help: "Peak learning rate of each listed replica.", Default: "optimizer.learning_rate", Elements: "must be positive",
		only: []condition{ofListed},
		each: func(c Config, bad func(any, string)) {
			for _, rate := range c.Listed.LearningRates {
				if !positive.holds(c, rate) {
					bad(rate, "must be positive")
				}
			}
		},
		with: []bound{aligned(func(l ListedConfig) int { return len(l.LearningRates) })},
	},
	{
		Key: "replicas.mixture_means", Help: "Mean m of sparse-mixture of each listed replica.", Default: "data.mixture_mean", Elements: "must be in (0, 1/√p]",
		only: []condition{ofListed, ofMixture},
		each: func(c Config, bad func(any, string)) {
			for i, m := range c.Listed.MixtureMeans {
				own := c
				own.Data.MixtureMean = m
				if i < len(c.Listed.P) {
					own.Data.P = c.Listed.P[i : i+1]
				}
				if tooLargeMean(own) != 0 {
					bad(m, "must be in (0, 1/√p]")
				}
			}
		},
		with: []bound{aligned(func(l ListedConfig) int { return len(l.MixtureMeans) })},
	},
}
