package main

import (
	"fmt"
	"math/bits"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// radix is the number of vectors that a pass over memory combines.
const radix = 8

// hadamardKernel is hadamard.go, for n a power of two and at least radix vectors: one pass for the stages within radix vectors, then
// passes of three stages, and a last one of the stages that are left.
func hadamardKernel(m *machine) {
	m.text("hadamard", "(x *float32, n int)")
	x, end, stride := arg("x"), arg("n"), GP64()
	LEAQ(Mem{Base: x, Index: end, Scale: 4}, end)
	m.hadamardBlocks(x, end)
	MOVQ(U32(4*radix*m.lanes()), stride)
	size := GP64()
	MOVQ(end, size)
	SUBQ(x, size)
	m.hadamardPasses(x, end, size, stride)
	m.ret()
}

// hadamardBlocks does the stages within each block of radix vectors.
func (m *machine) hadamardBlocks(x, end GPVirtual) {
	at := GP64()
	MOVQ(x, at)
	signs := map[int]VecVirtual{}
	for h := 1; h < m.lanes(); h *= 2 {
		signs[h] = m.reg()
		VMOVUPS(hadamardSigns(h), signs[h])
	}
	Label("blocks")
	v := make([]VecVirtual, radix)
	for i := range v {
		v[i] = m.reg()
		VMOVUPS(Mem{Base: at, Disp: 4 * m.lanes() * i}, v[i])
		for h := 1; h < m.lanes(); h *= 2 {
			v[i] = m.fma231(m.swap(h, v[i]), v[i], signs[h])
		}
	}
	m.butterflies(v)
	for i := range v {
		VMOVUPS(v[i], Mem{Base: at, Disp: 4 * m.lanes() * i})
	}
	ADDQ(U32(4*radix*m.lanes()), at)
	CMPQ(at, end)
	JB(LabelRef("blocks"))
}

// fma231 returns sum + a·b in the register of sum.
func (m *machine) fma231(sum, a, b VecVirtual) VecVirtual {
	VFMADD231PS(a, b, sum)
	return sum
}

// swap exchanges the lanes whose numbers differ in bit h.
func (m *machine) swap(h int, a VecVirtual) VecVirtual {
	r := m.reg()
	switch {
	case h == 1:
		VPERMILPS(U8(0xb1), a, r)
	case h == 2:
		VPERMILPS(U8(0x4e), a, r)
	case m.wide && h == 4:
		VSHUFF32X4(U8(0xb1), a, a, r)
	case m.wide:
		VSHUFF32X4(U8(0x4e), a, a, r)
	default:
		VPERM2F128(U8(1), a, a, r)
	}
	return r
}

// butterflies does the stages across vectors, whose number is a power of two.
func (m *machine) butterflies(v []VecVirtual) {
	for h := 1; h < len(v); h *= 2 {
		for i := range v {
			if i&h == 0 {
				v[i], v[i+h] = m.add(v[i], v[i+h]), m.sub(v[i], v[i+h])
			}
		}
	}
}

// hadamardPasses does the stages from the stride on, in bytes; size is the whole length.
func (m *machine) hadamardPasses(x, end, size, stride GPVirtual) {
	next := GP64()
	Label("passes")
	for _, count := range []int{8, 4, 2} {
		skip := fmt.Sprintf("not%d", count)
		MOVQ(stride, next)
		SHLQ(U8(bits.TrailingZeros(uint(count))), next)
		CMPQ(next, size)
		JA(LabelRef(skip))
		m.hadamardPass(count, x, end, stride)
		MOVQ(next, stride)
		JMP(LabelRef("passes"))
		Label(skip)
	}
}

// hadamardPass combines count vectors at distances of the stride.
func (m *machine) hadamardPass(count int, x, end, stride GPVirtual) {
	group, at, stop, three, far := GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(x, group)
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, three)
	groups, vectors := fmt.Sprintf("groups%d", count), fmt.Sprintf("vectors%d", count)
	Label(groups)
	MOVQ(group, at)
	LEAQ(Mem{Base: group, Index: stride, Scale: 1}, stop)
	Label(vectors)
	place := func(i int) Mem {
		base := at
		if i >= 4 {
			base = far
		}
		return []Mem{{Base: base}, {Base: base, Index: stride, Scale: 1}, {Base: base, Index: stride, Scale: 2}, {Base: base, Index: three, Scale: 1}}[i%4]
	}
	if count > 4 {
		LEAQ(Mem{Base: at, Index: stride, Scale: 4}, far)
	}
	v := make([]VecVirtual, count)
	for i := range v {
		v[i] = m.reg()
		VMOVUPS(place(i), v[i])
	}
	m.butterflies(v)
	for i := range v {
		VMOVUPS(v[i], place(i))
	}
	ADDQ(U8(4*m.lanes()), at)
	CMPQ(at, stop)
	JB(LabelRef(vectors))
	LEAQ(Mem{Base: group, Index: stride, Scale: 1}, group)
	for range count - 1 {
		ADDQ(stride, group)
	}
	CMPQ(group, end)
	JB(LabelRef(groups))
}

