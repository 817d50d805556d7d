package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// machine is a vector unit. Kernels are written once against it; its methods emit AVX-512 or AVX2.
//
// Values are float32 or 32-bit lanes of one vector register. Operations return a new register unless they
// are named after their destination. An operand that is called arg may be a constant, which AVX2 reads from memory.
type machine struct {
	wide bool // AVX-512
	held map[uint32]VecVirtual
	// inStream is set while a stream is emitted.
	inStream bool
	// sums are the places in memory of the function's next sums.
	sums []Mem
}

var machines = []*machine{{wide: true}, {}}

// lanes is the number of float32 in a vector.
func (m *machine) lanes() int {
	if m.wide {
		return 16
	}
	return 8
}

// level is the suffix of the machine's functions.
func (m *machine) level() string {
	if m.wide {
		return "AVX512"
	}
	return "AVX2"
}

// text starts a function. Its name gets the machine's suffix.
func (m *machine) text(name, signature string) {
	functions.Text(name+m.level(), signature)
	m.held, m.sums = map[uint32]VecVirtual{}, nil
}

// variant starts the function of one law or family among those of an operation, which share a signature.
func (m *machine) variant(operation, kind, name, signature string) {
	functions.Variant(operation, kind, name, m.level(), signature)
	m.held, m.sums = map[uint32]VecVirtual{}, nil
}

// ret ends a function.
func (m *machine) ret() {
	VZEROUPPER()
	RET()
}

func (m *machine) reg() VecVirtual {
	if m.wide {
		return ZMM()
	}
	return YMM()
}

// Constants. The table holds each as 8 equal lanes.

var tableSlots = map[uint32]int{}

func slot(bits uint32) Mem {
	i, ok := tableSlots[bits]
	if !ok {
		i = len(tableSlots)
		tableSlots[bits] = i
	}
	return Mem{Symbol: Symbol{Name: "elementwiseConst", Static: true}, Base: StaticBase, Disp: 32 * i}
}

// writeTable emits the constants that were used, in order of first use.
func writeTable() {
	order := make([]uint32, len(tableSlots))
	for bits, i := range tableSlots {
		order[i] = bits
	}
	GLOBL("elementwiseConst", attr.RODATA|attr.NOPTR)
	for i, bits := range order {
		for l := range 8 {
			DATA(32*i+4*l, U32(bits))
		}
	}
}

// word returns a constant of 32 bits, for use as an arg.
func (m *machine) word(bits uint32) Op {
	if r, ok := m.held[bits]; ok {
		return r
	}
	return slot(bits)
}

// register returns a constant in a register.
func (m *machine) register(bits uint32) VecVirtual {
	if r, ok := m.held[bits]; ok {
		return r
	}
	r := m.reg()
	VBROADCASTSS(slot(bits), r)
	return r
}

func (m *machine) float(x float64) Op { return m.word(floatBits(x)) }

func (m *machine) floatReg(x float64) VecVirtual { return m.register(floatBits(x)) }

func floatBits(x float64) uint32 { return math.Float32bits(float32(x)) }

// hold keeps constants in registers for the rest of an AVX-512 function.
func (m *machine) hold(constants ...float64) {
	for _, x := range constants {
		m.holdWord(floatBits(x))
	}
}

func (m *machine) holdWord(constants ...uint32) {
	for _, c := range constants {
		if _, ok := m.held[c]; m.wide && !ok {
			r := m.reg()
			VBROADCASTSS(slot(c), r)
			m.held[c] = r
		}
	}
}

// broadcast returns a register filled with one value from memory.
func (m *machine) broadcast(at Mem) VecVirtual {
	r := m.reg()
	VBROADCASTSS(at, r)
	return r
}

// broadcastInt fills a register with a general register's low 32 bits.
func (m *machine) broadcastInt(x GPVirtual) VecVirtual {
	r := m.reg()
	if m.wide {
		VPBROADCASTD(x.As32(), r)
		return r
	}
	t := XMM()
	VMOVD(x.As32(), t)
	VPBROADCASTD(t, r)
	return r
}

// param returns a value from memory in every lane, for use as an arg.
func (m *machine) param(at Mem) Op {
	if m.wide {
		return at
	}
	return m.broadcast(at)
}

// Arithmetic: an operation with operands (arg, a, dst) is dst = a op arg. On AVX-512 an arg in memory is one value for
// all lanes.

type operation struct{ whole, splat func(...Op) }

