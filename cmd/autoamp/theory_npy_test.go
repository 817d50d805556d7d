package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// npy is a NumPy file of version 1 with one column.
func npy(values []float64) []byte {
	header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 1), }", len(values))
	return npyWith(1, header, values)
}

// npyWith is a NumPy file with a header of our own before the numbers, in float64.
func npyWith(version byte, header string, values []float64) []byte {
	data := []byte{0x93, 'N', 'U', 'M', 'P', 'Y', version, 0}
	if version == 1 {
		data = binary.LittleEndian.AppendUint16(data, uint16(len(header)+1))
	} else {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(header)+1))
	}
	data = append(data, header+"\n"...)
	for _, x := range values {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(x))
	}
	return data
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
		if err := os.WriteFile(path, npy(values), 0o600); err != nil {
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
		"empty":    {[]string{"--data", write("empty.npy", nil), "--rate", "1"}, "is empty"},
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
		strings.Count(text, "\n") != 3 || !strings.HasPrefix(text, "data,p,rate,amp,amp_status,bayes\n") {
		t.Error(text, status, stderr)
	}
}

// TestTheoryReadsWhatTrainReads: keys in any order, versions 2 and 3, Fortran order and archives give the same numbers.
// theory refuses the files that train refuses, with a message.
func TestTheoryReadsWhatTrainReads(t *testing.T) {
	t.Parallel()
	dir, values := t.TempDir(), []float64{0, 0, 0, 7, 0, 0, -7, 0, 0, 0}
	header := func(shape string) string {
		return "{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }"
	}
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	member, err := z.Create("codes.npy")
	if err == nil {
		_, err = member.Write(npy(values))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"plain.npy": npy(values), "v2.npy": npyWith(2, header("(5, 2)"), values), "v3.npy": npyWith(3, header("(5, 2)"), values),
		"order.npy":   npyWith(1, "{'shape': (10, 1), 'descr': '<f8', 'fortran_order': False}", values),
		"fortran.npy": npyWith(1, strings.Replace(header("(5, 2)"), "False", "True", 1), values),
		"codes.npz":   archive.Bytes(),
		"flat.npy":    npyWith(1, header("(10,)"), values),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		text, status, stderr := theory(t, "--data", "npy:"+path, "--rate", "1", "--model", "bayes")
		if status != 0 || !strings.Contains(text, "10 samples (20 % not zero)") || !strings.Contains(text, "bayes") {
			t.Errorf("%s: status %d, %s%s", name, status, text, stderr)
		}
	}
	for name, test := range map[string]struct{ header, want string }{
		"records.npy":  {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (10, 1), }", "records"},
		"complex.npy":  {"{'descr': '<c8', 'fortran_order': False, 'shape': (10, 1), }", "must be a float of at most 64 bits"},
		"negative.npy": {header("(-1, 10)"), "header"},
		"short.npy":    {header("(11, 1)"), "there are 80"},
		"no-shape.npy": {"{'descr': '<f8', 'fortran_order': False}", "damaged header"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, npyWith(1, test.header, values), 0o600); err != nil {
			t.Fatal(err)
		}
		_, status, stderr := theory(t, "--data", "npy:"+path, "--rate", "1")
		if status != 2 || !strings.Contains(stderr, test.want) || !strings.Contains(stderr, name) || strings.Contains(stderr, "runtime error") {
			t.Errorf("%s: status %d, %s", name, status, stderr)
		}
	}
}

// TestTheoryRefusesWhatDoesNotApply: a flag of another law is refused as train refuses it.
func TestTheoryRefusesWhatDoesNotApply(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, want string }{
		{"--data gaussian --p 0.3 --rate 1", "data.p = 0.3: gaussian data has no zeros"},
		{"--data sparse-gaussian --p 0.4 --mixture-mean 2 --rate 1", "data.mixture_mean = 2: applies to data.name: sparse-mixture only"},
		{"--data gaussian --mixture-mean 2 --rate 1", "data.mixture_mean = 2: applies to"},
		{"--data npy:x.npy --mixture-mean 2 --rate 1", "data.mixture_mean = 2: applies to"},
		{"--data sparse-laplace --mixture-mean 2 --sweep p=0.1:1:0.1 --rate 1", "data.mixture_mean = 2: applies to"},
		{"--data sparse-gaussian --p 5e-324 --rate 1", "p = 5e-324: must be at least 1e-200"},
	} {
		if out, status, stderr := theory(t, strings.Fields(test.args)...); status != 2 || out != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: status %d, %q, want %q", test.args, status, stderr, test.want)
		}
	}
	for _, args := range []string{"--data gaussian --p 1 --rate 1", "--data gaussian --rate 1", "--data sparse-mixture --p 0.4 --mixture-mean 1.2 --rate 1"} {
		if _, status, stderr := theory(t, strings.Fields(args)...); status != 0 {
			t.Errorf("%s: %s", args, stderr)
		}
	}
}

// TestTheoryLeavesOutFiniteDim: a number that the expansion in 1/d does not give is a dash with the reason, in every form of
// output.
func TestTheoryLeavesOutFiniteDim(t *testing.T) {
	t.Parallel()
	const reason = "must be at least E x⁴ = 3000"
	for _, form := range []string{"", "--explain", "--json", "--json --model shallow"} {
		args := "--data sparse-gaussian --p 0.001 --rate 1 --dim 100 " + form
		text, status, stderr := theory(t, strings.Fields(args)...)
		if status != 0 || !strings.Contains(text, reason) || strings.Contains(text, "5.13") || strings.HasPrefix(text, "{") != json.Valid([]byte(text)) {
			t.Errorf("%s: status %d, %s%s", form, status, text, stderr)
		}
	}
	text, status, stderr := theory(t, strings.Fields("--data sparse-gaussian --sweep p=0.01:0.05:0.02 --rate 1 --dim 100 --model shallow")...)
	if lines := strings.Split(text, "\n"); status != 0 || !strings.HasSuffix(lines[1], ",") || strings.HasSuffix(lines[3], ",") {
		t.Error(text, status, stderr)
	}
}
