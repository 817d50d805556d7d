package reproduce

import (
	"math"
	"slices"
)

// What is in this file goes once no experiment uses it.

const (
	oldPass Criterion = "old: pass"
	oldFail Criterion = "old: fail"
)

// OldTolerance is the allowed distance of an estimate from its reference: the largest of the three.
type OldTolerance struct {
	Relative float64
	Absolute float64
	Sigmas   float64
}

// OldWithin is a share of the reference, or four standard errors.
func OldWithin(relative float64) OldTolerance { return OldTolerance{Relative: relative, Sigmas: 4} }

// OldEqual is the former Equal.
func OldEqual(text string, found, reference Estimate, t OldTolerance) Claim {
	difference := found.Minus(reference)
	allowed := math.Max(math.Max(t.Relative*math.Abs(reference.Value), t.Absolute), t.Sigmas*difference.Stderr)
	return OldCheck(text, found, reference, "", math.Abs(difference.Value) <= allowed)
}

// OldBelow is the former Below.
func OldBelow(text string, found, reference Estimate, sigmas float64) Claim {
	difference := reference.Minus(found)
	return OldCheck(text, found, reference, "", difference.Value > sigmas*difference.Stderr)
}

// OldAbove is the former Above.
func OldAbove(text string, found, reference Estimate, sigmas float64) Claim {
	difference := found.Minus(reference)
	return OldCheck(text, found, reference, "", difference.Value > sigmas*difference.Stderr)
}

// OldCheck is the former Check.
func OldCheck(text string, found, reference Estimate, allowed string, pass bool) Claim {
	for _, x := range []float64{found.Value, found.Stderr, reference.Value, reference.Stderr} {
		pass = pass && !math.IsNaN(x) && !math.IsInf(x, 0)
	}
	c := Claim{Text: text, Criterion: oldFail, Found: found, Reference: Reference{reference, "old"}}
	if pass {
		c.Criterion = oldPass
	}
	return c
}

// OldMedian is the former Median.
func OldMedian(rows []Row, column string) Estimate {
	values := make([]float64, len(rows))
	for i, r := range rows {
		values[i] = r.Num(column)
	}
	slices.Sort(values)
	n := len(values)
	if n == 0 {
		return Exact(math.NaN())
	}
	return Exact((values[(n-1)/2] + values[n/2]) / 2)
}
