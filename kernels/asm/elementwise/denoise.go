package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of type denoiser in package kernels, which checks them at compile time.
const (
	denoiserA0        = 0
	denoiserA1        = 4
	denoiserShift     = 8
	denoiserCurve     = 12
	denoiserSlope     = 16
	denoiserC         = 20
	denoiserA         = 24
	denoiserE         = 28
	denoiserCA        = 32
	denoiserStep      = 36
	denoiserStepSlope = 40
	denoiserHi        = 44
	denoiserEnd       = 48
	denoiserScale     = 52
)

// family is a row of families.go in package kernels: the logistic gate of G1 and G2 or the two steps of T1 and T2, a linear
// term and a further step.
type family struct {
	name   string
	gate   bool
	linear bool
	step   bool
	params int
}

var families = []family{
	{name: "G1", gate: true, params: 4},
	{name: "G2", gate: true, step: true, params: 6},
	{name: "T1", params: 3},
	{name: "T2", step: true, params: 5},
	{name: "U1", linear: true, params: 4},
}

// gateEnd is the exponent at which exp(−v) stops growing.
const gateEnd = 126

func denoiseKernels(m *machine) {
	for _, f := range families {
		m.variant("denoise", "Family", f.name, "(dst, u *float32, n int, d *byte)")
		{
			dst, u, n := arg("dst"), arg("u"), arg("n")
			d := newDenoiser(m, f, arg("d"))
			m.each(n, d.vectors(0), func(p *trip) { p.store(d.value(p.load(u)), dst) })
			m.ret()
		}
		m.variant("denoiseError", "Family", f.name, "(sum *float64, u, x *float32, n int, d *byte)")
		{
			u, x, n := arg("u"), arg("x"), arg("n")
			d := newDenoiser(m, f, arg("d"))
			total := m.newSum(true)
			m.each(n, d.vectors(1), func(p *trip) {
				e := m.sub(d.value(p.load(u)), p.load(x))
				total.add(e, e)
			})
			total.addTo(field(arg("sum"), 0))
			m.ret()
		}
		m.variant("denoiseGrad", "Family", f.name, "(du *float32, sums *float64, dout, u *float32, n int, d *byte)")
		{
			du, dout, u, n := arg("du"), arg("dout"), arg("u"), arg("n")
			d := newDenoiser(m, f, arg("d"))
			sums := newDenoiserSums(m, f)
			m.each(n, d.vectors(f.params), func(p *trip) {
				pt := d.point(p.load(u))
				g := p.load(dout)
				sums.add(d, pt, g)
				p.store(m.mul(g, d.slopeAt(pt)), du)
			})
			sums.end()
			m.ret()
		}
		m.variant("denoiseMSE", "Family", f.name, "(du *float32, sum, sums *float64, u, x *float32, n int, d *byte)")
		{
			du, u, x, n := arg("du"), arg("u"), arg("x"), arg("n")
			d := newDenoiser(m, f, arg("d"))
			total := m.newSum(true)
			sums := newDenoiserSums(m, f)
			m.each(n, d.vectors(f.params+1), func(p *trip) {
				pt := d.point(p.load(u))
				e := m.sub(d.valueAt(pt), p.load(x))
				total.add(e, e)
				sums.add(d, pt, e)
				p.store(m.mul(m.mul(e, d.arg(denoiserScale)), d.slopeAt(pt)), du)
			})
			total.addTo(field(arg("sum"), 0))
			sums.end()
			m.ret()
		}
	}
}

// denoiser emits the evaluation of a family. The scalar twin is denoiser.at in package kernels.
type denoiser struct {
	m    *machine
	f    family
	p    Register
	held map[int]VecVirtual
}

func newDenoiser(m *machine, f family, p Register) *denoiser {
	d := &denoiser{m, f, p, map[int]VecVirtual{}}
	if !m.wide {
		return d
	}
	m.hold(1, roundMagic, exp2P5)
	m.holdWord(0x7fffffff)
	// What cannot be an arg.
	if f.gate {
		m.hold(-exp2Floor, gateEnd)
		d.hold(denoiserCurve, denoiserA1)
	} else {
		m.hold(tanhEnd, -2*log2eHi)
		d.hold(denoiserA)
	}
	if f.step {
		d.hold(denoiserHi, denoiserEnd)
	}
	return d
}

// vectors is the number of vectors in flight. AVX2 has registers for one, and sums in memory that two would both write.
func (d *denoiser) vectors(accumulators int) int {
	if d.m.wide && accumulators+2*d.f.params < 19 {
		return 2
	}
	return 1
}

// hold keeps parameters in registers.
func (d *denoiser) hold(offsets ...int) {
	for _, offset := range offsets {
		d.held[offset] = d.m.broadcast(field(d.p, offset))
	}
}

// get returns a parameter in every lane.
func (d *denoiser) get(offset int) VecVirtual {
	if r, ok := d.held[offset]; ok {
		return r
	}
	return d.m.broadcast(field(d.p, offset))
}

// arg returns the same for use as an arg.
func (d *denoiser) arg(offset int) Op {
	if r, ok := d.held[offset]; ok {
		return r
	}
	return d.m.param(field(d.p, offset))
}

