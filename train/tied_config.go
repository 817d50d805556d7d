package train

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
)

// tiedModel is the name of the tied autoencoder.
const tiedModel = "tied"

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
	initRandom    = "random"
	initPerturbed = "perturbed"
	initPrincipal = "principal"
)

// withTiedDefaults is withDefaults for the tied model.
func (m ModelConfig) withTiedDefaults() ModelConfig {
	orElse(&m.Depth, 1)
	if m.Depth > 1 {
		orElse(&m.Width, 2*m.Code())
	}
	orElse(&m.Activation, string(graph.ReLU))
	orElse(&m.Init, initRandom)
	if m.Init == initPerturbed {
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
		if law, err := c.Data.codeLaw(); c.Data.isDictionary() && err == nil {
			second := (law.Lo*law.Lo + law.Lo*law.Hi + law.Hi*law.Hi) / 3
			zeta = float64(c.Data.Atoms) / (5 * float64(law.Support) * second)
		}
		orElse(&o.LearningRate, zeta*float64(c.Model.Dim)/2)
	}
	return o
}

// checkTied checks what only tied has.
func (m ModelConfig) checkTied() *ConfigError {
	t := m.TiedConfig
	if m.Name != tiedModel {
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
		oneOf("model.init", m.Init, initRandom, initPerturbed, initPrincipal),
		must(m.Init != initPrincipal || m.encoderRows() <= m.Dim, "model.init", m.Init, "needs n ≤ d: the data have d directions"),
		must(m.Init == initRandom || m.Depth == 1, "model.init", m.Init, "must be random for depths of 2 and more"),
		must(m.Init == initPerturbed || m.Delta == 0, "model.delta", m.Delta, "applies to model.init: perturbed only; leave it out"),
		must(m.Delta >= 0 && !math.IsInf(m.Delta, 0), "model.delta", m.Delta, "must be at least 0"),
		must(!m.Proxy || m.Depth == 1, "model.proxy", m.Proxy, "needs model.depth: 1"),
		must(!m.Mirrored || m.Depth > 1, "model.mirrored", m.Mirrored, "needs model.depth: 2 or more"),
	)
}

// encoderRows is the number of rows of the first layer.
func (m ModelConfig) encoderRows() int {
	if m.Name == tiedModel && m.Depth > 1 {
		return m.Width
	}
	return m.Code()
}

// DictionaryConfig is a dictionary model y = A*ᵀx* + η. Its y has neither mean 0 nor second moment 1.
type DictionaryConfig struct {
	// Atoms is m, the number of unit rows of A*, at least 1; default 10.
	Atoms int `yaml:"atoms,omitempty" json:"atoms,omitempty"`
	// Support is k, how many entries of the code x* are not zero, from 1 to m, not for mixture; default 1.
	Support int `yaml:"support,omitempty" json:"support,omitempty"`
	// Lo and Hi bound their magnitudes, 0 < lo ≤ hi, not for mixture; default 1 and 1 for sparse-codes, 1 and 2 for
	// nonnegative-codes.
	Lo float64 `yaml:"lo,omitempty" json:"lo,omitempty"`
	Hi float64 `yaml:"hi,omitempty" json:"hi,omitempty"`
	// Noise is σ ≥ 0 of η; default 0.
	Noise float64 `yaml:"noise,omitempty" json:"noise,omitempty"`
	// Dictionary is the seed of A*, the same for all replicas; default 1.
	Dictionary uint64 `yaml:"dictionary,omitempty" json:"dictionary,omitempty"`
}

func (d DictionaryConfig) withDefaults() DictionaryConfig {
	orElse(&d.Atoms, 10)
	orElse(&d.Dictionary, 1)
	return d
}

// isDictionary reports a dictionary model.
func (d DataConfig) isDictionary() bool { return slices.Contains(datasets.CodeNames(), d.Name) }

