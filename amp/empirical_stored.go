package amp

import (
	"encoding/binary"
	"math"
)

// componentBytes is the size of a stored component, and of the two moments before them.
const componentBytes, momentBytes = 3 * 8, 2 * 8

// MarshalBinary stores the law, scaled to unit second moment, without its Scale: E|x|, E x⁴, and weight, mean and variance of each
// component, float64, little-endian.
func (e *Empirical) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, momentBytes+componentBytes*len(e.components))
	put := func(x float64) { b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x)) }
	put(e.absMean)
	put(e.fourth)
	for _, c := range e.components {
		put(c.weight)
		put(c.mean)
		put(c.variance)
	}
	return b, nil
}

// storedRounding is the relative error up to which stored moments and weights add up.
const storedRounding = 1e-9

// UnmarshalBinary is the inverse of MarshalBinary, with a Scale of 1. The error is a *DomainError: bytes that are no law of unit second moment.
func (e *Empirical) UnmarshalBinary(b []byte) error {
	if len(b) < momentBytes+componentBytes || (len(b)-momentBytes)%componentBytes != 0 {
		return &DomainError{"empirical law", len(b), "must be 16 bytes, and 24 for each component"}
	}
	take := func() float64 {
		x := math.Float64frombits(binary.LittleEndian.Uint64(b))
		b = b[8:]
		return x
	}
	read := Empirical{scale: 1, absMean: take(), fourth: take()}
	weight, square := 0.0, 0.0
	for len(b) > 0 {
		c := component{take(), take(), take()}
		if !(c.weight > 0) || !(c.variance >= 0) || math.IsNaN(c.mean) {
			return &DomainError{"empirical law", c, "must have components of positive weight, finite mean and variance"}
		}
		weight += c.weight
		square += c.weight * (c.mean*c.mean + c.variance)
		read.components = append(read.components, c)
	}
	if !(math.Abs(weight-1) <= storedRounding && math.Abs(square-1) <= storedRounding && read.absMean > 0 && read.fourth >= 1-storedRounding) {
		return &DomainError{"empirical law", square, "must have weights that add up to 1, and a second moment of 1"}
	}
	*e = read
	return nil
}
