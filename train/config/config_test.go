package config_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/train/config"
)

func TestZeroConfigIsUsable(t *testing.T) {
	t.Parallel()
	var c config.Config
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Model: config.ModelConfig{
			Name: "denoiser", Dim: 100, Rate: 1, Tau: 0.03, TauFinal: 1, Encoder: "trained", Denoiser: "g2", Init: "best",
		},
		Data: config.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}},
		Optimizer: config.OptimizerConfig{
			Name: "adam", LearningRate: 0.003, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-6, Project: new(true),
		},
		Schedule:   config.ScheduleConfig{Shape: "cosine"},
		Steps:      10000,
		Batch:      128,
		Seeds:      []uint64{1},
		Evaluation: config.EvaluationConfig{Every: 50, Batches: 4, FinalBatches: 5243},
		Checkpoint: config.CheckpointConfig{Every: 1000, Keep: 2},
	}
	if d := cmp.Diff(want, c.WithDefaults()); d != "" {
		t.Error(d)
	}
}

// beforeProjection is the zero configuration as versions wrote it that had neither projection by default nor a choice of starts.
var beforeProjection = config.Config{
	Model:      config.ModelConfig{Name: "denoiser", Dim: 100, Rate: 1, Tau: 0.1, Encoder: "trained", Denoiser: "g2"},
	Data:       config.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}},
	Optimizer:  config.OptimizerConfig{Name: "adam", LearningRate: 0.005, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8},
	Schedule:   config.ScheduleConfig{Shape: "cosine"},
	Steps:      20000,
	Batch:      128,
	Seeds:      []uint64{1},
	Evaluation: config.EvaluationConfig{Every: 100, Batches: 4, FinalBatches: 5243},
	Checkpoint: config.CheckpointConfig{Every: 2000, Keep: 2},
}

// A run of an earlier version goes on as it began: what its file does not say is not the default of today.
func TestStoredConfigKeepsItsMeaning(t *testing.T) {
	t.Parallel()
	want := beforeProjection
	want.Model.Init, want.Optimizer.Project = "random", new(false)
	text, err := beforeProjection.YAML()
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.ParseStored(text)
	if err == nil {
		err = c.Validate()
	}
	if d := cmp.Diff(want, c); err != nil || d != "" {
		t.Error(err, d)
	}
	if d := cmp.Diff(want, config.Config{}.Earlier()); d != "" {
		t.Error("the zero configuration: ", d)
	}
	if text, err = c.YAML(); err != nil {
		t.Fatal(err)
	}
	if again, err := config.ParseStored(text); err != nil || !again.Equal(want) {
		t.Error(again, err)
	}
}

