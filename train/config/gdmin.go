package config

import (
	"fmt"
	"math"
	"strings"

	"autoamp/datasets"
)

// GDMin is the Config.Algorithm of eq. (6): alternating minimisation.
const GDMin = "gd-min"

// The values of GDMinConfig.Objective.
const (
	Population = "population"
	Samples    = "samples"
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
	// Samples is the number of fresh samples per step of the samples objective, at least n; default 20·max(n, d).
	Samples int `yaml:"samples,omitempty" json:"samples,omitempty"`
	// Smoothing is the standard deviation ≥ 0 of the noise G_t that is added to every entry of the gradient; default 0.
	Smoothing float64 `yaml:"smoothing,omitempty" json:"smoothing,omitempty"`
}

// Alternating says whether c is a run of alternating minimisation.
func (c Config) Alternating() bool { return c.Algorithm == GDMin }

// Sparse says whether the population objective of c needs masks.
func (c Config) Sparse() bool { return c.Data.Name == "sparse-gaussian" }

// withGDMinDefaults is WithDefaults for alternating minimisation.
func (c Config) withGDMinDefaults() Config {
	orElse(&c.Model.Name, "shallow")
	orElse(&c.GDMin.Objective, Population)
	tau := c.Model.Tau
	c.Model, c.Data = c.Model.withDefaults(), c.Data.withDefaults()
	if c.GDMin.Objective == Population {
		c.Model.Tau = tau // it has no surrogate gradient
	}
	g := &c.GDMin
	orElse(&g.StepSize, 0.05*math.Sqrt(200/math.Max(1, float64(c.Model.Dim))))
	if c.Steps == 0 {
		orElse(&g.Horizon, 6)
		c.Steps = int(math.Max(1, math.Min(maxGDMinSteps+1, math.Ceil(g.Horizon/g.StepSize-1e-9))))
	}
	orElse(&g.Horizon, g.StepSize*float64(c.Steps))
	batches, final := 30, 200 // masks
	if g.Objective == Samples {
		orElse(&g.Samples, 20*max(c.Model.Code(), c.Model.Dim))
		batches, final = 2, 8 // batches of samples
	} else if c.Sparse() {
		orElse(&g.Masks, 30)
	}
	orElse(&c.Evaluation.Every, max(1, c.Steps/50))
	orElse(&c.Evaluation.Batches, batches)
	orElse(&c.Evaluation.FinalBatches, final)
	orElse(&c.Checkpoint.Every, max(1, c.Steps/10))
	orElse(&c.Checkpoint.Keep, 2)
	return c
}

const (
	// maxGDMinSteps bounds the steps, each of which inverts a matrix.
	maxGDMinSteps = 1 << 24
	// maxGDMinElements bounds what is allocated, in float64: 2 GiB.
	maxGDMinElements = 1 << 28
)

