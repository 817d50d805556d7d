package rotation

import (
	"math"
	"slices"
)

// The same rotation in float64, for package amp's algorithms and as the oracle of the other.

func (h *hadamard) apply(dst, x []float64) {
	v := make([]float64, h.m)
	copy(v, x)
	for _, round := range h.windows {
		part := v[round.start:][:len(round.signs)]
		round.multiply(part)
		transform(part)
	}
	scale := h.scale()
	for i := range dst {
		dst[i] = math.Copysign(scale, float64(h.last[i])) * v[h.place(i)]
	}
}

func (h *hadamard) applyTransposed(dst, z []float64) {
	v := make([]float64, h.m)
	scale := h.scale()
	for i, x := range z {
		v[h.place(i)] = math.Copysign(scale, float64(h.last[i])) * x
	}
	for _, round := range slices.Backward(h.windows) {
		part := v[round.start:][:len(round.signs)]
		transform(part)
		round.multiply(part)
	}
	copy(dst, v)
}

// scale is √max(1, r).
func (h *hadamard) scale() float64 { return math.Sqrt(math.Max(1, float64(h.n)/float64(h.d))) }

// place is the row of the rotation that is row i of B.
func (h *hadamard) place(i int) int {
	if h.picked == nil {
		return i
	}
	return int(h.picked[i])
}

// multiply multiplies by D/√length, which float32 rounds where the length is an odd power of two.
func (w window) multiply(x []float64) {
	size := 1 / math.Sqrt(float64(len(x)))
	for i, s := range w.signs {
		x[i] *= math.Copysign(size, float64(s))
	}
}

// transform is the Walsh–Hadamard transform, not normalised.
func transform(x []float64) {
	for h := 1; h < len(x); h *= 2 {
		for i := 0; i < len(x); i += 2 * h {
			low, high := x[i:i+h], x[i+h:i+2*h]
			for j, a := range low {
				low[j], high[j] = a+high[j], a-high[j]
			}
		}
	}
}
