//go:build gpu

package cuda

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"gorgonia.org/cu"

	"autoamp/graph"
	"autoamp/kernels"
)

// The CUDA kernels against the Go ones, one by one, on two replicas with other data. On the emulated driver most give
// the same bits; a GPU divides within 2 ulp where the .cu file says so, and adds up in the same order.

// rig is a device for single kernels.
type rig struct {
	*testing.T
	*Executor
}

const (
	testReplicas = 2
	fence        = 12345 // around every tensor
)

// newRig opens the device for a test, on the test's thread.
func newRig(t *testing.T) rig {
	t.Helper()
	e, err := Open(Settings{})
	if err != nil {
		t.Fatal(err)
	}
	leave, err := e.enter()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		leave()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return rig{t, e}
}

func (r rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// place copies bytes to the device until the test ends.
func (r rig) place(bytes []byte) uint64 {
	r.Helper()
	p, err := cu.MemAlloc(int64(max(len(bytes), 1)))
	r.must(err)
	r.Cleanup(func() { r.must(cu.MemFree(p)) })
	if len(bytes) > 0 {
		r.must(cu.MemcpyHtoD(p, unsafe.Pointer(&bytes[0]), int64(len(bytes))))
	}
	return uint64(p)
}

// fetch copies from the device.
func (r rig) fetch(at uint64, to any) {
	r.Helper()
	bytes := make([]byte, binary.Size(to))
	r.must(cu.MemcpyDtoH(unsafe.Pointer(&bytes[0]), cu.DevicePtr(at), int64(len(bytes))))
	_, err := binary.Decode(bytes, binary.LittleEndian, to)
	r.must(err)
}

func (r rig) encode(x any) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, x)
	r.must(err)
	return b
}

// tensor places one slice per replica, of the same length, with a fence behind each.
func (r rig) tensor(x ...[]float32) tensor {
	r.Helper()
	stride := padded(len(x[0]) + 1)
	all := make([]float32, len(x)*stride)
	for i := range all {
		all[i] = fence
	}
	for i := range x {
		copy(all[i*stride:], x[i])
	}
	return tensor{r.place(r.encode(all)), int64(stride)}
}

// read returns each replica's n elements and checks the fences.
func (r rig) read(x tensor, n int) [testReplicas][]float32 {
	r.Helper()
	all := make([]float32, testReplicas*x.stride)
	r.fetch(x.data, all)
	var out [testReplicas][]float32
	for i := range out {
		mine := all[i*int(x.stride) : (i+1)*int(x.stride)]
		out[i] = mine[:n]
		for j, v := range mine[n:] {
			if v != fence {
				r.Fatalf("replica %d: wrote %g at %d of %d", i, v, n+j, n)
			}
		}
	}
	return out
}

// empty is a destination of n elements.
func (r rig) empty(n int) tensor {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.NaN())
	}
	return r.tensor(x, x)
}

// sums is a place for float64 numbers of every replica.
func (r rig) sums(n int) tensor {
	x := make([]float64, testReplicas*n)
	for i := range x {
		x[i] = math.NaN()
	}
	return tensor{r.place(r.encode(x)), int64(n)}
}

// totals adds up the parts of a replica's k-th number.
func (r rig) totals(s tensor, k, parts int) (out [testReplicas]float64) {
	r.Helper()
	all := make([]float64, testReplicas*s.stride)
	r.fetch(s.data, all)
	for i := range out {
		for _, x := range all[i*int(s.stride)+k*parts:][:parts] {
			out[i] += x
		}
	}
	return out
}

func (r rig) launch(name string, blocks int, block [2]int, args ...any) {
	r.Helper()
	f, err := r.function(name)
	r.must(err)
	r.must(launch(f, name, cu.Stream{}, [3]int{blocks, testReplicas, 1}, block, args...))
}

// flat launches an elementwise kernel.
func (r rig) flat(name string, n int, args ...any) {
	r.Helper()
	r.launch(name, ceil(n, 1024), [2]int{256, 1}, args...)
}

