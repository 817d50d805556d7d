package rangamani

import (
	"fmt"
	"math"

	"autoamp/bench/reproduce"
)

// lineStep is the first t of the figures beside 0: derivatives at the dictionary are differences over it. It is also as near as "falls
// towards the dictionary" can be claimed. The gradient at the dictionary is small and not 0, and a random line of unit columns sees of
// it a slope of about √(h/n) times the mean norm of a unit's gradient, so that the minimum of a line lies at about
// |t| = √(h/n)·norm/curvature: 0.005 and 0.006 for the two settings. Found are 0.0045 and 0.0068 for the loss, twice that for the norm.
// A value falls from t to t/2 as long as the middle of the two, 0.75·t, is beyond the minimum: from t = 0.05 on, but not at 0.01.
const lineStep = 0.05

func lineClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, number := range reproduce.Distinct(r.Rows, "figure") {
		rows := reproduce.Where(r.Rows, "figure", number, "source", fromNet)
		average := reproduce.Where(r.Rows, "figure", number, "source", fromAverage)
		name := fmt.Sprintf("figures %g and %g, p = %g: ", number, number+1, rows[0].Num("p"))
		if at(rows, 0, "norm") == 0 {
			claims = append(claims, flatClaims(name, rows)...)
			continue
		}
		claims = append(claims, minimumClaims(name, rows, average)...)
		claims = append(claims, fallClaims(name, rows)...)
		claims = append(claims, averageClaims(name, rows, average)...)
	}
	return claims, nil
}

// minimumClaims say that loss and norm have a minimum at the dictionary, on random lines. The gradient at the dictionary is not zero
// but small, so that the minimum of a single line lies beside t = 0, nearer than the first t of the figure. The loss has the
// average's curvature, and no slope in the mean over lines.
func minimumClaims(name string, rows, average []reproduce.Row) (claims []reproduce.Claim) {
	for _, column := range []string{"loss", "norm"} {
		claims = append(claims,
			// The effect is the curvature of the parabola through the figure's values at −1, 0 and 1.
			reproduce.Above(fmt.Sprintf("%scurvature of the %s at t = 0", name, column), reproduce.PerSeed(rows, curvatureOf(column)), reproduce.ClosedForm(0), 2*rise(rows, 1, column)),
			reproduce.Below(fmt.Sprintf("%s|t| of the least %s on a line, beside the first t of the figure", name, column), reproduce.PerSeed(rows, minimumOf(column)),
				reproduce.ClosedForm(lineStep), lineStep))
	}
	curvature := reproduce.PerSeed(rows, curvatureOf("loss"))
	return append(claims,
		reproduce.Equal(name+"curvature of the loss, beside the average over dictionaries and lines", curvature,
			reproduce.Simulation(reproduce.PerSeed(average, curvatureOf("loss"))), curvature.Value, 0),
		// The effect is the slope from t = 0 to 1/2.
		reproduce.Equal(name+"slope of the loss at t = 0, mean over lines", reproduce.PerSeed(rows, slopeOf("loss")), reproduce.ClosedForm(0), 2*rise(rows, 0.5, "loss"), 0))
}

// rise is how far a column rises from the dictionary to ±t, the mean over sides and lines.
func rise(rows []reproduce.Row, t float64, column string) float64 {
	return (at(rows, t, column)+at(rows, -t, column))/2 - at(rows, 0, column)
}

// fallClaims say that loss and norm fall towards the dictionary at every step down to the first t of the figure, from both sides.
func fallClaims(name string, rows []reproduce.Row) (claims []reproduce.Claim) {
	for _, column := range []string{"loss", "norm"} {
		// The effect is the mean factor from one t to the next.
		steps := float64(len(lineT)-1) / 2
		effect := math.Pow(1+rise(rows, 2, column)/at(rows, 0, column), 1/steps) - 1
		claims = append(claims, reproduce.Above(fmt.Sprintf("%s%s, smallest factor from one |t| ≥ %g to the next", name, column, lineStep),
			reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 { return smallestFactor(rows, column) }), reproduce.ClosedForm(1), effect))
	}
	return claims
}