var hadamardSymbol = Mem{Symbol: Symbol{Name: "elementwiseHadamard", Static: true}, Base: StaticBase}

// hadamardSigns is +1 in the lanes without bit h, −1 in the others.
func hadamardSigns(h int) Mem { return hadamardSymbol.Offset(64 * bits.TrailingZeros(uint(h))) }

var laneBitsSymbol = Mem{Symbol: Symbol{Name: "elementwiseLaneBits", Static: true}, Base: StaticBase}

func writeHadamardTables() {
	GLOBL(hadamardSymbol.Symbol.Name, attr.RODATA|attr.NOPTR)
	for stage := range 4 {
		for l := range 16 {
			DATA(64*stage+4*l, U32(floatBits(float64(1-2*(l>>stage&1)))))
		}
	}
	GLOBL(laneBitsSymbol.Symbol.Name, attr.RODATA|attr.NOPTR)
	for l := range 8 {
		DATA(4*l, U32(1<<l))
	}
}

// signBitKernels are sign_bits.go, for n a multiple of 16.
func signBitKernels(m *machine) {
	m.text("packSigns", "(dst *byte, x *float32, n int)")
	{
		dst, x, n := arg("dst"), arg("x"), arg("n")
		m.eachByte(dst, x, n, func() { m.packVector(dst, x) })
		m.ret()
	}
	m.text("unpackSigns", "(x *float32, src *byte, n int)")
	{
		x, src, n := arg("x"), arg("src"), arg("n")
		plus, minus := m.floatReg(1), m.floatReg(-1)
		m.eachByte(src, x, n, func() { m.unpackVector(x, src, plus, minus) })
		m.ret()
	}
}

// eachByte runs the body for each vector of n > 0 elements, and moves on by a vector of x and its bits.
func (m *machine) eachByte(packed, x, n GPVirtual, body func()) {
	Label("vectors")
	body()
	ADDQ(U8(m.lanes()/8), packed)
	ADDQ(U8(4*m.lanes()), x)
	SUBQ(U8(m.lanes()), n)
	JNE(LabelRef("vectors"))
}

func (m *machine) packVector(dst, x GPVirtual) {
	v, signs := m.reg(), GP32()
	VMOVUPS(Mem{Base: x}, v)
	if m.wide {
		k := K()
		VPMOVD2M(v, k)
		KMOVW(k, signs)
		NOTL(signs)
		MOVW(signs.As16(), Mem{Base: dst})
		return
	}
	VMOVMSKPS(v, signs)
	NOTL(signs)
	MOVB(signs.As8(), Mem{Base: dst})
}

func (m *machine) unpackVector(x, src GPVirtual, plus, minus VecVirtual) {
	signs := GP32()
	if m.wide {
		k := K()
		MOVWLZX(Mem{Base: src}, signs)
		KMOVW(signs, k)
		VMOVUPS(m.choose(k, plus, minus), Mem{Base: x})
		return
	}
	lanes, lane := YMM(), YMM()
	MOVBLZX(Mem{Base: src}, signs)
	low := XMM()
	VMOVD(signs, low)
	VPBROADCASTD(low, lanes)
	VMOVUPS(laneBitsSymbol, lane)
	VPAND(lane, lanes, lanes)
	VPCMPEQD(lane, lanes, lanes)
	VMOVUPS(m.choose(lanes, plus, minus), Mem{Base: x})
}