// replicas places states with other seeds.
func (r rig) replicas(step uint64) (uint64, [testReplicas]replicaState) {
	s := [testReplicas]replicaState{}
	for i := range s {
		s[i] = replicaState{seed: uint64(7+i) << 33, step: step, failed: notFailed, learningRate: 0.01 * float64(i+1), power1: math.Pow(0.9, float64(step)),
			power2: math.Pow(0.999, float64(step))}
	}
	return r.place(unsafe.Slice((*byte)(unsafe.Pointer(&s)), unsafe.Sizeof(s))), s
}

// numbers returns n numbers of mixed sizes, with zeros of both signs, and NaN and Inf unless finite.
func numbers(n int, seed uint64, finite bool) []float32 {
	rng := rand.New(rand.NewPCG(seed, 2))
	x := make([]float32, n)
	for i := range x {
		v := rng.NormFloat64()
		switch kind := rng.IntN(24); {
		case kind == 0:
			v = 0
		case kind == 1:
			v = math.Copysign(0, -1)
		case kind == 2:
			v *= 1e3
		case kind == 3:
			v *= 1e-6
		case kind == 4 && !finite:
			v = math.NaN()
		case kind == 5 && !finite:
			v = math.Inf(1 - 2*rng.IntN(2))
		}
		x[i] = float32(v)
	}
	return x
}

func pair(n int, seed uint64, finite bool) [testReplicas][]float32 {
	return [testReplicas][]float32{numbers(n, seed, finite), numbers(n, seed+100, finite)}
}

// lengths are ragged in every way.
var lengths = []int{1, 2, 3, 4, 5, 31, 33, 64, 100, 1023, 1024, 1027, 4096, 9001}

// same compares with the Go kernel: relative error rel, or absolute error abs, NaN where NaN is wanted.
func (r rig) same(name string, got, want []float32, rel, abs float64) {
	r.Helper()
	for i, w := range want {
		g := got[i]
		diff := math.Abs(float64(g) - float64(w))
		if g != w && !(w != w && g != g) && !(diff <= rel*math.Abs(float64(w)) || diff <= abs) {
			r.Fatalf("%s: element %d of %d: %g, want %g (%.3g)", name, i, len(want), g, w, diff)
		}
	}
}

func (r rig) near(name string, got, want, abs float64) {
	r.Helper()
	if got != want && !(math.Abs(got-want) <= abs) && (got == got || want == want) {
		r.Fatalf("%s: %g, want %g (%.3g)", name, got, want, got-want)
	}
}

const (
	ulp      = 1.0 / (1 << 23)
	divided  = 8 * ulp // two quotients, each within 2 ulp, and their factors
	sumError = 1e-6    // of the sum of magnitudes, see sums.go
)

