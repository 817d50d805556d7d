package kernels

import (
	"fmt"
	"math"
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// The piecewise-linear denoisers. The K knots are equidistant from −SplineRange to SplineRange:
//
//	x = u/h + (K−1)/2, h = 2·SplineRange/(K−1),   k = ⌊x⌋ but from 0 to K−2,   t = x − k
//	f(u) = v_k + t·(v_{k+1} − v_k)      f′ = (v_{k+1} − v_k)/h      ∂f/∂v_k = 1 − t, ∂f/∂v_{k+1} = t
//
// θ is v, or for a monotone spline (v_m, s_0, …, s_{K−2}) with m = ⌊(K−1)/2⌋ and v_{k+1} − v_k = h·softplus(s_k).
//
// In float64: results err by their rounding to float32 only, and the sums are the same bits at every level. |u| must stay below 1e17. NaN in u
// gives NaN (in the gradients that of θ; f′ is that of the first cell), NaN in θ where f depends on it.

const (
	// SplineRange is L: the outer knots of a spline are at ±L. The linear estimate u has a variance of at most
	// about 1; beyond 4 all posterior means are nearly linear.
	SplineRange = 4
	// MaxKnots bounds the number of a spline's knots.
	MaxKnots = maxCells + 1
	// DefaultKnots places a knot every quarter. The README gives the errors with fewer and with more knots.
	DefaultKnots = 33

	maxCells = 128
)

// Spline returns the family of the splines with the given number of knots, from 2 to MaxKnots.
//
//	any:      θ = (f(u_0), …, f(u_{K−1}))
//	monotone: θ = (f(u_m), s_0, …, s_{K−2}), m = ⌊(K−1)/2⌋; the slope right of u_k is softplus(s_k) ≥ 0
func Spline(knots int, monotone bool) Family {
	f := splineBit | Family(knots)<<8
	if monotone {
		f |= monotoneBit
	}
	return f
}

const splineBit, monotoneBit Family = 1 << 7, 1 << 6

// Knots returns the arguments of Spline; ok is false for other families.
func (f Family) Knots() (knots int, monotone, ok bool) {
	if !f.isSpline() {
		return 0, false, false
	}
	return int(f >> 8), f&monotoneBit != 0, true
}

func (f Family) isSpline() bool { return f&splineBit != 0 }

func (f Family) splineName() string {
	if f&monotoneBit != 0 {
		return fmt.Sprintf("spline(%d, monotone)", f.Params())
	}
	return fmt.Sprintf("spline(%d)", f.Params())
}

// DenoiseWorkspace keeps a spline ready for evaluation, for as long as the calls have the same θ. The zero value is ready for use. Goroutines
// must not share a workspace.
type DenoiseWorkspace struct {
	spline spline
	family Family
	theta  [MaxKnots]float32
}

// prepared returns the spline of θ.
func (ws *DenoiseWorkspace) prepared(f Family, theta []float32) *spline {
	if f == ws.family && equalBits(theta, ws.theta[:len(theta)]) {
		return &ws.spline
	}
	copy(ws.theta[:len(theta)], theta)
	ws.family = f
	ws.spline.prepare(f, theta)
	return &ws.spline
}

// equalBits tells −0 from 0, so that no result depends on the calls before.
func equalBits(a, b []float32) bool {
	for i, v := range a {
		if math.Float32bits(v) != math.Float32bits(b[i]) {
			return false
		}
	}
	return true
}

// spline is a spline ready for evaluation. The generators in asm/elementwise and asm/neon know the offsets of its fields.
type spline struct {
	knots
	slope    float64             // the factor of g·rise in the gradient with respect to u: 1/h, and scale/h in DenoiseMSE
	squares  [splineTrip]float64 // Σ e², over each element of a trip
	cells    [maxCells]cell
	sums     [maxCells]cellSums
	slopes   [maxCells]float64 // of the rises in s, where monotone
	monotone bool
}

// splineTrip is the number of elements that the vector kernels take at a time.
const splineTrip = 8

// knots holds the places of the knots. The loops below copy it, so that it can stay in registers.
type knots struct {
	inverse float64 // 1/h
	centre  float64 // (K−1)/2
	last    float64 // cell, K − 2
}

// cell is the line between two knots: the value at the left knot, and the rise to the right knot.
type cell struct{ value, rise float64 }

// cellSums are Σ g and Σ g·t over the elements of a cell, g the gradient with respect to f(u). The elements take turns among four sums,
// because independent sums are added faster than one.
type cellSums [4]struct{ g, gt float64 }

// prepare takes θ.
func (s *spline) prepare(f Family, theta []float32) {
	s.last = float64(len(theta) - 2)
	s.inverse = float64(len(theta)-1) / (2 * SplineRange)
	s.centre = float64(len(theta)-1) / 2
	s.monotone = f&monotoneBit != 0
	if s.monotone {
		s.climb(theta)
		return
	}
	for k := range theta[1:] {
		s.cells[k] = cell{float64(theta[k]), float64(theta[k+1]) - float64(theta[k])}
	}
}

// climb fills the cells of a monotone spline, outwards from the middle knot.
func (s *spline) climb(theta []float32) {
	rise := func(k int) float64 {
		slope, derivative := softplus(float64(theta[1+k]))
		s.slopes[k] = derivative / s.inverse
		return slope / s.inverse
	}
	cells := len(theta) - 1
	m := cells / 2
	value := float64(theta[0])
	for k := m; k < cells; k++ {
		s.cells[k] = cell{value, rise(k)}
		value += s.cells[k].rise
	}
	value = float64(theta[0])
	for k := m - 1; k >= 0; k-- {
		r := rise(k)
		value -= r
		s.cells[k] = cell{value, r}
	}
}

// find returns k and t. NaN falls into the first cell.
func (s knots) find(u float32) (k uint, t float64) {
	x := float64(float64(u)*s.inverse) + s.centre
	cell := 0.0
	if x > 0 {
		cell = x
	}
	if cell > s.last {
		cell = s.last
	}
	i := int(cell)
	return uint(i) % maxCells, x - float64(i)
}

// whole is the number of elements that the level's vector kernels take of n.
func (s *spline) whole(level Level, n int) int {
	if level == Scalar {
		return 0
	}
	return n - n%splineTrip
}

func (s *spline) pointer() *byte { return (*byte)(unsafe.Pointer(s)) }

func (s *spline) denoise(level Level, dst, u []float32) {
	n := s.whole(level, len(u))
	if n > 0 {
		vector.SplineDenoise(level == AVX512, &dst[0], &u[0], n, s.pointer())
	}
	dst, u = dst[n:], u[n:]
	at := s.knots
	for i, v := range u {
		k, t := at.find(v)
		dst[i] = float32(float64(t*s.cells[k].rise) + s.cells[k].value)
	}
}

func (s *spline) grad(level Level, du []float32, dtheta []float64, dout, u []float32) {
	s.begin(s.inverse)
	n := s.whole(level, len(u))
	if n > 0 {
		vector.SplineGrad(level == AVX512, &du[0], &dout[0], &u[0], n, s.pointer())
	}
	du, dout, u = du[n:], dout[n:], u[n:]
	at, slope := s.knots, s.slope
	for i, v := range u {
		k, t := at.find(v)
		g := float64(dout[i])
		s.sums[k].add(i, g, t)
		du[i] = float32(slope * g * s.cells[k].rise)
	}
	s.addTo(dtheta, 1)
}

func (s *spline) squaredError(level Level, u, x []float32) float64 {
	s.begin(0)
	n := s.whole(level, len(u))
	if n > 0 {
		vector.SplineError(level == AVX512, &u[0], &x[0], n, s.pointer())
	}
	u, x = u[n:], x[n:]
	at := s.knots
	for i, v := range u {
		k, t := at.find(v)
		e := float64(t*s.cells[k].rise) + s.cells[k].value - float64(x[i])
		s.squares[i%splineTrip] += float64(e * e)
	}
	return s.sum()
}

func (s *spline) mse(level Level, du []float32, dtheta []float64, u, x []float32, scale float64) float64 {
	s.begin(scale * s.inverse)
	n := s.whole(level, len(u))
	if n > 0 {
		vector.SplineMSE(level == AVX512, &du[0], &u[0], &x[0], n, s.pointer())
	}
	du, u, x = du[n:], u[n:], x[n:]
	at, slope := s.knots, s.slope
	for i, v := range u {
		k, t := at.find(v)
		rise := s.cells[k].rise
		e := float64(t*rise) + s.cells[k].value - float64(x[i])
		s.sums[k].add(i, e, t)
		s.squares[i%splineTrip] += float64(e * e)
		du[i] = float32(slope * e * rise)
	}
	s.addTo(dtheta, scale)
	return s.sum()
}

// begin sets the sums to zero.
func (s *spline) begin(slope float64) {
	s.slope = slope
	clear(s.squares[:])
	clear(s.sums[:int(s.last)+1])
}

// add adds the i-th element of a slice.
func (s *cellSums) add(i int, g, t float64) {
	sum := &s[i%len(s)]
	sum.g += g
	sum.gt += float64(g * t)
}

// sum is Σ e².
func (s *spline) sum() float64 {
	q := &s.squares
	return ((q[0] + q[4]) + (q[2] + q[6])) + ((q[1] + q[5]) + (q[3] + q[7]))
}

// addTo adds scale times the gradient with respect to θ.
func (s *spline) addTo(dtheta []float64, scale float64) {
	var dv [MaxKnots]float64
	for k := range s.sums[:len(dtheta)-1] {
		q := &s.sums[k]
		g, gt := scale*((q[0].g+q[2].g)+(q[1].g+q[3].g)), scale*((q[0].gt+q[2].gt)+(q[1].gt+q[3].gt))
		dv[k] += g - gt
		dv[k+1] += gt
	}
	if !s.monotone {
		for k := range dtheta {
			dtheta[k] += dv[k]
		}
		return
	}
	s.descend(dtheta, &dv)
}

// descend is the gradient of climb: a slope moves all values beyond it.
func (s *spline) descend(dtheta []float64, dv *[MaxKnots]float64) {
	cells := len(dtheta) - 1
	m := cells / 2
	right, left := 0.0, 0.0
	for k := cells - 1; k >= m; k-- {
		right += dv[k+1]
		dtheta[1+k] += right * s.slopes[k]
	}
	for k := range m {
		left += dv[k]
		dtheta[1+k] -= left * s.slopes[k]
	}
	dtheta[0] += left + dv[m] + right
}
