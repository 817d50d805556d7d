package train_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"autoamp/train"
	"autoamp/train/internal/traintest"
	"autoamp/train/rundir"
)

// Where d is too small for the expansion in 1/d there is no theory at finite d, in no file; the figures are drawn without
// it, and the point says why.
func TestTheoryLeftOutAtSmallP(t *testing.T) {
	t.Parallel()
	for _, model := range []string{"shallow", "denoiser", "rigamp"} {
		c := train.Config{
			Model: train.ModelConfig{Name: model, Dim: 16}, Data: train.DataConfig{Name: "sparse-gaussian", P: []float64{0.01, 0.02, 0.8}},
			Batch: 64, Steps: 40,
		}
		dir := t.TempDir()
		s := mustRun(t, dir, c, false)
		for _, p := range s.Points[:2] {
			if p.Expected != 0 || p.Gap != nil || !(p.Limit > 0) || !strings.Contains(p.Theory.FiniteDimNote, "must be at least E x⁴") {
				t.Errorf("%s: %+v: %+v", model, p, p.Theory)
			}
		}
		if last := s.Points[2]; !(last.Expected > 0 && last.Expected < 1) || last.Gap == nil || last.Theory.FiniteDimNote != "" {
			t.Errorf("%s: %+v: %+v", model, last, last.Theory)
		}
		rows, err := rundir.ReadMetrics(dir)
		if err != nil || rows[0].Expected != 0 || rows[2].Expected != s.Points[2].Expected {
			t.Error(rows, err)
		}
		if sweep := readCSV(t, filepath.Join(dir, "sweep.csv")); sweep[1][3] != "" || sweep[3][3] == "" {
			t.Error(sweep)
		}
		for _, figure := range []string{"loss.svg", "mse_vs_p.svg"} {
			if _, err := os.Stat(filepath.Join(dir, figure)); err != nil {
				t.Error(err)
			}
		}
		text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
		if err != nil || !json.Valid(text) {
			t.Error(string(text), err)
		}
	}
}

// A p with almost no non-zero number in the measurement is refused. The error names the least p that is allowed.
func TestRefusesPWithoutInformation(t *testing.T) {
	t.Parallel()
	array := traintest.StoreLaw(t, gaussian, 400, 8, 0, 1)
	for _, model := range []string{"shallow", "tied"} {
		for _, data := range []string{"sparse-gaussian", array} {
			for _, p := range []float64{5e-324, 1e-300, 1e-17, 1e-6} {
				c := train.Config{Model: train.ModelConfig{Name: model, Dim: 8}, Data: train.DataConfig{Name: data, P: []float64{1, p}}, Batch: 8, Steps: 20}
				dir := t.TempDir()
				_, err := run(t, dir, c, false)
				var config *train.ConfigError
				if !errors.As(err, &config) || config.Field != "data.p" || config.Value != p || !strings.Contains(err.Error(), "would not be zero") {
					t.Errorf("%s, %s, p = %g: %v", model, data, p, err)
				}
				if left, _ := os.ReadDir(dir); len(left) > 0 {
					t.Errorf("p = %g: left %v", p, left)
				}
			}
		}
	}
}

// The law of a data set behind a mask needs no memory for the mask's zeros.
func TestTheoryOfASetNeedsNoZeros(t *testing.T) {
	array := traintest.StoreLaw(t, gaussian, 20000, 16, 0, 1)
	c := train.Config{
		Model: train.ModelConfig{Name: "denoiser"}, Data: train.DataConfig{Name: array, P: []float64{1e-3}}, Batch: 256, Steps: 1,
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1)}
	s, err := tr.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	const numbers = 1 << 20 // numbers behind the law, 8 bytes each; with their zeros there are a thousand times as many
	allocated := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d MB allocated, at p = 1e-3", allocated>>20)
	if allocated > 8*numbers*20 {
		t.Errorf("%d bytes allocated", allocated)
	}
	p := s.Points[0]
	if !(p.Expected > 0 && p.Expected < 1) || math.IsNaN(p.Limit) || !(p.Limit >= 0 && p.Limit < p.Expected) {
		t.Errorf("%+v, %+v", p, p.Theory)
	}
}
