package datasets_test

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"autoamp/datasets"
)

// bigEndian is numbers as bytes, the highest first.
func bigEndian(t *testing.T, numbers any) []byte {
	t.Helper()
	out, err := binary.Append(nil, binary.BigEndian, numbers)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every real type of NumPy in both orders, at the ends of its range.
func TestArrayTypes(t *testing.T) {
	t.Parallel()
	floats := []float32{-1.5, 0, math.MaxFloat32, float32(math.Inf(-1))}
	doubles := []float64{-1.5, 1e300, 1e-300, math.Pi}
	for descr, tt := range map[string]struct {
		numbers any
		want    []float64
	}{
		"|b1": {[]bool{true, false, true, true}, []float64{1, 0, 1, 1}},
		"|u1": {[]uint8{0, 1, 128, 255}, []float64{0, 1, 128, 255}},
		"|i1": {[]int8{0, 1, -128, 127}, []float64{0, 1, -128, 127}},
		"<u2": {[]uint16{0, 1, 258, 65535}, []float64{0, 1, 258, 65535}},
		">u2": {bigEndian(t, []uint16{0, 1, 258, 65535}), []float64{0, 1, 258, 65535}},
		"<i2": {[]int16{-1, 1, -32768, 32767}, []float64{-1, 1, -32768, 32767}},
		">i2": {bigEndian(t, []int16{-1, 1, -32768, 32767}), []float64{-1, 1, -32768, 32767}},
		"<u4": {[]uint32{0, 1, 16909060, math.MaxUint32}, []float64{0, 1, 16909060, math.MaxUint32}},
		">u4": {bigEndian(t, []uint32{0, 1, 16909060, math.MaxUint32}), []float64{0, 1, 16909060, math.MaxUint32}},
		"<i4": {[]int32{-1, 1, math.MinInt32, math.MaxInt32}, []float64{-1, 1, math.MinInt32, math.MaxInt32}},
		">i4": {bigEndian(t, []int32{-1, 1, math.MinInt32, math.MaxInt32}), []float64{-1, 1, math.MinInt32, math.MaxInt32}},
		"<u8": {[]uint64{0, 1, 1 << 40, math.MaxUint64}, []float64{0, 1, 1 << 40, math.MaxUint64}},
		">u8": {bigEndian(t, []uint64{0, 1, 1 << 40, math.MaxUint64}), []float64{0, 1, 1 << 40, math.MaxUint64}},
		"<i8": {[]int64{-1, 1, math.MinInt64, 1 << 40}, []float64{-1, 1, math.MinInt64, 1 << 40}},
		">i8": {bigEndian(t, []int64{-1, 1, math.MinInt64, 1 << 40}), []float64{-1, 1, math.MinInt64, 1 << 40}},
		// 1, the largest, the smallest subnormal and −2 of IEEE 754 binary16.
		"<f2": {[]uint16{0x3c00, 0x7bff, 0x0001, 0xc000}, []float64{1, 65504, 0x1p-24, -2}},
		">f2": {bigEndian(t, []uint16{0x3c00, 0xfc00, 0x0400, 0x8001}), []float64{1, math.Inf(-1), 0x1p-14, -0x1p-24}},
		"<f4": {floats, []float64{-1.5, 0, math.MaxFloat32, math.Inf(-1)}},
		">f4": {bigEndian(t, floats), []float64{-1.5, 0, math.MaxFloat32, math.Inf(-1)}},
		"<f8": {doubles, doubles},
		">f8": {bigEndian(t, doubles), doubles},
		"=f8": {doubles, doubles},
		"f8":  {doubles, doubles},
	} {
		a, err := datasets.OpenArray(t.Context(), store(t, "x.npy", npy(1, descr, "False", "(2, 2)", tt.numbers)))
		if err != nil {
			t.Errorf("%s: %v", descr, err)
			continue
		}
		row, exact := make([]float32, 2), make([]float64, 2)
		for i, want := range tt.want {
			if err := a.Row(row, i/2); err != nil || row[i%2] != float32(want) {
				t.Errorf("%s: number %d is %v, want %v; %v", descr, i, row[i%2], float32(want), err)
			}
			if err := a.Row64(exact, i/2); err != nil || exact[i%2] != want {
				t.Errorf("%s: number %d is exactly %v, want %v; %v", descr, i, exact[i%2], want, err)
			}
		}
		a.Close()
	}
}

// What NumPy itself takes as a header (checked with 1.24).
func TestArrayHeaders(t *testing.T) {
	t.Parallel()
	numbers := make([]byte, 24)
	for _, header := range []string{
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }\n",
		"{'shape':(2,3),'descr':'<f4','fortran_order':False}",
		"{ 'fortran_order' : False ,\n 'shape' : ( 2 , 3 , ) , \"descr\" : \"<f4\" }   \n",
		"{'descr': u'<f4', u'fortran_order': False, 'shape': (2, 3)}",
	} {
		for version := byte(1); version <= 3; version++ {
			file := append([]byte("\x93NUMPY"), version, 0)
			if version == 1 {
				file = binary.LittleEndian.AppendUint16(file, uint16(len(header)))
			} else {
				file = binary.LittleEndian.AppendUint32(file, uint32(len(header)))
			}
			path := store(t, "x.npy", append(append(file, header...), numbers...))
			if rows, cols, err := datasets.ArrayShape(path); err != nil || rows != 2 || cols != 3 {
				t.Errorf("version %d, %s: %d × %d, %v", version, strings.TrimSpace(header), rows, cols, err)
			}
		}
	}
}
