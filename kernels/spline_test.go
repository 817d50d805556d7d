package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// exactSpline is spline.go's head in float64, with the partial derivatives of a monotone spline by the chain rule over
// its values at the knots.
type exactSpline struct {
	theta    []float64
	monotone bool
}

func (s exactSpline) h() float64 { return 2 * SplineRange / float64(len(s.theta)-1) }

func (s exactSpline) values() []float64 {
	if !s.monotone {
		return s.theta
	}
	v := make([]float64, len(s.theta))
	m := (len(v) - 1) / 2
	rise := func(k int) float64 { return s.h() * math.Log1p(math.Exp(s.theta[1+k])) }
	v[m] = s.theta[0]
	for k := m + 1; k < len(v); k++ {
		v[k] = v[k-1] + rise(k-1)
	}
	for k := m - 1; k >= 0; k-- {
		v[k] = v[k+1] - rise(k)
	}
	return v
}

func (s exactSpline) at(u float64) (value, slope float64) {
	v := s.values()
	k := int(math.Min(math.Max(math.Floor((u+SplineRange)/s.h()), 0), float64(len(v)-2)))
	slope = (v[k+1] - v[k]) / s.h()
	return v[k] + (u-(s.h()*float64(k)-SplineRange))*slope, slope
}

// partial is a central difference: f is linear in v, and softplus is smooth.
func (s exactSpline) partial(u float64, k int) float64 {
	const h = 1e-5
	keep := s.theta[k]
	s.theta[k] = keep + h
	up, _ := s.at(u)
	s.theta[k] = keep - h
	down, _ := s.at(u)
	s.theta[k] = keep
	return (up - down) / (2 * h)
}

// eachSpline runs a test for splines with few and many, even and odd knots, with random θ and arguments on both sides
// of the knots and beyond them, none of them where rounding decides the cell.
func eachSpline(t *testing.T, test func(t *testing.T, f Family, theta, u []float32, exact exactSpline)) {
	for _, knots := range []int{2, 3, 8, 33, 65, MaxKnots} {
		for _, monotone := range []bool{false, true} {
			f := Spline(knots, monotone)
			t.Run(f.String(), func(t *testing.T) {
				r := rand.New(rand.NewPCG(uint64(knots), 3))
				theta := make([]float32, f.Params())
				for k := range theta {
					theta[k] = float32(r.NormFloat64())
				}
				exact := exactSpline{float64s(theta), monotone}
				u := []float32{-40, -4.5, 4.5, 40}
				for len(u) < 150 {
					v := float32(2 * r.NormFloat64())
					if x := float64(v) / exact.h(); math.Abs(x-math.Round(x)) > 1e-3 {
						u = append(u, v)
					}
				}
				test(t, f, theta, u, exact)
			})
		}
	}
}

// One rounding, of the result.
const splineLimit = 1.01 / (1 << 24)

func TestSplineValuesAndSlopes(t *testing.T) {
	eachSpline(t, func(t *testing.T, f Family, theta, u []float32, exact exactSpline) {
		value, du, dout := make([]float32, len(u)), make([]float32, len(u)), make([]float32, len(u))
		for i := range dout {
			dout[i] = 1
		}
		Denoise(new(DenoiseWorkspace), value, u, theta, f)
		DenoiseGrad(new(DenoiseWorkspace), du, make([]float64, len(theta)), dout, u, theta, f)
		for i, v := range u {
			want, slope := exact.at(float64(v))
			near(t, fmt.Sprintf("f(%g)", v), float64(value[i]), want, splineLimit*math.Abs(want)+1e-13)
			near(t, fmt.Sprintf("f′(%g)", v), float64(du[i]), slope, splineLimit*math.Abs(slope)+1e-13)
		}
	})
}

func TestSplineSums(t *testing.T) {
	const scale, limit = 0.125, 1e-5 // the differences of partial err by 1e-9, float32 residuals by 1e-7 of their size
	eachSpline(t, func(t *testing.T, f Family, theta, u []float32, exact exactSpline) {
		x := values(len(u), 2)
		got, want, size := make([]float64, len(theta)), make([]float64, len(theta)), make([]float64, len(theta))
		grad := make([]float64, len(theta))
		var sum float64
		for i := range u {
			v, _ := exact.at(float64(u[i]))
			e := v - float64(x[i])
			sum += e * e
			for k := range theta {
				p := exact.partial(float64(u[i]), k)
				want[k] += scale * e * p
				grad[k] += float64(x[i]) * p
				size[k] += (math.Abs(e) + math.Abs(float64(x[i])) + 1) * (math.Abs(p) + 0.01)
			}
		}
		du := make([]float32, len(u))
		near(t, "sum", DenoiseMSE(new(DenoiseWorkspace), du, got, u, x, theta, scale, f), sum, limit*(1+sum))
		near(t, "sum only", DenoiseMSE(new(DenoiseWorkspace), nil, nil, u, x, theta, scale, f), sum, limit*(1+sum))
		for k := range got {
			near(t, fmt.Sprintf("partial %d", k), got[k], want[k], limit*size[k])
			got[k] = 5
		}
		DenoiseGrad(new(DenoiseWorkspace), du, got, x, u, theta, f)
		for k := range got {
			near(t, fmt.Sprintf("added gradient %d", k), got[k], 5+grad[k], limit*(5+size[k]))
		}
	})
}

