package kernels

import (
	"math"
	"testing"
)

// Limits are in ulp of the exact value: the measured maximum over the grid, rounded up to half an ulp.
func TestFunctionsAccuracy(t *testing.T) {
	tests := []struct {
		name  string
		f     func(Level, []float32, []float32)
		exact func(float64) float64
		// zero is the size below which a result may be 0, and zero 0 that none may.
		zero, limit float64
	}{
		{"exp", expLevel, math.Exp, 0x1p-125, 1.5},
		{"tanh", tanhLevel, math.Tanh, 0, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			eachLevel(t, func(t *testing.T, level Level) {
				x := grid(130)
				y := make([]float32, len(x))
				test.f(level, y, x)
				var w worst
				for i, v := range x {
					want := test.exact(float64(v))
					if y[i] == 0 && math.Abs(want) < test.zero {
						continue
					}
					if want > math.MaxFloat32 && y[i] > math.MaxFloat32 {
						continue
					}
					w.see(v, float64(y[i]), want, ulp(want))
				}
				w.check(t, test.limit)
			})
		})
	}
}

func TestTanhKeepsZeroSign(t *testing.T) {
	eachLevel(t, func(t *testing.T, level Level) {
		y := []float32{0, float32(math.Copysign(0, -1))}
		tanhLevel(level, y, y)
		sameBits(t, "tanh", y, []float32{0, float32(math.Copysign(0, -1))})
	})
}

// The factor 4E/(1+E)²/τ, in units of its ulp, down to the values that are replaced by 0.
func TestSignGradAccuracy(t *testing.T) {
	for _, tau := range []float32{0.01, 0.1, 0.3, 1, 7} {
		eachLevel(t, func(t *testing.T, level Level) {
			z := grid(40 * float64(tau))
			dz := make([]float32, len(z))
			for i := range dz {
				dz[i] = 1
			}
			signGradLevel(level, dz, dz, z, tau)
			var w worst
			for i, v := range z {
				s := 1 / math.Cosh(float64(v)/float64(tau))
				want := s * s / float64(tau)
				if math.Abs(float64(v)) > 34.6*float64(tau) && dz[i] == 0 {
					continue
				}
				w.see(v, float64(dz[i]), want, ulp(want))
			}
			w.check(t, 4.5)
		})
	}
}
