package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of type spline in package kernels, which checks them at compile time.
const (
	splineInverse = 0
	splineCentre  = 8
	splineLast    = 16
	splineSlope   = 24
	splineSquares = 32
	splineCells   = 96
	splineSums    = splineCells + 16*128
	// splineTables is the number of pairs of sums of a cell.
	splineTables = 4
)

// splineTrip is the number of elements of a trip. The functions take whole trips only.
const splineTrip = 8

// splineKernels are those of spline.go, on float64: AVX2 has two vectors in a trip, AVX-512 one.
func splineKernels(m *machine) {
	m.text("splineDenoise", "(dst, u *float32, n int, s *byte)")
	{
		k := newSplineKernel(m)
		dst, u := k.slice("dst"), k.slice("u")
		k.each(func(v *splineVector) {
			v.find(u)
			v.store(v.value(), dst)
		})
		m.ret()
	}
	m.text("splineError", "(u, x *float32, n int, s *byte)")
	{
		k := newSplineKernel(m)
		u, x := k.slice("u"), k.slice("x")
		k.sumSquares()
		k.each(func(v *splineVector) {
			v.find(u)
			v.addSquare(v.do(VSUBPD, v.value(), v.load(x)))
		})
		k.storeSquares()
		m.ret()
	}
	m.text("splineGrad", "(du, dout, u *float32, n int, s *byte)")
	{
		k := newSplineKernel(m)
		du, dout, u := k.slice("du"), k.slice("dout"), k.slice("u")
		slope := k.broadcast(splineSlope)
		k.each(func(v *splineVector) {
			v.find(u)
			g := v.load(dout)
			v.store(v.do(VMULPD, v.do(VMULPD, slope, g), v.rise), du)
			v.addToCells(g)
		})
		m.ret()
	}
	m.text("splineMSE", "(du, u, x *float32, n int, s *byte)")
	{
		k := newSplineKernel(m)
		du, u, x := k.slice("du"), k.slice("u"), k.slice("x")
		slope := k.broadcast(splineSlope)
		k.sumSquares()
		k.each(func(v *splineVector) {
			v.find(u)
			e := v.do(VSUBPD, v.value(), v.load(x))
			v.addSquare(e)
			v.store(v.do(VMULPD, v.do(VMULPD, slope, e), v.rise), du)
			v.addToCells(e)
		})
		k.storeSquares()
		m.ret()
	}
}

// splineKernel is a walk over n elements of some slices, from the index −n to 0 behind their ends.
type splineKernel struct {
	m                           *machine
	s                           Register
	index                       GPVirtual
	inverse, centre, last, zero VecVirtual
	low                         VecVirtual // added to an integer, it leaves 16 times the integer in the low bits
	squares                     []VecVirtual
	offsets                     Mem // where the vector's distances go on their way to other registers
}

func newSplineKernel(m *machine) *splineKernel {
	k := &splineKernel{m: m, s: arg("s"), index: arg("n"), offsets: cacheLines(8 * splineTrip)}
	k.inverse, k.centre, k.last = k.broadcast(splineInverse), k.broadcast(splineCentre), k.broadcast(splineLast)
	k.low = m.reg()
	VBROADCASTSD(lowTable(), k.low)
	k.zero = m.reg()
	VXORPD(k.zero, k.zero, k.zero)
	return k
}

// lanes is the number of float64 in a vector.
func (k *splineKernel) lanes() int { return k.m.lanes() / 2 }

// broadcast returns a number of the spline in every lane.
func (k *splineKernel) broadcast(offset int) VecVirtual {
	r := k.m.reg()
	VBROADCASTSD(field(k.s, offset), r)
	return r
}

// slice returns the end of a slice.
func (k *splineKernel) slice(name string) GPVirtual {
	r := arg(name)
	LEAQ(Mem{Base: r, Index: k.index, Scale: 4}, r)
	return r
}

// each emits the loop.
func (k *splineKernel) each(body func(v *splineVector)) {
	NEGQ(k.index)
	JEQ(LabelRef("done"))
	Label("trip")
	for at := 0; at < splineTrip; at += k.lanes() {
		body(&splineVector{splineKernel: k, at: at})
	}
	ADDQ(U8(splineTrip), k.index)
	JNE(LabelRef("trip"))
	Label("done")
}

// sumSquares begins sums of squares, one for each element of a trip.
func (k *splineKernel) sumSquares() {
	for at := 0; at < splineTrip; at += k.lanes() {
		r := k.m.reg()
		VMOVUPD(field(k.s, splineSquares+8*at), r)
		k.squares = append(k.squares, r)
	}
}

func (k *splineKernel) storeSquares() {
	for i, r := range k.squares {
		VMOVUPD(r, field(k.s, splineSquares+8*i*k.lanes()))
	}
}

