package train_test

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/train"
	"autoamp/train/internal/traintest"
)

// The real executor, saved at every kind of step by small chunks and killed between them: files of a
// resumed run have the bytes of the uninterrupted one's.
func TestResumeOnTheCPUIsExact(t *testing.T) {
	t.Parallel()
	base := train.Config{
		Model: train.ModelConfig{Dim: 17, Rate: 0.7}, Batch: 9, Steps: 700,
		Evaluation: train.EvaluationConfig{Every: 50}, Checkpoint: train.CheckpointConfig{Every: 90},
	}
	shallow, sgd, tied := base, base, base
	shallow.Model.Name, shallow.Seeds, shallow.Optimizer.Project = "shallow", []uint64{1, 2, 3}, new(true)
	sgd.Optimizer = train.OptimizerConfig{Name: "sgd", Momentum: 0.9, ClipNorm: 0.5}
	sgd.Data.Name = "sparse-laplace"
	tied.Model.Tied, tied.Model.Encoder, tied.Optimizer.Name = true, "haar", "rmsprop"
	rigamp, deep := base, base
	rigamp.Model.Name, rigamp.Model.Iterations = "rigamp", 3
	deep.Model.Name, deep.Model.Depth = "deep", 2
	cooling := base
	cooling.Model.TauFinal = 0.3
	spline := base
	spline.Model.Denoiser, spline.Model.Monotone = "spline", true
	for name, c := range map[string]train.Config{
		"denoiser": base, "shallow": shallow, "sgd": sgd, "tied": tied, "rigamp": rigamp, "deep": deep, "spline": spline, "cooling": cooling,
	} {
		for threads := 1; threads <= 2; threads++ {
			t.Run(fmt.Sprintf("%s/%d threads", name, threads), func(t *testing.T) {
				t.Parallel()
				testResumeOnTheCPU(t, c, threads)
			})
		}
	}
}

func testResumeOnTheCPU(t *testing.T, c train.Config, threads int) {
	dir, copied := t.TempDir(), t.TempDir()
	kill := 0
	whole := train.Trainer{Config: c, Executor: traintest.NewCPU(t, threads), Dir: dir, Progress: func(p train.Progress) {
		if kill == 0 && p.Step > 333 {
			kill = p.Step
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Error(err)
			}
		}
	}}
	want, err := whole.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again := train.Trainer{Config: c, Executor: traintest.NewCPU(t, threads), Dir: copied, Resume: true}
	got, err := again.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(results(want), results(got), ignoreTheory); d != "" {
		t.Errorf("killed after step %d: summary:\n%s", kill, d)
	}
	if d := cmp.Diff(files(t, dir), files(t, copied)); d != "" {
		t.Errorf("killed after step %d: files differ:\n%.500s", kill, d)
	}
}

// A small model must come near the theory: within 3 % at d = 50, where the neglected terms of
// order 1/d² are below 1 % and a run of this length leaves about 1 %.
func TestTrainedErrorIsTheTheorys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]train.Config{
		"shallow":  {Model: train.ModelConfig{Name: "shallow", Dim: 50, Rate: 0.5}, Steps: 4000, Seeds: []uint64{1, 2}},
		"denoiser": {Model: train.ModelConfig{Dim: 50}, Steps: 6000, Seeds: []uint64{1, 2}},
		"haar":     {Model: train.ModelConfig{Dim: 50, Encoder: "haar", Tied: true, Name: "shallow"}, Steps: 500},
		"sgd": {Model: train.ModelConfig{Name: "shallow", Dim: 50, Rate: 0.5}, Steps: 6000,
			Optimizer: train.OptimizerConfig{Name: "sgd", Momentum: 0.9}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1)}
			s, err := tr.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			p := s.Points[0]
			t.Logf("%.4f ± %.4f, theory %.4f (%.4f as d → ∞), %.3f ms/step", p.TestMSE, p.TestMSEStderr, p.Expected, p.Limit, s.MsPerStep)
			if p.Gap == nil || math.Abs(*p.Gap) > 0.03 {
				t.Errorf("%.4f ± %.4f, theory %.4f", p.TestMSE, p.TestMSEStderr, p.Expected)
			}
		})
	}
}

// TestSplineFitsAnyLaw trains behind a Haar encoder on sparse Rademacher data at p = 0.2, where G1 is 1.3e-2 from the
// posterior mean's error, 5 % of it (amp/THEORY.md §3), and a spline with 33 knots 1e-4. A run of this length leaves
// less than half a percent.
func TestSplineFitsAnyLaw(t *testing.T) {
	t.Parallel()
	gap := func(m train.ModelConfig) float64 {
		m.Encoder, m.Tied = "haar", true
		c := train.Config{
			Model: m, Data: train.DataConfig{Name: "sparse-rademacher", P: []float64{0.2}}, Steps: 1500, Seeds: []uint64{1, 2},
			Optimizer: train.OptimizerConfig{LearningRate: 0.02},
		}
		s, err := (&train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1)}).Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %.4f ± %.4f, theory %.4f", m.Denoiser, s.Points[0].TestMSE, s.Points[0].TestMSEStderr, s.Points[0].Expected)
		return *s.Points[0].Gap
	}
	for name, m := range map[string]train.ModelConfig{
		"spline": {Denoiser: "spline"}, "monotone": {Denoiser: "spline", Monotone: true},
	} {
		if g := gap(m); math.Abs(g) > 0.01 {
			t.Errorf("%s: %+.2f %% from theory", name, 100*g)
		}
	}
	if g := gap(train.ModelConfig{Denoiser: "g1"}); g < 0.03 {
		t.Errorf("g1: %+.2f %% from theory: the spline shows nothing", 100*g)
	}
}
