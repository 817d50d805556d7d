package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"autoamp/graph"
	"autoamp/train"
)

func TestRates(t *testing.T) {
	t.Parallel()
	// 4 Gflop and 30 MB in 2 ms. Elementwise passes move 10 MB of these in 0.4 ms.
	w := work{flops: 4e9, bytes: 30e6, elementwise: 10e6}
	got := w.rates(2, 0.4, Ceilings{CopyGBs: 50, ProductTFLOPS: 10})
	want := Rates{
		TFLOPS: 2, GBs: 15, ProductTFLOPS: 2.5, ProductShare: 0.25,
		ElementwiseMs: 0.4, ElementwiseGBs: 25, CopyShare: 0.5,
	}
	if diff := cmp.Diff(want, got, cmp.Transformer("rounded", func(x float64) float64 { return math.Round(1e9*x) / 1e9 })); diff != "" {
		t.Error(diff)
	}
	if got := w.rates(2, 0, Ceilings{}); got != (Rates{TFLOPS: 2, GBs: 15}) {
		t.Errorf("without ceilings: %+v", got)
	}
	if got := w.rates(2, 3, Ceilings{}); got.ProductTFLOPS != 0 {
		t.Errorf("elementwise passes longer than the step leave no time for products: %+v", got)
	}
}