// splineVector is the elements of a trip from at on, as many as lanes.
type splineVector struct {
	*splineKernel
	at       int
	distance []GPVirtual // of each element's cell from the first, in bytes
	t        VecVirtual
	left     VecVirtual // the value at the left knot
	rise     VecVirtual
}

func (v *splineVector) memory(end Register) Mem {
	return Mem{Base: end, Index: v.index, Scale: 4, Disp: 4 * v.at}
}

// half is the register for float32 and int32.
func (v *splineVector) half(r VecVirtual) Op {
	if v.m.wide {
		return r.AsY()
	}
	return r.AsX()
}

func (v *splineVector) load(end Register) VecVirtual {
	r := v.m.reg()
	VCVTPS2PD(v.memory(end), r)
	return r
}

// store stores numbers that are used no more.
func (v *splineVector) store(x VecVirtual, end Register) {
	if v.m.wide {
		VCVTPD2PS(x, v.half(x))
	} else {
		VCVTPD2PSY(x, v.half(x))
	}
	VMOVUPS(v.half(x), v.memory(end))
}

// do returns a op b.
func (v *splineVector) do(op func(...Op), a, b Op) VecVirtual {
	r := v.m.reg()
	op(b, a, r)
	return r
}

// find finds the cells and t.
func (v *splineVector) find(u Register) {
	x := v.do(VADDPD, v.do(VMULPD, v.load(u), v.inverse), v.centre)
	// The maximum of a NaN and 0 is 0: the instruction returns its second source then.
	cell := v.do(VMINPD, v.do(VMAXPD, x, v.zero), v.last)
	if v.m.wide {
		VRNDSCALEPD(U8(down), cell, cell)
	} else {
		VROUNDPD(U8(down), cell, cell)
	}
	v.t = v.do(VSUBPD, x, cell)
	VADDPD(v.low, cell, cell)
	v.spread(cell)
	v.fetch()
}

// spread moves the distances to registers of their own.
func (v *splineVector) spread(k VecVirtual) {
	at := v.offsets
	at.Disp += 8 * v.at
	VMOVUPD(k, at)
	for range v.lanes() {
		r := GP64()
		MOVL(at, r.As32())
		v.distance = append(v.distance, r)
		at.Disp += 8
	}
}

// fetch reads the cells: even elements into one register, odd ones into another, and values and rises from both.
func (v *splineVector) fetch() {
	var pair [2]VecVirtual
	for i := range v.distance {
		cell := Mem{Base: v.s, Index: v.distance[i], Scale: 1, Disp: splineCells}
		switch r := pair[i%2]; {
		case i < 2:
			pair[i] = v.m.reg()
			VMOVUPD(cell, pair[i].AsX())
		case v.m.wide:
			VINSERTF64X2(U8(i/2), cell, r, r)
		default:
			VINSERTF128(U8(i/2), cell, r, r)
		}
	}
	v.left, v.rise = v.do(VUNPCKLPD, pair[0], pair[1]), v.do(VUNPCKHPD, pair[0], pair[1])
}

// value returns f.
func (v *splineVector) value() VecVirtual {
	return v.do(VADDPD, v.do(VMULPD, v.t, v.rise), v.left)
}

func (v *splineVector) addSquare(e VecVirtual) {
	sum := v.squares[v.at/v.lanes()]
	VADDPD(v.do(VMULPD, e, e), sum, sum)
}

// addToCells adds g and g·t to the sums of the cells, each element in its table, in order.
func (v *splineVector) addToCells(g VecVirtual) {
	gt := v.do(VMULPD, g, v.t)
	pair := [2]VecVirtual{v.do(VUNPCKLPD, g, gt), v.do(VUNPCKHPD, g, gt)}
	for i := range v.distance {
		table := (v.at + i) % splineTables
		sums := Mem{Base: v.s, Index: v.distance[i], Scale: splineTables, Disp: splineSums + 16*table}
		part := pair[i%2].AsX()
		if i >= 2 {
			x := XMM()
			if v.m.wide {
				VEXTRACTF64X2(U8(i/2), pair[i%2], x)
			} else {
				VEXTRACTF128(U8(i/2), pair[i%2], x)
			}
			part = x
		}
		sum := XMM()
		VADDPD(sums, part, sum)
		VMOVUPD(sum, sums)
	}
}

// down is the mode of rounding to an integer below.
const down = 1

var lowSymbol = Mem{Symbol: Symbol{Name: "elementwiseLow", Static: true}, Base: StaticBase}

func lowTable() Mem { return lowSymbol }

// writeLow writes 1.5·2⁴⁸, whose last bit is worth a sixteenth.
func writeLow() {
	GLOBL("elementwiseLow", attr.RODATA|attr.NOPTR)
	DATA(0, F64(3<<47))
}
