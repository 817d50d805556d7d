package kogler

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train/config"
)

func theorem41Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	largest := slices.Max(reproduce.Distinct(r.Rows, "dim"))
	var claims []reproduce.Claim
	for _, p := range theorem41P {
		claims = append(claims, flowClaims(reproduce.Where(balanced(r.Rows, p), "dim", largest), p)...)
	}
	claims = append(claims, decayClaims(r.Rows, largest)...)
	claims = append(claims, driftClaims(r.Rows)...)
	claims = append(claims, gapClaims(r.Rows, largest)...)
	return append(claims, maskClaims(r.Rows)...), nil
}

// flowClaims compare the extreme eigenvalues with the spectral flow, seed by seed, on the way and the error at the end.
func flowClaims(rows []reproduce.Row, p float64) []reproduce.Claim {
	var claims []reproduce.Claim
	step := rows[0].Num("step_size")
	for _, s := range []float64{1, 2} {
		for _, end := range []struct{ name, found, flow string }{
			{"smallest", "lambda_min", "ode_min"}, {"largest", "lambda_max", "ode_max"},
		} {
			at := beside(atTime(rows, s), atTime(rows, s), "distance", func(row, _ reproduce.Row) float64 { return row.Num(end.found) - row.Num(end.flow) })
			change := math.Abs(reproduce.Mean(atTime(rows, s), end.flow, "").Value - reproduce.Mean(atTime(rows, 0), end.flow, "").Value)
			// The effect is the change since the start. Steps of size η instead of a flow shift the time by up to η/2 per unit.
			claims = append(claims, reproduce.Equal(fmt.Sprintf("p = %g, s = %g: %s eigenvalue of BBᵀ less the flow's", p, s, end.name),
				reproduce.Mean(at, "distance", ""), reproduce.ClosedForm(0), change, step/2*change))
		}
	}
	last, first := reproduce.Mean(atTime(rows, theorem41Horizon), "mse", ""), reproduce.Mean(atTime(rows, 0), "mse", "")
	limit, dim := amp.RGauss(theorem41Rate), rows[0].Num("dim")
	if p == 1 {
		// The flow leaves this part of the start's excess.
		left := (first.Value - limit) * math.Exp(-2*amp.SpectralFlowRate*theorem41Horizon)
		return append(claims, reproduce.Equal("p = 1: final error, beside R_Gauss", last, reproduce.ClosedForm(limit), first.Value-limit, left))
	}
	// The term in 1/d is the whole of energyGap for rows with Σ_j B_ij⁴ = 3/d, as Haar rows have, and a third of it for rows of
	// equal entries. Training moves rows towards the latter.
	gap := energyGap(p) / dim
	return append(claims, reproduce.Equal(fmt.Sprintf("p = %g: final error, beside R_Gauss with its term in 1/d", p), last, reproduce.ClosedForm(limit+gap),
		first.Value-limit, 2*gap/3))
}

// decayClaims are the rate of ‖SSᵀ − I‖ at p = 1, and of ‖BBᵀ − I‖ for sparse data, beside the flow's in the same times. For sparse
// data ‖SSᵀ − I‖ ends at what the drift has taken out of S, and its end shrinks with d.
func decayClaims(rows []reproduce.Row, largest float64) []reproduce.Claim {
	rate := amp.SpectralFlowRate
	sparse := balanced(rows, theorem41P[1])
	one, early := between(reproduce.Where(balanced(rows, 1), "dim", largest), 2, 5), between(sparse, 1, 2.5)
	step := one[0].Num("step_size")
	of := func(column string) func(reproduce.Row) float64 {
		return func(r reproduce.Row) float64 { return r.Num(column) }
	}
	slower := reproduce.PerSeed(early, func(rows []reproduce.Row) float64 {
		at := func(d float64) float64 {
			rows := reproduce.Where(rows, "dim", d)
			return contraction(rows, spectral) - decay(rows, spectralFlow)
		}
		return 2*at(largest) - at(largest/2)
	})
	return []reproduce.Claim{
		// The effect is what steps of size η add to the slope, to first order. The second order is left open.
		reproduce.Equal("p = 1: rate at which ‖SSᵀ − I‖ decays from s = 2 to 5, steps of size η undone, less the flow's",
			reproduce.PerSeed(one, func(rows []reproduce.Row) float64 {
				return contraction(rows, of("orthogonality")) - decay(rows, of("ode_orthogonality"))
			}), reproduce.ClosedForm(0), rate*rate*step/2, rate*rate*rate*step*step),
		// A rate in proportion to p would be smaller by the effect. The values at the largest d and at half of that give the one at
		// d = ∞, without the term in 1/d.
		reproduce.Equal("p = 0.3: rate at which ‖BBᵀ − I‖ decays from s = 1 to 2.5, steps of size η undone, less the flow's, extrapolated to d = ∞",
			slower, reproduce.ClosedForm(0), (1-theorem41P[1])*rate, 0),
		reproduce.Below("p = 0.3: ‖SSᵀ − I‖ at the end, its exponent in d", exponent(sparse, "dim", final("orthogonality")), reproduce.ClosedForm(-1), 1),
	}
}

