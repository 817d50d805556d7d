package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Constants of philox.go and sample.go in package kernels.
const (
	philoxM0     = 0xD2511F53
	philoxM1     = 0xCD9E8D57
	philoxRounds = 10

	logP0 = -0.4999999161
	logP1 = 0.3333395022
	logP2 = -0.2500175526
	logP3 = 0.1996207215
	logP4 = -0.1657050804
	logP5 = 0.1491797329
	logP6 = -0.1430752254
	logP7 = 0.08734844965

	sqrtHalfBits = 0x3f3504f3

	sinP0 = 1.570796322
	sinP1 = -0.6459634602
	sinP2 = 0.07968003277
	sinP3 = -0.004601657887

	cosP0 = -1.233700543
	cosP1 = 0.253669226
	cosP2 = -0.02086016511
	cosP3 = 0.0009037665415
)

// Offsets of the fields of type sampler in package kernels, which checks them at compile time.
const (
	samplerKeys  = 0
	samplerStart = 80
	samplerLimit = 96
	samplerScale = 100
	samplerMean  = 104
)

const (
	signBit = 0x80000000
	quarter = 1 << 30
)

// law is a row of laws.go in package kernels: it says what a kernel draws: from which words, and what it does with the sign bits.
type law struct {
	name                    string
	normal, laplace         bool
	uniform                 bool
	masked, signed, shifted bool
}

var laws = []law{
	{name: "Gaussian", normal: true},
	{name: "SparseGaussian", normal: true, masked: true},
	{name: "SparseRademacher", masked: true, signed: true},
	{name: "SparseLaplace", laplace: true, masked: true, signed: true},
	{name: "SparseMixture", normal: true, masked: true, shifted: true},
	{name: "SparseUniform", uniform: true, masked: true},
}

// sampleKernels fill whole blocks of 32 elements. counter is 16 times the first block.
func sampleKernels(m *machine) {
	for _, l := range laws {
		m.variant("sample", "Law", l.name, "(dst *float32, blocks int, counter uint32, p *byte)")
		sample(m, l)
	}
}

func sample(m *machine, l law) {
	dst, blocks, p := arg("dst"), arg("blocks"), arg("p")
	g := newGenerator(m, l, p)
	if m.wide {
		samplePipelined(g, dst, blocks)
		return
	}
	sampleByTurns(g, dst, blocks)
}

// wordBlocks is the number of blocks whose words are drawn before their elements are made, and halfWords the bytes of half a block's.
const (
	wordBlocks = 2
	halfWords  = 128
)

// sampleByTurns draws the words of some blocks and then makes their elements. AVX2 has too few registers to do both at a time, and each by
// itself has short loops, of which the processor runs several rounds side by side.
func sampleByTurns(g *generator, dst, blocks Register) {
	words := cacheLines(2 * wordBlocks * halfWords)
	now, left, at := GP64(), GP64(), GP64()
	Label("turn")
	MOVQ(U32(wordBlocks), now)
	CMPQ(blocks, now)
	CMOVQLT(blocks, now)
	LEAQ(words, at)
	LEAQ(Mem{Base: now, Index: now, Scale: 1}, left)
	Label("words")
	g.m.streams(g.pieces()...)
	g.pack()
	g.eachWord(func(w VecVirtual, i int) { VMOVUPS(w, Mem{Base: at, Disp: 32 * i}) })
	ADDQ(U32(halfWords), at)
	DECQ(left)
	JNE(LabelRef("words"))
	LEAQ(words, at)
	MOVQ(now, left)
	Label("elements")
	for half := range 2 {
		g.eachWord(func(w VecVirtual, i int) { VMOVUPS(Mem{Base: at, Disp: halfWords*half + 32*i}, w) })
		g.m.streams(g.values()...)
		g.store(dst, 4*g.m.lanes()*half)
	}
	ADDQ(U8(128), dst)
	ADDQ(U32(2*halfWords), at)
	DECQ(left)
	JNE(LabelRef("elements"))
	SUBQ(now, blocks)
	JNE(LabelRef("turn"))
	g.m.ret()
}

// eachWord calls f for the words that the law needs.
func (g *generator) eachWord(f func(w VecVirtual, i int)) {
	for i, w := range g.w {
		if w != nil {
			f(w, i)
		}
	}
}

// samplePipelined draws the words of a block while it makes the elements of the block before, integer and float work
// side by side.
func samplePipelined(g *generator, dst, blocks Register) {
	m := g.m
	m.streams(g.pieces()...)
	g.pack()
	Label("block")
	DECQ(blocks)
	JEQ(LabelRef("last"))
	m.streams(append(g.pieces(), g.values()...)...)
	g.store(dst, 0)
	g.pack()
	ADDQ(U8(128), dst)
	JMP(LabelRef("block"))
	Label("last")
	m.streams(g.values()...)
	g.store(dst, 0)
	m.ret()
}

