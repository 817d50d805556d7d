package config

import "autoamp/graph"

// OptimizerConfig is the update rule.
type OptimizerConfig struct {
	// Name is adam, sgd, rmsprop, or normalised: gradient descent after which the rows of W have norm 1; default adam, for
	// tied normalised.
	Name string `yaml:"name" json:"name"`
	// LearningRate is the peak η > 0. Default: adam 0.003, for deep, and for shallow and denoiser with a trained encoder of n > d rows, 0.001,
	// for the denoiser behind a Haar encoder 0.005 and for rigamp, where only scalars are trained, 0.01; rmsprop 0.001,
	// sgd 0.03·d (the loss is per coordinate, so gradients are of order 1/d), normalised ζ·d/2 where ζ is the step on
	// ½E‖y − ŷ‖²: m/(5k·E x*²) for a dictionary model and n/5 for other data.
	LearningRate float64 `yaml:"learning_rate" json:"learning_rate"`
	// Beta1 is the decay of the first moment, in (0, 1), for adam; default 0.9.
	Beta1 float64 `yaml:"beta1,omitempty" json:"beta1,omitempty"`
	// Beta2 is the decay of the second moment, in (0, 1), for adam; default 0.999.
	Beta2 float64 `yaml:"beta2,omitempty" json:"beta2,omitempty"`
	// Momentum is μ in [0, 1), for sgd; default 0.
	Momentum float64 `yaml:"momentum,omitempty" json:"momentum,omitempty"`
	// Decay is ρ in (0, 1), for rmsprop; default 0.9.
	Decay float64 `yaml:"decay,omitempty" json:"decay,omitempty"`
	// Epsilon > 0 keeps the update finite: adam adds it to the root of the second moment, rmsprop under the root. Default
	// 1e-6, rmsprop 1e-8. Behind a permutation nearly all gradients vanish, and an ε of 1e-8 turns what is left of them into
	// whole steps of adam.
	Epsilon float64 `yaml:"epsilon,omitempty" json:"epsilon,omitempty"`
	// ClipNorm > 0 bounds the Euclidean norm of all gradients together; default no bound.
	ClipNorm float64 `yaml:"clip_norm,omitempty" json:"clip_norm,omitempty"`
	// Project divides the rows of a trained encoder's W by their norms after every update, so that the angle of an update
	// follows the schedule and does not shrink as norms grow; default true. Not for normalised, which does it anyway.
	Project *bool `yaml:"project,omitempty" json:"project,omitempty"`
}

// adamRate is the default learning rate of Adam.
func (m ModelConfig) adamRate() float64 {
	switch {
	case m.Name == "denoiser" && m.Encoder == "haar":
		return 0.005
	case m.Name == "deep":
		return 0.001
	case m.Name == "rigamp" && m.Tied && m.Encoder == "haar": // scalars only
		return 0.01
	case m.pairs():
		return 0.001
	}
	return 0.003
}

// pairs reports a model whose encoder can train pairs of rows, whose small entries are so small that larger steps shake them.
func (m ModelConfig) pairs() bool {
	return (m.Name == "shallow" || m.Name == "denoiser") && m.Encoder == "trained" && m.Code() > m.Dim
}

// learningRate is the default rate; 0 where there is none.
func learningRate(c Config) float64 {
	switch c.Optimizer.Name {
	case "adam":
		return c.Model.adamRate()
	case "rmsprop":
		return 0.001
	case "sgd":
		return 0.03 * float64(c.Model.Dim)
	case string(graph.Normalised):
		if isTied(c) {
			return stableRate(c)
		}
	}
	return 0
}

// earlierRate is the default rate of earlier versions.
func earlierRate(c Config) float64 {
	switch {
	case c.Optimizer.Name == "adam" && c.Model.Name == "denoiser":
		return 0.005
	case c.Optimizer.Name == "adam" && c.Model.pairs():
		return 0.003
	case c.Optimizer.Name == "sgd":
		return float64(c.Model.Dim) / 10
	}
	return learningRate(c)
}

// stableRate is the step of normalised gradient descent that keeps the tied model stable.
func stableRate(c Config) float64 {
	zeta := float64(c.Model.Code()) / 5
	if law, err := c.Data.CodeLaw(); c.Data.IsDictionary() && err == nil {
		second := (law.Lo*law.Lo + law.Lo*law.Hi + law.Hi*law.Hi) / 3
		zeta = float64(c.Data.Atoms) / (5 * float64(law.Support) * second)
	}
	return RateOnHalfSquare(zeta, c.Model.Dim)
}