// TestWithoutProducts runs every model without its products. The traffic must be the traffic of the
// whole program without the products, and the loss must be a number.
func TestWithoutProducts(t *testing.T) {
	t.Parallel()
	exec, err := open(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range graph.Models() {
		c := train.Config{Model: train.ModelConfig{Name: name, Dim: 12}, Batch: 20}.WithDefaults()
		programs, err := train.Compile(c)
		if err != nil {
			t.Fatal(err)
		}
		p := programs.Train
		products := *p
		products.Instrs = nil
		for _, in := range p.Instrs {
			if _, ok := in.Op.(graph.MatMul); ok {
				products.Instrs = append(products.Instrs, in)
			}
		}
		q := withoutProducts(p)
		if q.Flops() != 0 || q.Traffic()+products.Traffic() != p.Traffic() {
			t.Errorf("%s: %g flops, %g + %g bytes of %g", name, q.Flops(), q.Traffic(), products.Traffic(), p.Traffic())
		}
		l, err := loadElementwise(c, exec)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.Run(50), l.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// metered is the CPU's executor with ceilings, and with products that take three times the work.
type metered struct{ graph.Executor }

func (metered) Ceilings(context.Context) (copyBytes, productFlops float64, err error) {
	return 20e9, 4e12, nil
}
func (metered) Flops(p *graph.Program) float64 { return 3 * p.Flops() }

func openMetered(string) (graph.Executor, error) {
	exec, err := open(1)
	return metered{exec}, err
}

func TestStepOfMeteredDevice(t *testing.T) {
	t.Parallel()
	exec, err := openMetered("")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Step(t.Context(), StepSettings{Config: smallConfig(), Executor: exec, Repetitions: 3})
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 * 5 * 2 * 32 * 16 * 16 / r.MsPerStep / 1e6; math.Abs(r.GFLOPS/want-1) > 1e-12 {
		t.Errorf("gflops = %g, want %g of the products executed", r.GFLOPS, want)
	}
	if r.Rates == nil || r.Rates.CopyShare != r.Rates.ElementwiseGBs/20 || *r.Ceilings != (Ceilings{20, 4}) {
		t.Errorf("%+v %+v", r.Rates, r.Ceilings)
	}
}

// predictFor predicts as many nodes as there are replicas, for a device of some kind.
func predictFor(t *testing.T, kind string) func(string) Predictor {
	return func(device string) Predictor {
		if !strings.HasPrefix(device, kind) {
			t.Errorf("device %q", device)
		}
		return func(_ string, _ *graph.Program, replicas int) (*Cost, error) { return &Cost{Nodes: replicas}, nil }
	}
}

func TestGPU(t *testing.T) {
	t.Parallel()
	peers := []string{TorchEager, TorchGraph, "jax jit"}
	python := FindPython(t.Context(), SuiteSettings{}.withDefaults().Python, "torch")
	r, err := GPU(t.Context(), GPUSettings{
		Cells:      []Cell{{Dim: 8, Batch: 4}, {Dim: 8, Batch: 4, Replicas: 3}},
		Precisions: []string{"fp32", "none", "split"}, Contestants: append(peers, Autoamp), Rounds: 2,
		Open: func(precision string) (graph.Executor, error) {
			if precision == "none" {
				return nil, errors.New("no such precision")
			}
			return openMetered(precision)
		},
		Python: []string{python}, PeerDevice: "cpu", Predict: predictFor(t, "cpu: 1 thread"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 2*6 {
		t.Fatalf("%d rows", len(r.Rows))
	}
	for i, row := range r.Rows {
		switch {
		case row.Precision == "none" && row.Absent == "no such precision":
		case row.Contestant == Autoamp && row.Absent == "":
			// All replicas' products, three times the work.
			flops := 3 * 5 * 2 * 4 * 8 * 8 * float64(max(1, row.Replicas))
			if math.Abs(row.TFLOPS*row.Ms.Median*1e9/flops-1) > 1e-12 || row.CopyShare <= 0 || row.Turns != 2 ||
				row.Predicted == nil || row.Predicted.Nodes != max(1, row.Replicas) {
				t.Errorf("%+v", row)
			}
		case (row.Contestant == TorchEager || row.Contestant == TorchGraph) && python != "":
			if want := r.Rows[i-i%6].Ms.Median; row.Absent != "" || row.Ratio != row.Ms.Median/want {
				t.Errorf("%+v, autoamp %g", row, want)
			}
		case row.Contestant == Autoamp || row.Absent == "" && row.Ms.Median <= 0:
			t.Errorf("%+v", row)
		}
	}
	if len(r.Ceilings) != 2 || r.Ceilings["split"].CopyGBs != 20 {
		t.Errorf("ceilings %v", r.Ceilings)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}

// TestPredictedTable lists every cell in every precision, with the first precision as 1.
func TestPredictedTable(t *testing.T) {
	t.Parallel()
	predict := func(precision string, _ *graph.Program, replicas int) (*Cost, error) {
		ms := map[string]float64{"fp32": 2, "split": 1}[precision] * float64(replicas)
		return &Cost{Precision: precision, Nodes: 13, Bytes: 4e6, Flops: 5e9, Ms: ms, Low: ms / 2, High: 2 * ms}, nil
	}
	cells := GPUSettings{Cells: []Cell{{Dim: 8, Batch: 4}, {Dim: 8, Batch: 4, Replicas: 3}}, Precisions: []string{"fp32", "split"}}
	r, err := PredictSuite(cells, "Example card", predict)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := r.Markdown(&got); err != nil {
		t.Fatal(err)
	}
	compare(t, "predicted.md", got.Bytes())
}

// TestGPUInterrupted keeps the rows that were measured.
func TestGPUInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := GPU(ctx, GPUSettings{
		Cells: []Cell{{Dim: 8, Batch: 4}}, Contestants: []string{Autoamp}, Precisions: []string{"fp32", "split"}, Rounds: 1,
		Open: func(precision string) (graph.Executor, error) {
			if precision == "split" {
				cancel()
			}
			return open(1)
		},
	})
	if !errors.Is(err, context.Canceled) || len(r.Rows) != 1 {
		t.Errorf("%d rows, %v", len(r.Rows), err)
	}
}

// TestPeerAnswers lets a shell be the peer: its answers are read, and its failures are reported.
func TestPeerAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ script, want string }{
		"works":      {`read l; echo '{"ms": 2}'; read l`, ""},
		"fails":      {`read l; echo '{"error": "OutOfMemoryError: 40 GiB"}'; read l`, "OutOfMemoryError: 40 GiB"},
		"dies":       {`read l; echo first >&2; echo killed by the system >&2; exit 1`, "killed by the system"},
		"is silent":  {`read l; sleep 60`, "no answer within 100ms"},
		"no JSON":    {`read l; echo hello; read l`, "invalid character"},
		"not at all": {`exit 3`, "bench: peer:"},
	} {
		var about map[string]string
		p, err := startProcess(t.Context(), "peer", 0, &about, "/bin/sh", []string{"-c", `echo '{"v": "1"}'; ` + test.script}, nil)
		if err != nil || about["v"] != "1" {
			t.Fatalf("%s: %v, %v", name, about, err)
		}
		if name == "is silent" {
			p.patience = 100 * time.Millisecond
		}
		m := peerModel{p}
		err = m.Run(5)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		p.Close()
	}
}

func TestGPUMarkdown(t *testing.T) {
	t.Parallel()
	one, many := Cell{Dim: 100, Batch: 100}, Cell{Dim: 100, Batch: 100, Replicas: 64}
	row := func(c Cell, contestant, precision string, ms, ratio float64, rates Rates) GPURow {
		return GPURow{
			Measurement: Measurement{Cell: c, Contestant: contestant, Ms: Spread{ms, 0.9 * ms, 1.2 * ms}, Turns: 15, Ratio: ratio},
			Precision:   precision, Rates: rates,
		}
	}
	rates := Rates{
		TFLOPS: 0.2, GBs: 30, ProductTFLOPS: 0.5, ProductShare: 0.01, ElementwiseMs: 0.03, ElementwiseGBs: 40, CopyShare: 0.02,
	}
	r := &GPUResult{
		Date:     time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
		Machine:  Machine{CPU: "Example", Cores: 16, OS: "linux", Arch: "amd64"},
		Versions: map[string]string{"go": "go1.26", "torch": "2.0"},
		Ceilings: map[string]Ceilings{"fp32": {4000, 50}, "split": {4000, 700}},
		Rows: []GPURow{
			row(one, Autoamp, "fp32", 0.05, 1, rates), row(one, TorchEager, "", 0.6, 12, Rates{TFLOPS: 0.02}),
			row(one, TorchCompiledGraph, "", 0.2, 4, Rates{}), row(one, TorchGraph, "", 0.1, 2, Rates{}),
			{Measurement: Measurement{Cell: one, Contestant: "jax jit", Absent: "no Python that can import jax"}},
			row(many, Autoamp, "fp32", 0.64, 1, rates), row(many, TorchEager, "", 1.28, 2, Rates{}),
		},
	}
	var got bytes.Buffer
	r.Rows[0].Predicted, r.Rows[5].Predicted = &Cost{Low: 0.04, High: 0.06}, &Cost{Low: 0.07, High: 0.1}
	if err := r.Markdown(&got); err != nil {
		t.Fatal(err)
	}
	compare(t, "gpu.md", got.Bytes())
}
