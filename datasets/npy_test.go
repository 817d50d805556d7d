package datasets_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"autoamp/datasets"
	"autoamp/datasets/durable/durabletest"
)

// npy writes an array as numpy.lib.format describes it.
func npy(version byte, descr, order, shape string, numbers any) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
	header += strings.Repeat(" ", 20) + "\n"
	out := append([]byte("\x93NUMPY"), version, 0)
	if version == 1 {
		out = binary.LittleEndian.AppendUint16(out, uint16(len(header)))
	} else {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(header)))
	}
	out, _ = binary.Append(append(out, header...), binary.LittleEndian, numbers)
	return out
}

func store(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// archive makes a .npz file.
func archive(t testing.TB, method uint16, members map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, data := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err == nil {
			_, err = f.Write(data)
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

func TestArrays(t *testing.T) {
	t.Parallel()
	c32, f32 := []float32{1, 2, 3, 4, 5, 6}, []float32{1, 4, 2, 5, 3, 6}
	c64, f64 := []float64{1, 2, 3, 4, 5, 6}, []float64{1, 4, 2, 5, 3, 6}
	whole := npy(1, "<f4", "False", "(2, 3)", c32)
	for name, data := range map[string][]byte{
		"c32.npy":   whole,
		"f32.npy":   npy(2, "<f4", "True", "(2, 3)", f32),
		"c64.npy":   npy(3, "<f8", "False", "(2, 3)", c64),
		"f64.npy":   npy(1, "<f8", "True", "(2, 3)", f64),
		"cube.npy":  npy(1, "<f8", "False", "(2, 1, 3)", c64),
		"plain.npz": archive(t, zip.Store, map[string][]byte{"x.npy": whole}),
		"small.npz": archive(t, zip.Deflate, map[string][]byte{"x.npy": whole}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := datasets.OpenArray(t.Context(), store(t, name, data))
			if err != nil {
				t.Fatal(err)
			}
			if a.Len() != 2 || a.Dim() != 3 {
				t.Fatalf("%d × %d, want 2 × 3", a.Len(), a.Dim())
			}
			row := make([]float32, 3)
			for i := range 2 {
				if err := a.Row(row, i); err != nil {
					t.Fatal(err)
				}
				if row[0] != c32[3*i] || row[1] != c32[3*i+1] || row[2] != c32[3*i+2] {
					t.Errorf("row %d is %v", i, row)
				}
			}
			if a.Row(row, 2) == nil || a.Row(row[:2], 0) == nil {
				t.Error("a row that is not there is read")
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			if a.Row(row, 0) == nil {
				t.Error("a closed array is read")
			}
		})
	}
}

// All numbers of an array, whatever its shape.
func TestNumbersOfAnyShape(t *testing.T) {
	t.Parallel()
	for shape, want := range map[string][2]int{
		"(6,)": {1, 6}, "(2, 3)": {2, 3}, "(3, 1, 2)": {3, 2}, "()": {1, 1}, "(0,)": {}, "(2, 0)": {},
	} {
		for _, order := range []string{"False", "True"} {
			numbers := []float32{1, 2, 3, 4, 5, 6}[:want[0]*want[1]]
			a, err := datasets.OpenNumbers(t.Context(), store(t, "x.npy", npy(1, "<f4", order, shape, numbers)))
			if len(numbers) == 0 {
				if err == nil || !strings.Contains(err.Error(), "is empty") {
					t.Errorf("%s: error %v", shape, err)
				}
				continue
			}
			if err != nil || a.Len() != want[0] || a.Dim() != want[1] {
				t.Errorf("%s: %+v, %v", shape, a, err)
				continue
			}
			row, sum := make([]float32, a.Dim()), float32(0)
			for i := range a.Len() {
				if err := a.Row(row, i); err != nil {
					t.Fatal(err)
				}
				for _, v := range row {
					sum += v
				}
			}
			if n := float32(len(numbers)); sum != n*(n+1)/2 {
				t.Errorf("%s: the sum is %g", shape, sum)
			}
			a.Close()
		}
	}
}

func TestArchiveMembers(t *testing.T) {
	t.Parallel()
	a := npy(1, "<f4", "False", "(1, 2)", []float32{1, 2})
	b := npy(1, "<f4", "False", "(1, 2)", []float32{3, 4})
	path := store(t, "two.npz", archive(t, zip.Store, map[string][]byte{"a.npy": a, "b.npy": b}))
	if _, err := datasets.OpenArray(t.Context(), path); err == nil || !strings.Contains(err.Error(), "name one of ") {
		t.Errorf("without a name: %v", err)
	}
	array, err := datasets.OpenArray(t.Context(), path+":b")
	if err != nil {
		t.Fatal(err)
	}
	defer array.Close()
	row := make([]float32, 2)
	if err := array.Row(row, 0); err != nil || row[0] != 3 {
		t.Errorf("row %v, error %v", row, err)
	}
}

func TestBadArrays(t *testing.T) {
	t.Parallel()
	good := npy(1, "<f4", "False", "(2, 3)", make([]float32, 6))
	long := bytes.Clone(good)
	binary.LittleEndian.PutUint16(long[8:], 60000)
	huge := npy(2, "<f4", "False", "(2, 3)", make([]float32, 6))
	binary.LittleEndian.PutUint32(huge[8:], 1<<31)
	for name, tt := range map[string]struct {
		data []byte
		want string
	}{
		"empty":      {nil, "shorter than a header"},
		"text":       {[]byte("1,2,3\n4,5,6\n7,8,9\n"), "begins with"},
		"version":    {npy(9, "<f4", "False", "(2, 3)", make([]float32, 6)), "format version 9"},
		"cut":        {good[:len(good)-1], "must have 24 bytes of numbers, there are 23"},
		"trailing":   {append(bytes.Clone(good), 0), "there are 25"},
		"long":       {long, "it ends early"},
		"huge":       {huge, "at most 65536 are allowed"},
		"type":       {npy(1, "<c8", "False", "(2, 3)", make([]complex64, 6)), `dtype "<c8": must be a float of at most 64 bits, an integer or bool`},
		"wide":       {npy(1, "<f16", "False", "(2, 3)", make([]complex128, 6)), `dtype "<f16": must be`},
		"two bytes":  {npy(1, "|b2", "False", "(2, 3)", make([]uint16, 6)), `dtype "|b2": must be`},
		"one byte":   {npy(1, "<f1", "False", "(2, 3)", make([]uint8, 6)), `dtype "<f1": must be`},
		"a list":     {npy(1, "<f4", "False", "[2, 3]", make([]float32, 6)), "damaged header"},
		"two commas": {npy(1, "<f4", "False", "(2,,3)", make([]float32, 6)), "damaged header"},
		"vector":     {npy(1, "<f4", "False", "(6,)", make([]float32, 6)), "two dimensions or more"},
		"no rows":    {npy(1, "<f4", "False", "(0, 3)", []float32{}), "is empty"},
		"overflow":   {npy(1, "<f4", "False", "(4294967296, 4294967296, 4)", []float32{}), "at most 2⁵⁰ numbers"},
		"negative":   {npy(1, "<f4", "False", "(-2, 3)", []float32{}), "damaged header"},
		"fortran 3":  {npy(1, "<f4", "True", "(2, 1, 3)", make([]float32, 6)), "Fortran order: must have two dimensions"},
		"object":     {npy(1, "<f4', 'x': '", "False", "(2, 3)", []float32{}), "damaged header"},
		"archive":    {[]byte("PK"), "not a NumPy array"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := store(t, "x.npy", tt.data)
			if _, err := datasets.OpenArray(t.Context(), path); err == nil || !strings.Contains(err.Error(), tt.want) ||
				!strings.HasPrefix(err.Error(), "datasets: npy:"+path+": ") {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := datasets.OpenArray(t.Context(), t.TempDir()); err == nil {
		t.Error("a directory is opened")
	}
}

// A file that another program cuts off must not end the process.
func TestCutWhileOpen(t *testing.T) {
	t.Parallel()
	path := store(t, "x.npy", npy(1, "<f4", "False", "(4096, 4)", make([]float32, 4*4096)))
	a, err := datasets.OpenArray(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if err := a.Row(make([]float32, 4), 4095); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("error %v", err)
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	const n = 20000
	table := &datasets.Table{Data: make([]float32, n), Cols: 1}
	for i := range table.Data {
		table.Data[i] = float32(i)
	}
	seen := map[float32]bool{}
	for seed := range uint64(2) {
		training, test, err := datasets.Split(table, 0.1, seed)
		if err != nil {
			t.Fatal(err)
		}
		if sigma := math.Sqrt(n * 0.1 * 0.9); math.Abs(float64(test.Len())-0.1*n) > 4*sigma || training.Len()+test.Len() != n {
			t.Errorf("seed %d: %d and %d of %d rows", seed, training.Len(), test.Len(), n)
		}
		row, common := make([]float32, 1), 0
		for i := range test.Len() {
			if err := test.Row(row, i); err != nil {
				t.Fatal(err)
			}
			if seen[row[0]] {
				common++
			}
			seen[row[0]] = true
		}
		if seed == 1 && math.Abs(float64(common)-0.01*n) > 4*math.Sqrt(0.01*n) {
			t.Errorf("%d rows are held out under both seeds, want about %g", common, 0.01*n)
		}
	}
	if _, _, err := datasets.Split(table, 1, 1); err == nil {
		t.Error("share 1 is accepted")
	}
	if _, _, err := datasets.Split(&datasets.Table{Data: []float32{1}, Cols: 1}, 0.1, 1); err == nil {
		t.Error("one row is split")
	}
}

func TestRowsAreScaled(t *testing.T) {
	t.Parallel()
	table := &datasets.Table{Data: []float32{3, 4, 0, 0}, Cols: 2}
	row := make([]float32, 2)
	unit := datasets.UnitRows{Samples: table, Square: 2}
	if err := unit.Row(row, 0); err != nil || math.Abs(float64(row[0])-1.2) > 1e-6 || math.Abs(float64(row[1])-1.6) > 1e-6 {
		t.Errorf("%v, %v: want 1.2, 1.6, whose mean square is 2", row, err)
	}
	if err := unit.Row(row, 1); err != nil || row[0] != 0 || row[1] != 0 {
		t.Errorf("zeros become %v, %v", row, err)
	}
	if err := (datasets.Scaled{Samples: table, By: 0.5}).Row(row, 0); err != nil || row[1] != 2 {
		t.Errorf("half is %v, %v", row, err)
	}
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	s, err := datasets.NewSurvey(context.Background(), &datasets.Table{Data: []float32{1, 2, 3, -4}, Cols: 2})
	if err != nil || math.Abs(s.RMS-math.Sqrt(7.5)) > 1e-12 || s.Mean[0] != 2 || s.Mean[1] != -1 {
		t.Errorf("%+v, %v", s, err)
	}
	for want, data := range map[string][]float32{
		"row 1, column 0 is NaN":   {1, 2, float32(math.NaN()), 4},
		"row 0, column 1 is -Inf":  {1, float32(math.Inf(-1)), 3, 4},
		"all numbers are 0.1":      {0.1, 0.1, 0.1, 0.1},
		"all numbers are 0: data ": {0, 0, 0, 0},
		"numbers from 1000000000 to 1000000064: training is in float32": {1e9, 1e9 + 64, 1e9, 1e9},
	} {
		if _, err := datasets.NewSurvey(context.Background(), &datasets.Table{Data: data, Cols: 2}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := datasets.NewSurvey(cancelled, &datasets.Table{Data: []float32{1, 2}, Cols: 1}); err == nil {
		t.Error("a cancelled pass goes on")
	}
}

func FuzzArray(f *testing.F) {
	f.Add(npy(1, "<f4", "False", "(2, 3)", []float32{1, 2, 3, 4, 5, 6}))
	f.Add(npy(2, "<f8", "True", "(2, 3)", make([]float64, 6)))
	f.Add(npy(3, ">i2", "False", "(2L, 3L)", make([]int16, 6)))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) { tryArray(t, filepath.Join(dir, "x.npy"), data) })
}

// tryArray opens an array that may be damaged. If it is taken, its numbers are there.
func tryArray(t *testing.T, path string, data []byte) {
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	const factor = 2 * 1032 // what deflated zeros become, twice
	durabletest.Budget(t, len(data), factor, func() {
		rows, cols, shapeErr := datasets.ArrayShape(path)
		a, err := datasets.OpenArray(t.Context(), path)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "datasets: npy:"+path+": ") {
				t.Fatalf("an error without its file: %v", err)
			}
			return
		}
		defer a.Close()
		if shapeErr != nil || a.Len() != rows || a.Dim() != cols {
			t.Fatalf("%d × %d, and as a shape %d × %d, %v", a.Len(), a.Dim(), rows, cols, shapeErr)
		}
		if a.Len()*a.Dim() > 1100*len(data) {
			t.Fatalf("%d × %d numbers from %d bytes", a.Len(), a.Dim(), len(data))
		}
		for _, i := range []int{0, a.Len() - 1} {
			if err := a.Row(make([]float32, a.Dim()), i); err != nil {
				t.Fatal(err)
			}
		}
	})
}