func TestElementwise(t *testing.T) {
	r := newRig(t)
	w := []float32{0.3, -1.7}
	weights := r.tensor(w, w)
	tests := []struct {
		name string
		args func(dst, a, b tensor, n int) []any
		want func(dst, a, b []float32)
		rel  float64
	}{
		{"Scale", func(dst, a, _ tensor, n int) []any { return []any{dst, a, weights, int32(1), int64(n)} },
			func(dst, a, _ []float32) { kernels.Scale(dst, a, w[1]) }, 0},
		{"Add", func(dst, a, b tensor, n int) []any { return []any{dst, a, b, int64(n)} }, kernels.Add, 0},
		{"Merge", func(dst, a, b tensor, n int) []any { return []any{dst, a, b, weights, int64(n)} },
			func(dst, a, b []float32) { kernels.Merge(dst, a, b, w[0], w[1]) }, 0},
		{"ReLU", func(dst, a, _ tensor, n int) []any { return []any{dst, a, int64(n)} },
			func(dst, a, _ []float32) { kernels.ReLU(dst, a) }, 0},
		{"Tanh", func(dst, a, _ tensor, n int) []any { return []any{dst, a, int64(n)} },
			func(dst, a, _ []float32) { kernels.Tanh(dst, a) }, 2 * ulp},
		{"TanhGrad", func(dst, a, b tensor, n int) []any { return []any{dst, a, b, int64(n)} }, kernels.TanhGrad, 0},
		{"SignGrad", func(dst, a, b tensor, n int) []any { return []any{dst, a, b, int64(n), float32(0.1)} },
			func(dst, a, b []float32) { kernels.SignGrad(dst, a, b, 0.1) }, divided},
	}
	for _, test := range tests {
		for _, n := range lengths {
			a, b := pair(n, uint64(n), false), pair(n, uint64(n)+7, false)
			da, db, dst := r.tensor(a[:]...), r.tensor(b[:]...), r.empty(n)
			r.flat(test.name, n, test.args(dst, da, db, n)...)
			r.flat(test.name, n, test.args(da, da, db, n)...) // in place
			apart, inPlace := r.read(dst, n), r.read(da, n)
			for i := range apart {
				want := make([]float32, n)
				test.want(want, a[i], b[i])
				r.same(test.name, apart[i], want, test.rel, 1e-37)
				r.same(test.name+" in place", inPlace[i], want, test.rel, 1e-37)
			}
		}
	}
}

// The value of a ReLU is never negative, so that its gradient has a test of its own.
func TestReLUGrad(t *testing.T) {
	r := newRig(t)
	for _, n := range lengths {
		dy, y := pair(n, 1, false), pair(n, 2, false)
		for i := range y {
			kernels.ReLU(y[i], y[i])
		}
		d := r.tensor(dy[:]...)
		r.flat("ReLUGrad", n, d, d, r.tensor(y[:]...), int64(n))
		for i, got := range r.read(d, n) {
			kernels.ReLUGrad(dy[i], dy[i], y[i])
			r.same("ReLUGrad", got, dy[i], 0, 0)
		}
	}
}

// The draws of every law: zeros and signs equal the CPU's, since they come from the same integers, and values are within 4 ulp;
// those of a mixture, a normal number and a mean that may cancel, within 4 ulp of 1.
func TestSample(t *testing.T) {
	r := newRig(t)
	for _, kind := range kernels.Laws() {
		for _, n := range lengths {
			const stream, step = 5, 1<<32 + 77
			states, s := r.replicas(step)
			laws := []kernels.Law{{Kind: kind, P: 0.4, Mean: 0.7}, {Kind: kind, P: 0.9, Mean: -1}}
			var table []byte
			for _, law := range laws {
				limit, scale, mean := law.Constants()
				table = append(table, r.encode(limit)...)
				table = append(table, r.encode([]float32{scale, mean})...)
			}
			x := r.empty(n)
			r.launch("Sample", ceil(n, 2048), [2]int{256, 1}, x, int64(n), int32(kind), uint32(stream), states, r.place(table))
			for i, got := range r.read(x, n) {
				want := make([]float32, n)
				kernels.Sample(want, 0, laws[i], kernels.Stream{Seed: s[i].seed, Stream: stream, Step: step})
				abs := 0.0
				if kind == kernels.SparseMixture {
					abs = 4 * ulp
				}
				r.same(kind.String(), got, want, 4*ulp, abs)
			}
		}
	}
}

// TestSign writes codes of few and many columns, with rows of eight numbers or without gaps.
func TestSign(t *testing.T) {
	r := newRig(t)
	for _, n := range lengths {
		for _, cols := range []int{1, 3, 4, 10, 16, n} {
			if n%cols == 0 {
				r.sign(n, cols, cols)
				r.sign(n, cols, partsLike(graph.Buffer{Shape: []int{n / cols, cols}}, 1).ld)
			}
		}
	}
}

