package config

import (
	"fmt"
	"math"
)

// GDMin is the Config.Algorithm of eq. (6): alternating minimisation.
const GDMin = "gd-min"

// The values of GDMinConfig.Objective.
const (
	Population = "population"
	Samples    = "samples"
)

// The values of GDMinConfig.Design.
const (
	Balanced    = "balanced"
	Independent = "independent"
)

// GDMinConfig is alternating minimisation, eq. (6) of ICML 2024: at every step the optimal decoder in closed form, then a
// gradient step of size η on F = d·(MSE − 1), tangent to the unit spheres of the encoder's rows, and normalisation.
type GDMinConfig struct {
	// Objective is population, the exact error of Gaussian or sparse Gaussian data, or samples, the error on a large
	// fresh batch of any data, with the surrogate gradient of sign; default population.
	Objective string `yaml:"objective,omitempty" json:"objective,omitempty"`
	// StepSize is η > 0; default 0.05·√(200/d), the order in d of Theorem 4.1.
	StepSize float64 `yaml:"step_size,omitempty" json:"step_size,omitempty"`
	// Horizon is the time s = η·steps > 0 at which the run ends, the time of the spectral flow (amp/THEORY.md §4.5).
	// Default 6 or, where steps is given, η·steps.
	Horizon float64 `yaml:"horizon,omitempty" json:"horizon,omitempty"`
	// Masks is the number of fresh masks per step, at least 1, over which the population objective of sparse data is
	// averaged. Time and memory are proportional to it; default 30.
	Masks int `yaml:"masks,omitempty" json:"masks,omitempty"`
	// Design says how the masks of a step are drawn: balanced, so that every coordinate is kept in ⌊p·masks⌋ or ⌈p·masks⌉ of
	// them, or independent. Every mask has the same law, with independent coordinates, in both. The noise of balanced masks
	// is of order 1/√(d·masks) instead of 1/√masks; default balanced.
	Design string `yaml:"design,omitempty" json:"design,omitempty"`
	// Samples is the number of fresh samples per step of the samples objective, at least n; default 20·max(n, d).
	Samples int `yaml:"samples,omitempty" json:"samples,omitempty"`
	// Smoothing is the standard deviation ≥ 0 of the noise G_t that is added to every entry of the gradient; default 0.
	Smoothing float64 `yaml:"smoothing,omitempty" json:"smoothing,omitempty"`
}

// Alternating says whether c is a run of alternating minimisation.
func (c Config) Alternating() bool { return c.Algorithm == GDMin }

// Sparse says whether the population objective of c needs masks.
func (c Config) Sparse() bool { return c.Data.Name == "sparse-gaussian" }

// Optimised says that c is a run of the optimizer's steps.
func (c Config) Optimised() bool { return !c.Alternating() }

// notAlternating is why a setting of the optimizer's steps does not apply.
const notAlternating = "does not apply to algorithm: gd-min; leave it out"

const (
	// maxGDMinSteps bounds the steps, each of which inverts a matrix.
	maxGDMinSteps = 1 << 24
	// maxGDMinElements bounds the allocated elements, in float64: 2 GiB.
	maxGDMinElements = 1 << 28
)

var ofGDMin = where(Config.Alternating, "applies to algorithm: gd-min only; leave it out")

func objective(c Config) string { return c.GDMin.Objective }

// gdminSettings is alternating minimisation.
var gdminSettings = []Setting{
	{
		Key: "gdmin.objective", Flag: Flag{Name: "objective", Group: "gdmin", Placeholder: "O"},
		Help: "population (gaussian, sparse-gaussian) or samples.", Default: "population",
		only: []condition{ofGDMin}, start: fixed(Population), bounds: []bound{oneOf(Population, Samples)},
	},
	{
		Key: "gdmin.step_size", Flag: Flag{Name: "step-size", Group: "gdmin", Placeholder: "η"},
		Help: "Step size η.", Default: "0.05·√(200/d)",
		only: []condition{ofGDMin}, bounds: []bound{positive},
		start: func(c Config) any { return 0.05 * math.Sqrt(200/math.Max(1, float64(c.Model.Dim))) },
	},
	{
		Key: "gdmin.horizon", Flag: Flag{Name: "horizon", Group: "gdmin", Placeholder: "S"},
		Help: "Time η·steps at which to stop.", Default: "6",
		only: []condition{ofGDMin}, bounds: []bound{positive},
		start: func(c Config) any {
			if c.Steps == 0 {
				return 6.0
			}
			return c.GDMin.StepSize * float64(c.Steps)
		},
		with: []bound{told(func(c Config) bool {
			g := c.GDMin
			return math.Abs(g.StepSize*float64(c.Steps)-g.Horizon) <= 1.000001*g.StepSize
		}, func(c Config) string {
			return fmt.Sprintf("contradicts steps = %d of size %g; leave one of the two out", c.Steps, c.GDMin.StepSize)
		}, "η·steps where both are given")},
	},
	{
		Key: "gdmin.masks", Flag: Flag{Name: "masks", Group: "gdmin", Placeholder: "N"},
		Help: "Fresh masks per step, for p < 1.", Default: "30",
		only:  []condition{ofGDMin, only("gdmin.objective", objective, Population), only("data.name", dataName, "sparse-gaussian")},
		start: fixed(30), bounds: []bound{atLeast(1)},
		with: []bound{rule(func(c Config) bool {
			n := float64(c.Model.Code())
			return float64(c.GDMin.Masks)*n*n < maxGDMinElements
		}, "masks·n² must be below 2²⁸")},
	},
	{
		Key:  "gdmin.design",
		Help: "Masks balanced, each coordinate kept in a share p of them, or independent.", Default: "balanced",
		only:  []condition{ofGDMin, only("gdmin.objective", objective, Population), only("data.name", dataName, "sparse-gaussian")},
		start: fixed(Balanced), earlier: fixed(Independent), bounds: []bound{oneOf(Balanced, Independent)},
	},
	{
		Key: "gdmin.samples", Flag: Flag{Name: "samples", Group: "gdmin", Placeholder: "N"},
		Help: "Fresh samples per step, for --objective samples.", Default: "20·max(n, d)",
		only:  []condition{ofGDMin, only("gdmin.objective", objective, Samples)},
		start: func(c Config) any { return 20 * max(c.Model.Code(), c.Model.Dim) },
		bounds: []bound{told(func(c Config) bool { return c.GDMin.Samples >= c.Model.Code() },
			func(c Config) string {
				return fmt.Sprintf("must be at least n = %d, or the optimal decoder is not unique", c.Model.Code())
			}, "must be at least n")},
		with: []bound{rule(func(c Config) bool {
			return float64(c.GDMin.Samples)*float64(c.Model.Code()+c.Model.Dim) < maxGDMinElements/2
		}, "samples·(n + d) must be below 2²⁷")},
	},
	{
		Key: "gdmin.smoothing", Flag: Flag{Name: "smoothing", Group: "gdmin", Placeholder: "S"},
		Help: "Standard deviation of noise on the gradient.", Default: "0",
		only: []condition{ofGDMin}, bounds: []bound{notNegative("must not be negative")},
	},
}
