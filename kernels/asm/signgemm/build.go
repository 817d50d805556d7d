package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// tableBuilder is the registers of a function that builds tables.
type tableBuilder struct {
	tables     GPPhysical // the next table
	at, ahead  GPPhysical // its rows of P, and those to fetch into the cache
	step, trip GPPhysical // from one row to the next, and to the third after
	depth      GPPhysical // rows still to do
	width      GPPhysical // columns
}

// buildTables writes the 32 sums ((±p₀ ± p₁) + (±p₂ ± p₃)) ± p₄ of each five rows of P; bit l of an entry's number
// is the sign of pₗ.
func buildTables(level string, kinds []*entry) {
	functions.Text("buildSignTables"+level, "(tables *float32, p *float32, stepP int, depth int, width int, ahead int)")
	Doc("buildSignTables"+level+" writes the tables of depth rows of P, and fetches into the cache what is",
		"ahead of them. Steps and distances are in bytes.")
	b := tableBuilder{tables: RDI, at: RSI, step: R8, trip: R9, depth: RCX, width: RDX, ahead: R10}
	b.loadArguments()
	kinds[0].mask(b.width)
	choose(b.width, kinds)
	for i := range kinds {
		e := kinds[len(kinds)-1-i]
		if i > 0 {
			Label(e.name)
		}
		b.wholeGroups(e)
		b.lastGroup(e)
		if i < len(kinds)-1 {
			JMP(LabelRef("done"))
		}
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// loadArguments also sets trip, and makes ahead an address.
func (b *tableBuilder) loadArguments() {
	Load(Param("tables"), b.tables)
	Load(Param("p"), b.at)
	Load(Param("stepP"), b.step)
	Load(Param("depth"), b.depth)
	Load(Param("width"), b.width)
	LEAQ(Mem{Base: b.step, Index: b.step, Scale: 2}, b.trip)
	Load(Param("ahead"), b.ahead)
	ADDQ(b.at, b.ahead)
}

// loadRow fetches row l of the group into register l.
func (b *tableBuilder) loadRow(e *entry, l int) {
	e.loadP(rowOf(b.at, b.step, b.trip, l, 0), e.reg(l))
}

// wholeGroups builds the tables of the groups that have five rows. It leaves 0–4 rows to do.
func (b *tableBuilder) wholeGroups(e *entry) {
	Label(e.name + "_loop")
	CMPQ(b.depth, Imm(group))
	JL(LabelRef(e.name + "_tail"))
	for l := range group {
		b.loadRow(e, l)
	}
	buildTable(e, b.tables)
	ADDQ(U32(e.table()), b.tables)
	for l := range group {
		PREFETCHT0(rowOf(b.ahead, b.step, b.trip, l, 0))
	}
	for _, p := range []GPPhysical{b.at, b.ahead} {
		LEAQ(Mem{Base: p, Index: b.step, Scale: 4}, p)
		ADDQ(b.step, p)
	}
	SUBQ(Imm(group), b.depth)
	JMP(LabelRef(e.name + "_loop"))
}

// lastGroup builds the table of the rows that are left, if there are any, with zeros for those that are missing.
func (b *tableBuilder) lastGroup(e *entry) {
	Label(e.name + "_tail")
	TESTQ(b.depth, b.depth)
	JLE(LabelRef("done"))
	for l := range group {
		clearVector(e.reg(l))
	}
	last := e.name + "_last"
	for l := range group - 1 {
		CMPQ(b.depth, Imm(uint64(l)))
		JLE(LabelRef(last))
		b.loadRow(e, l)
	}
	Label(last)
	buildTable(e, b.tables)
}

// buildTable writes the entries, from five rows in registers 0–4.
func buildTable(e *entry, tables GPPhysical) {
	// Signed sums of two rows: ++, −+, +−, −−, of which the last is exactly minus the first.
	x := []VecPhysical{e.reg(5), e.reg(6), e.reg(7), e.reg(8)}
	y := []VecPhysical{e.reg(9), e.reg(10), e.reg(11), e.reg(0)}
	zero := e.reg(13)
	clearVector(zero)
	pairs := func(p, q VecPhysical, sums []VecPhysical) {
		VADDPS(q, p, sums[0])
		VSUBPS(p, q, sums[1])
		VSUBPS(q, p, sums[2])
		VSUBPS(sums[0], zero, sums[3])
	}
	pairs(e.reg(0), e.reg(1), x)
	pairs(e.reg(2), e.reg(3), y)
	four, plus, minus := e.reg(1), e.reg(2), e.reg(3)
	p4 := e.reg(4)
	for n := range 16 {
		VADDPS(y[n>>2], x[n&3], four)
		VADDPS(p4, four, plus)
		VSUBPS(p4, four, minus)
		VMOVUPS(plus, Mem{Base: tables, Disp: e.stride * n})
		VMOVUPS(minus, Mem{Base: tables, Disp: e.stride * (n + 16)})
	}
}
