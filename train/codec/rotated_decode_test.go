package codec_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/train/codec"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/rotation"
)

func decoding(m inference.Method) codec.Decoding {
	return codec.Decoding{Settings: inference.Settings{Method: m}, Threads: 2}
}

// unequal gives the rows energies between 1/16 and 16 of what they had.
func unequal(x *datasets.Table) *datasets.Table {
	for i := range x.Len() {
		for j := range x.Cols {
			x.Data[i*x.Cols+j] *= float32(math.Exp2(float64(i%5) - 2))
		}
	}
	return x
}

// What decode writes has the error that it reports, which is the one it predicts: for rows of one energy and of several, with norms and
// without, with factors, for every decoder. The prediction is for many rows of independent numbers; here the rows' own randomness is
// below 3 % of the error: Var e = (m₄−1)/(d·rows), and each row's error has about that of a mean of d squares.
func TestRotatedRoundTrip(t *testing.T) {
	t.Parallel()
	const rows, d = 600, 256
	for _, rate := range []float64{0.5, 1, 1.5} {
		for _, side := range sides {
			for _, mixed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%g/%+v/%v", rate, side, mixed), func(t *testing.T) {
					t.Parallel()
					x := drawn(amp.SparseGaussian{P: 0.4}, rows, d)
					if mixed {
						unequal(x)
					}
					f, _ := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Seed: 1, Rate: rate, Side: side, Laws: []string{"sparse-gaussian"}})
					for _, m := range inference.Methods() {
						checkDecoded(t, f, x, decoding(m))
					}
					unbiased := decoding(inference.Linear)
					unbiased.Unbiased = true
					checkDecoded(t, f, x, unbiased)
				})
			}
		}
	}
}

func checkDecoded(t *testing.T, f *codec.RotatedFile, x *datasets.Table, o codec.Decoding) {
	t.Helper()
	back := filepath.Join(t.TempDir(), "x.npy")
	r, err := f.Decode(t.Context(), back, x, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := distance(t, x, openRows(t, back)); math.Abs(got/r.MSE-1) > 1e-9 {
		t.Errorf("%v: the decoded rows are at %.6g, reported %.6g", o.Method, got, r.MSE)
	}
	if math.Abs(r.MSE/r.Predicted-1) > 0.03 {
		t.Errorf("%v, unbiased %v: found %.5f, predicted %.5f", o.Method, o.Unbiased, r.MSE, r.Predicted)
	}
	if want := x.Len(); r.Status["converged"] != want {
		t.Errorf("%v: %v", o.Method, r.Status)
	}
}

// Inner products with unbiased estimates are unbiased, with the factor and on average over rows without it; those of the linear
// decoder shrink.
func TestUnbiasedInnerProducts(t *testing.T) {
	t.Parallel()
	const rows, d = 2000, 128
	x := drawn(amp.SparseGaussian{P: 0.5}, rows, d)
	f, _ := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Seed: 1, Rate: 1, Side: codec.Side{Norms: true, Factors: true}})
	slope := func(o codec.Decoding) float64 {
		k, err := f.NewRowDecoder(o)
		if err != nil {
			t.Fatal(err)
		}
		w := k.NewWorker()
		var cross, square float64
		for block := range f.Header().Blocks() {
			got, _, err := w.Block(block)
			if err != nil {
				t.Fatal(err)
			}
			for j, v := range got {
				own := float64(x.Data[block*f.Header().BlockRows*d+j])
				cross += own * float64(v)
				square += own * own
			}
		}
		return cross / square
	}
	unbiased := decoding(inference.Linear)
	unbiased.Unbiased = true
	if got := slope(unbiased); math.Abs(got-1) > 0.003 {
		t.Errorf("⟨x̂, x⟩ is %.4f of ‖x‖²", got)
	}
	if got := slope(decoding(inference.Linear)); math.Abs(got-2/math.Pi) > 0.01 {
		t.Errorf("of the linear decoder it is %.4f", got)
	}
}

