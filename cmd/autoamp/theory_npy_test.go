package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
)

// npy is a NumPy file of the values.
func npy(t testing.TB, values any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := npyio.Write(&b, values); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// raw is a version 1 NumPy file with a header of our own.
func raw(header string, body ...byte) []byte {
	return append([]byte("\x93NUMPY\x01\x00"+string(rune(len(header)+1))+"\x00"+header+"\n"), body...)
}

func TestParseNumbers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		data []byte
		want []float64
	}{
		"float64":    {npy(t, []float64{1, -2.5}), []float64{1, -2.5}},
		"float32":    {npy(t, []float32{1, -2.5}), []float64{1, -2.5}},
		"uint8":      {npy(t, []uint8{0, 255}), []float64{0, 255}},
		"int16":      {npy(t, []int16{-3, 4}), []float64{-3, 4}},
		"uint32":     {npy(t, []uint32{3e9}), []float64{3e9}},
		"int64":      {npy(t, []int64{-1}), []float64{-1}},
		"bool":       {npy(t, []bool{true, false}), []float64{1, 0}},
		"empty":      {npy(t, []float64{}), []float64{}},
		"2×1":        {raw("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }", 7, 8), []float64{7, 8}},
		"big-endian": {raw("{'descr': '>i2', 'fortran_order': False, 'shape': (1,), }", 1, 2), []float64{258}},
	} {
		if got, err := parseNumbers(test.data); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, test.want)
		}
	}
	whole := npy(t, []float64{1, 2})
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":     {nil, "not a NumPy array"},
		"text":        {[]byte("0.1 0.2 0.3"), "not a NumPy array"},
		"cut":         {whole[:len(whole)-1], "must have 16 bytes of numbers, there are 15"},
		"longer":      {append(slices.Clone(whole), 0), "must have 16 bytes of numbers, there are 17"},
		"complex":     {npy(t, []complex128{1}), "must be float64, float32, an integer or bool"},
		"no newline":  {[]byte("\x93NUMPY\x01\x00\x03\x00abc"), "damaged header"},
		"huge header": {[]byte("\x93NUMPY\x02\x00\xff\xff\xff\x7fabc"), "longer than the file"},
		"huge":        {raw("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 99999999999), }"), "at most 4 GiB"},
		"negative":    {raw("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,), }"), "at most 4 GiB"},
	} {
		if got, err := parseNumbers(test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, %v, want %q", name, got, err, test.want)
		}
	}
}

// FuzzParseNumbers: no file panics, and none allocates more than its own size justifies.
func FuzzParseNumbers(f *testing.F) {
	f.Add(npy(f, []float64{1, 2}))
	f.Add(npy(f, []bool{true}))
	f.Add(raw("{'descr': '>i2', 'fortran_order': True, 'shape': (1, 1), }", 1, 2))
	f.Fuzz(func(t *testing.T, data []byte) {
		if values, err := parseNumbers(data); err == nil && len(values) > len(data) {
			t.Errorf("%d numbers from %d bytes", len(values), len(data))
		}
	})
}

// theory runs autoamp theory in this process.
func theory(t *testing.T, args ...string) (stdout string, status int, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{stdout: &output{w: &out}, stderr: &errs, log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	status = a.report(a.execute(t.Context(), append([]string{"theory"}, args...)))
	return out.String(), status, errs.String()
}

// TestTheoryOfFile: samples of a law that autoamp knows give that law's numbers, whatever their scale.
func TestTheoryOfFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, values []float64) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, npy(t, values), 0o600); err != nil {
			t.Fatal(err)
		}
		return "npy:" + path
	}
	staircase := write("rademacher.npy", []float64{0, 0, 0, 7, 0, 0, -7, 0, 0, 0})
	text, status, stderr := theory(t, "--data", staircase, "--rate", "1", "--json")
	var got, want struct {
		P, Denoiser, Bayes, Scale float64
		Samples                   int
	}
	if err := json.Unmarshal([]byte(text), &got); status != 0 || err != nil {
		t.Fatal(status, stderr, err)
	}
	text, _, _ = theory(t, "--data", "sparse-rademacher", "--p", "0.2", "--rate", "1", "--json")
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Denoiser-want.Denoiser)+math.Abs(got.Bayes-want.Bayes) > 1e-10 || got.P != 0.2 {
		t.Errorf("the file gives %+v, the law %+v", got, want)
	}
	if math.Abs(got.Scale-7*math.Sqrt(0.2)) > 1e-12 || got.Samples != 10 {
		t.Errorf("scale %g of %d samples", got.Scale, got.Samples)
	}
	if text, _, _ = theory(t, "--data", staircase, "--rate", "1"); !strings.Contains(text, "10 samples (20 % not zero) divided by 3.1305 to unit second moment") {
		t.Error(text)
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"NaN":      {[]string{"--data", write("nan.npy", []float64{1, math.NaN()}), "--rate", "1"}, "samples = NaN: must be finite"},
		"infinity": {[]string{"--data", write("inf.npy", []float64{1, math.Inf(-1)}), "--rate", "1"}, "samples = -Inf: must be finite"},
		"empty":    {[]string{"--data", write("empty.npy", nil), "--rate", "1"}, "must hold at least one sample"},
		"zeros":    {[]string{"--data", write("zeros.npy", make([]float64, 3)), "--rate", "1"}, "must have a positive second moment"},
		"absent":   {[]string{"--data", "npy:" + dir + "/none.npy", "--rate", "1"}, "no such file"},
		"folder":   {[]string{"--data", "npy:" + dir, "--rate", "1"}, "must be a regular file"},
		"p":        {[]string{"--data", staircase, "--rate", "1", "--p", "0.4"}, "has no p"},
		"sweep p":  {[]string{"--data", staircase, "--rate", "1", "--sweep", "p=0.1:1:0.1"}, "has no p"},
	} {
		if out, status, stderr := theory(t, test.args...); status != 2 || out != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: status %d, %q, want %q", name, status, stderr, test.want)
		}
	}
	if text, status, stderr = theory(t, "--data", staircase, "--sweep", "rate=0.5:1:0.5", "--model", "bayes"); status != 0 ||
		strings.Count(text, "\n") != 3 || !strings.HasPrefix(text, "data,p,rate,bayes,bayes_status\n") {
		t.Error(text, status, stderr)
	}
}
