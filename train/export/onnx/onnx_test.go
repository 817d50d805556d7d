package onnx_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/graph"
	"autoamp/train/export/onnx"
	"autoamp/train/internal/traintest"
)

const (
	rows    = 40
	dim     = 12
	codes   = 9
	maximum = 1e-5 // of |ours − the peer's|, relative to the number or, if that is smaller, to the data's root mean square
)

// models are one of each kind: every model, every family, every decoder.
func models() map[string]graph.Config {
	list := map[string]graph.Config{
		"shallow":              {Model: "shallow"},
		"shallow-tied":         {Model: "shallow", Tied: true},
		"shallow-haar":         {Model: "shallow", Encoder: "haar", Tied: true},
		"denoiser-tied":        {Model: "denoiser", Tied: true},
		"rigamp":               {Model: "rigamp"},
		"rigamp-tied":          {Model: "rigamp", Tied: true, Iterations: 4},
		"rigamp-spline":        {Model: "rigamp", Denoiser: graph.Spline(9, true), Iterations: 3},
		"deep":                 {Model: "deep", Depth: 2, Width: 20},
		"deep-tanh":            {Model: "deep", Depth: 1, Width: 20, Activation: graph.Tanh},
		"relu":                 {Model: "tied"},
		"threshold":            {Model: "tied", Activation: graph.Threshold, Lambda: 0.5},
		"mirrored":             {Model: "tied", Depth: 2, Width: 15, Mirrored: true, Rectified: true},
		"denoiser-two-knots":   {Model: "denoiser", Denoiser: graph.Spline(2, false)},
		"denoiser-three-knots": {Model: "denoiser", Denoiser: graph.Spline(3, true)},
	}
	for _, f := range graph.Families() {
		list["denoiser-"+strings.NewReplacer("(", "-", ")", "", ", ", "-").Replace(f.String())] = graph.Config{Model: "denoiser", Denoiser: f}
	}
	for name, c := range list {
		c.Batch, c.Dim, c.Code = rows, dim, codes
		list[name] = c
	}
	return list
}

// example is a model with weights, an input, and what the CPU's executor makes of it.
type example struct {
	onnx.Model
	x, code, output []float32
}

// newExample draws weights around their starts, and rows so large that splines leave their knots.
func newExample(t *testing.T, c graph.Config, rms float64) example {
	t.Helper()
	m, err := graph.New(c)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	e := example{Model: onnx.Model{Graph: c, Weights: map[string][]float32{}, RMS: rms, Version: "test"}}
	for _, p := range m.Params {
		w := make([]float32, p.Node.Shape().TotalSize())
		for i := range w {
			w[i] = float32(0.5 * random.NormFloat64())
			if len(p.Init.Values) > 0 {
				w[i] = p.Init.Values[i] + w[i]/5
			}
		}
		e.Weights[p.Name] = w
	}
	e.x = make([]float32, rows*dim)
	for i := range e.x {
		e.x[i] = float32(rms * 3 * random.NormFloat64())
	}
	e.run(t, m)
	return e
}

// run computes code and output with the CPU's executor.
func (e *example) run(t *testing.T, m *graph.Model) {
	t.Helper()
	program, err := m.Compile(graph.Options{Keep: []string{graph.Code, graph.Output}})
	if err != nil {
		t.Fatal(err)
	}
	runner, err := traintest.NewCPU(t, 1).Load([]graph.Replica{{Seed: 1, P: 1}}, program)
	if err != nil {
		t.Fatal(err)
	}
	defer runner.Close()
	write := func(name string, values []float32) {
		if err := runner.Write(name, 0, values); err != nil {
			t.Fatal(err)
		}
	}
	x := make([]float32, len(e.x))
	for i, v := range e.x {
		x[i] = float32(float64(v) / e.RMS)
	}
	write("x", x)
	for name, w := range e.Weights {
		write(name, w)
	}
	e.code, e.output = make([]float32, rows*codes), make([]float32, rows*dim)
	if err := runner.Run(0, 0, 1, make([]float64, 1)); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string][]float32{graph.Code: e.code, graph.Output: e.output} {
		if err := runner.Read(name, 0, out); err != nil {
			t.Fatal(err)
		}
	}
	for i := range e.output {
		e.output[i] = float32(float64(e.output[i]) * e.RMS)
	}
}

