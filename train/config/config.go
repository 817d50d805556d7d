package config

import (
	"fmt"
	"math"
	"slices"

	"autoamp/graph"
)

// Config is a training run: everything that decides its result, and nothing else. The zero
// value of every field means its stated default; the zero Config trains the denoising
// autoencoder on sparse Gaussian data. A run directory holds it as config.yaml, resolved.
type Config struct {
	// Algorithm is gd-min, alternating minimisation, or empty: the optimizer's steps along the surrogate gradient.
	Algorithm string      `yaml:"algorithm,omitempty" json:"algorithm,omitempty"`
	Model     ModelConfig `yaml:"model" json:"model"`
	Data      DataConfig  `yaml:"data" json:"data"`
	// Optimizer, Schedule and Batch do not apply to gd-min, GDMin to nothing else.
	Optimizer OptimizerConfig `yaml:"optimizer,omitempty" json:"optimizer,omitzero"`
	Schedule  ScheduleConfig  `yaml:"schedule,omitempty" json:"schedule,omitzero"`
	GDMin     GDMinConfig     `yaml:"gdmin,omitempty" json:"gdmin,omitzero"`
	// Steps is the number of optimizer updates, at least 1; default 20000, for gd-min horizon/step_size.
	Steps int `yaml:"steps" json:"steps"`
	// Batch is the number of fresh samples per step, at least 1; default 128.
	Batch int `yaml:"batch,omitempty" json:"batch,omitempty"`
	// Seeds lists the seeds, all different: one replica for each seed and p; default [1].
	Seeds      []uint64         `yaml:"seeds,flow" json:"seeds"`
	Evaluation EvaluationConfig `yaml:"evaluation" json:"evaluation"`
	Checkpoint CheckpointConfig `yaml:"checkpoint" json:"checkpoint"`
}

// ModelConfig is the autoencoder.
type ModelConfig struct {
	// Name is shallow (eq. 2), denoiser (eq. 4), rigamp (eq. 22), deep, or tied, the ReLU or threshold
	// autoencoder of the sparse-coding papers, whose code is not quantised; default denoiser.
	Name string `yaml:"name" json:"name"`
	// Dim is d, the dimension of the data, at least 1; default that of the data set, or 100.
	Dim int `yaml:"dim" json:"dim"`
	// Rate is r > 0 such that n = round(r·d) is at least 1; default 1, for tied on a dictionary model m/d.
	Rate float64 `yaml:"rate" json:"rate"`
	// Tau is τ > 0 of the surrogate gradient of a trained encoder; default 0.1.
	Tau float64 `yaml:"tau,omitempty" json:"tau,omitempty"`
	// Encoder is trained, or haar: drawn once and kept; default trained.
	Encoder string `yaml:"encoder" json:"encoder"`
	// Tied makes the decoder α·Bᵀ with one trained α instead of a matrix A; for rigamp, the
	// encoder's transposes with only the decoder's scalars trained. Not for deep.
	Tied bool `yaml:"tied" json:"tied"`
	// Denoiser is the family of f, for denoiser and rigamp: spline or one of those that autoamp train --help lists; default g2.
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
	// And where tied starts; default random:
	//  - random: rows with entries N(0, 1/d)
	//  - perturbed: the dictionary of the data plus delta times such rows, for n = m
	//  - principal: the first n left singular vectors of the data
	Init string `yaml:"init,omitempty" json:"init,omitempty"`
	// Width is the number of units of each hidden layer of deep, of each but the last of tied, at least 1; default
	// 4·dim, for tied 2n.
	Width int `yaml:"width,omitempty" json:"width,omitempty"`
	// Depth is the number of hidden layers of deep and tied, at least 1; default 1.
	Depth int `yaml:"depth,omitempty" json:"depth,omitempty"`
	// Activation follows each hidden layer: relu or, for deep, tanh, for tied, threshold; default relu.
	Activation string `yaml:"activation,omitempty" json:"activation,omitempty"`
	// TiedConfig is for tied only.
	TiedConfig `yaml:",inline"`
}

// DataConfig is the data: a law, whose coordinates are independent with mean 0 and second moment 1,
// or a data set, images or rows of a NumPy array.
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
	// SetConfig is for data sets only, DictionaryConfig for dictionary models.
	SetConfig        `yaml:",inline"`
	DictionaryConfig `yaml:",inline"`
}