var (
	addps   = operation{VADDPS, VADDPS_BCST}
	subps   = operation{VSUBPS, VSUBPS_BCST}
	mulps   = operation{VMULPS, VMULPS_BCST}
	divps   = operation{VDIVPS, VDIVPS_BCST}
	minps   = operation{VMINPS, VMINPS_BCST}
	maxps   = operation{VMAXPS, VMAXPS_BCST}
	andps   = operation{VANDPS, VANDPS_BCST}
	xorps   = operation{VXORPS, VXORPS_BCST}
	orps    = operation{VORPS, VORPS_BCST}
	paddd   = operation{VPADDD, VPADDD_BCST}
	psubd   = operation{VPSUBD, VPSUBD_BCST}
	pmuludq = operation{VPMULUDQ, nil}

	fmadd213  = operation{VFMADD213PS, VFMADD213PS_BCST}
	fmadd231  = operation{VFMADD231PS, VFMADD231PS_BCST}
	fmsub213  = operation{VFMSUB213PS, VFMSUB213PS_BCST}
	fnmsub213 = operation{VFNMSUB213PS, VFNMSUB213PS_BCST}
	ternlog   = operation{VPTERNLOGD, VPTERNLOGD_BCST}
)

func (m *machine) emit(op operation, operands ...Op) {
	for _, x := range operands {
		if _, memory := x.(Mem); memory && m.wide {
			op.splat(operands...)
			return
		}
	}
	op.whole(operands...)
}

func (m *machine) do(op operation, a Op, arg Op) VecVirtual {
	r := m.reg()
	m.emit(op, arg, a, r)
	return r
}

func (m *machine) add(a, arg Op) VecVirtual  { return m.do(addps, a, arg) }
func (m *machine) sub(a, arg Op) VecVirtual  { return m.do(subps, a, arg) }
func (m *machine) mul(a, arg Op) VecVirtual  { return m.do(mulps, a, arg) }
func (m *machine) div(a, arg Op) VecVirtual  { return m.do(divps, a, arg) }
func (m *machine) addI(a, arg Op) VecVirtual { return m.do(paddd, a, arg) }
func (m *machine) subI(a, arg Op) VecVirtual { return m.do(psubd, a, arg) }
func (m *machine) and(a, arg Op) VecVirtual  { return m.do(andps, a, arg) }
func (m *machine) xor(a, arg Op) VecVirtual  { return m.do(xorps, a, arg) }
func (m *machine) or(a, arg Op) VecVirtual   { return m.do(orps, a, arg) }

// min returns the smaller of limit and x, and x where x is NaN: the instruction returns its second source then.
func (m *machine) min(limit, x Op) VecVirtual { return m.do(minps, limit, x) }
func (m *machine) max(limit, x Op) VecVirtual { return m.do(maxps, limit, x) }

func (m *machine) sqrt(a Op) VecVirtual {
	r := m.reg()
	VSQRTPS(a, r)
	return r
}

func (m *machine) shift(op func(...Op), bits int, a Op) VecVirtual {
	r := m.reg()
	op(U8(bits), a, r)
	return r
}

func (m *machine) toFloat(a Op) VecVirtual {
	r := m.reg()
	VCVTDQ2PS(a, r)
	return r
}

func (m *machine) copy(a Op) VecVirtual {
	r := m.reg()
	VMOVAPS(a, r)
	return r
}

// start returns a constant in a register that may be overwritten.
func (m *machine) start(x float64) VecVirtual {
	if m.wide {
		if r, ok := m.held[floatBits(x)]; ok {
			return m.copy(r)
		}
	}
	return m.floatReg(x)
}

func (m *machine) abs(a Op) VecVirtual { return m.and(a, m.word(0x7fffffff)) }

// fma returns a·b + arg, all three kept.
func (m *machine) fma(a, b, arg Op) VecVirtual {
	r := m.copy(a)
	m.emit(fmadd213, arg, b, r)
	return r
}

// horner returns c[0]·x^k + … + c[k].
func (m *machine) horner(x VecVirtual, c ...float64) VecVirtual {
	q := m.start(c[0])
	for _, next := range c[1:] {
		m.emit(fmadd213, m.float(next), x, q)
	}
	return q
}

// mask is a condition for every lane: an opmask, or a vector register of AVX2.
type mask = Register

// Predicates of VCMPPS.
const (
	equal        = 0
	unordered    = 3
	greaterEqual = 13
)

