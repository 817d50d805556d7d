package kernels

import (
	"math"
	"math/bits"
	"testing"
)

// Every level has the bits of the definition's stages on numbers of all sizes, and the entries of H are (−1)^{popcount(i and j)}.
func TestHadamard(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		for n := 1; n <= 1<<15; n *= 2 {
			x, check := fenced(n)
			copy(x, values(n, uint64(n)))
			want := clone(x)
			hadamardScalar(want)
			hadamardLevel(level, x)
			for i := range x {
				if x[i] != want[i] {
					t.Fatalf("n = %d: x[%d] = %g, want %g", n, i, x[i], want[i])
				}
			}
			check(t)
		}
		for _, n := range []int{64, 256} {
			for j := range n {
				x := make([]float32, n)
				x[j] = 1
				hadamardLevel(level, x)
				for i, v := range x {
					if want := float32(1 - 2*(bits.OnesCount(uint(i&j))&1)); v != want {
						t.Fatalf("n = %d: H[%d, %d] = %g, want %g", n, i, j, v, want)
					}
				}
			}
		}
	})
}

func TestHadamardRefusesOtherLengths(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a length of 48 does not panic")
		}
	}()
	Hadamard(make([]float32, 48))
}

func TestSignBits(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		for _, n := range lengths {
			x := values(n, 3)
			if n > 9 {
				x[5], x[6] = 0, float32(math.Copysign(0, -1))
			}
			packed := make([]byte, (n+7)/8+1)
			packed[len(packed)-1] = 0xa5
			packSignsLevel(level, packed, x)
			if packed[len(packed)-1] != 0xa5 {
				t.Fatalf("n = %d: wrote past the last byte", n)
			}
			got, check := fenced(n)
			unpackSignsLevel(level, got, packed)
			check(t)
			for i, v := range x {
				want := float32(1)
				if v < 0 || v == 0 && 1/v < 0 {
					want = -1
				}
				if got[i] != want {
					t.Fatalf("n = %d: the sign of x[%d] = %g is %g", n, i, v, got[i])
				}
			}
			if n%8 != 0 && packed[n/8]>>(n%8) != 0 {
				t.Fatalf("n = %d: the bits past the last are %08b", n, packed[n/8])
			}
		}
	})
}
