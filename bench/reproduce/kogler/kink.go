package kogler

import (
	"fmt"
	"math"
	"slices"

	"autoamp/bench/reproduce"
)

// kink is the bend of the error at r = 1 − ζ: points of one class at r = 1/2, at 1 − ζ and at 1. A line that bends at 1 instead, as R_Gauss
// does, is straight over all three.
type kink struct{ below, at, above *imagePoint }

// kinks are the claims for every class with rows at the three rates.
func kinks(rows []reproduce.Row) []reproduce.Claim {
	points := imagePoints(rows)
	var claims []reproduce.Claim
	for _, at := range points {
		of := func(rate float64) *imagePoint {
			i := slices.IndexFunc(points, func(o *imagePoint) bool { return o.class == at.class && o.rate == rate })
			if i < 0 {
				return nil
			}
			return points[i]
		}
		if k := (kink{of(0.5), at, of(1)}); k.below != nil && k.above != nil && k.bends() {
			claims = append(claims, k.claim())
		}
	}
	return claims
}

// bends says whether the point in the middle is at r = 1 − ζ, to the nearest bit.
func (k kink) bends() bool {
	return math.Abs(k.at.rate-(1-k.at.zeta)) < 0.5/reproduce.Pick(k.at.rows).Num("dim")
}

// change is that of the slope, of an error at the three rates.
func (k kink) change(mse func(*imagePoint) float64) float64 {
	return (mse(k.above)-mse(k.at))/(k.above.rate-k.at.rate) - (mse(k.at)-mse(k.below))/(k.at.rate-k.below.rate)
}

// trained is the change of the slope of the trained error. The trainings of a seed have the same images and masks at all rates, and the change
// differs between seeds by less than the errors do.
func (k kink) trained(norms string) reproduce.Estimate {
	var rows []reproduce.Row
	for _, row := range k.at.trained(norms) {
		for _, o := range []*imagePoint{k.below, k.at, k.above} {
			rows = append(rows, reproduce.Where(o.trained(norms), "seed", row.Num("seed"))...)
		}
	}
	return reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
		return k.change(func(o *imagePoint) float64 {
			return reproduce.Pick(reproduce.Where(rows, "rate", o.rate)).Num("train_mse")
		})
	})
}

// claim is the paper's, on the rows as they are. The effect is all of the change. Theory has no number for what training leaves open: at
// r = 1 − ζ the encoder is square on the directions with variance, and takes the most steps. A quarter of the change is allowed.
func (k kink) claim() reproduce.Claim {
	line, unknown := k.change((*imagePoint).gauss), k.trained(normsUnknown)
	text := fmt.Sprintf("%s, r = 1 − ζ = %.3f: change of the slope of the trained error", k.at.class, k.at.rate)
	why := fmt.Sprintf("without the norms, which a code of signs does not tell, κ = %.3f of the change is left behind random rows on the directions with variance, "+
		"and less where the encoder learns something of the norms at small rates. Where the decoder gets the norms the bend is there",
		reproduce.Pick(k.at.trained(normsUnknown)).Num("norm_factor"))
	return reproduce.Equal(text+", beside the paper's line", unknown, reproduce.ClosedForm(line), line, 0).Deviates(why,
		reproduce.Above("the same: the error bends", unknown, reproduce.ClosedForm(0), line),
		reproduce.Equal("the same with the norms known, beside the paper's line, at most a quarter away", k.trained(normsKnown), reproduce.ClosedForm(line), line, line/4))
}