// The masks of a run of an earlier version stay independent.
func TestStoredMasksKeepTheirDesign(t *testing.T) {
	t.Parallel()
	c, err := config.ParseStored([]byte("algorithm: gd-min\nmodel: {name: shallow}\ngdmin: {masks: 9}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.GDMin.Design != config.Independent {
		t.Errorf("design = %q", c.GDMin.Design)
	}
}

// configs are valid settings of every kind.
func configs() map[string]config.Config {
	haar := config.ModelConfig{Encoder: "haar", Tied: true}
	return map[string]config.Config{
		"zero": {},
		"small": {
			Model: config.ModelConfig{Dim: 6, Rate: 0.5}, Steps: 300, Batch: 4, Seeds: []uint64{1, 7},
			Data:       config.DataConfig{P: []float64{0.4, 0.8}},
			Evaluation: config.EvaluationConfig{Every: 20, Batches: 3, FinalBatches: 10},
			Checkpoint: config.CheckpointConfig{Every: 70, Keep: 2},
		},
		"shallow":  {Model: config.ModelConfig{Name: "shallow", Rate: 1.5}},
		"haar":     {Model: haar},
		"gaussian": {Data: config.DataConfig{Name: "gaussian"}},
		"mixture":  {Data: config.DataConfig{Name: "sparse-mixture", P: []float64{0.5, 1}, MixtureMean: 0.9}},
		"edge":     {Data: config.DataConfig{Name: "sparse-mixture", P: []float64{1 / 1.44}, MixtureMean: 1.2}},
		"sgd":      {Optimizer: config.OptimizerConfig{Name: "sgd", Momentum: 0.9, ClipNorm: 1}},
		"project":  {Optimizer: config.OptimizerConfig{Project: new(false)}},
		"rmsprop":  {Optimizer: config.OptimizerConfig{Name: "rmsprop"}, Schedule: config.ScheduleConfig{Shape: "step", WarmUp: 10}},
		"seeds":    {Seeds: []uint64{0, math.MaxUint64}},
		"gd-min":   {Algorithm: config.GDMin, Data: config.DataConfig{P: []float64{1, 0.3}}},
		"samples": {
			Algorithm: config.GDMin, Data: config.DataConfig{Name: "sparse-laplace"},
			GDMin: config.GDMinConfig{Objective: config.Samples, StepSize: 0.02, Horizon: 3},
		},
		"images": {Data: config.DataConfig{Name: "cifar10", P: []float64{0.3, 1}, SetConfig: config.SetConfig{Class: "dog", Channel: "red", Size: 20000}}},
		"pixels": {Data: config.DataConfig{Name: "mnist", SetConfig: config.SetConfig{NoWhiten: true, NoAugment: true, Seed: 7}}},
		"array": {
			Model: config.ModelConfig{Dim: 7},
			Data:  config.DataConfig{Name: "npy:rows.npy", SetConfig: config.SetConfig{HeldOut: 0.3, Window: 100, SHA256: "ab", RMS: 2.5}},
		},
		"spline":   {Model: config.ModelConfig{Denoiser: "spline"}},
		"monotone": {Model: config.ModelConfig{Name: "rigamp", Denoiser: "spline", Knots: 9, Monotone: true}},
		"tiny":     {Steps: 1, Batch: 1, Model: config.ModelConfig{Dim: 1}},
	}
}

func TestConfigSurvivesYAMLAndJSON(t *testing.T) {
	t.Parallel()
	for name, c := range configs() {
		t.Run(name, func(t *testing.T) {
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			resolved := c.WithDefaults()
			if d := cmp.Diff(resolved, resolved.WithDefaults()); d != "" {
				t.Errorf("WithDefaults is not idempotent:\n%s", d)
			}
			if err := resolved.Validate(); err != nil {
				t.Errorf("resolved: %v", err)
			}
			data, err := resolved.YAML()
			if err != nil {
				t.Fatal(err)
			}
			back, err := config.Parse(data)
			if err != nil {
				t.Fatalf("%v\n%s", err, data)
			}
			if d := cmp.Diff(resolved, back); d != "" {
				t.Errorf("YAML:\n%s", d)
			}
			text, err := json.Marshal(resolved)
			if err != nil {
				t.Fatal(err)
			}
			var fromJSON config.Config
			if err := json.Unmarshal(text, &fromJSON); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(resolved, fromJSON); d != "" {
				t.Errorf("JSON:\n%s", d)
			}
			if !c.Equal(back) {
				t.Error("a config and its resolved form are the same run")
			}
		})
	}
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ yaml, want string }{
		{"model: {name: rigmap}", `train: model.name = "rigmap": must be one of shallow, denoiser, rigamp, deep, tied`},
		{"model: {name: rigamp, iterations: -2}", "train: model.iterations = -2: must be at least 1"},
		{"model: {name: rigamp, iterations: 65}", "train: model.iterations = 65: must be at most 64"},
		{"model: {name: rigamp, init: zeros}", `train: model.init = "zeros": must be one of haar, gaussian, state-evolution`},
		{"model: {name: rigamp, init: state-evolution, iterations: 8}", "train: model.iterations = 8: must be at most 7 with model.init: state-evolution"},
		{"model: {init: haar}", `train: model.init = "haar": must be one of random, localised, best`},
		{"model: {name: deep, init: random}", `train: model.init = "random": applies to model.name: shallow or denoiser or rigamp or tied only; leave it out`},
		{"model: {encoder: haar, init: random}", `train: model.init = "random": applies to an encoder that the optimizer trains; leave it out`},
		{"{model: {init: best}, data: {name: cifar10}}", `train: model.init = "best": needs a law to draw the trial's data from: must be random or localised`},
		{"model: {name: rigamp, width: 7}", "train: model.width = 7: applies to model.name: deep or tied only; leave it out"},
		{"model: {name: deep, width: -1}", "train: model.width = -1: must be at least 1"},
		{"model: {name: deep, width: 100000}", "train: model.width = 100000: width times itself, dim, n and batch must be below 2³¹"},
		{"model: {name: deep, depth: -1}", "train: model.depth = -1: must be at least 1"},
		{"model: {name: deep, activation: gelu}", `train: model.activation = "gelu": must be one of relu, tanh`},
		{"model: {name: deep, tied: true}", "train: model.tied = true: a fully connected decoder has nothing to tie; leave it out"},
		{"model: {dim: -3}", "train: model.dim = -3: must be at least 1"},
		{"model: {rate: -1}", "train: model.rate = -1: must be positive"},
		{"model: {rate: .nan}", "train: model.rate = NaN: must be positive"},
		{"model: {rate: .inf}", "train: model.rate = +Inf: must be positive"},
		{"model: {dim: 100, rate: 0.004}", "train: model.rate = 0.004: n = round(rate·dim) must be at least 1 and below 2³¹; dim is 100"},
		{"model: {rate: 1e300}", "train: model.rate = 1e+300: n = round(rate·dim) must be at least 1 and below 2³¹; dim is 100"},
		{"model: {dim: 1000000}", "train: model.dim = 1000000: dim·n must be below 2³¹"},
		{"model: {tau: -1}", "train: model.tau = -1: must be positive"},
		{"model: {encoder: random}", `train: model.encoder = "random": must be one of trained, haar`},
		{"model: {encoder: haar, tau: 0.2}", "train: model.tau = 0.2: has no effect with model.encoder: haar; leave it out"},
		{"model: {name: shallow, denoiser: g1}",
			`train: model.denoiser = "g1": the shallow model has no denoiser; leave it out or set model.name: denoiser`},
		{"model: {denoiser: relu}", `train: model.denoiser = "relu": must be one of g1, g2, t1, t2, u1, spline`},
		{"model: {denoiser: spline, knots: 1}", `train: model.knots = 1: must be from 2 to 129`},
		{"model: {denoiser: spline, knots: 130}", `train: model.knots = 130: must be from 2 to 129`},
		{"model: {knots: 9}", `train: model.knots = 9: applies to model.denoiser: spline only; leave it out`},
		{"model: {denoiser: g1, monotone: true}",
			`train: model.monotone = true: applies to model.denoiser: spline only; leave it out`},
		{"model: {name: rigamp, denoiser: spline, init: state-evolution}",
			`train: model.denoiser = "spline": must be g2 with model.init: state-evolution`},
		{"data: {name: poisson}", `train: data.name = "poisson": must be one of gaussian, sparse-gaussian, ` +
			"sparse-rademacher, sparse-laplace, sparse-mixture, sparse-uniform, mixture, sparse-codes, nonnegative-codes, mnist, cifar10, npy:FILE"},
		{"data: {p: [0.4, 0]}", "train: data.p = 0: must be in (0, 1]"},
		{"data: {p: [1.5]}", "train: data.p = 1.5: must be in (0, 1]"},
		{"data: {p: [.nan]}", "train: data.p = NaN: must be in (0, 1]"},
		{"data: {p: [0.4, 0.2, 0.4]}", "train: data.p = 0.4: is listed twice"},
		{"data: {name: gaussian, p: [0.5]}",
			"train: data.p = 0.5: gaussian data has no zeros, so p is 1; for zeros set data.name: sparse-gaussian"},
		{"data: {mixture_mean: 0.5}", "train: data.mixture_mean = 0.5: applies to data.name: sparse-mixture only; leave it out"},
		{"data: {name: sparse-mixture, p: [0.5], mixture_mean: 2}",
			"train: data.mixture_mean = 2: must be in (0, 1/√p], at p = 0.5 in (0, 1.41421]"},
		{"steps: -1", "train: steps = -1: must be at least 1"},
		{"batch: -1", "train: batch = -1: must be at least 1"},
		{"batch: 100000000", "train: batch = 100000000: batch times dim, and batch times n, must be below 2³¹"},
		{"seeds: [3, 3]", "train: seeds = 3: is listed twice"},
		{"optimizer: {name: adagrad}", `train: optimizer.name = "adagrad": must be one of adam, sgd, rmsprop, normalised`},
		{"optimizer: {learning_rate: -0.1}", "train: optimizer.learning_rate = -0.1: must be positive"},
		{"optimizer: {momentum: 0.9}", "train: optimizer.momentum = 0.9: applies to optimizer.name: sgd only; leave it out"},
		{"optimizer: {name: sgd, epsilon: 1e-8}",
			"train: optimizer.epsilon = 1e-08: applies to optimizer.name: adam or rmsprop only; leave it out"},
		{"optimizer: {beta2: 1}", "train: optimizer.beta2 = 1: must be in (0, 1)"},
		{"optimizer: {name: sgd, momentum: 1}", "train: optimizer.momentum = 1: must be in [0, 1)"},
		{"optimizer: {clip_norm: -1}", "train: optimizer.clip_norm = -1: must be positive; leave it out for no clipping"},
		{"optimizer: {project: true}\nmodel: {encoder: haar}",
			"train: optimizer.project = true: applies to a trained encoder whose rows are normalised; leave it out"},
		{"optimizer: {project: true, name: normalised, learning_rate: 1}",
			"train: optimizer.project = true: optimizer.name: normalised puts rows on the unit sphere anyway; leave it out"},
		{"schedule: {shape: linear}", `train: schedule.shape = "linear": must be one of constant, cosine, step`},
		{"schedule: {warm_up: 20000}", "train: schedule.warm_up = 20000: must be at least 0 and less than steps, 10000"},
		{"schedule: {final: 2}", "train: schedule.final = 2: must be in [0, 1]"},
		{"schedule: {shape: constant, final: 0.1}", "train: schedule.final = 0.1: applies to schedule.shape: cosine only; leave it out"},
		{"schedule: {every: 10}", "train: schedule.every = 10: applies to schedule.shape: step only; leave it out"},
		{"schedule: {shape: step, factor: 1}", "train: schedule.factor = 1: must be in (0, 1)"},
		{"evaluation: {every: -5}", "train: evaluation.every = -5: must be at least 1"},
		{"evaluation: {batches: 1}", "train: evaluation.batches = 1: must be at least 2"},
		{"checkpoint: {keep: -1}", "train: checkpoint.keep = -1: must be at least 1"},
	} {
		t.Run(tt.yaml, func(t *testing.T) {
			c, err := config.Parse([]byte(tt.yaml))
			if err != nil {
				t.Fatal(err)
			}
			err = c.Validate()
			var field *config.Error
			if !errors.As(err, &field) || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// One number for a list of numbers is a list of it.
func TestListOfOne(t *testing.T) {
	t.Parallel()
	c, err := config.Parse([]byte("data: {p: 0.3}\nmodel: {dim: 20}"), "model.rate=.5")
	if err != nil || len(c.Data.P) != 1 || c.Data.P[0] != 0.3 {
		t.Fatalf("%v, %v", c.Data.P, err)
	}
	if c, err = config.Parse(nil, "data.p=3e-1"); err != nil || len(c.Data.P) != 1 || c.Data.P[0] != 0.3 {
		t.Errorf("%v, %v", c.Data.P, err)
	}
}

func TestBadYAML(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ yaml, want string }{
		{"model:\n  dims: 3\n", `[2:3] unknown field "dims"`},
		{"model:\n  dim: many\n", "[2:8] model.dim = many: must be a whole number"},
		{"model: shallow", "[1:8] model = shallow: must be settings with values"},
		{"model: {rate: {x: 1}}", "model.rate = x: 1: must be a decimal number"},
		{"optimizer: {project: maybe}", "optimizer.project = maybe: must be true or false"},
		{"batch: [1, 2]", "batch = [1, 2]: must be a whole number"},
		{"seeds: 3", "seeds = 3: must be a list"},
		{"data: {p: half}", "data.p = half: must be a decimal number"},
		{"steps: 10\nsteps: 20\n", `[2:1] mapping key "steps" already defined`},
		{"model: [", "[1:8]"},
		{"steps: 1.5", "train: steps = 1.5: must be a whole number"},
		{"steps: 0", "train: steps = 0: must be at least 1; leave it out for the default, 10000"},
		{"model: {rate: 0}", "train: model.rate = 0: must be positive; leave it out for the default, 1"},
		{"model: {rate: 0.0}", "train: model.rate = 0: must be positive; leave it out for the default, 1"},
		{"optimizer: {learning_rate: 0}", "train: optimizer.learning_rate = 0: must be positive"},
		{"model: {name: rigamp, iterations: 0}", "train: model.iterations = 0: must be at least 1; leave it out for the default, 2"},
		{"model: {name: deep, depth: 0}", "train: model.depth = 0: must be at least 1; leave it out for the default, 1"},
		{"model: {name: deep, width: 0}", "train: model.width = 0: must be at least 1; leave it out for the default, 400"},
		{"model: {denoiser: spline, knots: 0}", "train: model.knots = 0: must be at least 2; leave it out for the default, 33"},
		{"model: {denoiser: }", "train: model.denoiser = <nil>: must not be empty; leave it out for the default, g2"},
		{"data: {p: []}", "train: data.p = []: must not be empty"},
		{"seeds: []", "train: seeds = []: must not be empty"},
		{"seeds: [1.5]", "train: seeds = 1.5: must be a whole number from 0 to 2⁶⁴ − 1, in decimal digits"},
		{"steps: 1\n---\nsteps: 2\n", "more than one YAML document"},
		{"seeds: [-1]", "train: seeds = -1: must be a whole number from 0 to 2⁶⁴ − 1"},
		{"seeds: [18446744073709551616]", "train: seeds = 18446744073709551616: must be a whole number from 0 to 2⁶⁴ − 1"},
		{"steps: 9223372036854775808", "train: steps = 9223372036854775808: must be a whole number of magnitude below 2⁶³"},
		{"model: {rate: 1e400}", "train: model.rate = 1e400: must be a number of magnitude below 1.8e308"},
		{`data: {class: ""}`, `train: data.class = "": must not be empty; leave it out`},
	} {
		t.Run(tt.yaml, func(t *testing.T) {
			if c, err := config.Parse([]byte(tt.yaml)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v, %v\nwant %s", c, err, tt.want)
			}
		})
	}
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.yaml")
	if err := os.WriteFile(path, []byte("steps: 50\nmodel: {dim: 30, rate: 0.5}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, "model.rate=2", "data.p=[0.2, 0.4]", "optimizer.learning_rate=3e-4", "seeds=[4]", "model.tied=true")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Steps: 50, Model: config.ModelConfig{Dim: 30, Rate: 2, Tied: true}, Data: config.DataConfig{P: []float64{0.2, 0.4}},
		Optimizer: config.OptimizerConfig{LearningRate: 3e-4}, Seeds: []uint64{4},
	}
	if d := cmp.Diff(want, c); d != "" {
		t.Error(d)
	}
	for override, want := range map[string]string{
		"model.dims=3":         `override "model.dims=3": unknown field "dims"`,
		"model.dim":            `override "model.dim": must be like optimizer.learning_rate=3e-4`,
		"steps=many":           `override "steps=many": train: steps = many: must be a whole number`,
		"steps=0":              `override "steps=0": train: steps = 0: must be at least 1`,
		"model.rate=1}":        `override "model.rate=1}"`,
		"=3":                   `override "=3": must be like`,
		"model=3":              `override "model=3"`,
		"steps=1\nx: 2":        `override`,
		"model..dim=3":         `override`,
		"steps=5, x: 3":        `override`,
		"model.rate=1, dim: 7": `override`,
	} {
		if c, err := config.Parse(nil, override); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v; want %s", override, c, err, want)
		}
	}
}
