package kernels

import "math"

// best is the level that the exported functions run at. It never changes.
var best = BestLevel()

// fma returns a·b + c with one rounding to float64 and one to float32: the product is exact, so this
// is the fused multiply-add of the vector units but for a double rounding once in about 2²⁹ calls.
func fma(a, b, c float32) float32 {
	return float32(float64(a)*float64(b) + float64(c))
}

func abs32(x float32) float32 {
	return math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// min32 returns the smaller of limit and x, and x where x is NaN, like the vector minimum.
func min32(limit, x float32) float32 {
	if limit < x {
		return limit
	}
	return x
}

func max32(limit, x float32) float32 {
	if limit > x {
		return limit
	}
	return x
}

// sameLength panics unless two slices of one call have equal lengths.
func sameLength(n, m int) {
	if n != m {
		panic("kernels: slices of different length")
	}
}
