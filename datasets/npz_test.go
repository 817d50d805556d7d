package datasets_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/datasets"
)

// member is one array of an archive in the making.
type member struct {
	header zip.FileHeader
	packed []byte // as it lies in the archive
}

// rawArchive makes a .npz file of members as they are, also wrong ones.
func rawArchive(t testing.TB, members ...member) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		f, err := w.CreateRaw(&m.header)
		if err == nil {
			_, err = f.Write(m.packed)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func deflated(data []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestCompression)
	w.Write(data)
	w.Close()
	return out.Bytes()
}

// Each byte of an archive is turned over once: the numbers are refused or the same.
func TestDamagedArchives(t *testing.T) {
	t.Parallel()
	numbers := []float32{1, 2, 3, 4, 5, 6}
	for name, method := range map[string]uint16{"stored": zip.Store, "deflated": zip.Deflate} {
		file := archive(t, method, map[string][]byte{"x.npy": npy(1, "<f4", "False", "(2, 3)", numbers)})
		refused := 0
		for at := range file {
			bad := bytes.Clone(file)
			bad[at] ^= 0x40
			a, err := datasets.OpenArray(t.Context(), store(t, "x.npz", bad))
			if err != nil {
				refused++
				continue
			}
			row := make([]float32, 3)
			for i := range a.Len() {
				if err := a.Row(row, i); err != nil || row[0] != numbers[3*i] || row[2] != numbers[3*i+2] || a.Dim() != 3 {
					t.Errorf("%s: byte %d of %d: row %d is %v, %v", name, at, len(file), i, row, err)
				}
			}
			a.Close()
		}
		t.Logf("%s: %d of %d damaged archives are refused, the others have the same numbers", name, refused, len(file))
	}
}

func TestBadArchives(t *testing.T) {
	t.Parallel()
	array := npy(1, "<f4", "False", "(2, 3)", make([]float32, 6))
	good := archive(t, zip.Store, map[string][]byte{"x.npy": array})
	renamed := bytes.Replace(good, []byte("x.npy"), []byte("y.npy"), 1) // where it lies, not in the directory
	twice := rawArchive(t, member{zip.FileHeader{Name: "x.npy"}, nil}, member{zip.FileHeader{Name: "x.npy"}, nil})
	lying := bytes.Clone(good)
	at := bytes.Index(lying, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lying[at+24:], uint32(len(array)+1)) // the plain size
	locked := bytes.Clone(good)
	locked[at+8] |= 1
	// A member of a megabyte of zeros that says it has another size.
	bomb := deflated(append(bytes.Clone(array), make([]byte, 1<<20)...))
	declared := func(size int) []byte {
		return rawArchive(t, member{zip.FileHeader{Name: "x.npy", Method: zip.Deflate, UncompressedSize64: uint64(size),
			CompressedSize64: uint64(len(bomb))}, bomb})
	}
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"renamed":                {renamed, `x.npy: damaged: is "y.npy" where it lies`},
		"twice":                  {twice, `array "x": is there twice`},
		"another size":           {lying, "is stored in"},
		"encrypted":              {locked, "is encrypted"},
		"more than it declares":  {declared(len(array)), "x.npy: damaged: its bytes have CRC-32"},
		"more than the header":   {declared(len(array) + 1<<20), "must have 24 bytes of numbers, there are 1048600"},
		"more than deflate has":  {declared(1 << 31), "2147483648 bytes in 1"},
		"more than memory holds": {declared(1 << 33), "must be at most 4 GiB"},
		"another method": {rawArchive(t, member{zip.FileHeader{Name: "x.npy", Method: 12, UncompressedSize64: uint64(len(array)),
			CompressedSize64: uint64(len(array))}, array}), "unsupported compression algorithm"},
		"empty":          {rawArchive(t), "the archive is empty"},
		"not an archive": {array, "not an archive of NumPy arrays"},
	} {
		path := store(t, "x.npz", tt.file)
		if _, err := datasets.OpenArray(t.Context(), path); err == nil || !strings.Contains(err.Error(), tt.want) ||
			!strings.HasPrefix(err.Error(), "datasets: npy:"+path+": ") {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
}

// inflated counts the bytes that are inflated from members of a method of this test's own.
var inflated int

const countedMethod = 0x4142

func init() {
	zip.RegisterCompressor(countedMethod, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	zip.RegisterDecompressor(countedMethod, func(r io.Reader) io.ReadCloser { return counted{flate.NewReader(r)} })
}

type counted struct{ io.ReadCloser }

func (c counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	inflated += n
	return n, err
}

// The shape costs the header, the array its size once, and a bomb no more than it declares.
func TestInflatedOnce(t *testing.T) {
	const rows = 1 << 14
	array := npy(1, "<f4", "False", "(16384, 8)", make([]float32, 8*rows))
	path := store(t, "x.npz", archive(t, countedMethod, map[string][]byte{"x.npy": array}))
	inflated = 0
	if n, d, err := datasets.ArrayShape(path); err != nil || n != rows || d != 8 {
		t.Errorf("%d × %d, %v", n, d, err)
	}
	if most := len(array) - 8*4*rows; inflated > most {
		t.Errorf("%d bytes are inflated for the shape, the header has %d", inflated, most)
	}
	inflated = 0
	a, err := datasets.OpenArray(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if most := len(array) + 1<<10; inflated > most {
		t.Errorf("%d bytes are inflated for an array of %d", inflated, len(array))
	}
	packed := deflated(append(npy(1, "<f4", "False", "(2, 3)", make([]float32, 6)), make([]byte, 1<<22)...))
	size := len(npy(1, "<f4", "False", "(2, 3)", make([]float32, 6)))
	bomb := rawArchive(t, member{zip.FileHeader{Name: "x.npy", Method: countedMethod, UncompressedSize64: uint64(size),
		CompressedSize64: uint64(len(packed))}, packed})
	inflated = 0
	if _, err := datasets.OpenArray(t.Context(), store(t, "x.npz", bomb)); err == nil || inflated > 2*size {
		t.Errorf("%d bytes are inflated of a bomb that declares %d: %v", inflated, size, err)
	}
}

// endless is a context that ends when it is asked for the n-th time.
type endless struct {
	context.Context
	left int
}

func (e *endless) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

// Reading an archive stops between two pieces of a megabyte.
func TestArchivesAreInterrupted(t *testing.T) {
	t.Parallel()
	array := npy(1, "<f4", "False", "(1048576, 1)", make([]float32, 1<<20))
	for name, method := range map[string]uint16{"stored": zip.Store, "deflated": zip.Deflate} {
		path := store(t, "x.npz", archive(t, method, map[string][]byte{"x.npy": array}))
		if _, err := datasets.OpenArray(&endless{t.Context(), 3}, path); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzArchive(f *testing.F) {
	array := npy(1, "<f8", "False", "(1, 3)", make([]float64, 3))
	f.Add(archive(f, zip.Store, map[string][]byte{"x.npy": array}))
	f.Add(archive(f, zip.Deflate, map[string][]byte{"x.npy": array}))
	f.Add(archive(f, zip.Deflate, map[string][]byte{"x.npy": npy(1, "<f4", "True", "(100, 1000)", make([]float32, 1e5))}))
	f.Add(rawArchive(f, member{zip.FileHeader{Name: "x.npy", UncompressedSize64: 9, CompressedSize64: 9}, array[:9]}))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) { tryArray(t, filepath.Join(dir, "x.npz"), data) })
}
