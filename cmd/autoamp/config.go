package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"autoamp/train"
	"autoamp/train/config"
)

// configFlags are the flags that end up in a train.Config. A nil field was not given.
type configFlags struct {
	Config string   `group:"run" short:"c" help:"Configuration file (YAML); --print-config shows its form." placeholder:"FILE"`
	Set    []string `group:"run" sep:"none" help:"Set a field of the configuration: --set optimizer.clip_norm=1. Repeatable." placeholder:"KEY=VALUE"`

	Model      *string  `group:"model" help:"shallow (eq. 2), denoiser (eq. 4), rigamp (eq. 22), deep, or tied: ReLU or threshold, a code of real numbers. Default: denoiser." placeholder:"M"`
	Dim        *int     `group:"model" help:"Dimension d of the data. Default: 100." placeholder:"D"`
	Rate       *float64 `group:"model" help:"Bits of code per coordinate, r = n/d. Default: 1." placeholder:"R"`
	Encoder    *string  `group:"model" help:"trained, or haar: drawn once and kept. Default: trained." placeholder:"E"`
	Tied       *bool    `group:"model" negatable:"" help:"Decode with α·Bᵀ, one trained α, instead of a matrix A; in rigamp with Bᵀ and B."`
	Denoiser   *string  `group:"model" help:"Family of the denoiser's f: ${families} or spline. Default: g2." placeholder:"F"`
	Knots      *int     `group:"model" help:"Knots of a spline, the values at which are trained. Default: 33." placeholder:"K"`
	Monotone   *bool    `group:"model" negatable:"" help:"Keep a spline from falling."`
	Iterations *int     `group:"model" help:"Iterations T of RI-GAMP that rigamp unrolls. Default: 2." placeholder:"T"`
	Init       *string  `group:"model" help:"Where rigamp starts: haar, gaussian or state-evolution; tied: random, perturbed or principal. Default: haar, random." placeholder:"I"`
	Width      *int     `group:"model" help:"Units of each hidden layer of deep, of tied before the last. Default: 4·dim, 2n." placeholder:"W"`
	Depth      *int     `group:"model" help:"Hidden layers of deep and tied. Default: 1." placeholder:"L"`
	Activation *string  `group:"model" help:"Activation of deep: relu or tanh; of tied: relu or threshold. Default: relu." placeholder:"A"`
	Lambda     *float64 `group:"model" help:"Threshold of tied's activation threshold. Default: 0.5." placeholder:"L"`
	Bias       *string  `group:"model" help:"Biases of tied: trained, fixed or decayed, halved in every step. Default: trained, for threshold fixed." placeholder:"B"`
	BiasStart  *float64 `group:"model" help:"Start of the biases of tied. Default: 0." placeholder:"B"`
	Delta      *float64 `group:"model" help:"Distance δ of --init perturbed from the dictionary. Default: 0.5." placeholder:"D"`
	Proxy      *bool    `group:"model" help:"Let tied's gradient flow where the true code is not zero."`
	Mirrored   *bool    `group:"model" help:"Apply tied's activation between the layers of its decoder too, for --depth of 2 and more."`
	Tau        *float64 `group:"model" help:"Temperature of the surrogate gradient of sign. Default: 0.1." placeholder:"T"`

	Data        *string   `group:"data" help:"${laws}; a dictionary model: mixture, sparse-codes or nonnegative-codes; or a data set: mnist, cifar10, npy:FILE. Default: sparse-gaussian." placeholder:"D"`
	P           []float64 `group:"data" help:"Probability of a coordinate not to be zero; a list trains all. Default: 0.4, for data sets 1: no mask." placeholder:"P,..."`
	MixtureMean *float64  `group:"data" help:"Mean m of sparse-mixture, whose variance is 1/p − m². Default: 1." placeholder:"M"`

	Atoms   *int     `group:"data" help:"Rows m of the dictionary of a dictionary model. Default: 10." placeholder:"M"`
	Support *int     `group:"data" help:"Entries k of its codes that are not zero. Default: 1." placeholder:"K"`
	Noise   *float64 `group:"data" help:"Standard deviation of its noise. Default: 0." placeholder:"S"`

	DataTest *string `group:"data" help:"npy:FILE of the held-out rows. Default: a tenth of the rows." placeholder:"npy:FILE"`
	Class    *string `group:"data" help:"Class of the images, by name or number. Default: all." placeholder:"C"`
	Channel  *string `group:"data" help:"Colour plane of cifar10: red, green or blue. Default: all." placeholder:"C"`
	Whiten   *bool   `group:"data" negatable:"" help:"Whiten images (the default)."`
	UnitRows *bool   `group:"data" help:"Scale every row of a data set to the same length, as theory has it."`
	Augment  *bool   `group:"data" negatable:"" help:"Repeat images, moved a little, until there are as many as the full set has (the default)."`

	Algorithm *string  `group:"training" help:"gd-min: alternating minimisation, eq. (6). Default: the optimizer's steps along the surrogate gradient." placeholder:"A"`
	Steps     *int     `group:"training" help:"Number of updates. Default: 20000." placeholder:"N"`
	Batch     *int     `group:"training" help:"Samples per step. Default: 128." placeholder:"B"`
	Lr        *float64 `group:"training" help:"Peak learning rate. Default: for adam 0.003 (shallow, rigamp), 0.005 (denoiser), 0.001 (deep), 0.01 (rigamp, scalars only)." placeholder:"LR"`
	Optimizer *string  `group:"training" help:"adam, sgd, rmsprop or normalised: gradient descent on unit rows. Default: adam, for tied normalised." placeholder:"O"`
	Momentum  *float64 `group:"training" help:"Momentum of sgd. Default: 0." placeholder:"M"`
	ClipNorm  *float64 `group:"training" help:"Bound on the norm of all gradients together. Default: none." placeholder:"G"`
	Project   *bool    `group:"training" help:"Put the encoder's rows back on the unit sphere after every update, so that norms that grow do not slow it down."`
	Schedule  *string  `group:"training" help:"constant, cosine or step. Default: cosine." placeholder:"S"`
	WarmUp    *int     `group:"training" help:"First steps, over which the rate rises. Default: 0." placeholder:"N"`
	EvalEvery *int     `group:"training" help:"Steps between rows of metrics. Default: steps/200." placeholder:"N"`
	SaveEvery *int     `group:"training" help:"Steps between checkpoints. Default: steps/10." placeholder:"N"`
	Objective *string  `group:"gdmin" help:"population (gaussian, sparse-gaussian) or samples. Default: population." placeholder:"O"`
	StepSize  *float64 `group:"gdmin" help:"Step size η. Default: 0.05·√(200/d)." placeholder:"η"`
	Horizon   *float64 `group:"gdmin" help:"Time η·steps at which to stop. Default: 6." placeholder:"S"`
	Masks     *int     `group:"gdmin" help:"Fresh masks per step, for p < 1. Default: 30." placeholder:"N"`
	Samples   *int     `group:"gdmin" help:"Fresh samples per step, for --objective samples. Default: 20·max(n, d)." placeholder:"N"`
	Smoothing *float64 `group:"gdmin" help:"Standard deviation of noise on the gradient. Default: 0." placeholder:"S"`
	Seed      *uint64  `group:"training" xor:"seeds" help:"Seed of weights and data. Default: 1." placeholder:"S"`
	Replicas  *int     `group:"training" xor:"count" help:"Train so many seeds side by side, counted from --seed." placeholder:"K"`
	Seeds     []uint64 `group:"training" xor:"seeds,count" help:"Train these seeds side by side." placeholder:"S,..."`
}

