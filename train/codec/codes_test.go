package codec_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"autoamp/datasets/durable/durabletest"
	"autoamp/kernels"
	"autoamp/train/codec"
)

// codes writes a file of pseudo-random codes and returns it with its codes.
func codes(t testing.TB, h codec.Header) (file []byte, blocks [][]float32) {
	t.Helper()
	var out bytes.Buffer
	w, err := codec.NewWriter(&out, h)
	if err != nil {
		t.Fatal(err)
	}
	for first := 0; first < h.Rows; first += h.BlockRows {
		code := make([]float32, h.BlockRows*h.Bits)
		law := kernels.Law{Kind: kernels.SparseRademacher, P: 1}
		kernels.Sample(code, 0, law, kernels.Stream{Seed: 5, Step: uint64(first)})
		if err := w.Write(code); err != nil {
			t.Fatal(err)
		}
		if rest := h.Rows - first; rest < h.BlockRows {
			for i := rest * h.Bits; i < len(code); i++ {
				code[i] = 1
			}
		}
		blocks = append(blocks, code)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), blocks
}

func TestCodesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, size := range [][3]int{{1, 1, 1}, {10, 3, 4}, {64, 8, 16}, {65, 7, 16}, {5, 100, 256}} { // rows, bits, block
		h := codec.Header{Dim: 9, Rows: size[0], Bits: size[1], BlockRows: size[2], Model: [32]byte{1, 2, 3}}
		file, want := codes(t, h)
		if int64(len(file)) != h.Size() {
			t.Errorf("%v: %d bytes, Size says %d", size, len(file), h.Size())
		}
		r, err := codec.NewReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if r.Header() != h {
			t.Errorf("header %+v, want %+v", r.Header(), h)
		}
		code, rows := make([]float32, h.BlockRows*h.Bits), 0
		for i := 0; ; i++ {
			n, err := r.Next(code)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(code, want[i]) {
				t.Errorf("%v: block %d differs", size, i)
			}
			rows += n
		}
		if rows != h.Rows {
			t.Errorf("%v: %d rows", size, rows)
		}
	}
}

// readCodes reads the whole file and returns the first error other than io.EOF.
func readCodes(file []byte) error {
	r, err := codec.NewReader(bytes.NewReader(file))
	if err != nil {
		return err
	}
	h := r.Header()
	if h.BlockRows*h.Bits > 1<<20 {
		return nil
	}
	code := make([]float32, h.BlockRows*h.Bits)
	for {
		if _, err := r.Next(code); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Every single bit that is turned over is noticed, and so is every length.
func TestDamagedCodes(t *testing.T) {
	t.Parallel()
	file, _ := codes(t, codec.Header{Dim: 9, Rows: 10, Bits: 11, BlockRows: 4})
	for bit := range 8 * len(file) {
		bad := bytes.Clone(file)
		bad[bit/8] ^= 1 << (bit % 8)
		if readCodes(bad) == nil {
			t.Fatalf("bit %d of byte %d: no error", bit%8, bit/8)
		}
	}
	for n := range file {
		if readCodes(file[:n]) == nil {
			t.Fatalf("the first %d bytes: no error", n)
		}
	}
	// Behind 68 bytes of header lie blocks of 44, 44 and 22 bits, each with 4 bytes of checksum.
	for want, bad := range map[string][]byte{
		"the file goes on":        append(bytes.Clone(file), 0),
		"block 2 (bytes 88 to 94": file[:len(file)-1],
		"header (bytes 0 to 67)":  file[:20],
		"block 0 (bytes 68 to 77": swapped(file, 68, 78, 10),
	} {
		if err := readCodes(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// swapped exchanges two blocks, which have the same lengths and each its checksum.
func swapped(file []byte, a, b, size int) []byte {
	out := bytes.Clone(file)
	copy(out[a:], file[b:b+size])
	copy(out[b:], file[a:a+size])
	return out
}

func TestBadCodesHeaders(t *testing.T) {
	t.Parallel()
	for _, h := range []codec.Header{
		{}, {Dim: 1, Bits: 1, BlockRows: 1}, {Dim: 1, Bits: 1 << 20, BlockRows: 1 << 20, Rows: 1}, {Dim: -1, Bits: 1, BlockRows: 1, Rows: 1},
	} {
		if _, err := codec.NewWriter(io.Discard, h); err == nil {
			t.Errorf("%+v is accepted", h)
		}
	}
	w, err := codec.NewWriter(io.Discard, codec.Header{Dim: 1, Bits: 2, BlockRows: 2, Rows: 3})
	if err != nil {
		t.Fatal(err)
	}
	if w.Write(make([]float32, 3)) == nil || w.Close() == nil {
		t.Error("half a block, or a file without its blocks, is accepted")
	}
}

func FuzzCodes(f *testing.F) {
	for _, h := range []codec.Header{{Dim: 3, Rows: 1, Bits: 1, BlockRows: 1}, {Dim: 9, Rows: 10, Bits: 11, BlockRows: 4}} {
		file, _ := codes(f, h)
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		durabletest.Budget(t, len(file), 64, func() {
			if err := readCodes(file); err != nil && !strings.HasPrefix(err.Error(), "datasets: codes: ") {
				t.Fatal(fmt.Errorf("error without its place: %w", err))
			}
		})
	})
}