// OptimizerConfig is the update rule.
type OptimizerConfig struct {
	// Name is adam, sgd, rmsprop, or normalised: gradient descent after which the rows of W have norm 1; default adam, for
	// tied normalised.
	Name string `yaml:"name" json:"name"`
	// LearningRate is the peak η > 0. Default: adam 0.003 for the shallow model, 0.005 for the denoiser,
	// 0.001 for deep, and for rigamp 0.003 or, where only scalars are trained, 0.01; rmsprop 0.001,
	// sgd d/10 (the loss is per coordinate, so gradients are of order 1/d), normalised ζ·d/2 where ζ is the step on
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
	// Epsilon > 0 keeps the update finite: adam adds it to the root of the second moment, rmsprop under the root. Default 1e-8.
	Epsilon float64 `yaml:"epsilon,omitempty" json:"epsilon,omitempty"`
	// ClipNorm > 0 bounds the Euclidean norm of all gradients together; default no bound.
	ClipNorm float64 `yaml:"clip_norm,omitempty" json:"clip_norm,omitempty"`
	// Project divides the rows of a trained encoder's W by their norms after every update, so that the angle of an update
	// follows the schedule and does not shrink as norms grow; not for normalised, which does it anyway.
	Project bool `yaml:"project,omitempty" json:"project,omitempty"`
}

// ScheduleConfig is the learning rate as a function of the step.
type ScheduleConfig struct {
	// Shape is constant, cosine or step; default cosine.
	Shape string `yaml:"shape" json:"shape"`
	// WarmUp is the number of first steps, fewer than Steps, over which the rate rises linearly; default 0.
	WarmUp int `yaml:"warm_up,omitempty" json:"warm_up,omitempty"`
	// Final is the last rate relative to the peak, in [0, 1], for cosine; default 0.
	Final float64 `yaml:"final,omitempty" json:"final,omitempty"`
	// Every is the number of steps between drops, at least 1, for step; default a quarter of Steps.
	Every int `yaml:"every,omitempty" json:"every,omitempty"`
	// Factor is the rate's factor at a drop, in (0, 1), for step; default 0.3.
	Factor float64 `yaml:"factor,omitempty" json:"factor,omitempty"`
}

// MaxBatches bounds the batches of an evaluation.
const MaxBatches = 1 << 20

// EvaluationConfig says how often and on how much fresh data the test error is measured.
type EvaluationConfig struct {
	// Every is the number of steps between rows of metrics, at least 1; default steps/200.
	// The first powers of two, up to Every, and the last step have rows too.
	Every int `yaml:"every" json:"every"`
	// Batches is the number of batches of fresh data for a row, at least 2; default 4. For gd-min it is the number of
	// masks other than those the decoder was fitted on, default 30, or of batches of samples, default 2.
	Batches int `yaml:"batches" json:"batches"`
	// FinalBatches is the number of batches for the final test error, at least 2. Default for a
	// data set: one pass over the held-out rows. Default otherwise: so
	// many that they hold 2²⁶ numbers, which gives a relative standard error near 3e-4, but no
	// more than Steps, and at least 16. For gd-min 200 masks, or 8 batches of samples.
	FinalBatches int `yaml:"final_batches" json:"final_batches"`
}