func (r rig) sign(n, cols, ld int) {
	states, s := r.replicas(3)
	z, name := pair(n, uint64(n), false), fmt.Sprintf("(%d, %d) in rows of %d", n/cols, cols, ld)
	size := n / cols * ld
	dz, code := r.tensor(z[:]...), r.tensor(make([]float32, size/2+1), make([]float32, size/2+1))
	halves := tensor{code.data, 2 * code.stride}
	r.flat("Sign", n, dz, halves, int64(ld), dz, int64(n), int32(cols), uint32(coins), states)
	signs, words := r.read(dz, n), make([]uint16, testReplicas*halves.stride)
	r.fetch(code.data, words)
	for i, got := range signs {
		want := make([]float32, n)
		kernels.Sign(want, z[i], 0, kernels.Stream{Seed: s[i].seed, Stream: coins, Step: 3})
		r.same("Sign "+name, got, want, 0, 0)
		for j, w := range words[i*int(halves.stride):][:size] {
			row, col := j/ld, j%ld
			if col < cols {
				r.same("bf16 sign "+name, []float32{math.Float32frombits(uint32(w) << 16)}, want[row*cols+col:][:1], 0, 0)
			} else if w != 0 {
				r.Fatalf("%s: wrote %#x behind row %d", name, w, row)
			}
		}
	}
}

func TestRowNormalize(t *testing.T) {
	r := newRig(t)
	for _, s := range [][2]int{{1, 1}, {3, 1}, {5, 4}, {7, 100}, {3, 101}, {2, 1000}, {2, 1027}, {1, 40000}, {1, 20001}} {
		for _, block := range [][2]int{{32, 1}, {32, 8}, {128, 1}, {512, 1}} {
			r.rowNormalize(s[0], s[1], block)
		}
	}
}

func (r rig) rowNormalize(rows, cols int, block [2]int) {
	n, name := rows*cols, fmt.Sprintf("(%d, %d) in blocks of %v", rows, cols, block)
	w, db := pair(n, 1, true), pair(n, 2, true)
	clear(w[0][:cols])
	w[1][0] = float32(math.NaN())
	dw, ddb, unit, inv := r.tensor(w[:]...), r.tensor(db[:]...), r.empty(n), r.empty(rows)
	blocks := ceil(rows, block[1])
	r.launch("RowNormalize", blocks, block, unit, inv, dw, int32(rows), int32(cols))
	r.launch("RowNormalizeGrad", blocks, block, ddb, ddb, unit, inv, int32(rows), int32(cols))
	units, invs, grads := r.read(unit, n), r.read(inv, rows), r.read(ddb, n)
	for i := range w {
		bhat, norm, grad := make([]float32, n), make([]float32, rows), make([]float32, n)
		kernels.RowNormalize(bhat, norm, w[i], rows, cols)
		kernels.RowNormalizeGrad(grad, db[i], bhat, norm, rows, cols)
		r.same("RowNormalize "+name, units[i], bhat, sumError, 0)
		r.same("inverse norms "+name, invs[i], norm, sumError, 0)
		for j := range rows { // the error is relative to the row's largest terms
			var size float64
			for _, g := range db[i][j*cols : (j+1)*cols] {
				size += math.Abs(float64(g))
			}
			r.same("RowNormalizeGrad "+name, grads[i][j*cols:(j+1)*cols], grad[j*cols:(j+1)*cols], sumError, 2*sumError*size*float64(norm[j]))
		}
	}
}

// thetas are ordinary parameters of each family.
var thetas = map[kernels.Family][]float32{
	kernels.G1: {0.5, 0.8, -1.5, 0.7}, kernels.G2: {0.4, 0.9, -2, 0.3, 0.6, -1.4},
	kernels.T1: {0.5, 2, 1.2}, kernels.T2: {0.5, 2.5, 1.1, -0.3, 1.5},
	kernels.U1: {-0.4, 1.7, 1.2, 0.8},
}

func TestDenoise(t *testing.T) {
	r := newRig(t)
	for _, f := range kernels.Families() {
		if thetas[f] == nil {
			t.Errorf("no parameters of %v", f)
			continue
		}
		for _, n := range lengths {
			r.denoise(f, thetas[f], n)
		}
	}
}

