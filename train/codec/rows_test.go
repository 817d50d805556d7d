package codec_test

import (
	"fmt"
	"math"
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

// Rows that are decoded alone have the numbers, statuses and errors that they have among all. The ranges begin and end within blocks of
// 256, at their ends, and in the last block, which is not full.
func TestDecodeRows(t *testing.T) {
	t.Parallel()
	const rows, d = 600, 32
	x := drawn(amp.SparseGaussian{P: 0.4}, rows, d)
	f, _ := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Seed: 1, Rate: 1, Laws: []string{"sparse-gaussian"}})
	all, _ := decodeRows(t, f, x, codec.Rows{})
	for _, r := range []codec.Rows{{0, 1}, {0, 600}, {3, 200}, {255, 257}, {256, 512}, {100, 600}, {511, 513}, {599, 600}} {
		t.Run(fmt.Sprintf("%d:%d", r.First, r.Last), func(t *testing.T) {
			t.Parallel()
			got, report := decodeRows(t, f, x, r)
			if !slices.Equal(got, all[r.First*d:r.Last*d]) {
				t.Error("other numbers")
			}
			sum := 0.0
			for i, v := range got {
				e := float64(v) - float64(x.Data[r.First*d+i])
				sum += e * e
			}
			if report.Decoded != r.Len() || report.Status["converged"] != r.Len() {
				t.Errorf("%+v, want %d rows", report, r.Len())
			}
			if want := sum / float64(len(got)); math.Abs(report.MSE-want) > 1e-12*want {
				t.Errorf("MSE %g, want %g", report.MSE, want)
			}
		})
	}
	for _, r := range []codec.Rows{{0, 601}, {600, 601}, {5, 5}, {-1, 5}, {7, 3}} {
		o := decoding(inference.Linear)
		o.Rows = r
		if _, err := f.Decode(t.Context(), filepath.Join(t.TempDir(), "x.npy"), nil, o); err == nil || !strings.Contains(err.Error(), "must be within 0:600") {
			t.Errorf("%v: %v", r, err)
		}
	}
}

func decodeRows(t *testing.T, f *codec.RotatedFile, x *datasets.Table, r codec.Rows) ([]float32, *codec.DecodedReport) {
	t.Helper()
	o := decoding(inference.VAMP)
	o.Rows = r
	path := filepath.Join(t.TempDir(), "x.npy")
	report, err := f.Decode(t.Context(), path, x, o)
	if err != nil {
		t.Fatal(err)
	}
	a, err := datasets.OpenArray(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	out := make([]float32, a.Len()*a.Dim())
	for i := range a.Len() {
		if err := a.Row(out[i*a.Dim():][:a.Dim()], i); err != nil {
			t.Fatal(err)
		}
	}
	return out, report
}

func TestParseRows(t *testing.T) {
	t.Parallel()
	if r, err := codec.ParseRows("3:10"); err != nil || r != (codec.Rows{First: 3, Last: 10}) {
		t.Errorf("%v, %v", r, err)
	}
	for _, text := range []string{"", "3", ":", "3:", ":3", "3:3", "4:3", "-1:3", "1:2:3", "a:b", "1.5:2", "1:99999999999999999999"} {
		if r, err := codec.ParseRows(text); err == nil || !strings.Contains(err.Error(), "must be FIRST:END") {
			t.Errorf("%q: %v, %v", text, r, err)
		}
	}
}
