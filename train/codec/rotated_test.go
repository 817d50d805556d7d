package codec_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/train/codec"
	"autoamp/train/codec/rotation"
)

// drawn returns rows of a law.
func drawn(p amp.Prior, rows, d int) *datasets.Table {
	r := rand.New(rand.NewPCG(11, uint64(d)))
	x := make([]float32, rows*d)
	for i := range x {
		x[i] = float32(p.Sample(r))
	}
	return &datasets.Table{Data: x, Cols: d}
}

// encoded encodes rows and opens the file.
func encoded(t *testing.T, rows datasets.Samples, e codec.Encoding) (*codec.RotatedFile, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.a1b")
	if e.Laws == nil {
		e.Laws = []string{"gaussian"} // fits in no time
	}
	if _, err := codec.EncodeRotated(t.Context(), rows, path, e); err != nil {
		t.Fatal(err)
	}
	f, err := codec.OpenRotated(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, path
}

var sides = []codec.Side{{}, {Norms: true}, {Factors: true}, {Norms: true, Factors: true}}

// The bits of a file are the signs of the products with B in float64, the bytes beside them the norm and the factor of the row.
// Sizes are no multiples of a byte, and the last block is ragged.
func TestRotatedCodes(t *testing.T) {
	t.Parallel()
	const rows, d = 700, 37
	x := drawn(amp.SparseGaussian{P: 0.5}, rows, d)
	clear(x.Data[5*d : 6*d])
	for _, rate := range []float64{0.5, 1, 2.3} {
		for _, side := range sides {
			t.Run(fmt.Sprintf("%g/%+v", rate, side), func(t *testing.T) {
				t.Parallel()
				f, _ := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Seed: 9, Rate: rate, Side: side, Threads: 2})
				h := f.Header()
				b, err := rotation.New(h.Rotation)
				if err != nil {
					t.Fatal(err)
				}
				if want := (rotation.Spec{Kind: rotation.Hadamard, Bits: int(math.Round(rate * d)), Dim: d, Seed: 9}); h.Rotation != want || h.Side != side || h.Rows != rows {
					t.Fatalf("header %+v", h)
				}
				var energies codec.Energies
				for block := h.Blocks() - 1; block >= 0; block-- { // blocks can be read in any order
					got, err := f.ReadBlock(block, nil)
					if err != nil {
						t.Fatal(err)
					}
					for i := block * h.BlockRows; len(got) > 0; i++ {
						got = checkRotatedRow(t, h, b, got, x.Data[i*d:][:d], i)
						e := energy(x.Data[i*d:][:d])
						energies.Mean += e / rows
						energies.Root += math.Sqrt(e) / rows
					}
				}
				if e := f.Energies(); math.Abs(e.Mean/energies.Mean-1) > 1e-6 || math.Abs(e.Root/energies.Root-1) > 1e-6 {
					t.Errorf("energies %+v, want %+v", e, energies)
				}
			})
		}
	}
}

func energy(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(x))
}

// checkRotatedRow checks the bytes of one row, and returns those after it.
func checkRotatedRow(t *testing.T, h *codec.RotatedHeader, b *rotation.Rotation, got []byte, x []float32, i int) []byte {
	t.Helper()
	n, d := b.Dims()
	z, row := make([]float64, n), make([]float64, d)
	for j, v := range x {
		row[j] = float64(v)
	}
	b.Apply(z, row)
	sum, square := 0.0, energy(x)
	for j, v := range z {
		if bit := got[j/8] >> (j % 8) & 1; (bit == 1) != (v > 0) && math.Abs(v) > 1e-5 { // a sign of rounding
			t.Fatalf("row %d: bit %d is %d, B·x is %g", i, j, bit, v)
		}
		sum += math.Abs(v)
	}
	got = got[(n+7)/8:]
	if h.Side.Norms {
		want := math.Sqrt(energy(x))
		if norm := h.Scale * math.Exp2((float64(got[0])-128)/16); got[0] == 0 != (want == 0) || want > 0 && math.Abs(math.Log2(norm/want)) > 1./32+1e-6 {
			t.Fatalf("row %d: norm %g, want %g", i, norm, want)
		}
		got = got[1:]
	}
	if h.Side.Factors {
		want := 0.4 // the least
		if square > 0 {
			want = sum / float64(n) / math.Sqrt(energy(x))
		}
		if factor := 0.4 + 0.8/255*float64(got[0]); math.Abs(factor-want) > 0.4/255+1e-6 && (want > 0.4 && want < 1.2) {
			t.Fatalf("row %d: factor %g, want %g", i, factor, want)
		}
		got = got[1:]
	}
	return got
}