// Rows of zeros, constant rows, more than ten bits a coordinate, and rows of one number.
func TestRotatedExtremes(t *testing.T) {
	t.Parallel()
	constant := &datasets.Table{Data: make([]float32, 50*24), Cols: 24}
	for i := range constant.Data {
		constant.Data[i] = float32(1 + i/24%2)
	}
	clear(constant.Data[:24])
	for _, c := range []struct {
		name string
		rows *datasets.Table
		rate float64
		most float64 // relative error of vamp with norms
	}{
		{"constant", constant, 2, 0.3}, {"many bits", drawn(amp.Gaussian{}, 300, 17), 12, 0.15}, {"one number", drawn(amp.Gaussian{}, 300, 1), 1, 0.01},
		{"few bits", drawn(amp.Gaussian{}, 300, 33), 0.01, 1},
	} {
		for _, norms := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", c.name, norms), func(t *testing.T) {
				t.Parallel()
				e := codec.Encoding{Kind: rotation.Hadamard, Seed: 1, Rate: c.rate, Side: codec.Side{Norms: norms}, Laws: []string{"gaussian", "sparse-rademacher", "empirical"}}
				f, _ := encoded(t, c.rows, e)
				for _, m := range inference.Methods() {
					back := filepath.Join(t.TempDir(), "x.npy")
					r, err := f.Decode(t.Context(), back, c.rows, decoding(m))
					if err != nil {
						t.Fatalf("%v: %v", m, err)
					}
					if bad := float64(r.Relative); math.IsNaN(bad) || norms && m == inference.VAMP && bad > c.most {
						t.Errorf("%v: %.4f of the mean square", m, bad)
					}
				}
			})
		}
	}
}

// A damaged block is named, and nothing is written; so for a reference of another shape.
func TestRotatedDecodeRefuses(t *testing.T) {
	t.Parallel()
	x := drawn(amp.SparseGaussian{P: 0.5}, 700, 16)
	f, path := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Rate: 1})
	back := filepath.Join(t.TempDir(), "back.npy")
	if _, err := f.Decode(t.Context(), back, drawn(amp.Gaussian{}, 700, 15), decoding(inference.VAMP)); err == nil || !strings.Contains(err.Error(), "the reference has 700 rows of 15 numbers") {
		t.Error(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-200] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Decode(t.Context(), back, nil, decoding(inference.Linear)); err == nil || !strings.Contains(err.Error(), "block 2 (bytes ") || !strings.Contains(err.Error(), "damaged: CRC-32C") {
		t.Error(err)
	}
	if _, err := os.Stat(back); !errors.Is(err, os.ErrNotExist) {
		t.Error("a file is left")
	}
}

// TestRotatedProgress: a listener hears a number of rows that grows to all of them, also where the last block is not full.
func TestRotatedProgress(t *testing.T) {
	t.Parallel()
	x := drawn(amp.Gaussian{}, 1000, 16)
	var heard []int
	listen := func(rows, total int) {
		if total != 1000 {
			t.Errorf("%d rows, want 1000", total)
		}
		heard = append(heard, rows)
	}
	f, _ := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Seed: 1, Rate: 1, Laws: []string{"gaussian"}, Threads: 1, Progress: listen})
	checkHeard(t, heard)
	heard = nil
	if _, err := f.Decode(t.Context(), filepath.Join(t.TempDir(), "back.npy"), nil, codec.Decoding{Settings: inference.Settings{Method: inference.Linear}, Threads: 2, Progress: listen}); err != nil {
		t.Fatal(err)
	}
	checkHeard(t, heard)
}

func checkHeard(t *testing.T, rows []int) {
	t.Helper()
	if len(rows) < 2 || !slices.IsSorted(rows) || rows[0] >= 1000 || rows[len(rows)-1] != 1000 {
		t.Errorf("heard of %v rows", rows)
	}
}
