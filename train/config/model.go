package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"autoamp/amp"
	"autoamp/graph"
)

// ModelConfig is the autoencoder.
type ModelConfig struct {
	// Name is shallow (eq. 2), denoiser (eq. 4), rigamp (eq. 22), deep, or tied, the ReLU or threshold
	// autoencoder of the sparse-coding papers, whose code is not quantised; default denoiser.
	Name string `yaml:"name" json:"name"`
	// Dim is d, the dimension of the data, at least 1; default the dimension of the data set, or 100.
	Dim int `yaml:"dim" json:"dim"`
	// Rate is r > 0 such that n = round(r·d) is at least 1; default 1, for tied on a dictionary model m/d.
	Rate float64 `yaml:"rate" json:"rate"`
	// Tau is τ > 0 of the surrogate gradient of a trained encoder, at the peak of the learning rate η. Default 0.1, the paper's; for shallow and
	// denoiser on a law 0.03, and with adam where E x⁴ < 3 at some p 0.5·√η·(128/batch)^(1/4)·min(d/100, √(d/100)). At 0.1 the surrogate draws
	// rows to permutations where others are better, below their transition and near it.
	Tau float64 `yaml:"tau,omitempty" json:"tau,omitempty"`
	// TauFinal is the smallest temperature relative to Tau, in [0.001, 1]: τ follows the root of the learning rate down to there (Coolings).
	// Default 1, a constant τ; where E x⁴ < 3 at some p and Tau is its default (10000/steps)^(1/3), for sgd 20000, for adam times
	// 0.55·√(d/100), at most 1.
	TauFinal float64 `yaml:"tau_final,omitempty" json:"tau_final,omitempty"`
	// Encoder is trained, or haar: drawn once and kept; default trained.
	Encoder string `yaml:"encoder" json:"encoder"`
	// Tied (--tied) replaces the decoder's matrix A by α·Bᵀ with one trained α. For rigamp the decoder has the encoder's
	// transposes, and only the decoder's scalars are trained. Tied does not apply to deep and to the model called tied.
	Tied bool `yaml:"tied" json:"tied"`
	// Denoiser is the family of f, for denoiser and rigamp: spline or a family that autoamp train --help lists; default g2.
	Denoiser string `yaml:"denoiser,omitempty" json:"denoiser,omitempty"`
	// Knots is the number of knots of a spline, from 2 to 129; default 33.
	Knots int `yaml:"knots,omitempty" json:"knots,omitempty"`
	// Monotone keeps a spline from falling.
	Monotone bool `yaml:"monotone,omitempty" json:"monotone,omitempty"`
	// Iterations is T ≥ 1, the number of RI-GAMP iterations that rigamp unrolls; default 2, eq. (22).
	Iterations int `yaml:"iterations,omitempty" json:"iterations,omitempty"`
	// Init says where rigamp starts; default haar:
	//  - haar: all matrices from one Haar matrix, V = Bᵀ and W = B; fixed scalars
	//  - gaussian: independent matrices with entries N(0, 1/d); fixed scalars
	//  - state-evolution: matrices as haar; scalars fitted to the state evolution's optimal
	//    functions, for denoiser g2 and iterations ≤ 7: step 0 already has about the error of RI-GAMP
	// Init is also the start of the trained encoder of shallow and denoiser; default best for a law, random for a data set:
	//  - random: rows with entries N(0, 1/d)
	//  - localised: such rows plus five times a unit vector each, of coordinate i mod d in row i: near a permutation. With n > d
	//    the random parts of a coordinate's first two rows are each other's negatives, and a free decoder starts at the rows
	//  - best: for each replica the one of the two with the smaller test error after TrialSteps
	// Init is also the start of tied; default random:
	//  - random: as above
	//  - perturbed: the dictionary of the data plus delta times such rows, for n = m
	//  - principal: the first n left singular vectors of the data
	Init string `yaml:"init,omitempty" json:"init,omitempty"`
	// InitFrom is a safetensors file that the weights start from, in place of Init: every weight of the model under its name,
	// with its shape, of type F64, F32, F16 or BF16. All replicas start from it. It is read when the run begins.
	InitFrom string `yaml:"init_from,omitempty" json:"init_from,omitempty"`
	// InitSHA256 is the hash of InitFrom's content, recorded when the run begins: the file may change later, and the run's start
	// stays what it was. Another content is another run.
	InitSHA256 string `yaml:"init_sha256,omitempty" json:"init_sha256,omitempty"`
	// Width is the number of units of each hidden layer of deep, and of each hidden layer but the last of tied, at
	// least 1; default 4·dim, for tied 2n.
	Width int `yaml:"width,omitempty" json:"width,omitempty"`
	// Depth is the number of hidden layers of deep and tied, at least 1; default 1.
	Depth int `yaml:"depth,omitempty" json:"depth,omitempty"`
	// Activation follows each hidden layer: relu or, for deep, tanh, for tied, threshold; default relu.
	Activation string `yaml:"activation,omitempty" json:"activation,omitempty"`
	// TiedConfig is for tied only.
	TiedConfig `yaml:",inline"`
}

