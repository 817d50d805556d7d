package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Constants of exp.go, tanh.go and sign_grad.go in package kernels.
const (
	exp2P0 = 0.6931471879
	exp2P1 = 0.2402264979
	exp2P2 = 0.05550357434
	exp2P3 = 0.009618237494
	exp2P4 = 0.001339073548
	exp2P5 = 0.0001540351277

	roundMagic = 3 << 22
	log2eHi    = 1.44269502162933349609375
	log2eLo    = 1.925963033500011e-8
	exp2Floor  = 127

	expHigh       = 89
	expLow        = -87.5
	tanhEnd       = 44
	signGradBits  = 26
	signGradFloor = exp2Floor - signGradBits
	signGradUp    = 1 << signGradBits
)

// holdExp2 keeps the constants of exp2m1 in registers.
func (m *machine) holdExp2() {
	m.hold(exp2P0, exp2P1, exp2P2, exp2P3, exp2P4, exp2P5, roundMagic)
}

func (m *machine) exp2m1(r VecVirtual) VecVirtual {
	q := m.horner(r, exp2P5, exp2P4, exp2P3, exp2P2, exp2P1, exp2P0)
	return m.mul(q, r)
}

// exp2Parts returns n in the low bits and 2^r − 1, where n + r = x·(hi + lo). Without lo it is 0.
func (m *machine) exp2Parts(x, hi, lo VecVirtual) (n, p VecVirtual) {
	t := m.fma(x, hi, m.float(roundMagic))
	whole := m.sub(t, m.float(roundMagic))
	r := m.copy(x)
	VFMSUB213PS(whole, hi, r)
	if lo != nil {
		VFMADD231PS(lo, x, r)
	}
	return t, m.exp2m1(r)
}

// pow2 returns 2ⁿ for the n in the low bits.
func (m *machine) pow2(n VecVirtual, bias uint32) VecVirtual {
	return m.addI(m.shift(VPSLLD, 23, n), m.word(bias<<23))
}

// tanh returns tanh(|k|x), where hi = −2|k|·log₂e and end·hi = −127.
func (m *machine) tanh(x, hi, end VecVirtual) VecVirtual {
	n, p := m.exp2Parts(m.min(end, m.abs(x)), hi, nil)
	h := m.pow2(n, exp2Floor)
	q := m.sub(h, m.float(1))
	VFMADD231PS(h, p, q)
	return m.copySign(m.div(q, m.add(q, m.float(2))), x)
}

// sech2 returns 1 − tanh².
func (m *machine) sech2(tanh VecVirtual) VecVirtual {
	s := m.start(1)
	VFNMADD231PS(tanh, tanh, s)
	return s
}

// functionKernels writes the functions of the exponential: exp, tanh and the surrogate gradient of the sign.
func functionKernels(m *machine) {
	expKernel(m)
	tanhKernel(m)
	signGradKernel(m)
}

// expKernel doubles (2^r − 1)·2ⁿ⁻¹ + 2ⁿ⁻¹ rather than use 2ⁿ, which overflows near the top of the range.
func expKernel(m *machine) {
	m.text("exp", "(dst, a *float32, n int)")
	dst, a, n := arg("dst"), arg("a"), arg("n")
	m.holdExp2()
	m.hold(expHigh, expLow, log2eHi, log2eLo)
	m.each(n, 2, func(p *trip) {
		x := m.max(m.floatReg(expLow), m.min(m.floatReg(expHigh), p.load(a)))
		n, q := m.exp2Parts(x, m.floatReg(log2eHi), m.floatReg(log2eLo))
		h := m.pow2(n, exp2Floor-1)
		VFMADD213PS(h, h, q)
		p.store(m.add(q, q), dst)
	})
	m.ret()
}

// tanhKernel writes tanh of each element.
func tanhKernel(m *machine) {
	m.text("tanh", "(dst, a *float32, n int)")
	dst, a, n := arg("dst"), arg("a"), arg("n")
	m.holdExp2()
	m.hold(1, 2, tanhEnd, -2*log2eHi)
	m.holdWord(0x7fffffff)
	m.each(n, 2, func(p *trip) {
		p.store(m.tanh(p.load(a), m.floatReg(-2*log2eHi), m.floatReg(tanhEnd)), dst)
	})
	m.ret()
}

// signGradKernel multiplies dy by the surrogate derivative of the sign, whose constants s points to.
func signGradKernel(m *machine) {
	m.text("signGrad", "(dz, dy, z *float32, n int, s *byte)")
	dz, dy, z, n, s := arg("dz"), arg("dy"), arg("z"), arg("n"), arg("s")
	m.holdExp2()
	m.hold(1, signGradUp)
	m.holdWord(0x7fffffff, signGradFloor<<23)
	hi, lo := m.broadcast(field(s, 0)), m.broadcast(field(s, 4))
	end, scale := m.broadcast(field(s, 8)), m.broadcast(field(s, 12))
	m.each(n, 2, func(p *trip) {
		n, q := m.exp2Parts(m.min(end, m.abs(p.load(z))), hi, lo)
		h := m.pow2(n, signGradFloor)
		VFMADD213PS(h, h, q)
		d := m.fma(q, m.floatReg(signGradUp), m.float(1))
		num := m.mul(m.mul(q, scale), p.load(dy))
		p.store(m.div(num, m.mul(d, d)), dz)
	})
	m.ret()
}

func signKernels(m *machine) {
	// sign writes signs up to the first vector that holds a zero, and returns the number of elements before it.
	m.text("sign", "(dst, z *float32, n int) (done int)")
	dst, z, n := arg("dst"), arg("z"), arg("n")
	m.hold(0, 1)
	m.holdWord(0x80000000)
	one, zero := m.floatReg(1), m.floatReg(0)
	bits := GP32()
	l := m.newLoop(n)
	body := func(p *trip) {
		v := p.load(z)
		if p.masked != nil {
			v = m.choose(p.masked, v, one)
		}
		m.bits(m.compare(equal, v, zero), bits)
		TESTL(bits, bits)
		JNE(LabelRef("stop"))
		var s VecVirtual
		if m.wide {
			s = m.copy(v)
			m.emit(ternlog, U8(0xec), m.word(0x80000000), one, s) // (s & 0x80000000) | one
			VMOVAPS(v, m.compare(unordered, v, v), s)
		} else {
			s = m.or(m.and(v, m.word(0x80000000)), one)
			s = m.choose(m.compare(unordered, v, v), v, s)
		}
		p.store(s, dst)
	}
	l.vectors(1, body)
	l.rest(body)
	MOVQ(n, l.index)
	Label("stop")
	Store(l.index, ReturnIndex(0))
	m.ret()
}
