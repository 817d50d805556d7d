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

// limit is an error of each seed at two dimensions d and 2d, extrapolated in 1/d, and what the next order leaves open. It is at most half of the
// step from 2d to the limit, as long as the series converges from d/2 on, which is at least twice E x⁴ for these laws.
func limit(dims [2]int, rows []reproduce.Row, mse func(reproduce.Row) float64) (at reproduce.Estimate, open float64) {
	small, large := float64(dims[0]), float64(dims[1])
	further := func(rows []reproduce.Row) float64 {
		last := mse(reproduce.Pick(rows, "dim", dims[1]))
		return (last - mse(reproduce.Pick(rows, "dim", dims[0]))) * small / (large - small)
	}
	at = reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 { return mse(reproduce.Pick(rows, "dim", dims[1])) + further(rows) })
	return at, math.Abs(reproduce.PerSeed(rows, further).Value) / 2
}

// claim: the gain is the formula's. It leaves open what the next order may add to the one error and to the other: the orders of the two may
// cancel by chance.
func (s studied) claim(dims [2]int, rows []reproduce.Row) reproduce.Claim {
	best, _ := amp.BestServingPairs(s.prior(), rate)
	want := amp.RGauss(rate) - best.MSE
	gain, _ := limit(dims, rows, func(r reproduce.Row) float64 { return r.Num("haar_mse") - r.Num("pairs_mse") })
	_, above := limit(dims, rows, func(r reproduce.Row) float64 { return r.Num("haar_mse") })
	_, below := limit(dims, rows, func(r reproduce.Row) float64 { return r.Num("pairs_mse") })
	return reproduce.Equal(fmt.Sprintf("%s, p = %g: simulated pairs are below Haar rows by R_Gauss − %.4f; d = %d and %d extrapolated in 1/d",
		s.Data, s.P, best.MSE, dims[0], dims[1]), gain, reproduce.ClosedForm(want), want, above+below)
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