func (m *machine) compare(predicate int, a, arg Op) mask {
	if m.wide {
		k := K()
		VCMPPS(U8(predicate), arg, a, k)
		return k
	}
	r := YMM()
	VCMPPS(U8(predicate), arg, a, r)
	return r
}

// bits moves a condition into the low bits of a general register.
func (m *machine) bits(cond mask, dst GPVirtual) {
	if m.wide {
		KMOVW(cond, dst)
	} else {
		VMOVMSKPS(cond, dst)
	}
}

// choose returns yes where the condition holds and no elsewhere.
func (m *machine) choose(cond mask, yes, no Op) VecVirtual {
	r := m.reg()
	if m.wide {
		VBLENDMPS(yes, no, cond, r)
	} else {
		VBLENDVPS(cond, yes, no, r)
	}
	return r
}

// copySign returns |x| with the sign of s.
func (m *machine) copySign(x, s VecVirtual) VecVirtual {
	if m.wide {
		r := m.copy(x)
		// (r & c) | (s & ^c) by c.
		m.emit(ternlog, U8(0xe4), m.word(0x7fffffff), s, r)
		return r
	}
	return m.or(m.and(x, m.word(0x7fffffff)), m.and(s, m.word(0x80000000)))
}

// Loops.

// trip is one turn of a loop over slices: a whole vector, or the masked rest.
type trip struct {
	m      *machine
	index  Register // of the first element
	masked mask     // nil for a whole vector
	offset int      // in vectors, of an unrolled trip
}

// loop is a walk over n elements of some slices.
type loop struct {
	m     *machine
	n     GPVirtual
	index GPVirtual
	label string
	// together is the number of unrolled trips that are shuffled into one, so that their values fit the registers; 0 means all.
	together int
}

var loops int

func (m *machine) newLoop(n GPVirtual) *loop {
	loops++
	l := &loop{m: m, n: n, index: GP64(), label: fmt.Sprintf("l%d", loops)}
	XORQ(l.index, l.index)
	return l
}

// vectors emits the trips over unroll whole vectors.
func (l *loop) vectors(unroll int, body func(p *trip)) {
	step := unroll * l.m.lanes()
	top, end := fmt.Sprintf("%sby%d", l.label, unroll), fmt.Sprintf("%send%d", l.label, unroll)
	next := GP64()
	LEAQ(Mem{Base: l.index, Disp: step}, next)
	CMPQ(next, l.n)
	JGT(LabelRef(end))
	Label(top)
	trips := make([]func(), unroll)
	for k := range trips {
		trips[k] = func() { body(&trip{m: l.m, index: l.index, offset: k}) }
	}
	together := l.together
	if together == 0 {
		together = unroll
	}
	for group := range slices.Chunk(trips, together) {
		l.m.streams(group...)
	}
	MOVQ(next, l.index)
	ADDQ(U32(step), next)
	CMPQ(next, l.n)
	JLE(LabelRef(top))
	Label(end)
}

// rest emits the last, masked trip.
func (l *loop) rest(body func(p *trip)) {
	m := l.m
	done := l.label + "done"
	left := GP64()
	MOVQ(l.n, left)
	SUBQ(l.index, left)
	JLE(LabelRef(done))
	count := m.broadcastInt(left)
	var k mask
	if m.wide {
		k = K()
		VPCMPGTD(iotaTable(), count, k)
	} else {
		k = YMM()
		VPCMPGTD(iotaTable(), count, k)
	}
	body(&trip{m: m, index: l.index, masked: k})
	Label(done)
}

// each emits a whole loop.
func (m *machine) each(n GPVirtual, unroll int, body func(p *trip)) {
	l := m.newLoop(n)
	if unroll > 1 {
		l.vectors(unroll, body)
	}
	l.vectors(1, body)
	l.rest(body)
}

func (p *trip) at(base Register) Mem {
	return Mem{Base: base, Index: p.index, Scale: 4, Disp: 4 * p.offset * p.m.lanes()}
}

// load returns the elements of a slice, 0 in lanes past its end.
func (p *trip) load(base Register) VecVirtual {
	r := p.m.reg()
	switch {
	case p.masked == nil:
		VMOVUPS(p.at(base), r)
	case p.m.wide:
		VMOVUPS_Z(p.at(base), p.masked, r)
	default:
		VMASKMOVPS(p.at(base), p.masked, r)
	}
	return r
}

