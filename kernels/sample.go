package kernels

import (
	"math"
	"math/bits"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// Random samples of the data laws of laws.go and of initial weights.
//
//	dst[i] = element offset+i of the stream's infinite sequence
//
// Elements come in blocks of 32. Lane l < 16 of block k owns the counter c = 16k + l, whose Philox words
// w0..w3 (counter words: c, stream, step low, step high; key: seed low, seed high) serve the elements
// 32k + l and 32k + 16 + l:
//
//	u  = (w0 + ½)·2⁻³²                 r = √(−2 ln u)      θ = 2π·w1·2⁻³²
//	normal:  r·cos θ                   and r·sin θ
//	mask:    (w2>>1) < round(p·2³¹)    and (w3>>1) < …
//	sign:    minus where w2 is odd     and w3 is odd
//
// so p is resolved to 5e-10. The Laplace law uses −ln u of (w0+½)·2⁻³² and of (w1+½)·2⁻³². Elements past
// 2³³ repeat. A masked element is +0.
//
// Every level draws the same integers. The normals are the same bits, except for the rounding named in the package
// comment. Measured against float64, −ln u is within 3.5 ulp for every u from 2⁻³³ to 1 − 2⁻³³, cosine and sine within
// 2.5, normals within 4.5 and exponentials within 2 ulp.

// sampleBlock is the number of elements that are drawn together.
const sampleBlock = 32

// sampler is a law and a stream, in the form that the vector kernels read.
type sampler struct {
	keys  [2 * philoxRounds]uint32 // round keys, k0 and k1 in turn
	start [4]uint32                // result of the first rounds on counter words 1..3, see vectorStart
	lawConstants
	counter [3]uint32 // counter words 1..3
}

// Sample fills dst with the elements offset, offset+1, … of the sequence of law and stream. Filling a
// range in one call or in several gives the same values.
func Sample(dst []float32, offset int, law Law, s Stream) {
	sampleLevel(best, dst, offset, law, s)
}

// Normal fills dst with the elements offset, offset+1, … of a stream of N(0, std²).
func Normal(dst []float32, offset int, std float32, s Stream) {
	normalLevel(best, dst, offset, std, s)
}

func normalLevel(level Level, dst []float32, offset int, std float32, s Stream) {
	p := newSampler(s)
	p.scale = std
	p.fill(level, Gaussian, dst, offset)
}

func sampleLevel(level Level, dst []float32, offset int, law Law, s Stream) {
	p := newSampler(s)
	p.limit, p.scale, p.mean = law.Constants()
	p.fill(level, law.Kind, dst, offset)
}

func newSampler(s Stream) (q sampler) {
	k0, k1 := uint32(s.Seed), uint32(s.Seed>>32)
	for i := range philoxRounds {
		q.keys[2*i], q.keys[2*i+1] = k0, k1
		k0 += philoxW0
		k1 += philoxW1
	}
	q.counter = [3]uint32{s.Stream, uint32(s.Step), uint32(s.Step >> 32)}
	q.start = q.vectorStart()
	return q
}

// fill draws whole blocks in place, and the ragged ends through a separate block.
func (p *sampler) fill(level Level, kind LawKind, dst []float32, offset int) {
	block := uint32(offset / sampleBlock)
	var ragged [sampleBlock]float32
	if skip := offset % sampleBlock; skip != 0 && len(dst) > 0 {
		p.blocks(level, kind, ragged[:], block)
		dst = dst[copy(dst, ragged[skip:]):]
		block++
	}
	whole := len(dst) &^ (sampleBlock - 1)
	if whole > 0 {
		p.blocks(level, kind, dst[:whole], block)
	}
	if whole < len(dst) {
		p.blocks(level, kind, ragged[:], block+uint32(whole/sampleBlock))
		copy(dst[whole:], ragged[:])
	}
}

// blocks fills dst, a whole number of blocks, from the given block on.
func (p *sampler) blocks(level Level, kind LawKind, dst []float32, block uint32) {
	if level == Scalar {
		p.blocksScalar(kind, dst, block)
		return
	}
	at, n, counter := &dst[0], len(dst)/sampleBlock, block*(sampleBlock/2)
	q := (*byte)(unsafe.Pointer(p))
	vector.Sample(level == AVX512, laws[kind].vector, at, n, counter, q)
}

// vectorStart returns the parts of rounds 0 to 2 that do not depend on counter word 0. With word 0 the only one that
// differs between lanes, round 0 makes words 0 and 1 of the counter the same for all lanes, and round 1 word 3.
func (p *sampler) vectorStart() [4]uint32 {
	hi, lo := bits.Mul32(philoxM1, p.counter[1])
	c0 := hi ^ p.counter[0] ^ p.keys[0]
	hi0, lo0 := bits.Mul32(philoxM0, c0)
	return [4]uint32{p.counter[2] ^ p.keys[1], lo ^ p.keys[2], hi0 ^ p.keys[3], lo0 ^ p.keys[5]}
}

func (p *sampler) blocksScalar(kind LawKind, dst []float32, block uint32) {
	counter, draw := block*(sampleBlock/2), laws[kind].draw
	for ; len(dst) >= sampleBlock; dst = dst[sampleBlock:] {
		for l := range sampleBlock / 2 {
			dst[l], dst[l+sampleBlock/2] = draw(p.lawConstants, p.words(counter))
			counter++
		}
	}
}

func (p *sampler) words(counter uint32) [4]uint32 {
	return Philox([4]uint32{counter, p.counter[0], p.counter[1], p.counter[2]}, [2]uint32{p.keys[0], p.keys[1]})
}

func (c lawConstants) mask(x float32, w uint32) float32 {
	if int32(w>>1) > c.limit {
		return 0
	}
	return x
}

// flip returns x with its sign changed where w is odd.
func flip(x float32, w uint32) float32 {
	return math.Float32frombits(math.Float32bits(x) ^ w<<31)
}

// normalPair returns scale·r·cos θ and scale·r·sin θ.
func normalPair(w0, w1 uint32, scale float32) (a, b float32) {
	r := float32(sqrt32(float32(2*minusLog(w0))) * scale)
	cos, sin := turn(w1)
	return float32(r * cos), float32(r * sin)
}

// ln(1+f) = f + f²·P(f) on [√½−1, √2−1]: minimax, relative error 3e-8.
const (
	logP0 = -0.4999999161
	logP1 = 0.3333395022
	logP2 = -0.2500175526
	logP3 = 0.1996207215
	logP4 = -0.1657050804
	logP5 = 0.1491797329
	logP6 = -0.1430752254
	logP7 = 0.08734844965

	sqrtHalfBits = 0x3f3504f3 // √½
	oneBits      = 0x3f800000
)

// minusLog returns −ln u of u = (w + ½)·2⁻³².
//
// As a signed integer, w gives u below ½ and u − 1 above, both with a relative error of 2⁻²⁴. So the
// logarithm keeps its relative accuracy at both ends.
func minusLog(w uint32) float32 {
	s := fma(float32(int32(w)), 0x1p-32, 0x1p-33)
	x := s
	if s < 0 {
		x = s + 1
	}
	b := math.Float32bits(x)
	e := int32(b-sqrtHalfBits) >> 23
	f := math.Float32frombits(b-uint32(e)<<23) - 1
	if e == 0 {
		f = s
	}
	q := fma(logP7, f, logP6)
	q = fma(q, f, logP5)
	q = fma(q, f, logP4)
	q = fma(q, f, logP3)
	q = fma(q, f, logP2)
	q = fma(q, f, logP1)
	q = fma(q, f, logP0)
	q = fma(q, float32(f*f), f)
	return fma(float32(-e), math.Ln2, -q)
}

// sin(πy/2) = y·S(y²) and cos(πy/2) = 1 + y²·C(y²) on [−½, ½]: minimax, relative errors 3e-9 and 6e-11.
const (
	sinP0 = 1.570796322
	sinP1 = -0.6459634602
	sinP2 = 0.07968003277
	sinP3 = -0.004601657887

	cosP0 = -1.233700543
	cosP1 = 0.253669226
	cosP2 = -0.02086016511
	cosP3 = 0.0009037665415
)

// turn returns the cosine and sine of 2π·w·2⁻³². The nearest quarter turn is split off as an integer.
func turn(w uint32) (cos, sin float32) {
	t := w + 1<<29
	y := float32(float32(int32(t&(1<<30-1)-1<<29)) * 0x1p-30)
	y2 := float32(y * y)
	sin = fma(sinP3, y2, sinP2)
	sin = fma(sin, y2, sinP1)
	sin = fma(sin, y2, sinP0)
	sin = float32(sin * y)
	cos = fma(cosP3, y2, cosP2)
	cos = fma(cos, y2, cosP1)
	cos = fma(cos, y2, cosP0)
	cos = fma(cos, y2, 1)
	if t&(1<<30) != 0 {
		cos, sin = sin, cos
	}
	return flip(cos, (t^t<<1)>>31), flip(sin, t>>31)
}