// InitStateEvolution is the model.init that starts rigamp's scalars from state evolution.
const InitStateEvolution = "state-evolution"

// Code returns n = round(r·d), the number of bits of the code. It is 0 where that is no number.
func (m ModelConfig) Code() int {
	n := math.Round(m.Rate * float64(m.Dim))
	if !(n >= 1 && n < 1<<31) {
		return 0
	}
	return int(n)
}

// EncoderRows is the number of rows of the first layer.
func (m ModelConfig) EncoderRows() int {
	if m.Name == TiedModel && m.Depth > 1 {
		return m.Width
	}
	return m.Code()
}

// withStartOf returns c with the hash of other's starting weights if one of the two does not know it: of a file that is gone only the
// run knows, and runs of earlier versions do not.
func (c Config) withStartOf(other Config) Config {
	if a, b := &c.Model.InitSHA256, other.Model.InitSHA256; *a == "" || b == "" {
		*a = b
	}
	return c
}

// widest is the largest size that meets the width of a hidden layer in a tensor.
func (c Config) widest() float64 {
	return float64(max(c.Model.Width, c.Model.Dim, c.Model.Code(), c.Batch))
}

func modelName(c Config) string { return c.Model.Name }

// isTied reports whether the model is the one called tied. The setting model.tied is another thing: it ties the decoder of
// another model to its encoder.
func isTied(c Config) bool { return c.Model.Name == TiedModel }

// splineDenoiser is the value of model.denoiser for which model.knots and model.monotone apply.
const splineDenoiser = "spline"

// maxIterations and maxDepth bound the size of the program.
const maxIterations, maxDepth = 64, 64

// fromEvolution says that rigamp starts from state evolution.
func fromEvolution(c Config) bool { return c.Model.Init == InitStateEvolution }