// CheckpointConfig says how often the run is saved. It is always saved at its end.
type CheckpointConfig struct {
	// Every is the number of steps between checkpoints, at least 1; default steps/10.
	Every int `yaml:"every" json:"every"`
	// Keep is how many checkpoints are kept, the newest, at least 1; default 2.
	Keep int `yaml:"keep" json:"keep"`
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

// Replicas returns what the models that train side by side differ in: for each p, one per seed.
// c is resolved.
func (c Config) Replicas() []graph.Replica {
	var out []graph.Replica
	rate := c.Optimizer.LearningRate
	if c.Alternating() {
		rate = c.GDMin.StepSize
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

// orElse sets *field to its default if it is zero.
func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// WithDefaults returns c with every zero field that applies set to its default.
func (c Config) WithDefaults() Config {
	if len(c.Seeds) == 0 {
		c.Seeds = []uint64{1}
	}
	if c.Alternating() {
		return c.withGDMinDefaults()
	}
	orElse(&c.Steps, 20000)
	orElse(&c.Batch, 128)
	c.Data = c.Data.withDefaults()
	orElse(&c.Model.Dim, c.Data.dim())
	if c.Model.Name == TiedModel && c.Data.IsDictionary() && c.Model.Dim > 0 {
		orElse(&c.Model.Rate, float64(c.Data.Atoms)/float64(c.Model.Dim))
	}
	c.Model = c.Model.withDefaults()
	if c.Data.IsSet() {
		orElse(&c.Data.Window, max(1, maxWindow/c.Model.Dim))
	}
	if c.Model.Name == TiedModel {
		c.Optimizer = c.tiedOptimizer()
	}
	c.Optimizer = c.Optimizer.withDefaults(c.Model)
	c.Schedule = c.Schedule.withDefaults(c.Steps)
	orElse(&c.Evaluation.Every, max(1, c.Steps/200))
	orElse(&c.Evaluation.Batches, 4)
	if !c.Data.IsSet() { // else one pass over the held-out rows, counted when they are opened
		orElse(&c.Evaluation.FinalBatches, c.finalBatches())
	}
	orElse(&c.Checkpoint.Every, max(1, c.Steps/10))
	orElse(&c.Checkpoint.Keep, 2)
	return c
}

// finalBatches balances two wishes: the energy ‖x‖²/d alone gives the mean over N samples the
// relative standard error √((m₄−1)/(N·d)), 3e-4 at N·d = 2²⁶ and m₄ = 7.5 (SG, p = 0.4); and a
// short run should not spend its time on evaluation.
func (c Config) finalBatches() int {
	numbers := math.Max(1, float64(c.Batch)*float64(c.Model.Dim))
	return max(16, min(int(math.Ceil((1<<26)/numbers)), c.Steps))
}

func (m ModelConfig) withDefaults() ModelConfig {
	orElse(&m.Name, "denoiser")
	orElse(&m.Dim, 100)
	orElse(&m.Rate, 1)
	orElse(&m.Encoder, "trained")
	if m.Encoder == "trained" && m.Name != TiedModel {
		orElse(&m.Tau, 0.1)
	}
	switch m.Name {
	case "denoiser":
		orElse(&m.Denoiser, graph.G2.String())
	case "rigamp":
		orElse(&m.Denoiser, graph.G2.String())
		orElse(&m.Iterations, 2)
		orElse(&m.Init, "haar")
	case "deep":
		orElse(&m.Width, 4*m.Dim)
		orElse(&m.Depth, 1)
		orElse(&m.Activation, string(graph.ReLU))
	case TiedModel:
		m = m.withTiedDefaults()
	}
	if m.Denoiser == splineDenoiser {
		orElse(&m.Knots, graph.DefaultKnots)
	}
	return m
}

// adamRate is the default learning rate of Adam.
func (m ModelConfig) adamRate() float64 {
	switch {
	case m.Name == "denoiser":
		return 0.005
	case m.Name == "deep":
		return 0.001
	case m.Name == "rigamp" && m.Tied && m.Encoder == "haar": // scalars only
		return 0.01
	}
	return 0.003
}

func (d DataConfig) withDefaults() DataConfig {
	orElse(&d.Name, "sparse-gaussian")
	if len(d.P) == 0 {
		d.P = []float64{0.4}
		if d.Name == "gaussian" || d.IsSet() || d.IsDictionary() {
			d.P = []float64{1}
		}
	}
	if d.IsSet() {
		d.SetConfig = d.SetConfig.withDefaults(d.IsFile())
	}
	if d.IsDictionary() {
		d.DictionaryConfig = d.DictionaryConfig.withDefaults()
	}
	if d.Name == "sparse-mixture" {
		orElse(&d.MixtureMean, 1)
	}
	return d
}

func (o OptimizerConfig) withDefaults(m ModelConfig) OptimizerConfig {
	orElse(&o.Name, "adam")
	switch o.Name {
	case "adam":
		orElse(&o.LearningRate, m.adamRate())
		orElse(&o.Beta1, 0.9)
		orElse(&o.Beta2, 0.999)
		orElse(&o.Epsilon, 1e-8)
	case "rmsprop":
		orElse(&o.LearningRate, 0.001)
		orElse(&o.Decay, 0.9)
		orElse(&o.Epsilon, 1e-8)
	case "sgd":
		orElse(&o.LearningRate, float64(m.Dim)/10)
	}
	return o
}

func (s ScheduleConfig) withDefaults(steps int) ScheduleConfig {
	orElse(&s.Shape, string(graph.Cosine))
	if s.Shape == string(graph.StepDown) {
		orElse(&s.Every, max(1, steps/4))
		orElse(&s.Factor, 0.3)
	}
	return s
}

// Equal reports whether two configurations describe the same run.
func (c Config) Equal(other Config) bool {
	_, _, _, differ := c.Diff(other)
	return !differ
}

// Diff returns the first field, by its dotted name, that two configurations differ in, and
// both values.
func (c Config) Diff(other Config) (field, mine, theirs string, differ bool) {
	a, b := c.WithDefaults().flat(), other.WithDefaults().withDataOf(c).flat()
	keys := make([]string, 0, len(a)+len(b))
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if x, y := fmt.Sprint(a[k]), fmt.Sprint(b[k]); x != y {
			return k, x, y, true
		}
	}
	return "", "", "", false
}