// generator is Philox on 64-bit lanes: a product leaves the high word of one output and the low word of another
// in place, and the next product ignores what is above the low word.
type generator struct {
	m        *machine
	l        law
	p        Register
	counter  VecVirtual
	m0, m1   VecVirtual
	a, b     [4]VecVirtual // outputs on 64-bit lanes
	w        [4]VecVirtual // outputs on 32-bit lanes, for the elements
	v        [2]VecVirtual // exponentials; of normals the radius
	cos, sin VecVirtual
}

func newGenerator(m *machine, l law, p Register) *generator {
	g := &generator{m: m, l: l, p: p}
	g.m0, g.m1 = m.register(philoxM0), m.register(philoxM1)
	// A pair of 64-bit lanes per 128 bits: counters 4j, 4j+1 here and two further in the other half.
	g.counter = m.reg()
	VPADDD(counterTable(), m.scalar("counter"), g.counter)
	for i := range g.w {
		if (i < 2 && (l.normal || l.laplace || l.uniform)) || (i >= 2 && l.masked) {
			g.w[i] = m.reg()
		}
	}
	return g
}

// fixed returns a word that the caller computed for the first rounds.
func (g *generator) fixed(i int) Op {
	return g.m.param(field(g.p, samplerStart+4*i))
}

func (g *generator) mul(a, b VecVirtual) VecVirtual { return g.m.do(pmuludq, a, b) }

func (g *generator) high(a VecVirtual) VecVirtual { return g.m.shift(VPSRLQ, 32, a) }

// xor is an operation of integers, as what is before and after it: AVX2 has another one of floats, which takes longer there.
func (g *generator) xor(a, arg Op) VecVirtual {
	if g.m.wide {
		return g.m.xor(a, arg)
	}
	r := g.m.reg()
	VPXOR(arg, a, r)
	return r
}

// xor3 returns a ^ b ^ key in place of a.
func (g *generator) xor3(a, b VecVirtual, key Mem) VecVirtual {
	m := g.m
	if m.wide {
		m.emit(ternlog, U8(0x96), key, b, a)
		return a
	}
	return g.xor(a, g.xor(b, m.param(key))) // a is known last
}

// pieces are streams that advance the counter and draw its words.
func (g *generator) pieces() []func() {
	return []func(){
		func() { g.a = g.rounds(g.counter) },
		func() {
			g.b = g.rounds(g.m.addI(g.counter, g.m.word(2)))
			g.m.emit(paddd, g.m.word(uint32(g.m.lanes())), g.counter, g.counter)
		},
	}
}

func (g *generator) rounds(counter VecVirtual) [4]VecVirtual {
	// Rounds 0 and 1: words 1..3 of the counter are the same for all lanes.
	p0 := g.mul(counter, g.m0)
	c3 := p0
	c2 := g.xor(g.high(p0), g.fixed(0))
	p1 := g.mul(c2, g.m1)
	c0, c1 := g.xor(g.high(p1), g.fixed(1)), p1
	c2 = g.xor(c3, g.fixed(2))
	for r := 2; r < philoxRounds; r++ {
		p0, p1 = g.mul(c0, g.m0), g.mul(c2, g.m1)
		k0 := field(g.p, samplerKeys+8*r)
		k1 := field(g.p, samplerKeys+8*r+4)
		c0, c1 = g.xor3(g.high(p1), c1, k0), p1
		if r == 2 {
			c2 = g.xor(g.high(p0), g.fixed(3))
		} else {
			c2 = g.xor3(g.high(p0), c3, k1)
		}
		c3 = p0
	}
	return [4]VecVirtual{c0, c1, c2, c3}
}

// pack moves the words that the law needs to 32-bit lanes.
func (g *generator) pack() {
	for i, w := range g.w {
		if w != nil {
			VSHUFPS(U8(0x88), g.b[i], g.a[i], w)
		}
	}
}

// values are streams that compute normals or exponentials.
func (g *generator) values() []func() {
	m, scale := g.m, field(g.p, samplerScale)
	switch l := g.l; {
	case l.normal:
		return []func(){
			func() {
				r := m.minusLog(g.w[0])
				g.v[0] = m.mul(m.sqrt(m.add(r, r)), m.param(scale))
			},
			func() { g.cos, g.sin = m.turn(g.w[1]) },
		}
	case l.laplace:
		return []func(){
			func() { g.v[0] = m.mul(m.minusLog(g.w[0]), m.param(scale)) },
			func() { g.v[1] = m.mul(m.minusLog(g.w[1]), m.param(scale)) },
		}
	case l.uniform:
		return []func(){
			func() { g.v[0] = m.mul(m.uniform(g.w[0]), m.param(scale)) },
			func() { g.v[1] = m.mul(m.uniform(g.w[1]), m.param(scale)) },
		}
	}
	return nil
}

