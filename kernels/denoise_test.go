package kernels

import (
	"math"
	"testing"
)

// exactDenoiser is family.go's head in float64: value, slope, and ∂ₖf, with the size of the largest term of the value.
func exactDenoiser(f Family, u float64, th []float64) (value, slope float64, partial []float64) {
	step := func(b, k float64) (t, s float64) {
		t = math.Tanh(k * u)
		c := math.Cosh(k * u)
		return t, 1 / (c * c)
	}
	switch f.row().base {
	case gate:
		rho := math.Log1p(math.Exp(th[3]))
		s := 1 / (1 + math.Exp(-th[2]-rho*u*u))
		ds := s / (1 + math.Exp(th[2]+rho*u*u))
		value = u * (th[0] + th[1]*s)
		slope = th[0] + th[1]*s + 2*th[1]*rho*u*u*ds
		partial = []float64{u, u * s, th[1] * u * ds, th[1] * u * u * u * ds / (1 + math.Exp(-th[3]))}
		th = th[4:]
	case pair:
		c, a, e := th[0], th[1], th[2]
		tp, tm := math.Tanh(a*u+e), math.Tanh(a*u-e)
		sp, sm := 1/math.Pow(math.Cosh(a*u+e), 2), 1/math.Pow(math.Cosh(a*u-e), 2)
		value, slope = c*(tp+tm), c*a*(sp+sm)
		partial = []float64{tp + tm, c * u * (sp + sm), c * (sp - sm)}
		th = th[3:]
	}
	if f.row().linear {
		value += th[0] * u
		slope += th[0]
		partial = append(partial, u)
		th = th[1:]
	}
	if len(th) == 2 {
		t, s := step(th[0], th[1])
		value += th[0] * t
		slope += th[0] * th[1] * s
		partial = append(partial, t, th[0]*u*s)
	}
	return value, slope, partial
}

func float64s(a []float32) []float64 {
	b := make([]float64, len(a))
	for i, v := range a {
		b[i] = float64(v)
	}
	return b
}

// Values and slopes against float64, relative to the size of the terms: |u|·(|a0|+|a1|) + |b1| for G, and 6 for T,
// because its tanh cancel at small u. 8·2⁻²⁴ covers the sum of at most four terms with errors of 3 ulp each.
func TestDenoiseAccuracy(t *testing.T) {
	const limit = 8.0 / (1 << 24)
	for f, theta := range testThetas {
		t.Run(f.String(), func(t *testing.T) {
			eachLevel(t, func(t *testing.T, level Level) {
				u := grid(12)[len(specials):]
				n := len(u)
				value, slope := make([]float32, n), make([]float32, n)
				for i := range slope {
					slope[i] = 1
				}
				denoiseLevel(level, nil, value, u, theta, f)
				denoiseGradLevel(level, nil, slope, make([]float64, len(theta)), slope, u, theta, f)
				var wv, ws worst
				th := float64s(theta)
				for i, v := range u {
					value64, slope64, _ := exactDenoiser(f, float64(v), th)
					size := 6.0
					if f == G1 || f == G2 {
						size = math.Abs(float64(v)) * 2.5
					}
					wv.see(v, float64(value[i]), value64, size)
					ws.see(v, float64(slope[i]), slope64, 6)
				}
				wv.check(t, limit)
				ws.check(t, limit)
			})
		})
	}
}

