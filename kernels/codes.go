package kernels

import "math/bits"

// Sparse codes of dictionary models: rows of cols numbers, k of them not zero.
//
//	row i = Σ_j s_ij·a_ij·e_{t_ij},  j = 0 … k−1
//
// The positions t_i0, …, t_i,k−1 are a uniformly random set (Floyd's method), a_ij is uniform on [lo, hi] and s_ij = 1, or ±1 with
// equal probability where the law is signed. The j-th entry of row i uses the Philox words of counter k·i + j: w0 chooses the
// position as ⌊w0·(cols−k+j+1)·2⁻³²⌋, w1 the amplitude, the lowest bit of w2 the sign. Positions are uniform up to cols·2⁻³²;
// entries past 2³² repeat. Row i is a function of its number alone, so a batch may be drawn in parts.
//
// Source of the method: Bentley and Floyd 1987, "Programming pearls: a sample of brilliance".

// CodeLaw is the law of a sparse code.
type CodeLaw struct {
	// Support is k, from 1 to the number of columns.
	Support int
	// Lo and Hi bound the magnitudes, 0 < Lo ≤ Hi.
	Lo, Hi float64
	// Signed gives every entry a random sign.
	Signed bool
}

// SampleCodes fills dst with the codes number row, row+1, … of a law and a stream, of cols numbers each.
func SampleCodes(dst []float32, cols, row int, law CodeLaw, s Stream) {
	sameLength(len(dst)%cols, 0)
	clear(dst)
	k := law.Support
	lo, width := float32(law.Lo), float32(law.Hi-law.Lo)
	for ; len(dst) > 0; dst, row = dst[cols:], row+1 {
		for j := range k {
			w := s.words(uint32(row*k + j))
			last := cols - k + j
			at, _ := bits.Mul32(w[0], uint32(last+1))
			if dst[at] != 0 {
				at = uint32(last)
			}
			u := fma(float32(w[1]>>8), 0x1p-24, 0x1p-25)
			a := fma(width, u, lo)
			if law.Signed {
				a = flip(a, w[2])
			}
			dst[at] = a
		}
	}
}
