package kernels

import (
	"math"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The code of an autoencoder.
//
//	dst[i] = +1 where z[i] > 0, −1 where z[i] < 0, a fair coin where z[i] = ±0, NaN where z[i] is NaN
//
// Element j = offset + i of a stream takes bit j mod 32 of word (j/32) mod 4 of Philox under the counter
// (j/128, stream, step low, step high) and the key seed: 1 is +1. The coin matters for sparse data under
// an identity encoder: sign(0) = +1 would give another error there (amp/THEORY.md §1).

// Sign writes the signs of z into dst, which may be z.
func Sign(dst, z []float32, offset int, s Stream) {
	signLevel(best, dst, z, offset, s)
}

func signLevel(level Level, dst, z []float32, offset int, s Stream) {
	sameLength(len(dst), len(z))
	if level == Scalar {
		signScalar(dst, z, offset, s)
		return
	}
	// The vector kernels stop at a zero; from there to the next boundary of 128 coins plain Go takes over.
	for len(z) > 0 {
		var done int
		done = vector.Sign(level == AVX512, unsafe.SliceData(dst), unsafe.SliceData(z), len(z))
		if run := coinRun - (offset+done)%coinRun; done < len(z) {
			run = min(run, len(z)-done)
			signScalar(dst[done:done+run], z[done:done+run], offset+done, s)
			done += run
		}
		dst, z, offset = dst[done:], z[done:], offset+done
	}
}

// coinRun is the number of coins that one counter serves.
const coinRun = 128

func signScalar(dst, z []float32, offset int, s Stream) {
	var coins [4]uint32
	have := -1
	for i, v := range z {
		switch {
		case v > 0:
			dst[i] = 1
		case v < 0:
			dst[i] = -1
		case v == 0:
			j := offset + i
			if j/coinRun != have {
				have = j / coinRun
				coins = s.words(uint32(have))
			}
			dst[i] = coin(coins, j)
		default:
			dst[i] = v
		}
	}
}

// coin returns +1 or −1 by bit j mod 128 of the words.
func coin(words [4]uint32, j int) float32 {
	bit := words[j>>5&3] >> (j & 31) & 1
	return math.Float32frombits(oneBits | (1-bit)<<31)
}
