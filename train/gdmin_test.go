package train_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"autoamp/amp"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/gdmin"
	"autoamp/train/report"
	"autoamp/train/rundir"
)

func alternate(t *testing.T, dir string, c train.Config) *train.Summary {
	t.Helper()
	c.Algorithm = config.GDMin
	s, err := (&train.Trainer{Config: c, Dir: dir}).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Theorem 4.1 on the population objective: the limit is R_Gauss, and BBᵀ = I, at every rate below 1.
func TestGDMinReachesRGauss(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0.25, 0.5} {
		s := alternate(t, "", train.Config{
			Model: train.ModelConfig{Dim: 40, Rate: rate}, Data: train.DataConfig{Name: "gaussian"},
			GDMin: train.GDMinConfig{StepSize: 0.05, Horizon: 10},
		})
		if got, want := s.TestMSE, amp.RGauss(rate); math.Abs(got-want) > 1e-4 || got < want-1e-12 {
			t.Errorf("rate %g: MSE %.8f, want %.8f", rate, got, want)
		}
		if g := s.Runs[0].GDMin; g.Last.Orthogonality > 1e-3 || math.Abs(g.Last.MSE-g.Last.FitMSE) > 1e-12 {
			t.Errorf("rate %g: %+v", rate, g)
		}
		if s.Runs[0].Structure.GramMax > 1e-3 || *s.Runs[0].Structure.Tied > 1e-3 {
			t.Errorf("rate %g: structure %+v", rate, s.Runs[0].Structure)
		}
	}
}

// The whole spectrum follows the ODE at d = 200, within the 3 % that finite d and the step size leave.
func TestGDMinFollowsTheSpectralFlow(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 2 s; leave out -short")
	}
	t.Parallel()
	s := alternate(t, "", train.Config{
		Model: train.ModelConfig{Dim: 200, Rate: 0.5}, Data: train.DataConfig{Name: "gaussian"},
		GDMin: train.GDMinConfig{StepSize: 0.05, Horizon: 6},
	})
	g := s.Runs[0].GDMin
	if g.MaxODEError > 0.03 || g.MaxDrift > 0.005 || g.Last.Orthogonality > 0.005 {
		t.Errorf("%+v", g)
	}
	if math.Abs(s.TestMSE-amp.RGauss(0.5)) > 1e-4 {
		t.Errorf("MSE %.8f", s.TestMSE)
	}
}

// sparseRun has p = 1 and p < 1 side by side.
func sparseRun() train.Config {
	return train.Config{
		Algorithm: config.GDMin, Model: train.ModelConfig{Dim: 16, Rate: 0.5}, Data: train.DataConfig{P: []float64{0.5, 1}},
		Seeds: []uint64{4, 9}, Steps: 40, Evaluation: train.EvaluationConfig{Every: 5}, Checkpoint: train.CheckpointConfig{Every: 7},
		GDMin: train.GDMinConfig{Masks: 20, Smoothing: 0.01},
	}
}

func TestGDMinRunDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := alternate(t, dir, sparseRun())
	for _, name := range []string{"gdmin.csv", "gdmin.svg", "loss.svg", "weights.svg", "mse_vs_p.svg", "structure.csv", "sweep.csv"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	rows, err := rundir.ReadGDMin(dir)
	if err != nil {
		t.Fatal(err)
	}
	first, last := rows[0], rows[len(rows)-1]
	if first.Step != 0 || first.ODEError > 1e-12 || first.Drift > 1e-12 || last.Step != 40 || last.P != 1 || last.Gap != 0 {
		t.Errorf("first %+v\nlast %+v", first, last)
	}
	if s.Runs[0].GDMin.MaxGap == nil || *s.Runs[0].GDMin.MaxGap == 0 {
		t.Error("no distance to the trajectory at p = 1")
	}
	if _, err := config.Load(filepath.Join(dir, "config.yaml")); err != nil {
		t.Error(err)
	}
	if _, err := report.Figures(dir); err != nil {
		t.Error(err)
	}
	again, err := (&train.Trainer{Config: sparseRun(), Dir: dir, Resume: true}).Run(t.Context())
	if err != nil || again.TestMSE != s.TestMSE {
		t.Errorf("a finished run, resumed: %v", err)
	}
}

// A run that stops at any step and goes on writes the same files.
func TestGDMinResume(t *testing.T) {
	t.Parallel()
	samples := sparseRun()
	samples.Data.Name = "sparse-rademacher"
	samples.GDMin = train.GDMinConfig{Objective: config.Samples, Samples: 100}
	for name, c := range map[string]train.Config{"population": sparseRun(), "samples": samples} {
		t.Run(name, func(t *testing.T) {
			whole := t.TempDir()
			want := alternate(t, whole, c)
			dir := t.TempDir()
			var got *train.Summary
			for stop := 3; got == nil; stop += 11 {
				ctx, cancel := context.WithCancel(t.Context())
				tr := train.Trainer{Config: c, Dir: dir, Resume: true, Progress: func(p train.Progress) {
					if p.Step >= stop {
						cancel()
					}
				}}
				s, err := tr.Run(ctx)
				cancel()
				if err == nil {
					got = s
				} else if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(gdminFiles(t, whole), gdminFiles(t, dir)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(results(want), results(got), ignoreTheory, ignoreNaN); d != "" {
				t.Error(d)
			}
		})
	}
}

var ignoreNaN = cmp.Comparer(func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) })

