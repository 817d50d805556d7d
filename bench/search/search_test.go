package search

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/train/codec"
	"autoamp/train/codec/rotation"
)

// The quantisers' distortions for N(0, 1) are those of Max 1960, table I.
func TestLloydMax(t *testing.T) {
	t.Parallel()
	for bits, want := range map[int]float64{1: 0.3634, 2: 0.1175, 4: 0.009497} {
		values := lloydMax(bits)
		distortion, low := 0.0, math.Inf(-1)
		for i, v := range values {
			high := math.Inf(1)
			if i+1 < len(values) {
				high = (v + values[i+1]) / 2
			}
			distortion -= v * v * (below(high) - below(low)) // 1 − E q², as E x·q = E q²
			low = high
		}
		if distortion++; math.Abs(distortion-want) > 1e-4*math.Max(1, want) {
			t.Errorf("%d bits: distortion %.5f, want %.5f", bits, distortion, want)
		}
	}
}

func TestLargest(t *testing.T) {
	t.Parallel()
	if got := largest([]float32{1, 5, 2, 5, 4, -1}, 4); !slices.Equal(got, []int{1, 3, 4, 2}) {
		t.Error(got)
	}
	if got := largest([]float32{1, 2}, 4); !slices.Equal(got, []int{1, 0}) {
		t.Error(got)
	}
}

func drawn(rows, d int) *datasets.Table {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, rows*d)
	for i := range x {
		x[i] = float32(amp.SparseGaussian{P: 0.2}.Sample(r))
	}
	return &datasets.Table{Data: x, Cols: d}
}

// On sparse rows the errors are the predicted ones, fall from decoder to decoder and rise in recall, and the scalar quantiser of one bit
// is the linear decoder. Queries are no rows of the corpus, and rows equal to themselves are all found.
func TestRun(t *testing.T) {
	t.Parallel()
	x := drawn(1500, 128)
	e := codec.Encoding{Kind: rotation.Hadamard, Seed: 1, Laws: []string{"sparse-gaussian"}, Side: codec.Side{Norms: true, Factors: true}}
	r, err := Run(t.Context(), x, Settings{Encoding: e, Rows: 1200, Queries: 60})
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]Line{}
	for _, l := range r.Lines {
		lines[l.Decoder] = l
		if l.Predicted != nil && math.Abs(l.MSE/(*l.Predicted)-1) > 0.04 {
			t.Errorf("%s: MSE %.4f, predicted %.4f", l.Decoder, l.MSE, *l.Predicted)
		}
	}
	if r.Rows != 1200 || r.Queries != 60 || len(r.Lines) != 8 {
		t.Fatalf("%+v", r)
	}
	order := []string{"linear", "denoiser", "vamp", "scalar, 2 bit", "scalar, 4 bit"}
	for i, name := range order[1:] {
		if a, b := lines[order[i]], lines[name]; a.MSE < b.MSE || a.Cosine < b.Cosine || i != 2 && a.Recall > b.Recall+0.02 {
			t.Errorf("%s %+v, %s %+v", order[i], a, name, b)
		}
	}
	if a, b := lines["linear"], lines["scalar, 1 bit"]; math.Abs(a.MSE/b.MSE-1) > 0.02 || math.Abs(a.Bits-1-16./128) > 0.02 || b.Bits != 1.25 {
		t.Errorf("linear %+v, quantised %+v", a, b)
	}
	var s strings.Builder
	if err := r.Markdown(&s); err != nil || !strings.Contains(s.String(), "| linear, unbiased | 1 |") {
		t.Errorf("%v: %s", err, s.String())
	}
	c, err := newCorpus(x, 1200, 60)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.recall(c.rows.Data); got != 1 {
		t.Errorf("the rows themselves have recall %g", got)
	}
}

func TestRefusesFewRows(t *testing.T) {
	t.Parallel()
	if _, err := newCorpus(drawn(12, 4), 100, 10); err == nil {
		t.Error("12 rows are enough")
	}
	x := drawn(100, 4)
	x.Data[7] = float32(math.NaN())
	if _, err := newCorpus(x, 100, 10); err == nil || !strings.Contains(err.Error(), "row 1, column 3 is NaN") {
		t.Error(err)
	}
}

// The peer answers, also where d is no power of two.
func TestPeer(t *testing.T) {
	t.Parallel()
	if exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", "import scipy").Run() != nil {
		t.Skip("needs SciPy: make onnx")
	}
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", numpyRotation, "24", "10", "2").Output()
	var answer map[string]float64
	if err != nil || json.Unmarshal(out, &answer) != nil || len(answer) != 4 {
		t.Errorf("%v: %s", err, out)
	}
}
