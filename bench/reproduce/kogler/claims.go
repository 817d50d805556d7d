package kogler

import "autoamp/bench/reproduce"

// mse is the mean test error of rows.
func mse(rows []reproduce.Row) reproduce.Estimate {
	return reproduce.Mean(rows, "test_mse", "test_mse_stderr")
}
