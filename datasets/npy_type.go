package datasets

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"regexp"
)

// npyType is the type of the numbers of an array.
type npyType struct {
	kind  byte // f: float, i: integer, u: integer without sign, b: truth
	width int  // in bytes
	big   bool // the first byte is the highest
}

// The two types that most arrays have; they are read fast.
var (
	npyFloat32 = npyType{kind: 'f', width: 4}
	npyFloat64 = npyType{kind: 'f', width: 8}
)

// npyDescr is a type as NumPy describes it: the order of the bytes, if any, and the type.
var npyDescr = regexp.MustCompile(`^([<>=|]?)([fiub])([1248])$`)

// parseNPYType reads a description such as "<f4".
//
// Source: numpy, "The array interface protocol", typestr.
func parseNPYType(descr string) (npyType, error) {
	if m := npyDescr.FindStringSubmatch(descr); m != nil {
		t := npyType{kind: m[2][0], width: int(m[3][0] - '0'), big: m[1] == ">"}
		if t.kind != 'f' && t.kind != 'b' || t.kind == 'f' && t.width > 1 || t.kind == 'b' && t.width == 1 {
			return t, nil
		}
	}
	return npyType{}, fmt.Errorf("dtype %q: must be a float of at most 64 bits, an integer or bool; x.astype('<f4') converts", descr)
}

// exact reports whether float32 holds every number of the type.
func (t npyType) exact() bool {
	return t.width <= 2 || t == npyFloat32 || t == npyType{kind: 'f', width: 4, big: true}
}

// number returns the number that raw begins with.
func (t npyType) number(raw []byte) float64 {
	b := t.bits(raw)
	switch {
	case t.kind == 'f' && t.width == 8:
		return math.Float64frombits(b)
	case t.kind == 'f' && t.width == 4:
		return float64(math.Float32frombits(uint32(b)))
	case t.kind == 'f':
		return half(b)
	case t.kind == 'i':
		unused := 64 - 8*t.width
		return float64(int64(b<<unused) >> unused) // the shift back repeats the sign
	case t.kind == 'b' && b != 0:
		return 1
	}
	return float64(b)
}

// bits returns the bytes of a number as an integer.
func (t npyType) bits(raw []byte) (b uint64) {
	switch t.width {
	case 1:
		return uint64(raw[0])
	case 2:
		b = uint64(binary.LittleEndian.Uint16(raw))
	case 4:
		b = uint64(binary.LittleEndian.Uint32(raw))
	default:
		b = binary.LittleEndian.Uint64(raw)
	}
	if t.big {
		b = bits.ReverseBytes64(b) >> (64 - 8*t.width)
	}
	return b
}

// half is the value of a float16: sign, 5 bits of exponent, 10 of mantissa (IEEE 754 binary16).
func half(b uint64) float64 {
	exponent, mantissa, sign := int(b>>10&31), float64(b&1023), 1.0
	if b>>15 != 0 {
		sign = -1
	}
	switch {
	case exponent == 31 && mantissa != 0:
		return math.NaN()
	case exponent == 31:
		return math.Inf(int(sign))
	case exponent == 0:
		return sign * math.Ldexp(mantissa, -24)
	}
	return sign * math.Ldexp(1024+mantissa, exponent-25)
}

// row reads numbers that lie step bytes apart, rounded to float32.
func (t npyType) row(dst []float32, raw []byte, step int) {
	switch t {
	case npyFloat32:
		for j := range dst {
			dst[j] = math.Float32frombits(binary.LittleEndian.Uint32(raw[j*step:]))
		}
	case npyFloat64:
		for j := range dst {
			dst[j] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[j*step:])))
		}
	default:
		for j := range dst {
			dst[j] = float32(t.number(raw[j*step:]))
		}
	}
}