// The file is a function of the rows and the settings: not of the number of threads, nor of the run.
func TestRotatedFileIsAFunction(t *testing.T) {
	t.Parallel()
	x := drawn(amp.SparseLaplace{P: 0.4}, 3000, 16)
	var files [][]byte
	for _, threads := range []int{1, 2, 5} {
		_, path := encoded(t, x, codec.Encoding{Kind: rotation.Haar, Seed: 4, Rate: 1.2, Threads: threads})
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, b)
	}
	if !bytes.Equal(files[0], files[1]) || !bytes.Equal(files[0], files[2]) {
		t.Error("the bytes depend on the number of threads")
	}
}

// Scaling a row by a power of two changes no bit of its code, up to the ends of float32.
func TestRotatedRowsOfAnySize(t *testing.T) {
	t.Parallel()
	const d = 64
	x := drawn(amp.Gaussian{}, 6, d)
	for i, scale := range []float64{1, 0x1p-100, 0x1p-60, 0x1p60, 0x1p120, 1} {
		for j := range d {
			x.Data[i*d+j] = float32(scale * float64(x.Data[j]))
		}
	}
	f, _ := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Rate: 1})
	got, err := f.ReadBlock(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		if !bytes.Equal(got[:8], got[8*i:][:8]) {
			t.Errorf("row %d has another code than row 0", i)
		}
	}
}