// write writes a part of a model to a file.
func (e *example) write(t *testing.T, part onnx.Part, path string) {
	t.Helper()
	var file bytes.Buffer
	if err := e.Write(&file, part); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// job is a case of testdata/run.js, with the outputs that are expected.
type job struct {
	Model string    `json:"model"`
	Input string    `json:"input"`
	Data  []float32 `json:"data"`
	Rows  int       `json:"rows"`
	rms   float64
	want  map[string][]float32
}

// jobs writes the parts of every model and returns what a peer is to make of them. The last row goes alone too, for the batch
// dimension is free.
func jobs(t *testing.T) []job {
	t.Helper()
	dir := t.TempDir()
	var list []job
	for name, c := range models() {
		for _, rms := range []float64{1, 4} {
			e := newExample(t, c, rms)
			file := func(part onnx.Part) string {
				path := filepath.Join(dir, fmt.Sprintf("%s-%g-%s.onnx", name, rms, part))
				e.write(t, part, path)
				return path
			}
			list = append(list,
				job{file(onnx.Both), "x", e.x, rows, rms, map[string][]float32{"code": e.code, "output": e.output}},
				job{file(onnx.Encoder), "x", e.x[len(e.x)-dim:], 1, rms, map[string][]float32{"code": e.code[len(e.code)-codes:]}},
				job{file(onnx.Decoder), "code", e.code, rows, rms, map[string][]float32{"output": e.output}})
		}
	}
	return append(list, zeros(t, dir))
}

// zeros is a row whose products are all 0.
func zeros(t *testing.T, dir string) job {
	t.Helper()
	e := newExample(t, models()["shallow"], 1)
	path, want := filepath.Join(dir, "zeros.onnx"), make([]float32, codes)
	for i := range want {
		want[i] = 1
	}
	e.write(t, onnx.Encoder, path)
	return job{path, "x", make([]float32, dim), 1, 1, map[string][]float32{"code": want}}
}

// installed is where make onnx puts onnxruntime.
const installed = "../../../bin/onnx/node_modules"

func TestONNXRuntimeComputesTheSame(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node in PATH; make onnx installs it")
	}
	modules, err := filepath.Abs(installed)
	if err == nil {
		_, err = os.Stat(filepath.Join(modules, "onnxruntime-node"))
	}
	if err != nil {
		t.Skip("onnxruntime is not installed; make onnx does it")
	}
	list := jobs(t)
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "testdata/run.js")
	cmd.Env, cmd.Stdin = append(os.Environ(), "NODE_PATH="+modules), bytes.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.Bytes())
	}
	var got []map[string][]float32
	if err := json.Unmarshal(out, &got); err != nil || len(got) != len(list) {
		t.Fatalf("%d results for %d files (%v)\n%s", len(got), len(list), err, stderr.Bytes())
	}
	for i, j := range list {
		j.compare(t, got[i])
	}
}

func (j job) compare(t *testing.T, got map[string][]float32) {
	t.Helper()
	if len(got) != len(j.want) {
		t.Errorf("%s: %d outputs, want %d", filepath.Base(j.Model), len(got), len(j.want))
	}
	for name, want := range j.want {
		if len(got[name]) != len(want) {
			t.Errorf("%s: %s has %d numbers, want %d", filepath.Base(j.Model), name, len(got[name]), len(want))
			continue
		}
		worst, at := 0.0, 0
		for i, v := range want {
			if e := math.Abs(float64(got[name][i]-v)) / max(j.rms, math.Abs(float64(v))); !(e <= worst) {
				worst, at = e, i
			}
		}
		if !(worst <= maximum) {
			t.Errorf("%s: %s[%d] is %g, ours %g: %g apart", filepath.Base(j.Model), name, at, got[name][at], want[at], worst)
		}
	}
}

func TestCheckerAcceptsEveryFile(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // Debian's, which has Debian's packages
	if err := exec.Command(python, "-c", "import onnx").Run(); err != nil {
		t.Skip("no python3-onnx; make onnx installs it")
	}
	args := []string{"testdata/check.py"}
	for _, j := range jobs(t) {
		args = append(args, j.Model)
	}
	if out, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