func (r rig) denoise(f kernels.Family, theta []float32, n int) {
	k, p := len(theta), parts(n)
	u, x := pair(n, uint64(n), true), pair(n, 5, true)
	other := append([]float32{}, theta...)
	other[0] += 0.25
	thetas := [testReplicas][]float32{theta, other}
	th := r.prepared(r.tensor(theta, other), f)
	du, dx, value, grad := r.tensor(u[:]...), r.tensor(x[:]...), r.empty(n), r.empty(n)
	gradSums, mseSums, loss, lossOnly := r.sums(k*p), r.sums(k*p), r.sums(p), r.sums(p)
	scale := float32(2 / float64(n))
	block := [2]int{256, 1}
	r.launch("Denoise", p, block, value, du, th, int64(n), int32(f))
	r.launch("DenoiseGrad", p, block, grad, gradSums, dx, du, th, int64(n), int32(f))
	r.launch("DenoiseMSE", p, block, tensor{}, lossOnly, tensor{}, du, dx, th, int64(n), scale, int32(f))
	r.launch("DenoiseMSE", p, block, du, loss, mseSums, du, dx, th, int64(n), scale, int32(f)) // in place
	values, grads, mses := r.read(value, n), r.read(grad, n), r.read(du, n)
	for i := range u {
		want, wantGrad, wantMSE := make([]float32, n), make([]float32, n), make([]float32, n)
		sums, dtheta := make([]float64, k), make([]float64, k)
		kernels.Denoise(nil, want, u[i], thetas[i], f)
		kernels.DenoiseGrad(nil, wantGrad, sums, x[i], u[i], thetas[i], f)
		square := kernels.DenoiseMSE(nil, wantMSE, dtheta, u[i], x[i], thetas[i], scale, f)
		var size, square2 float64
		for j := range want {
			v, e := float64(u[i][j]), float64(want[j]-x[i][j])
			terms := 4 + 2*math.Abs(v)
			r.same("Denoise", values[i][j:j+1], want[j:j+1], 0, divided*terms)
			r.same("DenoiseGrad", grads[i][j:j+1], wantGrad[j:j+1], 0, divided*math.Abs(float64(x[i][j]))*8)
			r.same("DenoiseMSE", mses[i][j:j+1], wantMSE[j:j+1], 0, divided*float64(scale)*(math.Abs(e)*8+terms*8))
			size += (math.Abs(float64(x[i][j])) + math.Abs(e)) * (1 + math.Abs(v))
			square2 += (math.Abs(e) + terms) * (math.Abs(e) + terms)
		}
		for j := range sums {
			r.near(fmt.Sprint("DenoiseGrad θ", j), r.totals(gradSums, j, p)[i], sums[j], divided*size)
			r.near(fmt.Sprint("DenoiseMSE θ", j), r.totals(mseSums, j, p)[i], dtheta[j], divided*float64(scale)*size*8)
		}
		r.near("loss", r.totals(loss, 0, p)[i], square/float64(n), divided*square2/float64(n))
		r.near("loss alone", r.totals(lossOnly, 0, p)[i], square/float64(n), divided*square2/float64(n))
	}
}

// prepared is what the kernels of a denoiser read.
func (r rig) prepared(theta tensor, f kernels.Family) tensor {
	r.Helper()
	to := r.empty(prepareOp{f}.floats())
	if _, _, spline := f.Knots(); spline {
		r.launch("PrepareSpline", 1, [2]int{128, 1}, to, theta, int32(f))
	} else {
		r.launch("Prepare", 1, [2]int{32, 1}, to, theta, int32(f))
	}
	return to
}

