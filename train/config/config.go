package config

import (
	"fmt"
	"math"
	"slices"

	"autoamp/graph"
)

// Config is a training run. It holds every setting that decides the run's result and, of the others,
// Tensorboard alone. The zero value of every field means its stated default; the zero Config trains the
// denoising autoencoder on sparse Gaussian data. A run directory holds it as config.yaml, resolved.
type Config struct {
	// Algorithm is gd-min, alternating minimisation, or empty: the optimizer's steps along the surrogate gradient.
	Algorithm string      `yaml:"algorithm,omitempty" json:"algorithm,omitempty"`
	Model     ModelConfig `yaml:"model" json:"model"`
	Data      DataConfig  `yaml:"data" json:"data"`
	// Optimizer, Schedule and Batch do not apply to gd-min. GDMin applies to gd-min only.
	Optimizer OptimizerConfig `yaml:"optimizer,omitempty" json:"optimizer,omitzero"`
	Schedule  ScheduleConfig  `yaml:"schedule,omitempty" json:"schedule,omitzero"`
	GDMin     GDMinConfig     `yaml:"gdmin,omitempty" json:"gdmin,omitzero"`
	// Steps is the number of optimizer updates, at least 1; default 10000 for a trained encoder of shallow and denoiser on a law, for
	// gd-min horizon/step_size, else and for sgd 20000.
	Steps int `yaml:"steps" json:"steps"`
	// Batch is the number of fresh samples per step, at least 1; default 128.
	Batch int `yaml:"batch,omitempty" json:"batch,omitempty"`
	// Seeds lists the seeds, all different: one replica for each seed and p; default [1].
	Seeds []uint64 `yaml:"seeds,flow" json:"seeds"`
	// Listed lists the replicas one by one; default one replica for each seed and p.
	Listed     ListedConfig     `yaml:"replicas,omitempty" json:"replicas,omitzero"`
	Evaluation EvaluationConfig `yaml:"evaluation" json:"evaluation"`
	Checkpoint CheckpointConfig `yaml:"checkpoint" json:"checkpoint"`
	// Tensorboard writes event files for TensorBoard beside metrics.csv. It may differ when a run is resumed.
	Tensorboard bool `yaml:"tensorboard,omitempty" json:"tensorboard,omitempty"`
}

// MaxReplicas bounds the number of seeds times the number of p.
const MaxReplicas = 4096

// Replicas returns the settings of the models that train side by side: those that are listed, or for each p one replica per
// seed. c is resolved.
func (c Config) Replicas() []graph.Replica {
	var out []graph.Replica
	rate := c.Optimizer.LearningRate
	if c.Alternating() {
		rate = c.GDMin.StepSize
	}
	if c.IsListed() {
		return c.listedReplicas(graph.Replica{LearningRate: rate, Mean: c.Data.MixtureMean})
	}
	for _, p := range c.Data.P {
		for _, seed := range c.Seeds {
			out = append(out, graph.Replica{
				Seed: seed, LearningRate: rate, P: p, Mean: c.Data.MixtureMean,
			})
		}
	}
	return out
}

// Equal reports whether two configurations describe the same run.
func (c Config) Equal(other Config) bool {
	_, _, _, differ := c.Diff(other)
	return !differ
}

// Diff returns the first field, by its dotted name, that two configurations differ in, and both values. First is meant in the order of
// Settings, where a field stands before those whose defaults follow from it. Tensorboard is no difference: it does not change what is
// trained.
func (c Config) Diff(other Config) (field, mine, theirs string, differ bool) {
	other.Tensorboard = c.Tensorboard
	a, b := c.WithDefaults().flat(), other.WithDefaults().withDataOf(c).withStartOf(c).flat()
	for _, s := range table() {
		if x, y := fmt.Sprint(a[s.Key]), fmt.Sprint(b[s.Key]); x != y {
			return s.Key, x, y, true
		}
	}
	return "", "", "", false
}

// algorithmSettings is the algorithm.
var algorithmSettings = []Setting{
	{
		Key: "algorithm", Flag: Flag{Name: "algorithm", Group: "training", Placeholder: "A"},
		Help: "gd-min: alternating minimisation, eq. (6).", Default: "the optimizer's steps along the surrogate gradient",
		bounds: []bound{rule(func(c Config) bool { return c.Algorithm == "" || c.Algorithm == GDMin },
			"must be gd-min, or left out for the optimizer's steps").of(GDMin)},
	},
}

// runSettings are the settings of a run's steps, batch and seeds.
var runSettings = []Setting{
	{
		Key: "steps", Flag: Flag{Name: "steps", Group: "training", Placeholder: "N"},
		Help: "Number of updates.", Default: "10000 for a trained encoder of shallow and denoiser on a law, for gd-min horizon/step_size, else and for sgd 20000",
		start:   func(c Config) any { return defaultSteps(c) },
		earlier: func(c Config) any { return earlierSteps(c) },
		bounds: []bound{
			atLeast(1),
			must(func(_ Config, v any) bool { return v.(int) < 1<<40 }, "must be below 2⁴⁰"),
			rule(func(c Config) bool { return !c.Alternating() || c.Steps <= maxGDMinSteps },
				"must be at most 2²⁴; lower gdmin.horizon or raise gdmin.step_size"),
		},
	},
	{
		Key: "batch", Flag: Flag{Name: "batch", Group: "training", Placeholder: "B"},
		Help: "Samples per step.", Default: "128",
		only:  []condition{where(Config.Optimised, notAlternating+", and set gdmin.samples")},
		start: fixed(128), bounds: []bound{atLeast(1)},
		with: []bound{rule(func(c Config) bool {
			return float64(c.Batch)*float64(max(c.Model.Code(), c.Model.Dim)) < mostElements
		}, "batch times dim, and batch times n, must be below 2³¹")},
	},
	{
		Key: "seeds", Flag: Flag{Name: "seeds", Group: "training", Placeholder: "S,...", Xor: "seeds,count"},
		Help: "Train these seeds side by side.", Default: "1", Elements: "all different",
		start: fixed([]uint64{1}),
		each: func(c Config, bad func(any, string)) {
			for i, s := range c.Seeds {
				if slices.Contains(c.Seeds[:i], s) {
					bad(s, "is listed twice")
				}
			}
		},
		with: []bound{told(func(c Config) bool { return c.IsListed() || len(c.Seeds)*len(c.Data.P) <= MaxReplicas },
			func(c Config) string {
				return fmt.Sprintf("seeds times values of p are %d replicas, at most %d are allowed", len(c.Seeds)*len(c.Data.P), MaxReplicas)
			}, fmt.Sprintf("with the values of p at most %d replicas", MaxReplicas))},
	},
}

// defaultSteps is the default of steps.
func defaultSteps(c Config) int {
	if fromLaw(c) && c.Optimizer.Name != "sgd" { // which is slower
		return 10000
	}
	return earlierSteps(c)
}

// earlierSteps is the number of updates where there is no recipe for a law.
func earlierSteps(c Config) int {
	if !c.Alternating() {
		return 20000
	}
	return int(math.Max(1, math.Min(maxGDMinSteps+1, math.Ceil(c.GDMin.Horizon/c.GDMin.StepSize-1e-9))))
}

// mostElements bounds the number of elements of one tensor, 8 GiB of float32. Later code multiplies and allocates sizes
// below this bound.
const mostElements = 1 << 31
