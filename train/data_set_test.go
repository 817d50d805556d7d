package train_test

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sbinet/npyio"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/datasets/durable"
	"autoamp/kernels"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/internal/traintest"
	"autoamp/train/report"
)

var gaussian = kernels.Law{Kind: kernels.Gaussian}

// Data in memory and data read through windows of a tenth: a killed run goes on to the same bytes.
func TestResumeOnADataSetIsExact(t *testing.T) {
	t.Parallel()
	name := traintest.StoreLaw(t, gaussian, 1000, 17, 0, 1)
	for _, window := range []int{0, 97} {
		c := train.Config{
			Model: train.ModelConfig{Rate: 0.7}, Batch: 9, Steps: 700,
			Data:       train.DataConfig{Name: name, P: []float64{0.5}, SetConfig: train.SetConfig{Window: window}},
			Evaluation: train.EvaluationConfig{Every: 50}, Checkpoint: train.CheckpointConfig{Every: 90},
		}
		testResumeOnTheCPU(t, c, 2)
	}
}

// Gaussian data with a quarter of the coordinates empty: the linear decoder comes near the bound
// for that spectrum, in units of the data's second moment, and not near R_Gauss.
func TestDegenerateDataReachTheBound(t *testing.T) {
	t.Parallel()
	const dim, empty, rate, zeta = 40, 10, 0.75, 0.25
	c := train.Config{
		Model: train.ModelConfig{Name: "shallow", Rate: rate}, Steps: 4000,
		Data: train.DataConfig{Name: traintest.StoreLaw(t, gaussian, 15000, dim, empty, 7)},
	}
	tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1)}
	s, err := tr.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The data are scaled to unit second moment over all coordinates, the theory's have 1 − ζ. At this
	// rate every other direction gets bits, so that the sampled eigenvalues' spread of √(d/N) = 5 % hardly matters.
	want := amp.DegenerateRGauss(rate, zeta) / (1 - zeta)
	p := s.Points[0]
	if math.Abs(p.Expected/want-1) > 0.01 {
		t.Errorf("bound %.4f, want %.4f", p.Expected, want)
	}
	if math.Abs(*p.Gap) > 0.03 {
		t.Errorf("trained %.4f ± %.4f, bound %.4f", p.TestMSE, p.TestMSEStderr, p.Expected)
	}
}