func TestSums(t *testing.T) {
	r := newRig(t)
	for _, n := range append(lengths, 1056*1024+5) {
		a, b, g := pair(n, 1, true), pair(n, 2, true), pair(n, 3, true)
		da, db, dg := r.tensor(a[:]...), r.tensor(b[:]...), r.tensor(g[:]...)
		w := []float32{0.3, -1.7}
		p, block, scale := parts(n), [2]int{256, 1}, float32(2/float64(n))
		mse, mseGrad, dot, norm, merge := r.sums(p), r.sums(p), r.sums(p), r.sums(p), r.sums(2*p)
		du, ga := r.empty(n), r.empty(n)
		r.launch("MSE", p, block, mse, da, db, int64(n))
		r.launch("MSEGrad", p, block, du, mseGrad, da, db, int64(n), scale)
		r.launch("Dot", p, block, dot, da, db, int64(n))
		r.launch("GradNorm", p, block, norm, da, int64(n))
		r.launch("MergeGrad", p, block, ga, dg, merge, dg, da, db, r.tensor(w, w), int64(n)) // db in place
		diffs, gas, gbs := r.read(du, n), r.read(ga, n), r.read(dg, n)
		for i := range a {
			diff, wantA, wantB, dw := make([]float32, n), make([]float32, n), make([]float32, n), make([]float64, 2)
			square := kernels.MSEGrad(diff, a[i], b[i], scale)
			kernels.MergeGrad(wantA, wantB, dw, g[i], a[i], b[i], w[0], w[1])
			r.same("MSEGrad", diffs[i], diff, 0, 0)
			r.same("MergeGrad a", gas[i], wantA, 0, 0)
			r.same("MergeGrad b", gbs[i], wantB, 0, 0)
			size := sumError * (kernels.SumSquares(a[i]) + kernels.SumSquares(b[i]) + kernels.SumSquares(g[i]))
			r.near("MSE", r.totals(mse, 0, p)[i]*float64(n), square, size)
			r.near("MSEGrad", r.totals(mseGrad, 0, p)[i]*float64(n), square, size)
			r.near("Dot", r.totals(dot, 0, p)[i], kernels.Dot(a[i], b[i]), size)
			r.near("GradNorm", r.totals(norm, 0, p)[i], kernels.SumSquares(a[i]), size)
			r.near("MergeGrad β", r.totals(merge, 0, p)[i], dw[0], size)
			r.near("MergeGrad γ", r.totals(merge, 1, p)[i], dw[1], size)
		}
	}
}

func TestBias(t *testing.T) {
	r := newRig(t)
	for _, s := range [][2]int{{1, 1}, {1, 7}, {300, 1}, {17, 3}, {129, 33}, {1000, 100}} {
		rows, cols := s[0], s[1]
		n, p := rows*cols, min(ceil(rows, 128), 64)
		x, c := pair(n, 1, true), pair(cols, 2, true)
		dx, dc, sums := r.tensor(x[:]...), r.tensor(c[:]...), r.sums(cols*p)
		r.launch("BiasGrad", ceil(cols, 32)*p, [2]int{256, 1}, sums, dx, int32(rows), int32(cols), int32(p))
		r.flat("Bias", n, dx, dx, dc, int32(rows), int32(cols))
		for i, got := range r.read(dx, n) {
			want, columns := make([]float32, n), make([]float64, cols)
			kernels.Bias(want, x[i], c[i])
			kernels.BiasGrad(columns, x[i])
			r.same("Bias", got, want, 0, 0)
			var size float64
			for _, v := range x[i] {
				size += math.Abs(float64(v))
			}
			for j, sum := range columns {
				r.near(fmt.Sprint("BiasGrad ", s), r.totals(sums, j, p)[i], sum, sumError*size)
			}
		}
	}
}

