package kogler

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train/config"
)

// balanced are the rows of balanced masks at p, all d.
func balanced(rows []reproduce.Row, p float64) []reproduce.Row {
	return reproduce.Where(rows, "design", config.Balanced, "p", p)
}

// atTime are the rows, one of each seed, nearest to a time.
func atTime(rows []reproduce.Row, s float64) []reproduce.Row {
	var out []reproduce.Row
	for _, seed := range reproduce.Distinct(rows, "seed") {
		out = append(out, nearest(reproduce.Where(rows, "seed", seed), s))
	}
	return out
}

// nearest is the row of one trajectory nearest to a time.
func nearest(rows []reproduce.Row, s float64) reproduce.Row {
	return slices.MinFunc(rows, func(a, b reproduce.Row) int {
		return cmp.Compare(math.Abs(a.Num("time")-s), math.Abs(b.Num("time")-s))
	})
}

// between are the rows with low ≤ time ≤ high.
func between(rows []reproduce.Row, low, high float64) []reproduce.Row {
	var out []reproduce.Row
	for _, row := range rows {
		if s := row.Num("time"); low <= s && s <= high {
			out = append(out, row)
		}
	}
	return out
}

// numbers are a number of each row.
func numbers(rows []reproduce.Row, number func(reproduce.Row) float64) []float64 {
	var out []float64
	for _, row := range rows {
		out = append(out, number(row))
	}
	return out
}

// average is the mean of a number over rows.
func average(rows []reproduce.Row, number func(reproduce.Row) float64) float64 {
	return stat.Mean(numbers(rows, number), nil)
}

// exponent is the slope of ln y against ln x, for each seed: y(rows) is a number of the rows of one x.
func exponent(rows []reproduce.Row, x string, y func([]reproduce.Row) float64) reproduce.Estimate {
	return reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
		var lnX, lnY []float64
		for _, v := range reproduce.Distinct(rows, x) {
			lnX, lnY = append(lnX, math.Log(v)), append(lnY, math.Log(y(reproduce.Where(rows, x, v))))
		}
		_, slope := stat.LinearRegression(lnX, lnY, nil, false)
		return slope
	})
}

// final is the number in a column at the end of a trajectory.
func final(column string) func([]reproduce.Row) float64 {
	return func(rows []reproduce.Row) float64 { return nearest(rows, theorem41Horizon).Num(column) }
}

// decay is the rate λ of one trajectory: minus the slope of ln y against time.
func decay(rows []reproduce.Row, y func(reproduce.Row) float64) float64 {
	var s, lnY []float64
	for _, row := range rows {
		s, lnY = append(s, row.Num("time")), append(lnY, math.Log(y(row)))
	}
	_, slope := stat.LinearRegression(s, lnY, nil, false)
	return -slope
}

// contraction is the rate of a flow whose steps of size η shrink y as the rows of one trajectory do: (1 − e^(−λη))/η with their decay λ.
func contraction(rows []reproduce.Row, y func(reproduce.Row) float64) float64 {
	step := rows[0].Num("step_size")
	return -math.Expm1(-decay(rows, y)*step) / step
}

// spectral is ‖BBᵀ − I‖, and spectralFlow that of the flow.
func spectral(row reproduce.Row) float64 {
	return math.Max(row.Num("lambda_max")-1, 1-row.Num("lambda_min"))
}

func spectralFlow(row reproduce.Row) float64 {
	return math.Max(row.Num("ode_max")-1, 1-row.Num("ode_min"))
}

// besideOne adds to rows the column gap: their error less the error at p = 1 of the same seed, d and time.
func besideOne(all, rows []reproduce.Row) []reproduce.Row {
	return beside(rows, balanced(all, 1), "gap", func(a, b reproduce.Row) float64 { return a.Num("mse") - b.Num("mse") })
}

// beside adds a column to rows that have a partner among others, with the same seed, d and time.
func beside(rows, others []reproduce.Row, column string, value func(row, partner reproduce.Row) float64) []reproduce.Row {
	type key struct{ seed, dim, time float64 }
	of := func(r reproduce.Row) key { return key{r.Num("seed"), r.Num("dim"), r.Num("time")} }
	partners := map[key]reproduce.Row{}
	for _, r := range others {
		partners[of(r)] = r
	}
	var out []reproduce.Row
	for _, r := range rows {
		if partner, ok := partners[of(r)]; ok {
			both := reproduce.Beside(r, partner)
			both[column] = value(r, partner)
			out = append(out, both)
		}
	}
	return out
}

// energyGap is d times what the fluctuating energy of sparse Gaussian data costs a Haar encoder, (1−R)(m₄−3)/4 with the fourth
// moment m₄ = 3/p (amp/THEORY.md §6.4).
func energyGap(p float64) float64 {
	return (1 - amp.RGauss(theorem41Rate)) * (3/p - 3) / 4
}

// maskGap is M times the error that a decoder fitted on M independent masks has beyond the best one, behind a Haar encoder:
// (2/π)·r·(1−p)/p·(1 − (2c − c²)r) with c = 2/π (amp/THEORY.md §4.5).
func maskGap(p float64) float64 {
	const c = 2 / math.Pi
	return c * theorem41Rate * (1 - p) / p * (1 - (2*c-c*c)*theorem41Rate)
}