// store applies amplitude, mean, sign and mask and writes the two vectors of elements.
func (g *generator) store(dst Register, offset int) {
	m, l := g.m, g.l
	v := g.v
	switch {
	case l.normal:
		v = [2]VecVirtual{m.mul(g.v[0], g.cos), m.mul(g.v[0], g.sin)}
	case !l.laplace && !l.uniform:
		scale := m.broadcast(field(g.p, samplerScale))
		v = [2]VecVirtual{scale, scale}
	}
	for i := range v {
		if l.shifted {
			mean := m.param(field(g.p, samplerMean))
			v[i] = m.add(v[i], m.xor(m.shift(VPSLLD, 31, g.w[2+i]), mean))
		}
		if l.signed {
			v[i] = m.xor(m.shift(VPSLLD, 31, g.w[2+i]), v[i])
		}
		if l.masked {
			v[i] = m.keep(v[i], g.w[2+i], m.broadcast(field(g.p, samplerLimit)))
		}
		VMOVUPS(v[i], Mem{Base: dst, Disp: 64*i + offset})
	}
}

// keep returns x where w>>1 is at most limit, and 0 elsewhere.
func (m *machine) keep(x, w, limit VecVirtual) VecVirtual {
	w = m.shift(VPSRLD, 1, w)
	r := m.reg()
	if m.wide {
		k := K()
		VPCMPD(U8(2), limit, w, k)
		VMOVAPS_Z(x, k, r)
		return r
	}
	VPCMPGTD(limit, w, r)
	VANDNPS(x, r, r)
	return r
}

// uniform returns (w + ½)·2⁻³¹ of the signed w.
func (m *machine) uniform(w VecVirtual) VecVirtual {
	s := m.toFloat(w)
	m.emit(fmadd213, m.float(0x1p-32), m.floatReg(0x1p-31), s)
	return s
}

func (m *machine) minusLog(w VecVirtual) VecVirtual {
	s := m.toFloat(w)
	m.emit(fmadd213, m.float(0x1p-33), m.floatReg(0x1p-32), s)
	// x is s, or s + 1 where s is negative.
	x := m.reg()
	if m.wide {
		k := K()
		VPMOVD2M(w, k)
		VMOVAPS(s, x)
		VADDPS(m.floatReg(1), s, k, x)
	} else {
		x = m.add(m.and(m.shift(VPSRAD, 31, w), m.float(1)), s)
	}
	e := m.shift(VPSRAD, 23, m.subI(x, m.word(sqrtHalfBits)))
	f := m.sub(m.subI(x, m.shift(VPSLLD, 23, e)), m.float(1))
	if m.wide {
		k := K()
		VPTESTNMD(e, e, k)
		VMOVAPS(s, k, f)
	} else {
		zero := m.reg()
		VPXOR(zero, zero, zero)
		VPCMPEQD(e, zero, zero)
		f = m.choose(zero, s, f)
	}
	q := m.horner(f, logP7, logP6, logP5, logP4, logP3, logP2, logP1, logP0)
	VFMADD213PS(f, m.mul(f, f), q)
	e = m.toFloat(e)
	m.emit(fnmsub213, q, m.floatReg(math.Ln2), e)
	return e
}

// turn returns the cosine and sine of 2π·w·2⁻³².
func (m *machine) turn(w VecVirtual) (cos, sin VecVirtual) {
	t := m.addI(w, m.word(quarter/2))
	y := m.toFloat(m.subI(m.and(t, m.word(quarter-1)), m.word(quarter/2)))
	y = m.mul(y, m.float(0x1p-30))
	y2 := m.mul(y, y)
	sin = m.mul(m.horner(y2, sinP3, sinP2, sinP1, sinP0), y)
	cos = m.horner(y2, cosP3, cosP2, cosP1, cosP0, 1)
	next := m.shift(VPSLLD, 1, t)
	var odd mask = next
	if m.wide {
		odd = K()
		VPMOVD2M(next, odd)
	}
	cos, sin = m.choose(odd, sin, cos), m.choose(odd, cos, sin)
	return m.flip(cos, m.xor(t, next)), m.flip(sin, t)
}

// flip returns x with its sign changed where w is negative.
func (m *machine) flip(x, w VecVirtual) VecVirtual {
	if m.wide {
		m.emit(ternlog, U8(0x78), m.word(signBit), w, x) // x ^ (w & signBit)
		return x
	}
	return m.xor(x, m.and(w, m.word(signBit)))
}

// counterTable is 0, 1, 4, 5, 8, 9, 12, 13 in 64-bit lanes.
func counterTable() Mem {
	return Mem{Symbol: Symbol{Name: "elementwiseCounter", Static: true}, Base: StaticBase}
}

func writeCounterTable() {
	GLOBL("elementwiseCounter", attr.RODATA|attr.NOPTR)
	for i, c := range []uint64{0, 1, 4, 5, 8, 9, 12, 13} {
		DATA(8*i, U64(c))
	}
}