// One part leaves 2⁻⁸ of a number, two 2⁻¹⁶, three 2⁻²⁴: the unit roundoff of bf16 each time.
func TestSplit(t *testing.T) {
	r := newRig(t)
	for _, s := range [][3]int{{1, 1, 1}, {3, 5, 5}, {3, 5, 8}, {10, 100, 104}, {7, 64, 64}, {1, 2049, 2056}} {
		for count, left := range []float64{0x1p-8, 0x1p-16, 0x1p-24} {
			rows, cols, ld := s[0], s[1], s[2]
			x := pair(rows*cols, 3, true)
			part := padded(rows * ld)
			halves := r.empty((count + 1) * part / 2)
			dst := tensor{halves.data, 2 * halves.stride}
			r.flat("Split", rows*cols, dst, int64(part), int64(ld), r.tensor(x[:]...), int32(rows), int32(cols), int32(count+1))
			r.read(halves, (count+1)*part/2)
			words := make([]uint16, testReplicas*dst.stride)
			r.fetch(dst.data, words)
			for i := range x {
				for j, v := range x[i] {
					var sum float64
					for p := range count + 1 {
						sum += float64(math.Float32frombits(uint32(words[i*int(dst.stride)+p*part+j/cols*ld+j%cols]) << 16))
					}
					r.near(fmt.Sprintf("%v in %d parts", s, count+1), sum, float64(v), left*math.Abs(float64(v)))
				}
			}
		}
	}
}

func TestFinish(t *testing.T) {
	r := newRig(t)
	shapes := []graph.Schedule{
		{Shape: graph.Constant}, {Shape: graph.Cosine, WarmUp: 3, Steps: 50, Final: 0.1}, {Shape: graph.StepDown, WarmUp: 2, Every: 5, Factor: 0.5},
	}
	for k, s := range shapes {
		for _, step := range []uint64{0, 1, 2, 3, 30, 49, 60} {
			r.finishStep(schedule{int64(k), s.WarmUp, s.Steps, s.Final, s.Every, s.Factor, 0.9, 0.999}, step, s.At(step))
		}
	}
}

// finishStep adds up the loss and a sum of 11 numbers in 70 parts. The loss of the second replica is NaN.
func (r rig) finishStep(s schedule, step uint64, multiplier float64) {
	const parts, size, capacity = 70, 11, 4
	states, before := r.replicas(step)
	stride := 1 + size + (1+size)*parts
	numbers := make([]float64, testReplicas*stride)
	want := make([]float64, testReplicas*(1+size))
	for i := range testReplicas {
		for k := range 1 + size {
			for p := range parts {
				v := float64(i*1000 + k*100 + p)
				numbers[i*stride+1+size+k*parts+p] = v
				want[i*(1+size)+k] += v
			}
		}
	}
	numbers[stride+1+size] = math.NaN()
	at := r.place(r.encode(numbers))
	table := []reduction{{at + 8*(1+size), at, int64(stride), parts, 1}, {at + 8*(1+size+parts), at + 8, int64(stride), parts, size}}
	ring := r.place(make([]byte, 8*capacity*testReplicas))
	list := r.place(unsafe.Slice((*byte)(unsafe.Pointer(&table[0])), 2*unsafe.Sizeof(table[0])))
	r.launch("Finish", ceil(1+size, 8), [2]int{256, 1}, list, int32(2), int32(1+size), states, ring, int32(capacity), s)
	r.fetch(at, numbers)
	losses := make([]float64, capacity*testReplicas)
	r.fetch(ring, losses)
	for i := range testReplicas {
		for k := range 1 + size {
			if i == 0 || k > 0 {
				r.near("total", numbers[i*stride+k], want[i*(1+size)+k], 0)
			}
		}
	}
	r.near("loss", losses[int(step%capacity)*testReplicas], want[0], 0)
	r.near("NaN loss", losses[int(step%capacity)*testReplicas+1], math.NaN(), 0)
	var after [testReplicas]replicaState
	raw := make([]byte, unsafe.Sizeof(after))
	r.fetch(states, raw)
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&after)), len(raw)), raw)
	if after[0].step != step+1 || after[0].failed != notFailed || after[1].step != step || after[1].failed != step {
		r.Fatalf("step %d: states %+v", step, after)
	}
	t := float64(step + 1)
	r.near("rate", float64(after[0].rate), float64(float32(before[0].learningRate*multiplier)), 1e-9)
	r.near("correct1", float64(after[0].correct1), 1/(1-math.Pow(0.9, t)), 1e-6)
	r.near("correct2", float64(after[0].correct2), 1/(1-math.Pow(0.999, t)), 1e-4)
}