// The law of masked Gaussian coordinates is the sparse Gaussian law.
func TestTheoryOfADataSet(t *testing.T) {
	t.Parallel()
	c := train.Config{
		Model: train.ModelConfig{Dim: 20, Encoder: "haar", Tied: true}, Steps: 1,
		Data: train.DataConfig{Name: traintest.StoreLaw(t, gaussian, 20000, 20, 0, 3), P: []float64{0.3}},
	}
	dir := filepath.Join(t.TempDir(), "run")
	tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: dir}
	s, err := tr.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	prior, err := amp.NewPrior("sparse-gaussian", 0.3, 0)
	if err != nil {
		t.Fatal(err)
	}
	// 400 000 numbers give E x⁴, on which the value depends, to about half a percent.
	if want := amp.DenoiserMSE(prior, 1); math.Abs(s.Points[0].Limit/want-1) > 0.01 {
		t.Errorf("denoiser %.4f, want %.4f", s.Points[0].Limit, want)
	}
	stored, err := config.Load(filepath.Join(dir, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(stored.Data.RMS-3) > 0.02 || len(stored.Data.SHA256) != 64 {
		t.Errorf("rms %g, want 3; sha256 %s", stored.Data.RMS, stored.Data.SHA256)
	}
	if err := os.Remove(strings.TrimPrefix(c.Data.Name, "npy:")); err != nil {
		t.Fatal(err)
	}
	if _, err := report.Figures(dir); err != nil {
		t.Errorf("figures without the data: %v", err)
	}
}

// Gaussian rows of energies 0.4 and 1.6: the decoder does not reach the error for independent coordinates. With
// unit_rows it does.
func TestRowsOfUnequalEnergy(t *testing.T) {
	t.Parallel()
	const dim = 100
	source, err := datasets.Synthetic(gaussian, dim, 12, datasets.Training)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]float32, 10000*dim)
	if err := source.Fill(rows, 0); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i] *= []float32{0.632, 1.265}[i/dim%2]
	}
	path := filepath.Join(t.TempDir(), "rows.npy")
	if err := durable.WriteFile(durable.OS, path, func(w io.Writer) error { return npyio.Write(w, mat.NewDense(10000, dim, wide(rows))) }); err != nil {
		t.Fatal(err)
	}
	for _, unit := range []bool{false, true} {
		tr := train.Trainer{Executor: traintest.NewCPU(t, 1), Config: train.Config{
			Model: train.ModelConfig{Name: "shallow", Encoder: "haar", Tied: true}, Batch: 100, Steps: 300, Optimizer: train.OptimizerConfig{LearningRate: 0.02},
			Data: train.DataConfig{Name: "npy:" + path, SetConfig: train.SetConfig{UnitRows: unit}},
		}}
		s, err := tr.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// The error over the 1000 held-out rows has a standard error of 1 %, relative to their mean square of 0.2 %.
		p := s.Points[0]
		found := p.TestMSE / s.Data.TestSquare
		if math.Abs(found/p.Expected-1) > 0.015 {
			t.Errorf("unit rows %v: error %.4f of the mean square, expected %.4f, limit %.4f", unit, found, p.Expected, p.Limit)
		}
		if off := p.Expected/p.Limit - 1; unit != (math.Abs(off) < 0.03) {
			t.Errorf("unit rows %v: expected is %+.3f from the value for independent coordinates", unit, off)
		}
	}
}

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func TestRefusedDataSets(t *testing.T) {
	t.Parallel()
	good := traintest.StoreLaw(t, gaussian, 100, 4, 0, 1)
	set := func(name string, s train.SetConfig) train.Config {
		return train.Config{Data: train.DataConfig{Name: name, SetConfig: s}, Batch: 2, Steps: 1}
	}
	dim := set(good, train.SetConfig{})
	dim.Model.Dim = 5
	batch := set(good, train.SetConfig{})
	batch.Batch = 30
	gdmin := set(good, train.SetConfig{})
	gdmin.Algorithm, gdmin.Batch, gdmin.Steps, gdmin.Model.Name = config.GDMin, 0, 0, "shallow"
	fitted := set(good, train.SetConfig{})
	fitted.Model.Name, fitted.Model.Init = "rigamp", "state-evolution"
	for want, c := range map[string]train.Config{
		"model.init = \"state-evolution\": needs the law": fitted,
		"model.dim = 5: the rows of data.name":            dim,
		"batch = 30: must be at most half":                batch,
		"algorithm gd-min draws from a law":               gdmin,
		"no such file":                                    set("npy:nowhere.npy", train.SetConfig{}),
		"the data have changed":                           set(good, train.SetConfig{SHA256: "ab"}),
		"data.class = \"3\": applies to images only":      set(good, train.SetConfig{Class: "3"}),
		"data.held_out = 1: must be in (0, 1)":            set(good, train.SetConfig{HeldOut: 1}),
		"data.held_out = 0.5: has no effect":              set(good, train.SetConfig{HeldOut: 0.5, Test: good}),
		"data.test = \"x.npy\": must be npy:FILE":         set(good, train.SetConfig{Test: "x.npy"}),
		"its rows have 4 numbers, want 3":                 set(traintest.StoreLaw(t, gaussian, 9, 3, 0, 1), train.SetConfig{Test: good}),
		"row 0, column 0 is NaN":                          set(traintest.StoreLaw(t, gaussian, 100, 4, 0, math.NaN()), train.SetConfig{}),
		"all numbers are 0":                               set(traintest.StoreLaw(t, gaussian, 100, 4, 4, 1), train.SetConfig{}),
		"data.seed = 3: applies to data sets only":        set("gaussian", train.SetConfig{Seed: 3}),
		"data.class = \"eleven\": must be one of":         set("mnist", train.SetConfig{Class: "eleven"}),
		"data.channel = \"red\": must be red, green":      set("mnist", train.SetConfig{Channel: "red"}),
		"data.held_out = 0.5: applies to npy:FILE only":   set("cifar10", train.SetConfig{HeldOut: 0.5}),
		"data.size = 9: has no effect with data.no_augme": set("mnist", train.SetConfig{Size: 9, NoAugment: true}),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			tr := train.Trainer{Config: c, Executor: traintest.NewCPU(t, 1), Dir: filepath.Join(t.TempDir(), "run")}
			_, err := tr.Run(t.Context())
			var refused *train.RefusedError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
			if _, err := os.Stat(tr.Dir); err == nil {
				t.Error("something was written")
			}
		})
	}
}

// inflated counts the bytes that are inflated from members of a method of this test's own.
var inflated atomic.Int64

const countedMethod = 0x4142

func init() {
	zip.RegisterCompressor(countedMethod, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	zip.RegisterDecompressor(countedMethod, func(r io.Reader) io.ReadCloser { return counted{flate.NewReader(r)} })
}

type counted struct{ io.ReadCloser }

func (c counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	inflated.Add(int64(n))
	return n, err
}

// A run inflates its data once, and only their header for the dimension, however often it asks.
func TestCompressedDataAreInflatedOnce(t *testing.T) {
	inflated.Store(0) // by an earlier round; nothing else counts
	array, err := os.ReadFile(strings.TrimPrefix(traintest.StoreLaw(t, gaussian, 4000, 20, 0, 1), "npy:"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.npz")
	err = durable.WriteFile(durable.OS, path, func(w io.Writer) error {
		archive := zip.NewWriter(w)
		member, err := archive.CreateHeader(&zip.FileHeader{Name: "x.npy", Method: countedMethod})
		if err == nil {
			_, err = member.Write(array)
		}
		return errors.Join(err, archive.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	tr := train.Trainer{Executor: traintest.NewCPU(t, 1), Dir: filepath.Join(t.TempDir(), "run"), Config: train.Config{
		Batch: 20, Steps: 10, Data: train.DataConfig{Name: "npy:" + path},
	}}
	if _, err := tr.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes are inflated of an array of %d", inflated.Load(), len(array))
	if most := int64(len(array) + len(array)/100); inflated.Load() > most {
		t.Errorf("%d bytes are inflated, at most %d are needed", inflated.Load(), most)
	}
}
