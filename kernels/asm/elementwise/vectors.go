package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// vectorKernels are the memory-bound ones: axpy.go, sums.go, mse_grad.go, row_normalize.go, finite.go.
func vectorKernels(m *machine) {
	m.text("axpy", "(dst, a *float32, n int, alpha float32)")
	{
		dst, a, n := arg("dst"), arg("a"), arg("n")
		alpha := m.scalar("alpha")
		m.each(n, 4, func(p *trip) {
			d := p.load(dst)
			VFMADD231PS(p.load(a), alpha, d)
			p.store(d, dst)
		})
		m.ret()
	}
	m.text("add", "(dst, a, b *float32, n int)")
	{
		dst, a, b, n := arg("dst"), arg("a"), arg("b"), arg("n")
		m.each(n, 4, func(p *trip) { p.store(m.add(p.load(a), p.load(b)), dst) })
		m.ret()
	}
	m.text("mul", "(dst, a, b *float32, n int)")
	{
		dst, a, b, n := arg("dst"), arg("a"), arg("b"), arg("n")
		m.each(n, 4, func(p *trip) { p.store(m.mul(p.load(a), p.load(b)), dst) })
		m.ret()
	}
	m.text("scale", "(dst, a *float32, n int, alpha float32)")
	{
		dst, a, n := arg("dst"), arg("a"), arg("n")
		alpha := m.scalar("alpha")
		m.each(n, 4, func(p *trip) { p.store(m.mul(alpha, p.load(a)), dst) })
		m.ret()
	}
	rowKernels(m)
	sums(m)
	m.text("firstNonFinite", "(a *float32, n int) (index int)")
	firstNonFinite(m)
}

// rowKernels handle a few rows of a matrix per call, with a number for each row.
func rowKernels(m *machine) {
	m.text("rowDots", "(sums *float64, a, b *float32, rows, cols int)")
	{
		sums, a, b, rows, cols := arg("sums"), arg("a"), arg("b"), arg("rows"), arg("cols")
		eachRow(rows, cols, []GPVirtual{a, b}, func() {
			var s [4]*sum
			for i := range s {
				s[i] = m.newSum(false)
			}
			l := m.newLoop(cols)
			add := func(p *trip) { s[p.offset].add(p.load(a), p.load(b)) }
			l.vectors(4, add)
			l.vectors(1, add)
			l.rest(func(p *trip) { s[1].add(p.load(a), p.load(b)) })
			VADDPS(s[2].r, s[0].r, s[0].r)
			VADDPS(s[3].r, s[1].r, s[1].r)
			VADDPS(s[1].r, s[0].r, s[0].r)
			VMOVSD(s[0].total(), field(sums, 0))
			ADDQ(U8(8), sums)
		})
		m.ret()
	}
	m.text("scaleRows", "(dst, a, factors *float32, rows, cols int)")
	{
		dst, a, factors, rows, cols := arg("dst"), arg("a"), arg("factors"), arg("rows"), arg("cols")
		eachRow(rows, cols, []GPVirtual{dst, a}, func() {
			factor := m.broadcast(field(factors, 0))
			m.each(cols, 4, func(p *trip) { p.store(m.mul(factor, p.load(a)), dst) })
			ADDQ(U8(4), factors)
		})
		m.ret()
	}
	m.text("tangentRows", "(dw, db, bhat, along, inv *float32, rows, cols int)")
	{
		dw, db, bhat := arg("dw"), arg("db"), arg("bhat")
		along, inv, rows, cols := arg("along"), arg("inv"), arg("rows"), arg("cols")
		eachRow(rows, cols, []GPVirtual{dw, db, bhat}, func() {
			c, factor := m.broadcast(field(along, 0)), m.broadcast(field(inv, 0))
			m.each(cols, 4, func(p *trip) {
				d := p.load(db)
				VFNMADD231PS(p.load(bhat), c, d)
				p.store(m.mul(d, factor), dw)
			})
			ADDQ(U8(4), along)
			ADDQ(U8(4), inv)
		})
		m.ret()
	}
}

// eachRow runs the body for at least one row and moves the matrices to the next after each.
func eachRow(rows, cols GPVirtual, matrices []GPVirtual, body func()) {
	Label("row")
	body()
	for _, x := range matrices {
		LEAQ(Mem{Base: x, Index: cols, Scale: 4}, x)
	}
	DECQ(rows)
	JNE(LabelRef("row"))
}

// scalar returns an argument of the function in every lane.
func (m *machine) scalar(name string) VecVirtual {
	at, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return m.broadcast(at.Addr)
}

// sumLanes is the number of independent partial sums, which hides the latency of the addition.
const sumLanes = 8

func sums(m *machine) {
	m.text("dot", "(sum *float64, a, b *float32, n int)")
	{
		a, b, n := arg("a"), arg("b"), arg("n")
		total := newSums(m, n)
		total.each(func(p *trip, s *sum) { s.add(p.load(a), p.load(b)) })
		total.end()
	}
	m.text("squaredError", "(sum *float64, a, b *float32, n int)")
	{
		a, b, n := arg("a"), arg("b"), arg("n")
		total := newSums(m, n)
		total.each(func(p *trip, s *sum) {
			e := m.sub(p.load(a), p.load(b))
			s.add(e, e)
		})
		total.end()
	}
	m.text("mseGrad", "(sum *float64, du, u, x *float32, n int, scale float32)")
	{
		du, u, x, n := arg("du"), arg("u"), arg("x"), arg("n")
		scale := m.scalar("scale")
		total := newSums(m, n)
		total.each(func(p *trip, s *sum) {
			e := m.sub(p.load(u), p.load(x))
			s.add(e, e)
			p.store(m.mul(scale, e), du)
		})
		total.end()
	}
}

type totals struct {
	m    *machine
	n    GPVirtual
	sums [sumLanes]*sum
}

func newSums(m *machine, n GPVirtual) *totals {
	t := &totals{m: m, n: n}
	for i := range t.sums {
		t.sums[i] = m.newSum(false)
	}
	return t
}

func (t *totals) each(body func(p *trip, s *sum)) {
	l := t.m.newLoop(t.n)
	if !t.m.wide {
		l.together = 2 // beside the sums
	}
	l.vectors(sumLanes, func(p *trip) { body(p, t.sums[p.offset]) })
	l.vectors(1, func(p *trip) { body(p, t.sums[0]) })
	l.rest(func(p *trip) { body(p, t.sums[1]) })
}

// end adds the partial sums pairwise, and their total to *sum.
func (t *totals) end() {
	for half := sumLanes / 2; half > 0; half /= 2 {
		for i := range half {
			VADDPS(t.sums[i+half].r, t.sums[i].r, t.sums[i].r)
		}
	}
	t.sums[0].addTo(field(arg("sum"), 0))
	t.m.ret()
}

func firstNonFinite(m *machine) {
	a, n := arg("a"), arg("n")
	result, bits := GP64(), GP32()
	l := m.newLoop(n)
	test := func(p *trip) {
		// x − x is 0 for finite x and NaN otherwise.
		x := p.load(a)
		d := m.sub(x, x)
		m.bits(m.compare(unordered, d, d), bits)
		TESTL(bits, bits)
		JNE(LabelRef("found"))
	}
	l.vectors(1, test)
	l.rest(test)
	MOVQ(I64(-1), result)
	Store(result, ReturnIndex(0))
	m.ret()
	Label("found")
	BSFL(bits, result.As32())
	ADDQ(l.index, result)
	Store(result, ReturnIndex(0))
	m.ret()
}