// point is what is known at one vector of u.
type point struct {
	u VecVirtual
	// gate: s, s(1−s), a0 + a1·s, and u²
	s, ds, gate, u2 VecVirtual
	// two steps: the sum of the tanh, and the sum and difference of the sech²
	sum, width, skew VecVirtual
	// further step
	tanh, sech2 VecVirtual
}

func (d *denoiser) point(u VecVirtual) *point {
	pt := &point{u: u}
	m := d.m
	pieces := []func(){func() { d.logistic(pt) }}
	if !d.f.gate {
		var tp, tm VecVirtual
		pieces = []func(){
			func() { tp = d.shiftedTanh(u, fmadd213) },
			func() { tm = d.shiftedTanh(u, fmsub213) },
		}
		defer func() {
			sp, sm := m.sech2(tp), m.sech2(tm)
			pt.sum, pt.width, pt.skew = m.add(tp, tm), m.add(sp, sm), m.sub(sp, sm)
		}()
	}
	if d.f.step {
		pieces = append(pieces, func() { pt.tanh = m.tanh(u, d.get(denoiserHi), d.get(denoiserEnd)) })
	}
	m.streams(pieces...)
	return pt
}

func (d *denoiser) logistic(pt *point) {
	m := d.m
	pt.u2 = m.mul(pt.u, pt.u)
	v := m.copy(pt.u2)
	m.emit(fmadd213, d.arg(denoiserShift), d.get(denoiserCurve), v)
	v = m.max(m.floatReg(-exp2Floor), m.min(m.floatReg(gateEnd), v))
	t := m.add(v, m.float(roundMagic))
	q := m.exp2m1(m.sub(v, m.sub(t, m.float(roundMagic))))
	h := m.pow2(t, exp2Floor)
	VFMADD213PS(h, h, q)
	pt.s = m.div(m.floatReg(1), m.add(q, m.float(1)))
	pt.ds = m.mul(m.mul(q, pt.s), pt.s)
	pt.gate = m.copy(pt.s)
	m.emit(fmadd213, d.arg(denoiserA0), d.get(denoiserA1), pt.gate)
}

func (d *denoiser) shiftedTanh(u VecVirtual, op operation) VecVirtual {
	t := d.m.copy(d.get(denoiserA))
	d.m.emit(op, d.arg(denoiserE), u, t)
	return d.m.tanh(t, d.m.floatReg(-2*log2eHi), d.m.floatReg(tanhEnd))
}

func (d *denoiser) value(u VecVirtual) VecVirtual { return d.valueAt(d.point(u)) }

func (d *denoiser) valueAt(pt *point) VecVirtual {
	m := d.m
	var v VecVirtual
	if d.f.gate {
		v = m.mul(pt.u, pt.gate)
	} else {
		v = m.mul(pt.sum, d.arg(denoiserC))
	}
	if d.f.linear {
		m.emit(fmadd231, d.arg(denoiserA0), pt.u, v)
	}
	if d.f.step {
		m.emit(fmadd231, d.arg(denoiserStep), pt.tanh, v)
	}
	return v
}

// slopeAt returns f′. It is called once, after the sums.
func (d *denoiser) slopeAt(pt *point) VecVirtual {
	m := d.m
	var v VecVirtual
	if d.f.gate {
		v = m.mul(pt.u2, d.arg(denoiserSlope))
		VFMADD213PS(pt.gate, pt.ds, v)
	} else {
		v = m.mul(pt.width, d.arg(denoiserCA))
	}
	if d.f.linear {
		v = m.add(v, d.arg(denoiserA0))
	}
	if d.f.step {
		m.emit(fmadd231, d.arg(denoiserStepSlope), pt.sech2, v)
	}
	return v
}

// denoiserSums are the sums of g·∂ₖf but for the factors that the caller applies.
type denoiserSums struct {
	f    family
	sums []*sum
}

func newDenoiserSums(m *machine, f family) *denoiserSums {
	s := &denoiserSums{f: f}
	for range f.params {
		s.sums = append(s.sums, m.newSum(true))
	}
	return s
}

// add adds the terms at one vector, and computes the sech² of the further step on the way.
func (s *denoiserSums) add(d *denoiser, pt *point, g VecVirtual) {
	m := d.m
	gu := m.mul(g, pt.u)
	step := s.sums[len(s.sums)-2:]
	if s.f.gate {
		s.sums[0].plus(gu)
		s.sums[1].add(pt.s, gu)
		guds := m.mul(gu, pt.ds)
		s.sums[2].plus(guds)
		s.sums[3].add(pt.u2, guds)
	} else {
		s.sums[0].add(pt.sum, g)
		s.sums[1].add(pt.width, gu)
		s.sums[2].add(pt.skew, g)
	}
	if s.f.linear {
		s.sums[s.f.params-1].plus(gu) // and no step
	}
	if s.f.step {
		pt.sech2 = m.sech2(pt.tanh)
		step[0].add(pt.tanh, g)
		step[1].add(pt.sech2, gu)
	}
}

func (s *denoiserSums) end() {
	at := arg("sums")
	for k, x := range s.sums {
		x.addTo(field(at, 8*k))
	}
}
