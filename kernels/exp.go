package kernels

import (
	"math"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The exponential, and the pieces that tanh, the denoisers and the surrogate gradient share.
//
//	dst[i] = exp(a[i])
//
// x·log₂e = n + r with an integer n and |r| ≤ ½; then 2^r − 1 = r·Q(r) and exp x = 2ⁿ·(2^r − 1) + 2ⁿ.
// The error is below 2 ulp; results below 2^−125.5 are 0; NaN gives NaN, +Inf gives +Inf.

// 2^r = 1 + r·Q(r) on [−½, ½]: minimax, relative error of Q 1.1e-8.
const (
	exp2P0 = 0.6931471879
	exp2P1 = 0.2402264979
	exp2P2 = 0.05550357434
	exp2P3 = 0.009618237494
	exp2P4 = 0.001339073548
	exp2P5 = 0.0001540351277

	// roundMagic added to a float32 of magnitude below 2²² rounds it to an integer, which then fills the low bits.
	roundMagic = 3 << 22
	log2e      = 1.44269504088896340735992468100189214
	// log2eHi + log2eLo is log₂e to 48 bits.
	log2eHi = 1.44269502162933349609375
	log2eLo = 1.925963033500011e-8
	// exp2Floor is the exponent at which 2^−t is replaced by 0.
	exp2Floor = 127
)

// exp2m1 returns 2^r − 1 for |r| ≤ ½.
func exp2m1(r float32) float32 {
	q := fma(exp2P5, r, exp2P4)
	q = fma(q, r, exp2P3)
	q = fma(q, r, exp2P2)
	q = fma(q, r, exp2P1)
	q = fma(q, r, exp2P0)
	return float32(q * r)
}

// exp2Parts returns n in the low bits of an integer and 2^r − 1, where n + r = x·(hi + lo), of magnitude up to 2²¹.
// The two parts of the factor keep the relative accuracy of a large power.
func exp2Parts(x, hi, lo float32) (n uint32, p float32) {
	t := fma(x, hi, roundMagic)
	r := fma(x, hi, -float32(t-roundMagic))
	r = fma(x, lo, r)
	return math.Float32bits(t), exp2m1(r)
}

// pow2 returns 2ⁿ for the n in the low bits of an exp2Parts integer, and 0 for n = −bias.
func pow2(n uint32, bias uint32) float32 {
	return math.Float32frombits(n<<23 + bias<<23)
}

// split returns c as a sum of two float32, and the x at which x·|c| is limit.
func split(c, limit float64) (hi, lo, end float32) {
	hi = float32(c)
	return hi, float32(c - float64(hi)), float32(limit / math.Abs(c))
}

// Exp writes the exponentials of a into dst, which may be a.
func Exp(dst, a []float32) { expLevel(best, dst, a) }

func expLevel(level Level, dst, a []float32) {
	sameLength(len(dst), len(a))
	d, p, n := unsafe.SliceData(dst), unsafe.SliceData(a), len(a)
	if level == Scalar {
		expScalar(dst, a)
		return
	}
	vector.Exp(level == AVX512, d, p, n)
}

// expHigh and expLow are clamps beyond which the result is +Inf and 0.
const (
	expHigh = 89
	expLow  = -87.5
)

func expScalar(dst, a []float32) {
	for i, x := range a {
		x = max32(expLow, min32(expHigh, x))
		n, p := exp2Parts(x, log2eHi, log2eLo)
		h := pow2(n, 126)
		dst[i] = float32(fma(h, p, h) * 2)
	}
}
