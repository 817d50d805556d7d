package config

import (
	"fmt"
	"math"

	"autoamp/graph"
)

// TiedModel is the name of the ReLU or threshold autoencoder of the sparse-coding papers. Its encoder and decoder share W.
// ModelConfig.Tied is another thing: the decoder α·Bᵀ of a one-bit model.
const TiedModel = "tied"

// TiedConfig holds the settings of the tied autoencoder ŷ = Wᵀσ(Wy + b) besides its sizes.
type TiedConfig struct {
	// Lambda is the threshold λ > 0 of activation threshold; default 0.5, half of the smallest entry 1 of a code.
	Lambda float64 `yaml:"lambda,omitempty" json:"lambda,omitempty"`
	// Bias is trained, fixed, or decayed: b ← bias_factor·b after every step; default fixed for threshold, else trained.
	Bias string `yaml:"bias,omitempty" json:"bias,omitempty"`
	// BiasStart is the start value of every bias; default 0.
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
	// Rectified puts a ReLU behind the output: ŷ = ReLU(Wᵀσ(Wy + b) + b₂). The bias b₂ starts at 0 and is trained where b is.
	Rectified bool `yaml:"rectified,omitempty" json:"rectified,omitempty"`
}

// The starts of the shallow, the denoising and the tied model.
const (
	InitRandom    = "random"
	InitLocalised = "localised"
	InitBest      = "best"
	InitPerturbed = "perturbed"
	InitPrincipal = "principal"
)

// tiedSettings are the settings that only the model called tied has.
var tiedSettings = []Setting{
	{
		Key: "model.lambda", Flag: Flag{Name: "lambda", Group: "model", Placeholder: "L"},
		Help: "Threshold of tied's activation threshold.", Default: "0.5",
		only: []condition{only("model.name", modelName, TiedModel),
			only("model.activation", func(c Config) string { return c.Model.Activation }, string(graph.Threshold))},
		start: fixed(0.5), bounds: []bound{positive},
	},
	{
		Key: "model.bias", Flag: Flag{Name: "bias", Group: "model", Placeholder: "B"},
		Help: "Biases of tied: trained, fixed or decayed, halved in every step.", Default: "trained, for threshold fixed",
		only: []condition{only("model.name", modelName, TiedModel)},
		start: func(c Config) any {
			if c.Model.Activation == string(graph.Threshold) {
				return "fixed"
			}
			return "trained"
		},
		bounds: []bound{oneOf("trained", "fixed", "decayed")},
	},
	{
		Key: "model.bias_start", Flag: Flag{Name: "bias-start", Group: "model", Placeholder: "B"},
		Help: "Start of the biases of tied.", Default: "0",
		only:   []condition{only("model.name", modelName, TiedModel)},
		bounds: []bound{number(func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }, "must be a number")},
	},
	{
		Key: "model.bias_factor", Help: "Factor of decayed biases, at every step.", Default: "0.5",
		only: []condition{only("model.name", modelName, TiedModel),
			only("model.bias", func(c Config) string { return c.Model.Bias }, "decayed")},
		start: fixed(0.5), bounds: []bound{fraction},
	},
	{
		Key: "model.delta", Flag: Flag{Name: "delta", Group: "model", Placeholder: "D"},
		Help: "Distance δ of --init perturbed from the dictionary.", Default: "0.5",
		only: []condition{only("model.name", modelName, TiedModel),
			only("model.init", func(c Config) string { return c.Model.Init }, InitPerturbed)},
		start: fixed(0.5), bounds: []bound{notNegative("must be at least 0")},
	},
	{
		Key: "model.proxy", Flag: Flag{Name: "proxy", Group: "model"},
		Help: "Let tied's gradient flow where the true code is not zero.",
		only: []condition{only("model.name", modelName, TiedModel),
			where(func(c Config) bool { return c.Model.Depth == 1 }, "needs model.depth: 1")},
		with: []bound{
			rule(func(c Config) bool { return !c.Model.Proxy || c.Data.IsDictionary() }, "needs the codes of data.name: "+dictionaryNames),
			told(func(c Config) bool { return !c.Model.Proxy || c.Model.Code() == c.Data.Atoms }, unitForAtom, "needs n = m"),
		},
	},
	{
		Key: "model.mirrored", Flag: Flag{Name: "mirrored", Group: "model"},
		Help: "Apply tied's activation between the layers of its decoder too, for --depth of 2 and more.",
		only: []condition{only("model.name", modelName, TiedModel),
			where(func(c Config) bool { return c.Model.Depth > 1 }, "needs model.depth: 2 or more")},
	},
	{
		Key: "model.rectified", Flag: Flag{Name: "rectified", Group: "model"},
		Help: "Put a ReLU, with a bias of its own, behind tied's output.",
		only: []condition{only("model.name", modelName, TiedModel)},
	},
}

// unitForAtom is the requirement of a setting that pairs every atom of the dictionary with one unit.
func unitForAtom(c Config) string {
	return fmt.Sprintf("needs n = m: n is %d, data.atoms %d", c.Model.Code(), c.Data.Atoms)
}
