package graph

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Spline is the family of piecewise-linear functions with their knots at K equidistant points from −SplineRange
// to SplineRange, continued beyond them by the outer pieces. With 2 ≤ K ≤ MaxKnots:
//
//	any:      θ = (f(u_0), …, f(u_{K−1}))
//	monotone: θ = (f(u_m), s_0, …, s_{K−2}), m = ⌊(K−1)/2⌋; the slope right of u_k is softplus(s_k) ≥ 0
func Spline(knots int, monotone bool) Family {
	if monotone {
		return Family(fmt.Sprintf("spline(%d, monotone)", knots))
	}
	return Family(fmt.Sprintf("spline(%d)", knots))
}

const (
	// SplineRange is L: the outer knots of a spline are at ±L. The linear estimate u has a variance of at most
	// about 1; beyond 4 all posterior means are nearly linear.
	SplineRange = 4
	// MaxKnots bounds the number of a spline's knots.
	MaxKnots = 129
	// DefaultKnots is a knot every quarter. See the README for what fewer or more of them cost and gain.
	DefaultKnots = 33
)

// Knots returns what Spline was given; ok is false for other families.
func (f Family) Knots() (knots int, monotone, ok bool) {
	inside, ok := strings.CutPrefix(string(f), "spline(")
	if !ok {
		return 0, false, false
	}
	digits, monotone := strings.CutSuffix(strings.TrimSuffix(inside, ")"), ", monotone")
	knots, err := strconv.Atoi(digits)
	return knots, monotone, err == nil && f == Spline(knots, monotone)
}

// splineStart is f(u) = u.
func splineStart(knots int, monotone bool) []float32 {
	theta := make([]float32, knots)
	if !monotone {
		for k := range theta {
			theta[k] = float32(knot(knots, k))
		}
		return theta
	}
	for k := range theta {
		theta[k] = float32(math.Log(math.E - 1)) // softplus is 1
	}
	theta[0] = float32(knot(knots, middle(knots)))
	return theta
}

// knot is u_k.
func knot(knots, k int) float64 {
	return SplineRange * (2*float64(k)/float64(knots-1) - 1)
}

// middle is m, the knot that a monotone spline is built around.
func middle(knots int) int { return (knots - 1) / 2 }

// splineAt is Family.at for a spline.
func splineAt(theta []float64, monotone bool) func(u float64, dtheta []float64) (y, dydu float64) {
	values := theta
	if monotone {
		values = monotoneValues(theta)
	}
	last := len(theta) - 2
	h := knot(len(theta), 1) - knot(len(theta), 0)
	return func(u float64, dtheta []float64) (y, dydu float64) {
		x := (u + SplineRange) / h
		cell := int(math.Min(math.Max(math.Floor(x), 0), float64(last)))
		t := x - float64(cell)
		rise := values[cell+1] - values[cell]
		clear(dtheta)
		if monotone {
			monotonePartials(theta, cell, t, h, dtheta)
		} else {
			dtheta[cell], dtheta[cell+1] = 1-t, t
		}
		return values[cell] + t*rise, rise / h
	}
}

// monotoneValues sums the slopes up, outwards from the middle knot.
func monotoneValues(theta []float64) []float64 {
	n, m := len(theta), middle(len(theta))
	h := knot(n, 1) - knot(n, 0)
	values := make([]float64, n)
	values[m] = theta[0]
	for k := m; k < n-1; k++ {
		values[k+1] = values[k] + h*softplus(theta[1+k])
	}
	for k := m - 1; k >= 0; k-- {
		values[k] = values[k+1] - h*softplus(theta[1+k])
	}
	return values
}

// monotonePartials writes ∂f/∂θ at the fraction t of a cell: every slope between u and the middle knot counts over the
// length that it is passed.
func monotonePartials(theta []float64, cell int, t, h float64, dtheta []float64) {
	m := middle(len(theta))
	dtheta[0] = 1
	slope := func(k int, length float64) { dtheta[1+k] = length * h * logistic(theta[1+k]) }
	if cell >= m {
		for k := m; k < cell; k++ {
			slope(k, 1)
		}
		slope(cell, t)
		return
	}
	for k := m - 1; k > cell; k-- {
		slope(k, -1)
	}
	slope(cell, t-1)
}

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