// codeLaw is the law of the codes of a dictionary model.
func (d DataConfig) codeLaw() (kernels.CodeLaw, error) {
	return datasets.NewCodeLaw(d.Name, d.Atoms, d.Support, d.Lo, d.Hi)
}

// generate draws a dictionary model's batches of a stream.
func (d DataConfig) generate(stream uint32) *graph.Generate {
	law, err := d.codeLaw()
	if err != nil {
		panic(fmt.Sprintf("train: %v: Validate has not refused it", err))
	}
	return &graph.Generate{
		Atoms: d.Atoms, Support: law.Support, Lo: law.Lo, Hi: law.Hi, Signed: law.Signed, Noise: d.Noise,
		Stream: stream, CodeStream: datasets.CodeStream(stream),
	}
}

// coherence is that of the dictionary; nil for other data.
func (c Config) coherence() *datasets.Coherence {
	if !c.Data.isDictionary() {
		return nil
	}
	a, err := datasets.Dictionary(c.Data.Atoms, c.Model.Dim, c.Data.Dictionary)
	if err != nil {
		return nil
	}
	out := datasets.CoherenceOf(a, c.Data.Atoms)
	return &out
}

// checkDictionary checks what only dictionary models have, and what needs one.
func (c Config) checkDictionary() *ConfigError {
	d, m := c.Data, c.Model
	if !d.isDictionary() {
		return c.checkNoDictionary()
	}
	own := m.Code() == d.Atoms
	if err := firstError(
		atLeast("data.atoms", d.Atoms, 1),
		must(float64(d.Atoms)*float64(max(m.Dim, c.Batch)) < 1<<31, "data.atoms", d.Atoms, "atoms times dim, and atoms times batch, must be below 2³¹"),
		must(d.Noise >= 0 && !math.IsInf(d.Noise, 0), "data.noise", d.Noise, "must be at least 0"),
		must(d.Support >= 0 && d.Support <= d.Atoms, "data.support", d.Support, fmt.Sprintf("must be from 1 to the number of atoms, %d", d.Atoms)),
		must(d.Name != datasets.Mixture || d.Support <= 1, "data.support", d.Support, "the codes of mixture have one entry; leave it out"),
		must(d.Name != datasets.Mixture || d.Lo == 0 && d.Hi == 0, "data.lo", d.Lo, "the entries of mixture are 1; leave lo and hi out"),
		must(m.Init != initPerturbed || own, "model.init", m.Init, fmt.Sprintf("needs n = m: n is %d, data.atoms %d", m.Code(), d.Atoms)),
		must(!m.Proxy || own, "model.proxy", m.Proxy, fmt.Sprintf("needs n = m: n is %d, data.atoms %d", m.Code(), d.Atoms)),
	); err != nil {
		return err
	}
	_, err := d.codeLaw()
	return must(err == nil, "data.lo", d.Lo, fmt.Sprintf("lo and hi must be 0 < lo ≤ hi; hi is %g", d.Hi))
}

// checkNoDictionary refuses settings that need a dictionary where there is none.
func (c Config) checkNoDictionary() *ConfigError {
	d, m, models := c.Data.DictionaryConfig, c.Model, strings.Join(datasets.CodeNames(), ", ")
	only := "applies to data.name: " + models + " only; leave it out"
	return firstError(
		must(d.Atoms == 0, "data.atoms", d.Atoms, only),
		must(d.Support == 0, "data.support", d.Support, only),
		must(d.Lo == 0, "data.lo", d.Lo, only),
		must(d.Hi == 0, "data.hi", d.Hi, only),
		must(d.Noise == 0, "data.noise", d.Noise, only),
		must(d.Dictionary == 0, "data.dictionary", d.Dictionary, only),
		must(m.Init != initPerturbed, "model.init", m.Init, "needs the dictionary of data.name: "+models),
		must(!m.Proxy, "model.proxy", m.Proxy, "needs the codes of data.name: "+models),
		must(m.Init != initPrincipal || !c.Data.isSet(), "model.init", m.Init, "must be random for data sets"),
	)
}
