package kernels

import "math/bits"

// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
//
// Ten rounds of two 32×32→64-bit products turn a counter and a key into four independent words.

const (
	philoxM0 = 0xD2511F53
	philoxM1 = 0xCD9E8D57
	philoxW0 = 0x9E3779B9
	philoxW1 = 0xBB67AE85
	// philoxRounds is the number of rounds, and of round keys.
	philoxRounds = 10
)

// Philox returns the four random words of a counter under a key, as Random123's philox4x32 does.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	k0, k1 := key[0], key[1]
	for range philoxRounds {
		hi0, lo0 := bits.Mul32(philoxM0, c0)
		hi1, lo1 := bits.Mul32(philoxM1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += philoxW0
		k1 += philoxW1
	}
	return [4]uint32{c0, c1, c2, c3}
}

// Stream names one random sequence: a run's seed, the purpose it is drawn for, and the training step.
// Sequences of different names are independent, and an element is a function of the sequence's name
// and the element's index alone, so that a resumed run and another processor draw the same values.
type Stream struct {
	Seed   uint64
	Stream uint32
	Step   uint64
}

// words returns the random words of one counter of the stream.
func (s Stream) words(counter uint32) [4]uint32 {
	return Philox(
		[4]uint32{counter, s.Stream, uint32(s.Step), uint32(s.Step >> 32)},
		[2]uint32{uint32(s.Seed), uint32(s.Seed >> 32)})
}