// modelSettings is the autoencoder.
var modelSettings = []Setting{
	{
		Key: "model.name", Flag: Flag{Name: "model", Group: "model", Placeholder: "M"},
		Help:    "shallow (eq. 2), denoiser (eq. 4), rigamp (eq. 22), deep, or tied: ReLU or threshold, a code of real numbers.",
		Default: "denoiser",
		start: func(c Config) any {
			if c.Alternating() {
				return "shallow"
			}
			return "denoiser"
		},
		bounds: []bound{
			rule(func(c Config) bool { return !c.Alternating() || c.Model.Name == "shallow" },
				"algorithm gd-min has a linear decoder: must be shallow"),
			oneOf(graph.Models()...),
		},
	},
	// The rate's default is older than the dimension's default.
	{
		Key: "model.rate", Flag: Flag{Name: "rate", Group: "model", Placeholder: "R"},
		Help: "Bits of code per coordinate, r = n/d.", Default: "1; m/d for tied on a dictionary, where d is given",
		start: func(c Config) any {
			if isTied(c) && c.Data.IsDictionary() && c.Model.Dim > 0 {
				return float64(cmp.Or(c.Data.Atoms, defaultAtoms)) / float64(c.Model.Dim)
			}
			return 1.0
		},
		bounds: []bound{
			positive,
			told(func(c Config) bool { return c.Model.Dim < 1 || c.Model.Code() >= 1 }, func(c Config) string {
				return fmt.Sprintf("n = round(rate·dim) must be at least 1 and below 2³¹; dim is %d", c.Model.Dim)
			}, "n = round(rate·dim) must be at least 1 and below 2³¹"),
		},
	},
	{
		Key: "model.dim", Flag: Flag{Name: "dim", Group: "model", Placeholder: "D"},
		Help: "Dimension d of the data.", Default: "100",
		start: func(c Config) any { return cmp.Or(c.Data.dim(), 100) },
		bounds: []bound{
			atLeast(1),
			must(func(_ Config, v any) bool { return v.(int) < 1<<31 }, "must be below 2³¹"),
		},
		with: []bound{
			rule(func(c Config) bool {
				n, d := float64(c.Model.Code()), float64(c.Model.Dim)
				return !c.Alternating() || n*max(n, d) < maxGDMinElements/8
			}, "n·max(n, d) must be below 2²⁵ for gd-min"),
			rule(func(c Config) bool { return float64(c.Model.Dim)*float64(c.Model.Code()) < mostElements }, "dim·n must be below 2³¹"),
			told(func(c Config) bool { d := c.Data.dim(); return d == 0 || d == c.Model.Dim },
				func(c Config) string {
					return fmt.Sprintf("the rows of data.name: %s have %d numbers; leave it out", c.Data.Name, c.Data.dim())
				}, "that of the data set"),
		},
	},
	{
		Key: "model.encoder", Flag: Flag{Name: "encoder", Group: "model", Placeholder: "E"},
		Help: "trained, or haar: drawn once and kept.", Default: "trained",
		start: fixed("trained"),
		bounds: []bound{
			rule(func(c Config) bool { return !c.Alternating() || c.Model.Encoder == "trained" },
				"algorithm gd-min trains the encoder: must be trained"),
			oneOf("trained", "haar"),
			rule(func(c Config) bool { return !isTied(c) || c.Model.Encoder == "trained" }, "the tied model trains its encoder: must be trained"),
		},
	},
	{
		Key: "model.tied", Flag: Flag{Name: "tied", Group: "model", Negatable: true},
		Help: "Decode with α·Bᵀ, one trained α, instead of a matrix A; in rigamp with Bᵀ and B.",
		only: []condition{
			where(Config.Optimised, "algorithm gd-min computes the decoder: must be false"),
			where(func(c Config) bool { return c.Model.Name != "deep" }, "a fully connected decoder has nothing to tie; leave it out"),
			where(func(c Config) bool { return !isTied(c) }, "the tied model is tied; leave it out"),
		},
	},
	{
		Key: "model.denoiser", Flag: Flag{Name: "denoiser", Group: "model", Placeholder: "F"},
		Help: "Family of the denoiser's f: " + strings.Join(graph.FamilyNames(), ", ") + " or spline.", Default: "g2",
		only: []condition{
			where(Config.Optimised, "algorithm gd-min has no denoiser; leave it out"),
			{func(c Config) bool { return !slices.Contains([]string{"shallow", "deep", TiedModel}, c.Model.Name) },
				func(c Config) string {
					return "the " + c.Model.Name + " model has no denoiser; leave it out or set model.name: denoiser"
				}, "model.name: denoiser or rigamp"},
		},
		start: fixed(graph.G2.String()),
		bounds: []bound{
			oneOf(append(graph.FamilyNames(), splineDenoiser)...),
			rule(func(c Config) bool { return !fromEvolution(c) || c.Model.Denoiser == graph.G2.String() },
				"must be g2 with model.init: "+InitStateEvolution),
		},
	},
	{
		Key: "model.knots", Flag: Flag{Name: "knots", Group: "model", Placeholder: "K"},
		Help: "Knots of a spline, the values at which are trained.", Default: "33",
		only:  []condition{only("model.denoiser", denoiser, splineDenoiser)},
		start: fixed(graph.DefaultKnots),
		bounds: []bound{must(func(_ Config, v any) bool { return v.(int) >= 2 && v.(int) <= graph.MaxKnots },
			fmt.Sprintf("must be from 2 to %d", graph.MaxKnots))},
	},
	{
		Key: "model.monotone", Flag: Flag{Name: "monotone", Group: "model", Negatable: true},
		Help: "Keep a spline from falling.",
		only: []condition{only("model.denoiser", denoiser, splineDenoiser)},
	},
	{
		Key: "model.iterations", Flag: Flag{Name: "iterations", Group: "model", Placeholder: "T"},
		Help: "Iterations T of RI-GAMP that rigamp unrolls.", Default: "2",
		only:  []condition{only("model.name", modelName, "rigamp")},
		start: fixed(2),
		bounds: []bound{
			atLeast(1), atMost(maxIterations, strconv.Itoa(maxIterations)),
			rule(func(c Config) bool { return !fromEvolution(c) || c.Model.Iterations <= amp.MaxRIGAMPIterations },
				fmt.Sprintf("must be at most %d with model.init: %s", amp.MaxRIGAMPIterations, InitStateEvolution)),
		},
	},
	{
		Key: "model.init_from", Flag: Flag{Name: "init-from", Group: "model", Placeholder: "FILE"},
		Help: "Start from the weights of a .safetensors file, such as PyTorch's, named and shaped as in a checkpoint.",
		only: []condition{where(func(c Config) bool { return !c.Alternating() },
			"applies to weights that the optimizer trains; leave it out")},
		bounds: []bound{must(func(_ Config, v any) bool { return v == "" || strings.HasSuffix(v.(string), ".safetensors") },
			"must name a file that ends in .safetensors")},
	},
	{
		Key: "model.init_sha256", Help: "Hash of the content of model.init_from, recorded when the run begins.",
		only: []condition{where(func(c Config) bool { return c.Model.InitFrom != "" }, "applies to model.init_from only; leave it out")},
	},
	{
		Key: "model.init", Flag: Flag{Name: "init", Group: "model", Placeholder: "I"},
		Help: "Where shallow and denoiser start: random, localised, or best, the better of the two in a short trial; " +
			"rigamp: haar, gaussian or state-evolution; tied: random, perturbed or principal.",
		Default: "best, for data sets random; haar; random",
		only: []condition{only("model.name", modelName, "shallow", "denoiser", "rigamp", TiedModel),
			where(func(c Config) bool { return !c.Alternating() && (!startsRows(c) || c.Model.Encoder == "trained") },
				"applies to an encoder that the optimizer trains; leave it out"),
			where(func(c Config) bool { return c.Model.InitFrom == "" }, "applies to starts without model.init_from; leave it out")},
		start: func(c Config) any { return defaultInit(c) },
		earlier: func(c Config) any {
			if startsRows(c) {
				return InitRandom
			}
			return defaultInit(c)
		},
		bounds: []bound{
			ofRIGAMP(oneOf("haar", "gaussian", InitStateEvolution)),
			ofTied(oneOf(InitRandom, InitPerturbed, InitPrincipal)),
			ofRows(oneOf(InitRandom, InitLocalised, InitBest)),
			rule(func(c Config) bool { return c.Model.Init != InitPrincipal || c.Model.EncoderRows() <= c.Model.Dim },
				"needs n ≤ d: the data have d directions"),
			rule(func(c Config) bool { return !isTied(c) || c.Model.Init == InitRandom || c.Model.Depth == 1 },
				"must be random for depths of 2 and more"),
		},
		with: []bound{
			rule(func(c Config) bool { return !fromEvolution(c) || !c.Data.IsSet() },
				"needs the law of the data, which a data set has not; set haar or gaussian"),
			rule(func(c Config) bool { return c.Model.Init != InitPerturbed || c.Data.IsDictionary() },
				"needs the dictionary of data.name: "+dictionaryNames),
			told(func(c Config) bool { return c.Model.Init != InitPerturbed || c.Model.Code() == c.Data.Atoms }, unitForAtom, "needs n = m"),
			rule(func(c Config) bool { return c.Model.Init != InitPrincipal || !c.Data.IsSet() }, "must be random for data sets"),
			rule(func(c Config) bool { return c.Model.Init != InitBest || !c.Data.IsSet() && !c.Data.IsDictionary() },
				"needs a law to draw the trial's data from: must be random or localised"),
		},
	},
	{
		Key: "model.width", Flag: Flag{Name: "width", Group: "model", Placeholder: "W"},
		Help: "Units of each hidden layer of deep, of tied before the last.", Default: "4·dim, 2n",
		only: []condition{
			only("model.name", modelName, "deep", TiedModel),
			where(func(c Config) bool { return !isTied(c) || c.Model.Depth > 1 }, "applies to depths of 2 and more; leave it out"),
		},
		start: func(c Config) any {
			if isTied(c) {
				return 2 * c.Model.Code()
			}
			return 4 * c.Model.Dim
		},
		bounds: []bound{atLeast(1)},
		with: []bound{rule(func(c Config) bool { return c.widest()*float64(c.Model.Width) < mostElements },
			"width times itself, dim, n and batch must be below 2³¹")},
	},
	{
		Key: "model.depth", Flag: Flag{Name: "depth", Group: "model", Placeholder: "L"},
		Help: "Hidden layers of deep and tied.", Default: "1",
		only:  []condition{only("model.name", modelName, "deep", TiedModel)},
		start: fixed(1), bounds: []bound{atLeast(1), atMost(maxDepth, strconv.Itoa(maxDepth))},
	},
	{
		Key: "model.activation", Flag: Flag{Name: "activation", Group: "model", Placeholder: "A"},
		Help: "Activation of deep: relu or tanh; of tied: relu or threshold.", Default: "relu",
		only:  []condition{only("model.name", modelName, "deep", TiedModel)},
		start: fixed(string(graph.ReLU)),
		bounds: []bound{
			ofDeep(oneOf(activations()...)),
			ofTied(oneOf(string(graph.ReLU), string(graph.Threshold))),
		},
	},
}