func TestEncodeRotatedRefuses(t *testing.T) {
	t.Parallel()
	good := codec.Encoding{Kind: rotation.Hadamard, Rate: 1, Laws: []string{"gaussian"}}
	rows := func(change func(x []float32)) *datasets.Table {
		x := drawn(amp.Gaussian{}, 300, 8)
		change(x.Data)
		return x
	}
	for want, c := range map[string]struct {
		rows *datasets.Table
		e    codec.Encoding
	}{
		"row 290, column 3 is NaN":             {rows(func(x []float32) { x[290*8+3] = float32(math.NaN()) }), good},
		"row 7, column 0 is +Inf":              {rows(func(x []float32) { x[7*8] = float32(math.Inf(1)) }), good},
		"are all 0: there is no law":           {rows(func(x []float32) { clear(x) }), good},
		"rate = 0: must be positive":           {rows(func([]float32) {}), codec.Encoding{Kind: rotation.Hadamard}},
		"rate = NaN: must be positive":         {rows(func([]float32) {}), codec.Encoding{Kind: rotation.Hadamard, Rate: math.NaN()}},
		"n = 2147483647 bits of a row: must":   {rows(func([]float32) {}), codec.Encoding{Kind: rotation.Hadamard, Rate: 1e12}},
		"rotation = 0: must be 1 (haar) or 2 ": {rows(func([]float32) {}), codec.Encoding{Rate: 1}},
	} {
		path := filepath.Join(t.TempDir(), "x.a1b")
		if _, err := codec.EncodeRotated(t.Context(), c.rows, path, c.e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q left a file", want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := codec.EncodeRotated(ctx, drawn(amp.Gaussian{}, 300, 8), filepath.Join(t.TempDir(), "x"), good); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

// A row whose norm is out of the scale's reach is refused by its number; without norms it is encoded.
func TestNormOutOfReach(t *testing.T) {
	t.Parallel()
	x := drawn(amp.Gaussian{}, 1<<15, 4) // every second row is sampled
	for j := range 4 {
		x.Data[4*12345+j] = 1e4
	}
	e := codec.Encoding{Kind: rotation.Hadamard, Rate: 1, Laws: []string{"gaussian"}}
	encoded(t, x, e)
	e.Side.Norms = true
	if _, err := codec.EncodeRotated(t.Context(), x, filepath.Join(t.TempDir(), "x"), e); err == nil || !strings.Contains(err.Error(), "row 12345: its root mean square is 1e+04: must be at most 245 times") {
		t.Error(err)
	}
}

// Every damaged byte of a file is found, and so are a file that is cut off and one that goes on.
func TestRotatedDamage(t *testing.T) {
	t.Parallel()
	x := drawn(amp.SparseGaussian{P: 0.5}, 300, 13)
	_, path := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Rate: 1, Side: codec.Side{Norms: true}})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(t.TempDir(), "x")
	if err := readAll(place, whole); err != nil {
		t.Fatal(err)
	}
	for at := range whole {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 4
		if err := readAll(place, damaged); err == nil || errors.Is(err, codec.ErrModelCodes) {
			t.Fatalf("byte %d is damaged: %v", at, err)
		}
	}
	for _, size := range []int{0, 5, 12, 90, 120, len(whole) - 21, len(whole) - 1} {
		if err := readAll(place, whole[:size]); err == nil || !strings.Contains(err.Error(), "ends at byte") {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
	if err := readAll(place, append(bytes.Clone(whole), 0)); err == nil || !strings.Contains(err.Error(), "goes on after its end") {
		t.Errorf("a byte more: %v", err)
	}
	if err := readAll(place, []byte("\x93NUMPY, a file of another kind")); err == nil || !strings.Contains(err.Error(), "not a file of codes") {
		t.Error(err)
	}
}

// readAll writes a file of these bytes and reads its blocks.
func readAll(path string, b []byte) error {
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return err
	}
	f, err := codec.OpenRotated(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for block := range f.Header().Blocks() {
		if _, err := f.ReadBlock(block, nil); err != nil {
			return err
		}
	}
	return nil
}

// Numbers that no encoder writes are refused although their checksum is right: none may panic or allocate without bound.
func FuzzRotatedHeader(f *testing.F) {
	path := filepath.Join(f.TempDir(), "x.a1b")
	if _, err := codec.EncodeRotated(f.Context(), drawn(amp.SparseGaussian{P: 0.5}, 20, 5), path, codec.Encoding{Kind: rotation.Hadamard, Rate: 1, Laws: []string{"empirical"}}); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	for _, at := range []int{12, 16, 20, 24, 28, 35, 52, 60, 68, 92, 100, 110} {
		f.Add(at, uint32(1<<30))
		f.Add(at, uint32(0))
	}
	f.Fuzz(func(t *testing.T, at int, v uint32) {
		b := bytes.Clone(whole)
		size := int(binary.LittleEndian.Uint32(b[12:]))
		if at < 12 || at > size-8 {
			return
		}
		binary.LittleEndian.PutUint32(b[at:], v)
		sum := crc32.Checksum(b[:size-4], crc32.MakeTable(crc32.Castagnoli))
		binary.LittleEndian.PutUint32(b[size-4:], sum)
		_ = readAll(filepath.Join(t.TempDir(), "x"), b)
	})
}

// A file of version 1 is told from damage.
func TestModelCodesAreNotRotated(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := codec.NewWriter(&b, codec.Header{Dim: 3, Bits: 2, BlockRows: 1, Rows: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write([]float32{1, -1}), w.Close(), readAll(filepath.Join(t.TempDir(), "x"), b.Bytes())); !errors.Is(err, codec.ErrModelCodes) {
		t.Error(err)
	}
	_, path := encoded(t, drawn(amp.Gaussian{}, 5, 4), codec.Encoding{Kind: rotation.Hadamard, Rate: 1})
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := codec.NewReader(f); !errors.Is(err, codec.ErrRotatedCodes) {
		t.Error(err)
	}
}

// With norms, rows count for the law in proportion to their energy, as they do in the error.
func TestLawByEnergy(t *testing.T) {
	t.Parallel()
	const rows, d = 400, 256
	x, dense := drawn(amp.SparseGaussian{P: 0.1}, rows, d), drawn(amp.Gaussian{}, rows, d)
	for i := 0; i < rows; i += 2 { // every second row is dense, with a 99th of the energy
		for j := range d {
			x.Data[i*d+j] = dense.Data[i*d+j] / 10
		}
	}
	share := func(side codec.Side) float64 {
		f, _ := encoded(t, x, codec.Encoding{Kind: rotation.Hadamard, Rate: 1, Side: side, Laws: []string{"sparse-gaussian"}})
		return f.Header().Law.P
	}
	if p := share(codec.Side{Norms: true}); math.Abs(p-0.11) > 0.02 {
		t.Errorf("p = %.3f by energy, want about 0.1", p)
	}
	if p := share(codec.Side{}); p < 0.3 {
		t.Errorf("p = %.3f, although half of the rows are dense", p)
	}
}
