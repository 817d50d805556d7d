//go:build gpu

package cuda

import (
	"testing"
	"unsafe"

	"autoamp/kernels"
)

// TestNormalised moves matrices and a vector whose gradient is a sum; the second replica has failed and stays.
func TestNormalised(t *testing.T) {
	r := newRig(t)
	const rate = 0.05
	_, s := r.replicas(1)
	s[0].rate, s[1].failed = rate, 1
	states := r.place(unsafe.Slice((*byte)(unsafe.Pointer(&s)), unsafe.Sizeof(s)))
	c := clip{tensor{r.place(r.encode([]float64{3, 1, 0, 0})), 2}, 2, 1} // norm 2, bound 1: half of g
	for _, size := range [][2]int{{1, 1}, {5, 4}, {7, 101}, {3, 2000}} {
		for _, block := range [][2]int{{32, 1}, {32, 8}, {128, 1}} {
			rows, cols := size[0], size[1]
			w, g := pair(rows*cols, 1, true), pair(rows*cols, 2, true)
			dw := r.tensor(w[:]...)
			r.launch("Normalised", ceil(rows, block[1]), block, dw, r.tensor(g[:]...), tensor{}, int32(rows), int32(cols), int32(1), c, states)
			kernels.NormalisedStep(w[0], g[0], rows, cols, rate/2)
			for i, got := range r.read(dw, rows*cols) {
				r.same("Normalised", got, w[i], sumError, 0)
			}
		}
	}
	w, g := pair(6, 1, true), pair(6, 2, true)
	sums := make([]float64, testReplicas*6)
	for j := range sums {
		sums[j] = float64(g[j/6][j%6])
	}
	dw := r.tensor(w[:]...)
	r.launch("Normalised", 1, [2]int{32, 8}, dw, tensor{}, tensor{r.place(r.encode(sums)), 6}, int32(1), int32(6), int32(0), c, states)
	kernels.Axpy(w[0], g[0], -float32(rate)/2)
	for i, got := range r.read(dw, 6) {
		r.same("Normalised vector", got, w[i], ulp, 0)
	}
}

// TestDecay leaves the bias of the replica that has failed.
func TestDecay(t *testing.T) {
	r := newRig(t)
	_, s := r.replicas(1)
	s[1].failed = 1
	states := r.place(unsafe.Slice((*byte)(unsafe.Pointer(&s)), unsafe.Sizeof(s)))
	for _, n := range lengths {
		b := pair(n, 1, false)
		db := r.tensor(b[:]...)
		r.flat("Decay", n, db, int64(n), float32(0.25), states)
		kernels.Scale(b[0], b[0], 0.25)
		for i, got := range r.read(db, n) {
			r.same("Decay", got, b[i], 0, 0)
		}
	}
}

// TestSupportGrad lets a gradient through where y is not zero, of either sign.
func TestSupportGrad(t *testing.T) {
	r := newRig(t)
	for _, n := range lengths {
		dy, y := pair(n, 1, false), pair(n, 2, false)
		d, value := r.tensor(dy[:]...), r.tensor(y[:]...)
		r.flat("SupportGrad", n, d, d, value, int64(n))
		r.flat("Threshold", n, value, value, int64(n), float32(0.8))
		grads, values := r.read(d, n), r.read(value, n)
		for i := range y {
			kernels.SupportGrad(dy[i], dy[i], y[i])
			kernels.Threshold(y[i], y[i], 0.8)
			r.same("SupportGrad", grads[i], dy[i], 0, 0)
			r.same("Threshold", values[i], y[i], 0, 0)
		}
	}
}
