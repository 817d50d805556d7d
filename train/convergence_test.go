package train_test

import (
	"strings"
	"testing"

	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/theory"
)

// A run that ends too early says so, for the reason that holds, and what may help; one that has arrived does not.
func TestConvergence(t *testing.T) {
	t.Parallel()
	arrived := train.Config{
		Model: train.ModelConfig{Name: "shallow", Dim: 100, Encoder: "haar", Tied: true}, Steps: 300, Batch: 128,
		Optimizer: train.OptimizerConfig{LearningRate: 0.05}, Evaluation: train.EvaluationConfig{FinalBatches: 200},
	}
	falling := train.Config{
		Model: train.ModelConfig{Name: "shallow", Dim: 40}, Steps: 200, Batch: 64, Schedule: train.ScheduleConfig{Shape: "constant"},
	}
	stuck := train.Config{ // on the Haar candidate's plateau
		Model: train.ModelConfig{Name: "shallow", Dim: 60, Init: "random"}, Data: train.DataConfig{Name: "sparse-rademacher", P: []float64{0.9}},
		Steps: 1200, Batch: 64, Optimizer: train.OptimizerConfig{LearningRate: 0.01, Project: new(false)},
	}
	bare := train.Config{ // at the identity
		Model: train.ModelConfig{Name: "shallow", Dim: 40, Init: "localised", Tau: 0.1}, Data: train.DataConfig{Name: "sparse-rademacher", P: []float64{0.8}},
		Steps: 1500, Batch: 64,
	}
	unpaired := train.Config{
		Model: train.ModelConfig{Name: "shallow", Dim: 40, Rate: 1.5}, Data: train.DataConfig{Name: "sparse-rademacher", P: []float64{0.9}},
		Steps: 200, Batch: 64, Schedule: train.ScheduleConfig{Shape: "constant"}, Optimizer: train.OptimizerConfig{LearningRate: 0.03},
	}
	for what, c := range map[string]struct {
		config  train.Config
		reasons []string // none: converged
		advice  []string
	}{
		"arrived": {arrived, nil, nil},
		"falling": {falling, []string{"the loss still falls"}, []string{"--steps 400", "another --seed"}},
		"stuck":   {stuck, []string{"above the theory's (spiked)"}, []string{"--steps 2400", "--project", "--init best"}},
		"bare":    {bare, []string{"above the theory's (spiked)"}, []string{"try --tau 0.033, another"}},
		"pairs":   {unpaired, []string{"above the theory's (paired)"}, []string{", --lr 0.01, --init localised --lr 0.006 --tau 0.021,"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			tr := train.Trainer{Config: c.config, Executor: traintest.NewCPU(t, 1)}
			s, err := tr.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			p := s.Points[0]
			if p.Converged == nil || *p.Converged != (c.reasons == nil) || *s.Converged != *p.Converged {
				t.Fatalf("%+v", p)
			}
			for _, want := range append(c.reasons, c.advice...) {
				if !strings.Contains(p.Reason+p.Advice, want) {
					t.Errorf("%q, %q: want %q", p.Reason, p.Advice, want)
				}
			}
		})
	}
}

// The theory beside a run is the best of the candidates: where each of them is, and with the value that package amp has.
func TestCandidates(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		model, data string
		p, rate     float64
		encoder     string
		want        string
	}{
		"Haar":              {"shallow", "sparse-gaussian", 0.4, 1, "trained", theory.Haar},
		"identity":          {"denoiser", "sparse-uniform", 0.95, 0.8, "trained", theory.Identity},
		"identity, r > 1":   {"shallow", "sparse-uniform", 1, 1.1, "trained", theory.Identity},
		"spiked":            {"shallow", "sparse-rademacher", 0.9, 0.8, "trained", theory.Spiked},
		"spiked, denoiser":  {"denoiser", "sparse-rademacher", 0.95, 0.9, "trained", theory.SpikedLinear},
		"paired":            {"shallow", "sparse-mixture", 0.98, 1.22, "trained", theory.Paired},
		"paired, denoiser":  {"denoiser", "sparse-rademacher", 0.95, 1.3, "trained", theory.PairedLinear},
		"no pairs":          {"shallow", "sparse-gaussian", 0.633, 1.01, "trained", theory.Haar},
		"time-sharing":      {"denoiser", "sparse-gaussian", 0.2, 0.25, "trained", theory.TimeSharing},
		"linear, no gain":   {"shallow", "sparse-gaussian", 0.2, 0.25, "trained", theory.Haar},
		"a fixed encoder":   {"shallow", "sparse-rademacher", 0.9, 1, "haar", theory.Haar},
		"above r*, no gain": {"denoiser", "sparse-gaussian", 0.2, 0.8, "trained", theory.Haar},
	} {
		t.Run(what, func(t *testing.T) {
			config := train.Config{
				Model: train.ModelConfig{Name: c.model, Dim: 200, Rate: c.rate, Encoder: c.encoder}, Data: train.DataConfig{Name: c.data, P: []float64{c.p}},
			}.WithDefaults()
			predictions, err := theory.Predict(config)
			if err != nil {
				t.Fatal(err)
			}
			best := theory.Best(config.Model, predictions[0])
			if best.Name != c.want || !(best.Limit > 0) || (best.Finite > 0) == theory.LimitOnly(c.want) {
				t.Errorf("%+v, want %s", best, c.want)
			}
			switch { // theory.md's values
			case what == "time-sharing" && (best.Limit < 0.7750 || best.Limit > 0.7752 || best.Finite < 0.784 || best.Finite > 0.785):
				t.Errorf("%+v, want .77507 and, at d = 200, .78444", best)
			case what == "paired, denoiser" && (best.Limit < 0.0338 || best.Limit > 0.0339):
				t.Errorf("%+v, want 0.7·(1 − p − (2/π)(1 − p)²) = .03389", best)
			case what == "paired" && (best.Limit < 0.03504 || best.Limit > 0.03516):
				t.Errorf("%+v, want 0.777·.03935 + 0.222·.01999 = .03503, n = 220", best)
			case what == "identity, r > 1" && best.Finite != best.Limit:
				t.Errorf("%+v, want the same at every d", best)
			}
		})
	}
}