func denoiser(c Config) string { return c.Model.Denoiser }

func activations() []string {
	var names []string
	for _, a := range graph.Activations() {
		names = append(names, string(a))
	}
	return names
}

// startsRows reports a model whose rows may start at random or localised.
func startsRows(c Config) bool { return c.Model.Name == "shallow" || c.Model.Name == "denoiser" }

// fromLaw reports an encoder that the optimizer trains on a law, by the recipe that bench design checks.
func fromLaw(c Config) bool {
	return startsRows(c) && !c.Alternating() && c.Model.Encoder == "trained" && !c.Data.IsSet() && !c.Data.IsDictionary()
}

// defaultInit is the default of model.init.
func defaultInit(c Config) string {
	switch {
	case !startsRows(c) && !isTied(c):
		return "haar"
	case fromLaw(c):
		return InitBest
	}
	return InitRandom
}

// ofRIGAMP, ofDeep and ofTied are a bound of one model, ofRows of the two models whose rows start anywhere.
func ofRIGAMP(b bound) bound { return inModel("rigamp", b) }
func ofRows(b bound) bound {
	return bound{
		holds:   func(c Config, v any) bool { return !startsRows(c) || b.holds(c, v) },
		allowed: b.allowed, words: "for shallow and denoiser " + b.words, names: b.names,
	}
}
func ofDeep(b bound) bound { return inModel("deep", b) }
func ofTied(b bound) bound { return inModel(TiedModel, b) }

// TrialSteps is the number of updates of each start that model.init: best tries.
func (c Config) TrialSteps() int { return min(1000, max(1, c.Steps/10)) }

func inModel(model string, b bound) bound {
	return bound{
		holds:   func(c Config, v any) bool { return c.Model.Name != model || b.holds(c, v) },
		allowed: b.allowed, words: "for " + model + " " + b.words, names: b.names,
	}
}
