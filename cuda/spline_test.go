//go:build gpu

package cuda

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"autoamp/kernels"
)

// TestSpline covers few and many, even and odd knots, with arguments between the knots and far beyond them, and runs of
// equal ones, which all fall into one cell.
func TestSpline(t *testing.T) {
	r := newRig(t)
	for _, knots := range []int{2, 3, 8, 33, kernels.MaxKnots} {
		for _, monotone := range []bool{false, true} {
			for _, n := range []int{1, 31, 33, 1027, 9001} {
				r.spline(kernels.Spline(knots, monotone), n)
			}
		}
	}
}

func (r rig) spline(f kernels.Family, n int) {
	k, p := f.Params(), parts(n)
	u, x, theta := pair(n, uint64(n), true), pair(n, 5, true), pair(k, 9, true)
	for i := range theta {
		for j := range theta[i] { // no slope of 1000
			theta[i][j] = max(-3, min(3, theta[i][j]))
		}
		for j := n / 2; j < n*3/4; j++ {
			u[i][j] = 0.3
		}
	}
	th, du, dx, value, grad := r.prepared(r.tensor(theta[:]...), f), r.tensor(u[:]...), r.tensor(x[:]...), r.empty(n), r.empty(n)
	gradSums, again, mseSums, loss, lossOnly := r.sums(k*p), r.sums(k*p), r.sums(k*p), r.sums(p), r.sums(p)
	scale := float32(2 / float64(n))
	block := [2]int{256, 1}
	r.launch("Spline", p, block, value, du, th, int64(n), int32(f))
	r.launch("SplineGrad", p, block, grad, gradSums, dx, du, th, int64(n), int32(f))
	r.launch("SplineGrad", p, block, grad, again, dx, du, th, int64(n), int32(f))
	r.launch("SplineMSE", p, block, tensor{}, lossOnly, tensor{}, du, dx, th, int64(n), scale, int32(f))
	r.launch("SplineMSE", p, block, du, loss, mseSums, du, dx, th, int64(n), scale, int32(f)) // in place
	if a, b := r.all(gradSums), r.all(again); !slices.Equal(a, b) {
		r.Errorf("%v, n = %d: the same sums in another order of threads differ", f, n)
	}
	values, grads, mses := r.read(value, n), r.read(grad, n), r.read(du, n)
	for i := range u {
		want, wantGrad, wantMSE := make([]float32, n), make([]float32, n), make([]float32, n)
		sums, dtheta := make([]float64, k), make([]float64, k)
		ws := new(kernels.DenoiseWorkspace)
		kernels.Denoise(ws, want, u[i], theta[i], f)
		kernels.DenoiseGrad(ws, wantGrad, sums, x[i], u[i], theta[i], f)
		square := kernels.DenoiseMSE(ws, wantMSE, dtheta, u[i], x[i], theta[i], scale, f)
		// Results may differ by the rounding of exp and log1p alone, except for an error that is a small difference.
		r.same("Spline", values[i], want, ulp, 1e-12)
		r.same("SplineGrad", grads[i], wantGrad, ulp, 1e-12)
		r.same("SplineMSE", mses[i], wantMSE, ulp, 1e-12)
		var size float64
		for j, v := range want {
			t := 1 + math.Abs(float64(u[i][j]))*float64(k)/8
			size += t * (math.Abs(float64(x[i][j])) + math.Abs(float64(v)))
		}
		for j := range sums {
			name := fmt.Sprintf("%v θ%d, n = %d", f, j, n)
			r.near("SplineGrad "+name, r.totals(gradSums, j, p)[i], sums[j], 1e-12*size)
			r.near("SplineMSE "+name, r.totals(mseSums, j, p)[i], dtheta[j], 1e-12*float64(scale)*size)
		}
		r.near("loss", r.totals(loss, 0, p)[i], square/float64(n), 1e-12*square/float64(n))
		r.near("loss alone", r.totals(lossOnly, 0, p)[i], square/float64(n), 1e-12*square/float64(n))
	}
}

// all is every partial sum of all replicas.
func (r rig) all(s tensor) []float64 {
	r.Helper()
	x := make([]float64, testReplicas*s.stride)
	r.fetch(s.data, x)
	return x
}

// TestSplineNotFinite puts one NaN into the data: it spreads to its own result and to the loss, and stays out of other cells' sums.
func TestSplineNotFinite(t *testing.T) {
	r := newRig(t)
	const n, knots = 100, 9
	f := kernels.Spline(knots, false)
	u := pair(n, 1, true)
	u[0][7] = float32(math.NaN())
	theta := pair(knots, 3, true)
	value, sums, grad := r.empty(n), r.sums(knots), r.empty(n)
	du, th := r.tensor(u[:]...), r.prepared(r.tensor(theta[:]...), f)
	r.launch("Spline", 1, [2]int{256, 1}, value, du, th, int64(n), int32(f))
	r.launch("SplineGrad", 1, [2]int{256, 1}, grad, sums, du, du, th, int64(n), int32(f))
	for i, got := range r.read(value, n) {
		want := make([]float32, n)
		kernels.Denoise(new(kernels.DenoiseWorkspace), want, u[i], theta[i], f)
		r.same("Spline", got, want, ulp, 1e-12)
	}
	for k := range knots {
		if bad := math.IsNaN(r.totals(sums, k, 1)[0]); bad != (k < 2) {
			t.Errorf("θ%d of a NaN in the first cell: NaN is %t", k, bad)
		}
	}
}