// gdminFiles is files and the trace; of checkpoints, which an interruption adds, the last only.
func gdminFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	last := filepath.Join("checkpoints", "step-000000040")
	for _, name := range []string{
		"config.yaml", "metrics.csv", "structure.csv", "gdmin.csv", "sweep.csv",
		filepath.Join(last, "replica-0000.safetensors"), filepath.Join(last, "replica-0003.safetensors"),
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(data)
	}
	return out
}

func TestGDMinBadConfig(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ yaml, want string }{
		{"algorithm: gdmin", `train: algorithm = "gdmin": must be gd-min, or left out for the optimizer's steps`},
		{"gdmin: {masks: 5}", "applies to algorithm: gd-min only"},
		{"algorithm: gd-min\nmodel: {knots: 9}", `train: model.knots = 9: applies to model.denoiser: spline only`},
		{"algorithm: gd-min\nmodel: {iterations: 3}", `train: model.iterations = 3: applies to model.name: rigamp only`},
		{"algorithm: gd-min\nmodel: {width: 8}", `train: model.width = 8: applies to model.name: deep or tied only`},
		{"algorithm: gd-min\nmodel: {name: denoiser}", `train: model.name = "denoiser": algorithm gd-min has a linear decoder: must be shallow`},
		{"algorithm: gd-min\nmodel: {tied: true}", "train: model.tied = true: algorithm gd-min computes the decoder: must be false"},
		{"algorithm: gd-min\nmodel: {encoder: haar}", "algorithm gd-min trains the encoder"},
		{"algorithm: gd-min\nmodel: {tau: 0.2}", "train: model.tau = 0.2: applies to gdmin.objective: samples only; leave it out"},
		{"algorithm: gd-min\nmodel: {dim: -1}", "train: model.dim = -1: must be at least 1"},
		{"algorithm: gd-min\nmodel: {dim: 100000}", "n·max(n, d) must be below 2²⁵ for gd-min"},
		{"algorithm: gd-min\ndata: {name: sparse-rademacher}", "set gdmin.objective: samples for other data"},
		{"algorithm: gd-min\ndata: {name: gaussian}\ngdmin: {masks: 9}", "train: gdmin.masks = 9: applies to data.name: sparse-gaussian only"},
		{"algorithm: gd-min\ngdmin: {objective: sample}", `train: gdmin.objective = "sample": must be one of population, samples`},
		{"algorithm: gd-min\ngdmin: {step_size: -1}", "train: gdmin.step_size = -1: must be positive"},
		{"algorithm: gd-min\ngdmin: {step_size: .nan}", "train: gdmin.step_size = NaN: must be positive"},
		{"algorithm: gd-min\ngdmin: {horizon: .inf}", "train: gdmin.horizon = +Inf: must be positive"},
		{"algorithm: gd-min\ngdmin: {step_size: 1e-30}", "must be at most 2²⁴"},
		{"algorithm: gd-min\nsteps: 10\ngdmin: {horizon: 6}", "train: gdmin.horizon = 6: contradicts steps = 10"},
		{"algorithm: gd-min\ngdmin: {masks: -3}", "train: gdmin.masks = -3: must be at least 1"},
		{"algorithm: gd-min\ngdmin: {masks: 1000000}", "train: gdmin.masks = 1000000: masks·n² must be below 2²⁸"},
		{"algorithm: gd-min\ngdmin: {samples: 500}", "train: gdmin.samples = 500: applies to gdmin.objective: samples only"},
		{"algorithm: gd-min\ngdmin: {objective: samples, samples: 50}", "train: gdmin.samples = 50: must be at least n = 100"},
		{"algorithm: gd-min\ngdmin: {objective: samples, masks: 50}", "train: gdmin.masks = 50: applies to gdmin.objective: population only"},
		{"algorithm: gd-min\ngdmin: {smoothing: -1}", "train: gdmin.smoothing = -1: must not be negative"},
		{"algorithm: gd-min\nbatch: 5", "train: batch = 5: does not apply to algorithm: gd-min; leave it out, and set gdmin.samples"},
		{"algorithm: gd-min\noptimizer: {name: sgd}", `train: optimizer.name = "sgd": does not apply to algorithm: gd-min`},
		{"algorithm: gd-min\nschedule: {shape: step}", `train: schedule.shape = "step": does not apply to algorithm: gd-min`},
		{"algorithm: gd-min\ndata: {p: [2]}", "train: data.p = 2: must be in (0, 1]"},
	} {
		t.Run(tt.yaml, func(t *testing.T) {
			c, err := config.Parse([]byte(tt.yaml))
			if err == nil {
				err = c.Validate()
			}
			var field *train.ConfigError
			if !errors.As(err, &field) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// Two parallel rows: no unique decoder, and the error says what to do.
func TestGDMinSingular(t *testing.T) {
	t.Parallel()
	c := train.Config{Algorithm: config.GDMin, Model: train.ModelConfig{Dim: 1, Rate: 2}, Data: train.DataConfig{Name: "gaussian"}}
	for _, c.GDMin.Objective = range []string{config.Population, config.Samples} {
		_, err := (&train.Trainer{Config: c}).Run(t.Context())
		var singular *gdmin.SingularError
		if !errors.As(err, &singular) || !errors.Is(err, amp.ErrSingular) {
			t.Fatalf("%s: %v", c.GDMin.Objective, err)
		}
		for _, part := range []string{"step 0", "rows 0 and 1 of B are parallel", "gdmin.smoothing"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%v\ndoes not say %s", err, part)
			}
		}
	}
}