// Sums against float64, relative to Σ|terms|: up to 512 float32 additions in a lane, which err by their root, and the
// errors of the terms themselves.
func TestDenoiseSums(t *testing.T) {
	const limit = 1.5e-6
	for f, theta := range testThetas {
		t.Run(f.String(), func(t *testing.T) {
			eachLevel(t, func(t *testing.T, level Level) {
				for _, n := range lengths {
					u, x := values(n, 1), values(n, 2)
					for i := range u {
						u[i] = min(8, max(-8, u[i]))
					}
					th := float64s(theta)
					sum, size := 0.0, 0.0
					part, partSize := make([]float64, len(th)), make([]float64, len(th))
					grad, gradSize := make([]float64, len(th)), make([]float64, len(th))
					const scale = 0.125
					for i := range u {
						v, _, p := exactDenoiser(f, float64(u[i]), th)
						e := v - float64(x[i])
						sum += e * e
						size += e*e + 2*math.Abs(e)
						for k := range p {
							part[k] += scale * e * p[k]
							partSize[k] += scale * (math.Abs(e) + 2) * (math.Abs(p[k]) + 1)
							grad[k] += float64(x[i]) * p[k]
							gradSize[k] += math.Abs(float64(x[i])) * (math.Abs(p[k]) + 1)
						}
					}
					got := make([]float64, len(th))
					du := make([]float32, n)
					gotSum := denoiseMSELevel(level, nil, du, got, u, x, theta, scale, f)
					only := denoiseMSELevel(level, nil, nil, nil, u, x, theta, scale, f)
					near(t, "sum", gotSum, sum, limit*size)
					near(t, "sum only", only, sum, limit*size)
					for k := range got {
						near(t, "partial", got[k], part[k], limit*partSize[k])
					}
					clear(got)
					denoiseGradLevel(level, nil, du, got, x, u, theta, f)
					for k := range got {
						near(t, "gradient", got[k], grad[k], limit*gradSize[k])
						got[k] = 5
					}
					denoiseGradLevel(level, nil, du, got, x, u, theta, f)
					for k := range got {
						near(t, "accumulated", got[k], 5+grad[k], limit*(5+gradSize[k]))
					}
				}
			})
		})
	}
}

func near(t *testing.T, what string, got, want, limit float64) {
	if !(math.Abs(got-want) <= limit) {
		t.Helper() // not earlier: it takes longer than the rest
		t.Fatalf("%s: %.12g, want %.12g: off by %.3g, allowed %.3g", what, got, want, got-want, limit)
	}
}

// ∂f of the kernels against central differences of f in float64, so that a wrong formula in both places shows.
func TestDenoisePartials(t *testing.T) {
	const h, limit = 1e-5, 1e-7
	for f, theta := range testThetas {
		th := float64s(theta)
		for _, u := range []float64{-3, -0.7, 0, 0.2, 1, 2.5} {
			_, slope, partial := exactDenoiser(f, u, th)
			up, _, _ := exactDenoiser(f, u+h, th)
			down, _, _ := exactDenoiser(f, u-h, th)
			near(t, f.String()+" slope", slope, (up-down)/(2*h), limit)
			for k := range th {
				keep := th[k]
				th[k] = keep + h
				up, _, _ = exactDenoiser(f, u, th)
				th[k] = keep - h
				down, _, _ = exactDenoiser(f, u, th)
				th[k] = keep
				near(t, f.String()+" partial", partial[k], (up-down)/(2*h), limit)
			}
		}
	}
}

func TestDenoiseNaNParameter(t *testing.T) {
	for f, theta := range testThetas {
		for k := range theta {
			eachLevel(t, func(t *testing.T, level Level) {
				bad := append([]float32(nil), theta...)
				bad[k] = float32(math.NaN())
				u := values(100, 1)
				for i := range u {
					u[i] += 0.01
				}
				y := make([]float32, len(u))
				denoiseLevel(level, nil, y, u, bad, f)
				for i, v := range y {
					if v == v {
						t.Fatalf("%v: parameter %d is NaN, element %d is %g", f, k, i, v)
					}
				}
			})
		}
	}
}

// A step with slope 0, of either sign, is no step.
func TestDenoiseZeroSlope(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		u := values(100, 1)
		want, got := make([]float32, 100), make([]float32, 100)
		denoiseLevel(level, nil, want, u, testThetas[G1], G1)
		for _, k := range []float32{0, float32(math.Copysign(0, -1)), 1e-40} {
			denoiseLevel(level, nil, got, u, append(append([]float32(nil), testThetas[G1]...), 0.5, k), G2)
			for i := range want {
				near(t, "value", float64(got[i]), float64(want[i]), 1e-36)
			}
		}
	})
}

func TestParseFamily(t *testing.T) {
	for _, f := range Families() {
		if testThetas[f] == nil || len(testThetas[f]) != f.Params() {
			t.Errorf("no parameters to test %v at", f)
		}
		if g, err := ParseFamily(f.String()); err != nil || g != f {
			t.Errorf("ParseFamily(%q) = %v, %v", f.String(), g, err)
		}
	}
	if _, err := ParseFamily("g3"); err == nil {
		t.Error("g3 was accepted")
	}
}
