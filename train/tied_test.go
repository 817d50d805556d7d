package train_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/datasets"
	"autoamp/kernels/cpu"
	"autoamp/train"
	"autoamp/train/codec"
	"autoamp/train/config"
	"autoamp/train/rundir"
)

// tiedRun trains in a directory.
func tiedRun(t *testing.T, c train.Config, dir string) *train.Summary {
	t.Helper()
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	trainer := train.Trainer{Config: c, Executor: exec, Dir: dir}
	s, err := trainer.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTiedMixture trains the threshold autoencoder near the dictionary of a mixture. At the dictionary only the noise off
// the sample's atom is left, σ²(1 − 1/d) per coordinate.
func TestTiedMixture(t *testing.T) {
	t.Parallel()
	const dim, noise = 100, 0.02
	dir := filepath.Join(t.TempDir(), "run")
	s := tiedRun(t, train.Config{
		Model: train.ModelConfig{Name: "tied", Dim: dim, Init: "perturbed", Activation: "threshold", TiedConfig: train.TiedConfig{Delta: 0.3}},
		Data:  train.DataConfig{Name: datasets.Mixture, DictionaryConfig: train.DictionaryConfig{Noise: noise}},
		Steps: 60, Batch: 500, Seeds: []uint64{1, 2},
	}, dir)
	want := noise * noise * (1 - 1./dim)
	if math.Abs(s.TestMSE/want-1) > 0.02 {
		t.Errorf("error %g, want %g", s.TestMSE, want)
	}
	if s.Theory != nil || s.Points[0].Gap != nil {
		t.Errorf("theory %+v, gap %v: there is none", s.Theory, s.Points[0].Gap)
	}
	dictionary, err := datasets.Dictionary(10, dim, 1)
	if err != nil {
		t.Fatal(err)
	}
	if s.Coherence == nil || *s.Coherence != datasets.CoherenceOf(dictionary, 10) {
		t.Errorf("coherence %+v", s.Coherence)
	}
	exec, err := cpu.New(cpu.Settings{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := codec.Open(dir, 0, exec); err == nil || !strings.Contains(err.Error(), "real numbers") {
		t.Errorf("a codec of a tied model: error %v", err)
	}
}

// TestTiedVariants trains every start, bias and depth for some steps: the error falls.
func TestTiedVariants(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]train.Config{
		"principal": {Model: train.ModelConfig{Init: "principal"}, Data: train.DataConfig{Name: datasets.Mixture}},
		"decayed": {
			Model: train.ModelConfig{TiedConfig: train.TiedConfig{Bias: "decayed", BiasStart: -0.5}}, Data: train.DataConfig{Name: datasets.NonNegativeCodes},
		},
		"proxy": {
			Model: train.ModelConfig{Init: "perturbed", TiedConfig: train.TiedConfig{Proxy: true, Bias: "fixed"}},
			Data:  train.DataConfig{Name: datasets.NonNegativeCodes, DictionaryConfig: train.DictionaryConfig{Support: 2}},
		},
		"deep": {
			Model: train.ModelConfig{Depth: 2, Rate: 0.5}, Data: train.DataConfig{Name: "gaussian"},
			Optimizer: train.OptimizerConfig{Name: "rmsprop"},
		},
		"mirrored": {
			Model: train.ModelConfig{Depth: 2, Rate: 0.5, TiedConfig: train.TiedConfig{Mirrored: true}},
			Data:  train.DataConfig{Name: datasets.NonNegativeCodes}, Optimizer: train.OptimizerConfig{Name: "rmsprop"},
		},
		"rectified": {
			Model: train.ModelConfig{Rate: 0.5, TiedConfig: train.TiedConfig{Rectified: true}},
			Data:  train.DataConfig{Name: datasets.NonNegativeCodes}, Optimizer: train.OptimizerConfig{Name: "rmsprop"},
		},
		"shallow": {Model: train.ModelConfig{Name: "shallow"}, Data: train.DataConfig{Name: datasets.SparseCodes}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.Model.Name == "" {
				c.Model.Name = "tied"
			}
			c.Model.Dim, c.Steps, c.Batch = 30, 300, 100
			c.Evaluation.Every = 10
			dir := filepath.Join(t.TempDir(), "run")
			s := tiedRun(t, c, dir)
			rows, err := rundir.ReadMetrics(dir)
			if err != nil {
				t.Fatal(err)
			}
			if first := rows[0].TrainMSE; !(s.TestMSE < 0.95*first) {
				t.Errorf("error %g at first, %g at last", first, s.TestMSE)
			}
		})
	}
}

func TestBadTied(t *testing.T) {
	t.Parallel()
	for override, want := range map[string]string{
		"model.encoder=haar":    "model.encoder",
		"model.tied=true":       "model.tied",
		"model.tau=0.2":         "model.tau",
		"model.denoiser=g1":     "model.denoiser",
		"model.activation=tanh": "model.activation",
		"model.lambda=0.3":      "model.lambda",
		"model.bias=none":       "model.bias",
		"model.bias_factor=0.3": "model.bias_factor",
		"model.width=7":         "model.width",
		"model.init=haar":       "model.init",
		"model.iterations=3":    "model.iterations",
		"model.mirrored=true":   "model.mirrored",
		"model.rate=2":          "model.init",
		"data.support=11":       "data.support",
		"data.lo=2":             "data.lo",
		"data.noise=-1":         "data.noise",
		"data.p=[0.5]":          "data.p",
		"data.mixture_mean=1":   "data.mixture_mean",
		"data.window=3":         "data.window",
		"data.name=gaussian":    "data.atoms",
		"optimizer.beta1=0.5":   "optimizer.beta1",
		"algorithm=gd-min":      "model.name",
	} {
		c, err := config.Parse([]byte("model: {name: tied, dim: 20, init: perturbed}\ndata: {name: sparse-codes, atoms: 10}\n"), override)
		if err == nil {
			err = c.Validate()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one about %s", override, err, want)
		}
	}
}