// flagOf maps the fields of a train.Config to their flags.
var flagOf = map[string]string{
	"model.name": "--model", "model.dim": "--dim", "model.rate": "--rate", "model.encoder": "--encoder",
	"model.tied": "--tied", "model.denoiser": "--denoiser", "model.tau": "--tau",
	"model.knots": "--knots", "model.monotone": "--monotone",
	"model.iterations": "--iterations", "model.init": "--init",
	"model.width": "--width", "model.depth": "--depth", "model.activation": "--activation",
	"model.lambda": "--lambda", "model.bias": "--bias", "model.bias_start": "--bias-start", "model.delta": "--delta",
	"model.proxy": "--proxy", "model.mirrored": "--mirrored", "data.atoms": "--atoms", "data.support": "--support", "data.noise": "--noise",
	"data.name": "--data", "data.p": "--p", "data.mixture_mean": "--mixture-mean",
	"data.test": "--data-test", "data.class": "--class", "data.channel": "--channel", "data.no_whiten": "--no-whiten",
	"data.no_augment": "--no-augment", "data.unit_rows": "--unit-rows",
	"optimizer.name": "--optimizer", "optimizer.learning_rate": "--lr", "optimizer.momentum": "--momentum",
	"optimizer.clip_norm": "--clip-norm", "optimizer.project": "--project", "schedule.shape": "--schedule", "schedule.warm_up": "--warm-up",
	"evaluation.every": "--eval-every", "checkpoint.every": "--save-every",
	"algorithm": "--algorithm", "gdmin.objective": "--objective", "gdmin.step_size": "--step-size",
	"gdmin.horizon": "--horizon", "gdmin.masks": "--masks", "gdmin.samples": "--samples", "gdmin.smoothing": "--smoothing",
	"steps": "--steps", "batch": "--batch", "seeds": "--seeds",
}

// config returns the configuration: the one that load reads, with --set and then the flags over it.
func (f *configFlags) config(load func(overrides ...string) (train.Config, error)) (train.Config, error) {
	flags, err := f.overrides()
	if err != nil {
		return train.Config{}, err
	}
	c, err := load(append(append([]string{}, f.Set...), flags...)...)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return train.Config{}, &usageError{err: withFlag(err)}
	}
	return c.WithDefaults(), nil
}

// defaults loads no file.
func defaults(overrides ...string) (train.Config, error) { return config.Parse(nil, overrides...) }

