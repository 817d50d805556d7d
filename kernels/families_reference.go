package kernels

import "math"

// The families in float64, as their definitions read. Tests compare the kernels of every level with them, and they are the
// reference arithmetic of package graph's ops.

// Eval returns f(u; θ) and ∂f/∂u and writes ∂f/∂θ into dtheta, in float64; θ and dtheta have Params elements.
func (f Family) Eval(u float64, theta, dtheta []float64) (y, dydu float64) {
	return f.At(theta)(u, dtheta)
}

// At prepares f at θ: the function is Eval at that θ. For a value that is no family it gives NaN.
func (f Family) At(theta []float64) func(u float64, dtheta []float64) (y, dydu float64) {
	if _, monotone, ok := f.Knots(); ok {
		return splineAt(theta, monotone)
	}
	row := f.row()
	if row == nil {
		return func(float64, []float64) (y, dydu float64) { return math.NaN(), math.NaN() }
	}
	return func(u float64, dtheta []float64) (y, dydu float64) { return row.eval(u, theta, dtheta) }
}

func (row *familyRow) eval(u float64, theta, dtheta []float64) (y, dydu float64) {
	var k int // the parameters of the base
	switch row.base {
	case gate:
		y, dydu = evalGate(u, theta, dtheta)
		k = 4
	case pair:
		y, dydu = evalPair(u, theta, dtheta)
		k = 3
	default:
		return math.NaN(), math.NaN()
	}
	if row.linear {
		y, dydu = y+theta[k]*u, dydu+theta[k]
		dtheta[k] = u
		k++
	}
	if row.step {
		y, dydu = addTanh(u, theta[k:], dtheta[k:], y, dydu)
	}
	return y, dydu
}

func evalGate(u float64, th, d []float64) (y, dydu float64) {
	rho := math.Log1p(math.Exp(th[3]))
	s := logistic(th[2] + rho*u*u)
	ds := s * (1 - s)
	d[0] = u
	d[1] = u * s
	d[2] = th[1] * u * ds
	d[3] = th[1] * u * u * u * ds * logistic(th[3])
	return u * (th[0] + th[1]*s), th[0] + th[1]*s + 2*th[1]*rho*u*u*ds
}

func evalPair(u float64, th, d []float64) (y, dydu float64) {
	c, a, e := th[0], th[1], th[2]
	plus, minus := math.Tanh(a*u+e), math.Tanh(a*u-e)
	sp, sm := 1-plus*plus, 1-minus*minus
	d[0] = plus + minus
	d[1] = c * u * (sp + sm)
	d[2] = c * (sp - sm)
	return c * (plus + minus), c * a * (sp + sm)
}

func addTanh(u float64, th, d []float64, y, dydu float64) (float64, float64) {
	t := math.Tanh(th[1] * u)
	s := 1 - t*t
	d[0] = t
	d[1] = th[0] * u * s
	return y + th[0]*t, dydu + th[0]*th[1]*s
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

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

// splineAt is Family.At for a spline.
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
		values[k+1] = values[k] + h*softplus64(theta[1+k])
	}
	for k := m - 1; k >= 0; k-- {
		values[k] = values[k+1] - h*softplus64(theta[1+k])
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

func softplus64(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