// averageClaims compare the loss with its average over dictionaries and lines.
func averageClaims(name string, rows, average []reproduce.Row) (claims []reproduce.Claim) {
	for _, t := range []float64{0, 0.5, 1, 2} {
		loss := func(rows []reproduce.Row) float64 { return (at(rows, t, "loss") + at(rows, -t, "loss")) / 2 }
		// The effect is how far the loss has risen; at 0, how far it rises to t = 1/2.
		claims = append(claims, reproduce.Equal(fmt.Sprintf("%sloss at |t| = %g, beside the average over dictionaries and lines", name, t),
			reproduce.PerSeed(rows, loss), reproduce.Simulation(reproduce.PerSeed(average, loss)), rise(rows, math.Max(t, 0.5), "loss"), 0))
	}
	return claims
}

// flatClaims say that nothing changes for |t| ≤ 1: there ŷ = 0, and the loss is ½E‖y‖², ½k·E x² on average over dictionaries.
func flatClaims(name string, rows []reproduce.Row) []reproduce.Claim {
	near := func(rows []reproduce.Row, column string) (low, high float64) {
		low, high = math.Inf(1), math.Inf(-1)
		for _, row := range rows {
			if math.Abs(row.Num("t")) <= 1 {
				low, high = math.Min(low, row.Num(column)), math.Max(high, row.Num(column))
			}
		}
		return low, high
	}
	s := lineSettings(0)[2].withDefaults()
	want := float64(s.support()) * secondMoment(s.Lo, s.Hi) / 2
	loss := reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 { return at(rows, 0, "loss") })
	// The effects are what the figures show at |t| = 2, where some units are active.
	change := reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
		return math.Abs(at(rows, 2, "loss")-at(rows, 0, "loss")) + math.Abs(at(rows, -2, "loss")-at(rows, 0, "loss"))
	})
	return []reproduce.Claim{
		reproduce.Equal(name+"loss for |t| ≤ 1, largest minus smallest", reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
			low, high := near(rows, "loss")
			return high - low
		}), reproduce.ClosedForm(0), change.Value/2, 0),
		reproduce.Equal(name+"largest gradient for |t| ≤ 1", reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
			_, high := near(rows, "norm")
			return high
		}), reproduce.ClosedForm(0), (at(rows, 2, "norm")+at(rows, -2, "norm"))/2, 0),
		// The effect is the loss itself: all of the data is lost.
		reproduce.Equal(name+"loss at t = 0, beside ½k·E x²", loss, reproduce.ClosedForm(want), want, 0),
	}
}

// secondMoment is E x² for x uniform on [lo, hi].
func secondMoment(lo, hi float64) float64 { return (lo*lo + lo*hi + hi*hi) / 3 }

// at is the mean of a column over the lines, at one t.
func at(rows []reproduce.Row, t float64, column string) float64 {
	return reproduce.Mean(reproduce.Where(rows, "t", t), column, "").Value
}

// curvatureOf is the second difference of a column at the dictionary, the mean over lines.
func curvatureOf(column string) func([]reproduce.Row) float64 {
	return func(rows []reproduce.Row) float64 { return 2 * rise(rows, lineStep, column) / (lineStep * lineStep) }
}

// slopeOf is the first difference of a column at the dictionary, the mean over lines.
func slopeOf(column string) func([]reproduce.Row) float64 {
	return func(rows []reproduce.Row) float64 {
		return (at(rows, lineStep, column) - at(rows, -lineStep, column)) / (2 * lineStep)
	}
}

// minimumOf is the root mean square over lines of the t at which the parabola through the three points at the dictionary is least.
func minimumOf(column string) func([]reproduce.Row) float64 {
	return func(rows []reproduce.Row) float64 {
		directions, sum := reproduce.Distinct(rows, "direction"), 0.0
		for _, d := range directions {
			line := reproduce.Where(rows, "direction", d)
			t := slopeOf(column)(line) / curvatureOf(column)(line)
			sum += t * t
		}
		return math.Sqrt(sum / float64(len(directions)))
	}
}

// smallestFactor is the smallest factor of a column from one |t| ≥ lineStep to the next, over lines and sides.
func smallestFactor(rows []reproduce.Row, column string) float64 {
	least := math.Inf(1)
	for _, d := range reproduce.Distinct(rows, "direction") {
		line := reproduce.Where(rows, "direction", d)
		for i := 1; i < len(line); i++ {
			near, far := line[i-1], line[i]
			if far.Num("t") <= 0 {
				near, far = far, near
			}
			if near.Num("t") != 0 {
				least = math.Min(least, far.Num(column)/near.Num(column))
			}
		}
	}
	return least
}
