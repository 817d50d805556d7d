package graph_test

import (
	"strings"
	"testing"

	"autoamp/graph"
)

func TestBadConfig(t *testing.T) {
	t.Parallel()
	good := graph.Config{Model: "denoiser", Batch: 2, Dim: 3, Code: 1}
	for want, change := range map[string]func(*graph.Config){
		`model = "rnn"`:  func(c *graph.Config) { c.Model = "rnn" },
		"batch = 0":      func(c *graph.Config) { c.Batch = 0 },
		"dim = -1":       func(c *graph.Config) { c.Dim = -1 },
		"code = 0":       func(c *graph.Config) { c.Code = 0 },
		"tau = -0.1":     func(c *graph.Config) { c.Tau = -0.1 },
		`encoder = "qr"`: func(c *graph.Config) { c.Encoder = "qr" },
		`denoiser = "Family(17)": must be one of [g1`: func(c *graph.Config) { c.Denoiser = 17 },
		`denoiser = "spline(1)": must have from 2`:    func(c *graph.Config) { c.Denoiser = graph.Spline(1, false) },
		`denoiser = "spline(130, monotone)": must`:    func(c *graph.Config) { c.Denoiser = graph.Spline(130, true) },
		"iterations = -1":  func(c *graph.Config) { c.Iterations = -1 },
		"width = -2":       func(c *graph.Config) { c.Width = -2 },
		"depth = -1":       func(c *graph.Config) { c.Depth = -1 },
		`init = "zeros"`:   func(c *graph.Config) { c.Init = "zeros" },
		`activation = "s"`: func(c *graph.Config) { c.Activation = "s" },
		`activation = "t`:  func(c *graph.Config) { c.Activation = graph.Threshold },
		`encoder = "haar"`: func(c *graph.Config) { c.Model, c.Encoder = "tied", "haar" },
		"lambda = -1":      func(c *graph.Config) { c.Model, c.Lambda = "tied", -1 },
		`bias = "none"`:    func(c *graph.Config) { c.Model, c.Bias = "tied", "none" },
		"bias factor = 1":  func(c *graph.Config) { c.Model, c.BiasFactor = "tied", 1 },
		"depth = 2":        func(c *graph.Config) { c.Model, c.Depth, c.Proxy = "tied", 2, true },
	} {
		c := good
		change(&c)
		if _, err := graph.New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %s", err, want)
		}
	}
}

func TestBadUpdate(t *testing.T) {
	t.Parallel()
	m, err := graph.New(graph.Config{Model: "shallow", Batch: 2, Dim: 3, Code: 1})
	if err != nil {
		t.Fatal(err)
	}
	for want, u := range map[string]graph.Update{
		`optimizer = "adagrad"`: {Rule: "adagrad", Schedule: graph.Schedule{Shape: graph.Constant}},
		`schedule = "linear"`:   {Rule: graph.Adam, Schedule: graph.Schedule{Shape: "linear"}},
		"schedule.every = 0":    {Rule: graph.Adam, Schedule: graph.Schedule{Shape: graph.StepDown}},
	} {
		if _, err := m.Compile(graph.Options{Update: &u}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %s", err, want)
		}
	}
}

func TestBadGenerate(t *testing.T) {
	t.Parallel()
	good := graph.Generate{Atoms: 4, Support: 2, Lo: 1, Hi: 2}
	for want, change := range map[string]func(*graph.Options){
		"support = 0":        func(o *graph.Options) { o.Generate.Support = 0 },
		"support = 5":        func(o *graph.Options) { o.Generate.Support = 5 },
		"amplitudes [3, 2]":  func(o *graph.Options) { o.Generate.Lo = 3 },
		"noise = -1":         func(o *graph.Options) { o.Generate.Noise = -1 },
		"code = 3: must be":  func(o *graph.Options) { o.Generate.Atoms = 4 },
		"not by two of them": func(o *graph.Options) { o.Sample = &graph.Sample{Law: "gaussian"} },
	} {
		m, err := graph.New(graph.Config{Model: "tied", Batch: 2, Dim: 5, Code: 3, Proxy: true})
		if err != nil {
			t.Fatal(err)
		}
		g := good
		o := graph.Options{Generate: &g}
		change(&o)
		if _, err := m.Compile(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %s", err, want)
		}
	}
}

// TestFloat64DoesNotCompile: programs are float32; a float64 graph would lose digits silently.
func TestFloat64DoesNotCompile(t *testing.T) {
	t.Parallel()
	m, err := graph.New(graph.Config{Model: "shallow", Batch: 2, Dim: 3, Code: 1, Float64: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Compile(graph.Options{}); err == nil {
		t.Error("a float64 model compiled")
	}
}