// RateOnHalfSquare is the learning rate of a gradient step ζ on the loss L = ½E‖y − ŷ‖² of the sparse-coding papers: a run's
// loss is per coordinate, 2L/d.
func RateOnHalfSquare(zeta float64, dim int) float64 { return zeta * float64(dim) / 2 }

var optimised = where(Config.Optimised, notAlternating)

func optimizer(c Config) string { return c.Optimizer.Name }

// optimizerSettings is the update rule.
var optimizerSettings = []Setting{
	{
		Key: "optimizer.name", Flag: Flag{Name: "optimizer", Group: "training", Placeholder: "O"},
		Help: "adam, sgd, rmsprop or normalised: gradient descent on unit rows.", Default: "adam, for tied normalised",
		only: []condition{optimised},
		start: func(c Config) any {
			if isTied(c) {
				return string(graph.Normalised)
			}
			return "adam"
		},
		bounds: []bound{oneOf("adam", "sgd", "rmsprop", string(graph.Normalised))},
	},
	{
		Key: "optimizer.learning_rate", Flag: Flag{Name: "lr", Group: "training", Placeholder: "LR"},
		Help:    "Peak learning rate.",
		Default: "for adam 0.003, 0.005 (denoiser behind a Haar encoder), 0.001 (deep, and shallow and denoiser with n > d), 0.01 (rigamp, scalars only); for sgd 0.03·d",
		only:    []condition{where(Config.Optimised, notAlternating+", and set gdmin.step_size")},
		start:   func(c Config) any { return learningRate(c) }, earlier: func(c Config) any { return earlierRate(c) },
		bounds: []bound{positive},
	},
	{
		Key: "optimizer.beta1", Help: "Decay of the first moment.", Default: "0.9",
		only: []condition{optimised, only("optimizer.name", optimizer, "adam")}, start: fixed(0.9), bounds: []bound{fraction},
	},
	{
		Key: "optimizer.beta2", Help: "Decay of the second moment.", Default: "0.999",
		only: []condition{optimised, only("optimizer.name", optimizer, "adam")}, start: fixed(0.999), bounds: []bound{fraction},
	},
	{
		Key: "optimizer.momentum", Flag: Flag{Name: "momentum", Group: "training", Placeholder: "M"},
		Help: "Momentum of sgd.", Default: "0",
		only:   []condition{optimised, only("optimizer.name", optimizer, "sgd")},
		bounds: []bound{number(func(x float64) bool { return x >= 0 && x < 1 }, "must be in [0, 1)")},
	},
	{
		Key: "optimizer.decay", Help: "Decay ρ of the second moment of rmsprop.", Default: "0.9",
		only: []condition{optimised, only("optimizer.name", optimizer, "rmsprop")}, start: fixed(0.9), bounds: []bound{fraction},
	},
	{
		Key: "optimizer.epsilon", Help: "Keeps the update finite: adam adds it to the root of the second moment, rmsprop under the root.", Default: "1e-6, for rmsprop 1e-8",
		only: []condition{optimised, only("optimizer.name", optimizer, "adam", "rmsprop")}, bounds: []bound{positive},
		start: func(c Config) any {
			if c.Optimizer.Name == "rmsprop" {
				return 1e-8
			}
			return 1e-6
		},
		earlier: fixed(1e-8),
	},
	{
		Key: "optimizer.clip_norm", Flag: Flag{Name: "clip-norm", Group: "training", Placeholder: "G"},
		Help: "Bound on the norm of all gradients together.", Default: "none",
		only: []condition{optimised}, bounds: []bound{notNegative("must be positive; leave it out for no clipping")},
	},
	{
		Key: "optimizer.project", Flag: Flag{Name: "project", Group: "training", Negatable: true},
		Help:    "Put the encoder's rows back on the unit sphere after every update, so that norms that grow do not slow it down.",
		Default: "true",
		only: []condition{optimised,
			where(func(c Config) bool { return c.Model.Encoder == "trained" && !isTied(c) },
				"applies to a trained encoder whose rows are normalised; leave it out"),
			where(func(c Config) bool { return c.Optimizer.Name != string(graph.Normalised) },
				"optimizer.name: normalised puts rows on the unit sphere anyway; leave it out")},
		start: always(true), earlier: always(false),
	},
}