// The optimizers update a ragged tensor, one of one element and one whose gradient is a sum, with clipped gradients; the second replica
// has failed and stays.
func TestUpdates(t *testing.T) {
	r := newRig(t)
	const beta1, beta2, epsilon, rate, correct1, correct2 = 0.9, 0.99, 1e-3, 0.05, 2, 3
	for _, rule := range []string{"Adam", "Momentum", "RMSProp"} {
		sizes := []int{2050, 1, 6}
		_, s := r.replicas(1)
		s[0].rate, s[0].correct1, s[0].correct2 = rate, correct1, correct2
		s[1].failed = 1
		states := r.place(unsafe.Slice((*byte)(unsafe.Pointer(&s)), unsafe.Sizeof(s)))
		var table []weight
		var w, m, v, g [][testReplicas][]float32
		first := 0
		for k, n := range sizes {
			seed := uint64(10 * k)
			w, m, v, g = append(w, pair(n, seed, true)), append(m, pair(n, seed+1, true)), append(v, pair(n, seed+2, true)), append(g, pair(n, seed+3, true))
			for i := range v[k] {
				for j, x := range v[k][i] {
					v[k][i][j] = x * x
					if rule == "RMSProp" {
						m[k][i][j] *= m[k][i][j]
					}
				}
			}
			entry := weight{w: r.tensor(w[k][:]...), m: r.tensor(m[k][:]...), v: r.tensor(v[k][:]...), g: r.tensor(g[k][:]...), size: int64(n), first: int64(first)}
			if k == 2 {
				entry.g = tensor{}
				sums := make([]float64, testReplicas*n)
				for j := range sums {
					sums[j] = float64(g[k][j/n][j%n])
				}
				entry.sum = tensor{r.place(r.encode(sums)), int64(n)}
			}
			table = append(table, entry)
			first += ceil(n, 1024)
		}
		c := clip{tensor{r.place(r.encode([]float64{3, 1, 0, 0})), 2}, 2, 1} // norm 2, bound 1: half of g
		list := r.place(unsafe.Slice((*byte)(unsafe.Pointer(&table[0])), uintptr(len(table))*unsafe.Sizeof(table[0])))
		args := map[string][]any{
			"Adam":     {list, int32(3), c, float32(beta1), float32(beta2), float32(epsilon), states},
			"Momentum": {list, int32(3), c, float32(beta1), states},
			"RMSProp":  {list, int32(3), c, float32(beta2), float32(epsilon), states},
		}
		r.launch(rule, first, [2]int{256, 1}, args[rule]...)
		for k, n := range sizes {
			switch rule {
			case "Adam":
				kernels.Adam(w[k][0], m[k][0], v[k][0], g[k][0], kernels.AdamStep{LearningRate: rate, Beta1: beta1, Beta2: beta2, Epsilon: epsilon,
					Correct1: correct1, Correct2: correct2, GradScale: 0.5})
			case "Momentum":
				kernels.Momentum(w[k][0], m[k][0], g[k][0], rate, beta1, 0.5)
			case "RMSProp":
				kernels.RMSProp(w[k][0], m[k][0], g[k][0], rate, beta2, epsilon, 0.5)
			}
			ws, ms, vs := r.read(table[k].w, n), r.read(table[k].m, n), r.read(table[k].v, n)
			for i := range ws {
				r.same(rule+" w", ws[i], w[k][i], 0, 0)
				r.same(rule+" m", ms[i], m[k][i], 0, 0)
				r.same(rule+" v", vs[i], v[k][i], 0, 0)
			}
		}
	}
}