// withFlag names the flag that sets the field an error complains about.
func withFlag(err error) error {
	var config *train.ConfigError
	if errors.As(err, &config) && flagOf[config.Field] != "" {
		return fmt.Errorf("%w (flag %s)", err, flagOf[config.Field])
	}
	return err
}

// overrides writes the given flags as overrides of a train.Config.
func (f *configFlags) overrides() ([]string, error) {
	var o overrides
	o.text("algorithm", f.Algorithm)
	o.text("gdmin.objective", f.Objective)
	o.number("gdmin.step_size", f.StepSize)
	o.number("gdmin.horizon", f.Horizon)
	o.whole("gdmin.masks", f.Masks)
	o.whole("gdmin.samples", f.Samples)
	o.number("gdmin.smoothing", f.Smoothing)
	o.text("model.name", f.Model)
	o.whole("model.dim", f.Dim)
	o.number("model.rate", f.Rate)
	o.text("model.encoder", f.Encoder)
	o.truth("model.tied", f.Tied)
	o.text("model.denoiser", f.Denoiser)
	o.whole("model.knots", f.Knots)
	o.truth("model.monotone", f.Monotone)
	o.number("model.tau", f.Tau)
	o.whole("model.iterations", f.Iterations)
	o.text("model.init", f.Init)
	o.whole("model.width", f.Width)
	o.whole("model.depth", f.Depth)
	o.text("model.activation", f.Activation)
	o.number("model.lambda", f.Lambda)
	o.text("model.bias", f.Bias)
	o.number("model.bias_start", f.BiasStart)
	o.number("model.delta", f.Delta)
	o.truth("model.proxy", f.Proxy)
	o.truth("model.mirrored", f.Mirrored)
	o.whole("data.atoms", f.Atoms)
	o.whole("data.support", f.Support)
	o.number("data.noise", f.Noise)
	o.text("data.name", f.Data)
	o.numbers("data.p", f.P)
	o.number("data.mixture_mean", f.MixtureMean)
	o.text("data.test", f.DataTest)
	o.text("data.class", f.Class)
	o.text("data.channel", f.Channel)
	o.not("data.no_whiten", f.Whiten)
	o.not("data.no_augment", f.Augment)
	o.truth("data.unit_rows", f.UnitRows)
	o.whole("steps", f.Steps)
	o.whole("batch", f.Batch)
	o.text("optimizer.name", f.Optimizer)
	o.number("optimizer.learning_rate", f.Lr)
	o.number("optimizer.momentum", f.Momentum)
	o.number("optimizer.clip_norm", f.ClipNorm)
	o.truth("optimizer.project", f.Project)
	o.text("schedule.shape", f.Schedule)
	o.whole("schedule.warm_up", f.WarmUp)
	o.whole("evaluation.every", f.EvalEvery)
	o.whole("checkpoint.every", f.SaveEvery)
	seeds, err := f.seeds()
	if len(seeds) > 0 {
		o.add("seeds", list(seeds, func(s uint64) string { return strconv.FormatUint(s, 10) }))
	}
	return o, err
}

// seeds is --seeds, or --replicas seeds counted from --seed.
func (f *configFlags) seeds() ([]uint64, error) {
	if f.Seed == nil && f.Replicas == nil {
		return f.Seeds, nil
	}
	first, count := uint64(1), 1
	if f.Seed != nil {
		first = *f.Seed
	}
	if f.Replicas != nil {
		count = *f.Replicas
	}
	if count < 1 || count > train.MaxReplicas {
		return nil, usagef("--replicas = %d: must be from 1 to %d", count, train.MaxReplicas)
	}
	if last := uint64(count - 1); first > math.MaxUint64-last {
		return nil, usagef("--seed = %d: must be at most 2⁶⁴ − %d, so that --replicas = %d seeds follow one another", first, count, count)
	}
	var seeds []uint64
	for i := range count {
		seeds = append(seeds, first+uint64(i))
	}
	return seeds, nil
}

// overrides collects "field=value" for train.Parse.
type overrides []string

func (o *overrides) add(field, value string) { *o = append(*o, field+"="+value) }

func (o *overrides) text(field string, v *string) {
	switch {
	case v == nil:
	case utf8.ValidString(*v):
		o.add(field, strconv.Quote(*v))
	default:
		o.add(field, *v) // is refused: quoted, its bytes would be read as other letters
	}
}

func (o *overrides) truth(field string, v *bool) {
	if v != nil {
		o.add(field, strconv.FormatBool(*v))
	}
}

func (o *overrides) not(field string, v *bool) {
	if v != nil {
		o.add(field, strconv.FormatBool(!*v))
	}
}

func (o *overrides) whole(field string, v *int) {
	if v != nil {
		o.add(field, itoa(*v))
	}
}

func (o *overrides) number(field string, v *float64) {
	if v != nil {
		o.add(field, ftoa(*v))
	}
}

func (o *overrides) numbers(field string, v []float64) {
	if len(v) > 0 {
		o.add(field, list(v, ftoa))
	}
}

func list[T any](values []T, format func(T) string) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = format(v)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func itoa(i int) string { return strconv.Itoa(i) }

func ftoa(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