// driftClaims are how R_t, the part of B outside the singular vectors of the start, shrinks with d.
func driftClaims(rows []reproduce.Row) []reproduce.Claim {
	sparse := balanced(rows, theorem41P[1])
	return []reproduce.Claim{
		// Rows of U·S_t·Vᵀ differ from unit length by 1/√d, and normalisation turns B by as much.
		reproduce.Equal("p = 1: drift ‖R‖_F/‖B‖_F at the end, its exponent in d", exponent(reproduce.Where(rows, "design", unmasked), "dim", final("drift")), reproduce.ClosedForm(-0.5), 0.5, 0),
		reproduce.Below("p = 0.3, without the noise of masks: drift ‖R‖_F/‖B‖_F at the end, its exponent in d", exponent(sparse, "dim", final("drift")), reproduce.ClosedForm(-0.5), 0.5),
		reproduce.Below("p = 0.3, without the noise of masks: operator norm of R at the end, its exponent in d", exponent(sparse, "dim", final("drift_norm")), reproduce.ClosedForm(0), 1),
	}
}

// gapClaims are (9): the error for sparse data less that at p = 1, at the same time, without the noise of masks. It is at most of
// the order 1/√d, as the drift, and to leading order it is the term in 1/d of a Haar encoder's error. d times the gap has a next order
// in 1/d, since rows drift away from Haar. Its values at the largest d and at half of that give the one at d = ∞.
func gapClaims(rows []reproduce.Row, largest float64) []reproduce.Claim {
	p := theorem41P[1]
	gaps := besideOne(rows, balanced(rows, p))
	gap := func(r reproduce.Row) float64 { return r.Num("gap") }
	mean := func(rows []reproduce.Row) float64 { return average(rows, gap) }
	early := between(gaps, 1, 3)
	return []reproduce.Claim{
		reproduce.Below("p = 0.3: mean of error less error at p = 1, s = 1 to 3, its exponent in d", exponent(early, "dim", mean), reproduce.ClosedForm(-0.5), 0.5),
		reproduce.Below("p = 0.3: largest |error − error at p = 1| of all times, its exponent in d", exponent(gaps, "dim", func(rows []reproduce.Row) float64 {
			return slices.Max(numbers(rows, func(r reproduce.Row) float64 { return math.Abs(gap(r)) }))
		}), reproduce.ClosedForm(-0.5), 0.5),
		reproduce.Equal("p = 0.3: d times the mean of error less error at p = 1, s = 1 to 3, extrapolated to d = ∞, beside (1−R)(m₄−3)/4",
			reproduce.PerSeed(early, func(rows []reproduce.Row) float64 {
				at := func(d float64) float64 { return d * mean(reproduce.Where(rows, "dim", d)) }
				return 2*at(largest) - at(largest/2)
			}), reproduce.ClosedForm(energyGap(p)), energyGap(p), 0),
	}
}

// fewestMasks is the smallest number of masks at which 1/M is the leading order of the error.
const fewestMasks = 60

// masksFrom are the rows with low ≤ M ≤ high.
func masksFrom(rows []reproduce.Row, low, high float64) []reproduce.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r reproduce.Row) bool { return r.Num("masks") < low || r.Num("masks") > high })
}

// maskClaims are what independent masks add to error and drift, beside balanced ones at the same d.
func maskClaims(rows []reproduce.Row) []reproduce.Claim {
	p := theorem41P[1]
	scan := reproduce.Where(rows, "design", config.Independent)
	scan = beside(scan, balanced(rows, p), "excess", func(a, b reproduce.Row) float64 { return a.Num("mse") - b.Num("mse") })
	scan = beside(scan, balanced(rows, p), "excess_drift", func(a, b reproduce.Row) float64 {
		return math.Sqrt(a.Num("drift")*a.Num("drift") - b.Num("drift")*b.Num("drift"))
	})
	// With fewer masks the next order in 1/M shows in the error; with more the drift that they add is lost in the drift at M = ∞.
	late, rough := between(masksFrom(scan, fewestMasks, math.Inf(1)), 1, 6), masksFrom(scan, 0, 4*fewestMasks)
	excess := func(rows []reproduce.Row) float64 {
		return average(rows, func(r reproduce.Row) float64 { return r.Num("excess") })
	}
	return []reproduce.Claim{
		reproduce.Equal("p = 0.3: error that independent masks add, s = 1 to 6, its exponent in their number M", exponent(late, "masks", excess), reproduce.ClosedForm(-1), 1, 0),
		reproduce.Equal("p = 0.3: M times the error that independent masks add, beside its closed form", reproduce.PerSeed(late, func(rows []reproduce.Row) float64 {
			return average(rows, func(r reproduce.Row) float64 { return r.Num("masks") * r.Num("excess") })
		}), reproduce.ClosedForm(maskGap(p)), maskGap(p), 0),
		reproduce.Equal("p = 0.3: error of independent masks, extrapolated to M = ∞, less that of balanced masks", reproduce.PerSeed(late, func(rows []reproduce.Row) float64 {
			var x, y []float64
			for _, m := range reproduce.Distinct(rows, "masks") {
				x, y = append(x, 1/m), append(y, excess(reproduce.Where(rows, "masks", m)))
			}
			atInfinity, _ := stat.LinearRegression(x, y, nil, false)
			return atInfinity
		}), reproduce.ClosedForm(0), maskGap(p)/fewestMasks, 0),
		reproduce.Equal("p = 0.3: drift that independent masks add in squares, its exponent in M", exponent(rough, "masks", final("excess_drift")), reproduce.ClosedForm(-0.5), 0.5, 0),
	}
}