// checkGDMin is Validate for alternating minimisation.
func (c Config) checkGDMin() error {
	for _, check := range []func() *Error{
		c.checkGDMinModel, c.Data.check, c.checkGDMinData, c.checkSeeds, c.checkGDMinStep, c.checkGDMinSizes, c.checkUnread,
		c.Evaluation.check, c.Checkpoint.check,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) checkGDMinModel() *Error {
	m := c.Model
	surrogate := c.GDMin.Objective == Samples
	return firstError(
		oneOf("gdmin.objective", c.GDMin.Objective, Population, Samples),
		must(m.Name == "shallow", "model.name", m.Name, "algorithm gd-min has a linear decoder: must be shallow"),
		m.checkSizes(),
		must(m.Encoder == "trained", "model.encoder", m.Encoder, "algorithm gd-min trains the encoder: must be trained"),
		must(!m.Tied, "model.tied", m.Tied, "algorithm gd-min computes the decoder: must be false"),
		must(m.Denoiser == "", "model.denoiser", m.Denoiser, "algorithm gd-min has no denoiser; leave it out"),
		m.checkDenoiser(),
		m.checkRIGAMP(),
		m.checkDeep(),
		must(surrogate || m.Tau == 0, "model.tau", m.Tau, "applies to gdmin.objective: samples only; leave it out"),
		must(!surrogate || m.Tau > 0 && !math.IsInf(m.Tau, 0), "model.tau", m.Tau, "must be positive"),
	)
}

func (c Config) checkGDMinData() *Error {
	gaussian := c.Data.Name == "gaussian" || c.Sparse()
	if c.Data.IsSet() || c.Data.IsDictionary() {
		return &Error{"data.name", c.Data.Name, "algorithm gd-min draws from a law: must be one of " + strings.Join(datasets.Names(), ", ")}
	}
	return must(gaussian || c.GDMin.Objective == Samples, "data.name", c.Data.Name,
		"the population objective is known for gaussian and sparse-gaussian; set gdmin.objective: samples for other data")
}

func (c Config) checkGDMinStep() *Error {
	g := c.GDMin
	return firstError(
		positive("gdmin.step_size", g.StepSize),
		positive("gdmin.horizon", g.Horizon),
		atLeast("steps", c.Steps, 1),
		must(c.Steps <= maxGDMinSteps, "steps", c.Steps, "must be at most 2²⁴; lower gdmin.horizon or raise gdmin.step_size"),
		must(math.Abs(g.StepSize*float64(c.Steps)-g.Horizon) <= 1.000001*g.StepSize, "gdmin.horizon", g.Horizon,
			fmt.Sprintf("contradicts steps = %d of size %g; leave one of the two out", c.Steps, g.StepSize)),
		must(g.Smoothing >= 0 && !math.IsInf(g.Smoothing, 0), "gdmin.smoothing", g.Smoothing, "must not be negative"),
	)
}

func (c Config) checkGDMinSizes() *Error {
	g, n, d := c.GDMin, float64(c.Model.Code()), float64(c.Model.Dim)
	if err := must(n*max(n, d) < maxGDMinElements/8, "model.dim", c.Model.Dim,
		"n·max(n, d) must be below 2²⁵ for gd-min"); err != nil {
		return err
	}
	if g.Objective == Samples {
		return firstError(
			must(g.Masks == 0, "gdmin.masks", g.Masks, "applies to gdmin.objective: population only; leave it out"),
			must(float64(g.Samples) >= n, "gdmin.samples", g.Samples,
				fmt.Sprintf("must be at least n = %g, or the optimal decoder is not unique", n)),
			must(float64(g.Samples)*(n+d) < maxGDMinElements/2, "gdmin.samples", g.Samples, "samples·(n + d) must be below 2²⁷"),
		)
	}
	return firstError(
		must(g.Samples == 0, "gdmin.samples", g.Samples, "applies to gdmin.objective: samples only; leave it out"),
		must(c.Sparse() || g.Masks == 0, "gdmin.masks", g.Masks, "applies to data.name: sparse-gaussian only; leave it out"),
		must(!c.Sparse() || g.Masks >= 1, "gdmin.masks", g.Masks, "must be at least 1"),
		must(float64(g.Masks)*n*n < maxGDMinElements, "gdmin.masks", g.Masks, "masks·n² must be below 2²⁸"),
	)
}

// checkUnread refuses settings of the surrogate gradient's training.
func (c Config) checkUnread() *Error {
	const allowed = "does not apply to algorithm: gd-min; leave it out"
	o, s := c.Optimizer, c.Schedule
	return firstError(
		must(o.Name == "", "optimizer.name", o.Name, allowed),
		must(o.LearningRate == 0, "optimizer.learning_rate", o.LearningRate, allowed+", and set gdmin.step_size"),
		must(o == OptimizerConfig{}, "optimizer", o, allowed),
		must(s.Shape == "", "schedule.shape", s.Shape, allowed),
		must(s == ScheduleConfig{}, "schedule", s, allowed),
		must(c.Batch == 0, "batch", c.Batch, allowed+", and set gdmin.samples"),
	)
}
