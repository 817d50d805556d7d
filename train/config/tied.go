package config

import (
	"fmt"
	"math"

	"autoamp/graph"
)

// TiedModel is the name of the tied autoencoder.
const TiedModel = "tied"

// TiedConfig is what the tied autoencoder ŷ = Wᵀσ(Wy + b) has beside its sizes.
type TiedConfig struct {
	// Lambda is the threshold λ > 0 of activation threshold; default 0.5, half of the smallest entry 1 of a code.
	Lambda float64 `yaml:"lambda,omitempty" json:"lambda,omitempty"`
	// Bias is trained, fixed, or decayed: b ← bias_factor·b after every step; default fixed for threshold, else trained.
	Bias string `yaml:"bias,omitempty" json:"bias,omitempty"`
	// BiasStart is what every bias starts from; default 0.
	BiasStart float64 `yaml:"bias_start,omitempty" json:"bias_start,omitempty"`
	// BiasFactor is the factor of decayed, in (0, 1); default 0.5.
	BiasFactor float64 `yaml:"bias_factor,omitempty" json:"bias_factor,omitempty"`
	// Delta is δ ≥ 0 of init perturbed; default 0.5.
	Delta float64 `yaml:"delta,omitempty" json:"delta,omitempty"`
	// Proxy lets the gradient flow where the true code is not zero instead of where the unit is active, for data of a
	// dictionary model with n = m and depth 1.
	Proxy bool `yaml:"proxy,omitempty" json:"proxy,omitempty"`
	// Mirrored applies the activation between the layers of the decoder too, for depths of 2 and more; else the decoder is
	// linear.
	Mirrored bool `yaml:"mirrored,omitempty" json:"mirrored,omitempty"`
}

// The starts of the tied model.
const (
	InitRandom    = "random"
	InitPerturbed = "perturbed"
	InitPrincipal = "principal"
)

// withTiedDefaults is withDefaults for the tied model.
func (m ModelConfig) withTiedDefaults() ModelConfig {
	orElse(&m.Depth, 1)
	if m.Depth > 1 {
		orElse(&m.Width, 2*m.Code())
	}
	orElse(&m.Activation, string(graph.ReLU))
	orElse(&m.Init, InitRandom)
	if m.Init == InitPerturbed {
		orElse(&m.Delta, 0.5)
	}
	if m.Activation == string(graph.Threshold) {
		orElse(&m.Lambda, 0.5)
		orElse(&m.Bias, "fixed")
	}
	orElse(&m.Bias, "trained")
	if m.Bias == "decayed" {
		orElse(&m.BiasFactor, 0.5)
	}
	return m
}

// tiedOptimizer is the optimizer of the tied model: normalised gradient descent, with the step that keeps it stable.
func (c Config) tiedOptimizer() OptimizerConfig {
	o := c.Optimizer
	orElse(&o.Name, string(graph.Normalised))
	if o.Name == string(graph.Normalised) {
		zeta := float64(c.Model.Code()) / 5
		if law, err := c.Data.CodeLaw(); c.Data.IsDictionary() && err == nil {
			second := (law.Lo*law.Lo + law.Lo*law.Hi + law.Hi*law.Hi) / 3
			zeta = float64(c.Data.Atoms) / (5 * float64(law.Support) * second)
		}
		orElse(&o.LearningRate, zeta*float64(c.Model.Dim)/2)
	}
	return o
}

// checkTied checks what only tied has.
func (m ModelConfig) checkTied() *Error {
	t := m.TiedConfig
	if m.Name != TiedModel {
		const only = "applies to model.name: tied only; leave it out"
		return firstError(
			must(t.Lambda == 0, "model.lambda", t.Lambda, only),
			must(t.Bias == "", "model.bias", t.Bias, only),
			must(t.BiasStart == 0, "model.bias_start", t.BiasStart, only),
			must(t.BiasFactor == 0, "model.bias_factor", t.BiasFactor, only),
			must(t.Delta == 0, "model.delta", t.Delta, only),
			must(!t.Proxy, "model.proxy", t.Proxy, only),
			must(!t.Mirrored, "model.mirrored", t.Mirrored, only),
		)
	}
	threshold, decayed := m.Activation == string(graph.Threshold), m.Bias == "decayed"
	return firstError(
		must(m.Encoder == "trained", "model.encoder", m.Encoder, "the tied model trains its encoder: must be trained"),
		must(!m.Tied, "model.tied", m.Tied, "the tied model is tied; leave it out"),
		atLeast("model.depth", m.Depth, 1),
		must(m.Depth <= maxDepth, "model.depth", m.Depth, fmt.Sprintf("must be at most %d", maxDepth)),
		must(m.Depth > 1 || m.Width == 0, "model.width", m.Width, "applies to depths of 2 and more; leave it out"),
		must(m.Depth == 1 || m.Width >= 1, "model.width", m.Width, "must be at least 1"),
		oneOf("model.activation", m.Activation, string(graph.ReLU), string(graph.Threshold)),
		must(threshold || m.Lambda == 0, "model.lambda", m.Lambda, "applies to model.activation: threshold only; leave it out"),
		must(!threshold || m.Lambda > 0 && !math.IsInf(m.Lambda, 0), "model.lambda", m.Lambda, "must be positive"),
		oneOf("model.bias", m.Bias, "trained", "fixed", "decayed"),
		must(!math.IsNaN(m.BiasStart) && !math.IsInf(m.BiasStart, 0), "model.bias_start", m.BiasStart, "must be a number"),
		must(decayed || m.BiasFactor == 0, "model.bias_factor", m.BiasFactor, "applies to model.bias: decayed only; leave it out"),
		must(!decayed || m.BiasFactor > 0 && m.BiasFactor < 1, "model.bias_factor", m.BiasFactor, "must be in (0, 1)"),
		oneOf("model.init", m.Init, InitRandom, InitPerturbed, InitPrincipal),
		must(m.Init != InitPrincipal || m.EncoderRows() <= m.Dim, "model.init", m.Init, "needs n ≤ d: the data have d directions"),
		must(m.Init == InitRandom || m.Depth == 1, "model.init", m.Init, "must be random for depths of 2 and more"),
		must(m.Init == InitPerturbed || m.Delta == 0, "model.delta", m.Delta, "applies to model.init: perturbed only; leave it out"),
		must(m.Delta >= 0 && !math.IsInf(m.Delta, 0), "model.delta", m.Delta, "must be at least 0"),
		must(!m.Proxy || m.Depth == 1, "model.proxy", m.Proxy, "needs model.depth: 1"),
		must(!m.Mirrored || m.Depth > 1, "model.mirrored", m.Mirrored, "needs model.depth: 2 or more"),
	)
}

// EncoderRows is the number of rows of the first layer.
func (m ModelConfig) EncoderRows() int {
	if m.Name == TiedModel && m.Depth > 1 {
		return m.Width
	}
	return m.Code()
}
