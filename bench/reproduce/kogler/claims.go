package kogler

import (
	"math"

	"autoamp/bench/reproduce"
)

// mse is the mean test error of rows.
func mse(rows []reproduce.Row) reproduce.Estimate {
	return reproduce.Mean(rows, "test_mse", "test_mse_stderr")
}

// nearHaar is the tolerance for a trained encoder beside the theory of a Haar encoder at this d: 2 %, four standard
// errors, or half of the theory's 1/d correction. The correction is the mean over Haar encoders; training finds encoders
// that undo part of it, at d = 100 up to half for the sparsest data (measured), and its next order is missing.
func nearHaar(row reproduce.Row) reproduce.OldTolerance {
	return reproduce.OldTolerance{Relative: 0.02, Absolute: math.Abs(row.Num("expected")-row.Num("limit")) / 2, Sigmas: 4}
}

// atTheory claims that the trained error is the theory's at this d.
func atTheory(text string, rows []reproduce.Row) reproduce.Claim {
	return reproduce.OldEqual(text, mse(rows), reproduce.Exact(rows[0].Num("expected")), nearHaar(rows[0]))
}