// A monotone spline never falls, also where its slopes underflow.
func TestSplineMonotone(t *testing.T) {
	const knots = 33
	theta := make([]float32, knots)
	r := rand.New(rand.NewPCG(5, 5))
	for k := range theta {
		theta[k] = float32(40 * r.NormFloat64())
	}
	var u []float32
	for v := float32(-6); v < 6; v += 1.0 / 256 {
		u = append(u, v)
	}
	y := make([]float32, len(u))
	Denoise(new(DenoiseWorkspace), y, u, theta, Spline(knots, true))
	for i := 1; i < len(y); i++ {
		if y[i] < y[i-1]-1e-6*max32(1, abs32(y[i])) {
			t.Fatalf("f(%g) = %g, f(%g) = %g", u[i-1], y[i-1], u[i], y[i])
		}
	}
}

// An argument that is no number, or far out, must not leave the table.
func TestSplineExtremes(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	u := []float32{nan, inf, -inf, 1e30, -1e30, 1e17, -1e17}
	for _, f := range []Family{Spline(2, false), Spline(33, true), Spline(MaxKnots, false)} {
		theta := make([]float32, f.Params())
		for k := range theta {
			theta[k] = float32(k)
		}
		y, du, dtheta := make([]float32, len(u)), make([]float32, len(u)), make([]float64, len(theta))
		Denoise(new(DenoiseWorkspace), y, u, theta, f)
		DenoiseMSE(new(DenoiseWorkspace), du, dtheta, u, u, theta, 1, f)
		DenoiseGrad(new(DenoiseWorkspace), du, dtheta, u, u, theta, f)
		if y[0] == y[0] {
			t.Errorf("%v: f(NaN) = %g", f, y[0])
		}
		if !(y[5] > 1e16 && y[6] < -1e16) {
			t.Errorf("%v: f(±1e17) = %g, %g", f, y[5], y[6])
		}
		Denoise(new(DenoiseWorkspace), y, []float32{-4.5, -4, -0.1, 0, 0.1, 4, 4.5}, append([]float32{nan}, theta[1:]...), f)
		if y[0] == y[0] {
			t.Errorf("%v: θ₀ is NaN, f(−4.5) = %g", f, y[0])
		}
	}
}

// The sums of a spline are the same float64 at every level: the elements take turns in the same way.
func TestSplineSumsAgree(t *testing.T) {
	eachSpline(t, func(t *testing.T, f Family, theta, _ []float32, _ exactSpline) {
		ws := new(DenoiseWorkspace)
		for _, n := range lengths {
			u, x, du := values(n, 1), values(n, 2), make([]float32, n)
			sums := func(level Level) []float64 {
				mse, grad := make([]float64, len(theta)), make([]float64, len(theta))
				sum := denoiseMSELevel(level, ws, du, mse, u, x, theta, 0.3, f)
				only := denoiseMSELevel(level, ws, nil, nil, u, x, theta, 0.3, f)
				denoiseGradLevel(level, ws, du, grad, x, u, theta, f)
				return slices.Concat(mse, grad, []float64{sum, only})
			}
			want := sums(Scalar)
			for _, level := range Levels()[1:] {
				if got := sums(level); !slices.Equal(got, want) {
					t.Fatalf("%v, %d elements: %v, want %v", level, n, got, want)
				}
			}
		}
	})
}

// A workspace that has seen other parameters computes what a new one does, zeros of both signs included.
func TestDenoiseWorkspace(t *testing.T) {
	const knots = 5
	minus := float32(math.Copysign(0, -1))
	ws := new(DenoiseWorkspace)
	u := values(100, 1)
	for _, monotone := range []bool{false, true, false} {
		f := Spline(knots, monotone)
		for _, theta := range [][]float32{{0, 0, 0, 0, 0}, {minus, minus, minus, minus, minus}, {1, 2, 3, 2, 1}, {1, 2, 3, 2, 2}} {
			for _, level := range Levels() {
				got, want := make([]float32, len(u)), make([]float32, len(u))
				denoiseLevel(level, ws, got, u, theta, f)
				denoiseLevel(level, new(DenoiseWorkspace), want, u, theta, f)
				sameBits(t, fmt.Sprint(f, theta, level), got, want)
			}
		}
	}
}

func BenchmarkSpline(b *testing.B) {
	for _, f := range []Family{G2, Spline(33, false), Spline(33, true)} {
		for _, level := range Levels() {
			b.Run(fmt.Sprint(f, "/", level), func(b *testing.B) {
				ws := new(DenoiseWorkspace)
				u, x := values(700, 1), values(700, 2) // a block of d = 100, batch 100
				du, theta := make([]float32, len(u)), make([]float32, f.Params())
				dtheta := make([]float64, len(theta))
				for k := range theta {
					theta[k] = 0.3
				}
				for b.Loop() {
					denoiseMSELevel(level, ws, du, dtheta, u, x, theta, 1, f)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(u)), "ns/element")
			})
		}
	}
}
