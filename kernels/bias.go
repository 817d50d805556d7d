package kernels

// The bias of a fully connected layer and its gradient, over the rows of a (rows, cols) matrix.
//
//	dst[i][j] = x[i][j] + c[j]
//	dc[j]    += Σᵢ dy[i][j]
//
// The sum adds four rows in float32 at a time and these in float64.

// Bias writes x plus c in every row. dst may be x.
func Bias(dst, x, c []float32) {
	for lo := 0; lo < len(x); lo += len(c) {
		Add(dst[lo:lo+len(c)], x[lo:lo+len(c)], c)
	}
}

// BiasGrad adds the sum of the rows of dy to dc.
func BiasGrad(dc []float64, dy []float32) {
	cols := len(dc)
	for ; len(dy) >= 4*cols; dy = dy[4*cols:] {
		r0, r1, r2, r3 := dy[:cols], dy[cols:2*cols], dy[2*cols:3*cols], dy[3*cols:4*cols]
		for j := range dc {
			dc[j] += float64((r0[j] + r1[j]) + (r2[j] + r3[j]))
		}
	}
	for ; len(dy) > 0; dy = dy[cols:] {
		for j := range dc {
			dc[j] += float64(dy[j])
		}
	}
}
