package kernels

// Normalised gradient descent on the rows of a matrix, (rows, cols) row-major.
//
//	w_i = (w_i − rate·g_i)/‖w_i − rate·g_i‖
//
// A row that becomes zero stays zero, a NaN makes its row NaN. Norms are summed as in RowNormalize.

// NormalisedStep moves the rows of w along −g and back to the unit sphere.
func NormalisedStep(w, g []float32, rows, cols int, rate float32) {
	sameLength(len(w), rows*cols)
	Axpy(w, g, -rate)
	ProjectRows(w, rows, cols)
}

// ProjectRows divides the rows of w by their norms.
func ProjectRows(w []float32, rows, cols int) {
	sameLength(len(w), rows*cols)
	var inverse [rowRun]float32
	for lo := 0; lo < rows; lo += rowRun {
		hi := min(lo+rowRun, rows)
		part := w[lo*cols : hi*cols]
		RowNormalize(part, inverse[:hi-lo], part, hi-lo, cols)
	}
}
