package pairs

import (
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/bench/reproduce"
)

func claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	size := sizes[r.Scale]
	var all []reproduce.Claim
	for _, law := range size.laws {
		all = append(all, law.claim(size.dims, reproduce.Where(r.Rows, "kind", simulated, "data", law.Data, "p", law.P)))
	}
	return append(all, trainingClaims(size, reproduce.Where(r.Rows, "kind", trained))...), nil
}

// gain is what pairs are below Haar rows, extrapolated from two dimensions in 1/d, and the step to it from the larger one: the next order is
// smaller as long as the series converges.
func gain(dims [2]int, rows []reproduce.Row) (limit reproduce.Estimate, step float64) {
	at := func(rows []reproduce.Row, d int) float64 {
		row := reproduce.Pick(rows, "dim", d)
		return row.Num("haar_mse") - row.Num("pairs_mse")
	}
	small, large := float64(dims[0]), float64(dims[1])
	change := reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
		return (at(rows, dims[1]) - at(rows, dims[0])) * small / (large - small)
	})
	limit = reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
		return at(rows, dims[1]) + (at(rows, dims[1])-at(rows, dims[0]))*small/(large-small)
	})
	return limit, math.Abs(change.Value)
}

// claim: the gain is the formula's.
func (s studied) claim(dims [2]int, rows []reproduce.Row) reproduce.Claim {
	best, _ := amp.BestServingPairs(s.prior(), rate)
	want := amp.RGauss(rate) - best.MSE
	found, step := gain(dims, rows)
	return reproduce.Equal(fmt.Sprintf("%s, p = %g: simulated pairs are below Haar rows by R_Gauss − %.4f; d = %d and %d extrapolated in 1/d",
		s.Data, s.P, best.MSE, dims[0], dims[1]), found, reproduce.ClosedForm(want), want, step)
}

// trainingClaims: from pairs small steps stay on their side of half-way to the Haar encoder, large steps end on the other, and random rows end at
// the Haar encoder.
func trainingClaims(size size, rows []reproduce.Row) []reproduce.Claim {
	best, _ := amp.BestServingPairs(amp.SparseRademacher{P: trainedP}, rate)
	haar, d := amp.RGauss(rate), size.trainings[0].Config.Model.Dim
	half := reproduce.ClosedForm((haar + best.MSE) / 2)
	at := func(start string) reproduce.Estimate {
		return reproduce.Mean(reproduce.Where(rows, "start", start), "test_mse", "test_mse_stderr")
	}
	text := fmt.Sprintf("trained, d = %d, p = %g, from ", d, trainedP)
	return []reproduce.Claim{
		reproduce.Below(text+"pairs with small steps: it ends below half-way from pairs to Haar rows", at(smallSteps), half, half.Value-best.MSE),
		reproduce.Above(text+"pairs with large steps: it loses the pairs and ends above half-way", at(largeSteps), half, 2*(haar-half.Value)),
		reproduce.Equal(text+"random rows: it ends at the Haar encoder at this d", at(randomRows), reproduce.ClosedForm(haar+excess(d)), haar-best.MSE, undone*excess(d)),
	}
}

// excess is the Haar encoder's at dimension d on sparse Rademacher data at trainedP (amp/THEORY.md §6.4).
func excess(d int) float64 { return (1 - amp.RGauss(rate)) * (1/trainedP - 3) / (4 * float64(d)) }

// undone is the share of that excess that training may undo.
const undone = 2.0 / 3