// fetch brings the elements of slices that come next but 32 vectors into the cache. AVX-512 reads four slices of a large weight faster than
// the processor guesses.
func (p *trip) fetch(slices ...Register) {
	if !p.m.wide || p.masked != nil {
		return
	}
	for _, base := range slices {
		at := p.at(base)
		at.Disp += 32 * 64
		PREFETCHT0(at)
	}
}

func (p *trip) store(x, base Register) {
	switch {
	case p.masked == nil:
		VMOVUPS(x, p.at(base))
	case p.m.wide:
		VMOVUPS(x, p.masked, p.at(base))
	default:
		VMASKMOVPS(x, p.masked, p.at(base))
	}
}

// Tables of integers.

var iotaSymbol = Mem{Symbol: Symbol{Name: "elementwiseIota", Static: true}, Base: StaticBase}

// iotaTable is 0, 1, …, 15.
func iotaTable() Mem { return iotaSymbol }

func writeIota() {
	GLOBL("elementwiseIota", attr.RODATA|attr.NOPTR)
	for i := range 16 {
		DATA(4*i, U32(i))
	}
}

// Sums.

// sum is a vector of partial sums: a register, or in memory on AVX2 where registers are scarce.
type sum struct {
	m  *machine
	r  VecVirtual
	at Mem
}

func (m *machine) newSum(inMemory bool) *sum {
	s := &sum{m: m, r: m.reg()}
	VXORPS(s.r, s.r, s.r)
	if inMemory && !m.wide {
		s.at = m.place()
		VMOVUPS(s.r, s.at)
		s.r = nil
	}
	return s
}

// maxSums is the largest number of sums that a function has in memory.
const maxSums = 7

// place returns the place of the function's next sum in memory.
func (m *machine) place() Mem {
	if m.sums == nil {
		at := cacheLines(32 * maxSums)
		for i := range maxSums {
			m.sums = append(m.sums, at.Offset(32*i))
		}
	}
	at := m.sums[0]
	m.sums = m.sums[1:]
	return at
}

// cacheLines returns memory on the stack that begins a cache line. Go aligns the stack to 8 bytes, and a vector across the end of a line, above
// all across that of a page, is slow to store and to read back.
func cacheLines(bytes int) Mem {
	const line, word = 64, 8
	base := GP64()
	LEAQ(AllocLocal(bytes+line-word).Offset(line-word), base)
	ANDQ(I8(-line), base)
	return Mem{Base: base}
}

// add adds a·b.
func (s *sum) add(a, b Op) {
	if s.r != nil {
		VFMADD231PS(a, b, s.r)
		return
	}
	t := s.m.reg()
	VMOVUPS(s.at, t)
	VFMADD231PS(a, b, t)
	VMOVUPS(t, s.at)
}

// plus adds a.
func (s *sum) plus(a Op) {
	if s.r != nil {
		VADDPS(a, s.r, s.r)
		return
	}
	t := s.m.reg()
	VMOVUPS(s.at, t)
	VADDPS(a, t, t)
	VMOVUPS(t, s.at)
}

// total returns the sum over the lanes as a float64.
func (s *sum) total() VecVirtual {
	r := s.r
	if r == nil {
		r = s.m.reg()
		VMOVUPS(s.at, r)
	}
	y := YMM()
	if s.m.wide {
		lo, hi, top := ZMM(), ZMM(), YMM()
		VEXTRACTF32X8(U8(1), r, top)
		VCVTPS2PD(r.AsY(), lo)
		VCVTPS2PD(top, hi)
		VADDPD(hi, lo, lo)
		VEXTRACTF64X4(U8(1), lo, y)
		VADDPD(lo.AsY(), y, y)
	} else {
		hi, top := YMM(), XMM()
		VEXTRACTF128(U8(1), r, top)
		VCVTPS2PD(r.AsX(), y)
		VCVTPS2PD(top, hi)
		VADDPD(hi, y, y)
	}
	x, h := XMM(), XMM()
	VEXTRACTF128(U8(1), y, x)
	VADDPD(y.AsX(), x, x)
	VUNPCKHPD(x, x, h)
	VADDSD(h, x, x)
	return x
}

// addTo adds the total to a float64 in memory.
func (s *sum) addTo(dst Mem) {
	x := s.total()
	VADDSD(dst, x, x)
	VMOVSD(x, dst)
}

func arg(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

func field(base Register, offset int) Mem { return Mem{Base: base, Disp: offset} }
