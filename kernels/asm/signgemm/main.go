// Command signgemm writes internal/vector/sign_gemm_amd64.s of package kernels: the inner loops of the product with a matrix of signs, for
// AVX-512 and for AVX2.
//
// There are five steps, which kernels/sign_gemm_scalar.go states in plain Go:
//
//	pack       signs to one byte per row and group, from rows or from columns (pack.go)
//	transpose  16 rows of P, or of the product (transpose.go)
//	build      the tables of 32 signed sums of each group of five rows of P (build.go)
//	add        one entry of each table to each row of the product
//
// An entry of a table is a vector: 16 columns with AVX-512, which reads only the first half where there are at most eight, and 8 with AVX2.
// Tables in use at the same time take 24 KiB: of 12 groups with AVX-512, of 24 with AVX2.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"

	"autoamp/kernels/asm/ladder"
)

// functions are the kernels of this generator.
var functions ladder.Set

func main() { functions.Main("sign_gemm", emit) }

func emit() {
	lanes = GLOBL("signLanes", RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(i))
	}
	byteOrder = GLOBL("signByteOrder", RODATA|NOPTR)
	for i, dword := range []uint32{0, 4, 1, 5, 2, 6, 3, 7} {
		DATA(4*i, U32(dword))
	}
	packRowsAVX512()
	packRowsAVX2()
	spreadAVX512()
	spreadAVX2()
	packColumnsAVX512()
	packColumnsAVX2()
	transposeAVX512()
	transposeAVX2()
	buildTables("AVX512", []*entry{halfAVX512, wholeAVX512})
	buildTables("AVX2", []*entry{wholeAVX2})
	addTables("AVX512", []*entry{halfAVX512, wholeAVX512})
	addTables("AVX2", []*entry{wholeAVX2})
}

// Sizes that sign_gemm.go states too.
const (
	group     = 5        // rows of P that share a table
	entries   = 32       // of a group's table
	passBytes = 24 << 10 // of the tables that are in use at the same time
	block     = 64       // rows of S whose packed signs are adjacent
	word      = 6        // groups whose signs share a word
)

// Byte offsets of the fields of type signSum.
const (
	fieldIndex   = 0
	fieldTables  = 24
	fieldIn      = 48
	fieldOut     = 72
	fieldStepIn  = 96
	fieldStepOut = 104
	fieldRows    = 112
	fieldPass    = 120
	fieldGroups  = 128
	fieldWidth   = 136
)

// lanes is 0, 1, …, 7: compared with a count, it makes a mask.
var lanes Mem

// byteOrder undoes the interleaving of 32 bytes that were packed from four vectors.
var byteOrder Mem

// entry is a way to hold the columns of a table's entry in registers.
type entry struct {
	name   string
	limit  int   // columns
	rows   []int // numbers of rows whose sums are in registers
	stride int   // of an entry, in bytes
	reg    func(i int) VecPhysical
	// mask prepares the masks of the first width columns, and clobbers AX.
	mask func(width GPPhysical)
	// loadP fetches the columns within the matrix, and zero beyond.
	loadP func(from Mem, to VecPhysical)
	// load and store move sums.
	load  func(from Mem, to VecPhysical)
	store func(from VecPhysical, to Mem)
}

// table returns the size of a group's table, in bytes.
func (e *entry) table() int { return entries * e.stride }

// maxPass returns the number of groups whose tables are in use at the same time.
func (e *entry) maxPass() int { return passBytes / e.table() }

func ymm(i int) VecPhysical { return vecY[i] }
func zmm(i int) VecPhysical { return vecZ[i] }

var (
	vecX = []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15, X16, X17, X18, X19, X20, X21, X22, X23, X24, X25, X26, X27, X28, X29, X30, X31}
	vecY = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15, Y16, Y17, Y18, Y19, Y20, Y21, Y22, Y23, Y24, Y25, Y26, Y27, Y28, Y29, Y30, Y31}
	vecZ = []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15, Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}
)

func maskAVX512(width GPPhysical) {
	MOVL(U32(1<<16-1), EAX)
	BZHIL(width.As32(), EAX, EAX)
	KMOVW(EAX, K1)
}

var (
	halfAVX512  = &entry{"half", 8, []int{8, 4, 1}, 64, ymm, maskAVX512, loadAVX512, loadAVX512, storeAVX512}
	wholeAVX512 = &entry{"whole", 16, []int{8, 4, 1}, 64, zmm, maskAVX512, loadAVX512, loadAVX512, storeAVX512}
)

func loadAVX512(from Mem, to VecPhysical)  { VMOVUPS_Z(from, K1, to) }
func storeAVX512(from VecPhysical, to Mem) { VMOVUPS(from, K1, to) }

// columnsAVX2 is the mask of the columns that exist.
var columnsAVX2 = Y14

func maskAVX2(width GPPhysical) { laneMaskAVX2(width, columnsAVX2) }

// laneMaskAVX2 sets a mask to the first n lanes.
func laneMaskAVX2(n GPPhysical, mask VecPhysical) {
	x := mask.AsX()
	VMOVQ(n, x)
	VPBROADCASTD(x, mask)
	VPCMPGTD(lanes, mask, mask)
}

func load(from Mem, to VecPhysical)     { VMOVUPS(from, to) }
func loadAVX2(from Mem, to VecPhysical) { VMASKMOVPS(from, columnsAVX2, to) }
func store(from VecPhysical, to Mem)    { VMOVUPS(from, to) }

// A masked store of AVX2 takes 20 cycles on some processors, so that sums are read and written whole.
var wholeAVX2 = &entry{"whole", 8, []int{8, 4, 1}, 32, ymm, maskAVX2, loadAVX2, load, store}

// choose jumps to the label of the first kind of entry that has room for width columns.
func choose(width GPPhysical, kinds []*entry) {
	for _, e := range kinds[:len(kinds)-1] {
		CMPQ(width, Imm(uint64(e.limit)))
		JLE(LabelRef(e.name))
	}
}

// clearVector sets a vector to zero.
func clearVector(v VecPhysical) {
	if v.Size() == 64 {
		VPXORD(v, v, v)
		return
	}
	VXORPS(v, v, v)
}

// Registers of addTables.
var (
	index   = RSI // packed signs of the current rows
	tables  = R8
	in, out = R9, R11 // of the current rows
	stepIn  = R10
	stepOut = R12
	tripIn  = R13
	tripOut = R14
	left    = R15 // rows still to do
	inBlock = RDI // rows of the current block still to do
)

func addTables(level string, kinds []*entry) {
	functions.Text("addSignTables"+level, "(s *byte)")
	Doc("addSignTables" + level + " computes the sum that type signSum states.")
	args := RDI
	Load(Param("s"), args)
	MOVQ(Mem{Base: args, Disp: fieldIndex}, index)
	MOVQ(Mem{Base: args, Disp: fieldTables}, tables)
	MOVQ(Mem{Base: args, Disp: fieldIn}, in)
	MOVQ(Mem{Base: args, Disp: fieldOut}, out)
	MOVQ(Mem{Base: args, Disp: fieldStepIn}, stepIn)
	MOVQ(Mem{Base: args, Disp: fieldStepOut}, stepOut)
	MOVQ(Mem{Base: args, Disp: fieldRows}, left)
	MOVQ(Mem{Base: args, Disp: fieldPass}, RBX)
	MOVQ(Mem{Base: args, Disp: fieldWidth}, RCX)
	SHLQ(Imm(2), stepIn)
	SHLQ(Imm(2), stepOut)
	LEAQ(Mem{Base: stepIn, Index: stepIn, Scale: 2}, tripIn)
	LEAQ(Mem{Base: stepOut, Index: stepOut, Scale: 2}, tripOut)
	kinds[0].mask(RCX)
	choose(RCX, kinds)
	for i := range kinds {
		e := kinds[len(kinds)-1-i]
		if i > 0 {
			Label(e.name)
		}
		for pass := e.maxPass(); pass > 1; pass-- {
			CMPQ(RBX, Imm(uint64(pass)))
			JEQ(LabelRef(fmt.Sprintf("%s%d", e.name, pass)))
		}
		for pass := 1; pass <= e.maxPass(); pass++ {
			addPass(e, fmt.Sprintf("%s%d", e.name, pass), pass)
		}
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// addPass adds the entries of a fixed number of groups to all rows.
func addPass(e *entry, label string, pass int) {
	Label(label)
	MOVQ(U32(block), inBlock)
	CMPQ(left, inBlock)
	CMOVQLT(left, inBlock)
	SUBQ(inBlock, left)
	for _, rows := range e.rows {
		next := fmt.Sprintf("%s_below%d", label, rows)
		SUBQ(Imm(uint64(rows)), inBlock)
		JL(LabelRef(next))
		loop := fmt.Sprintf("%s_rows%d", label, rows)
		Label(loop)
		addRows(e, loop, pass, rows)
		SUBQ(Imm(uint64(rows)), inBlock)
		JGE(LabelRef(loop))
		Label(next)
		ADDQ(Imm(uint64(rows)), inBlock)
	}
	TESTQ(left, left)
	JZ(LabelRef("done"))
	Comment("To the signs of the next block: only a whole block has one after it.")
	Load(Param("s"), RAX)
	MOVQ(Mem{Base: RAX, Disp: fieldGroups}, RAX)
	SHLQ(Imm(6), RAX)
	LEAQ(Mem{Base: index, Index: RAX, Scale: 1, Disp: -block}, index)
	JMP(LabelRef(label))
}

// addRows does 1, 4 or 8 rows. It loads their packed signs at once, because a load of one byte takes
// as long as that of an entry.
func addRows(e *entry, label string, pass, rows int) {
	each := func(base, step, trip GPPhysical, f func(m Mem, sum VecPhysical)) {
		for r := range rows {
			if r == 4 {
				LEAQ(Mem{Base: base, Index: step, Scale: 4}, RBX)
				base = RBX
			}
			f(rowOf(base, step, trip, r%4, 0), e.reg(r))
		}
	}
	TESTQ(in, in)
	JZ(LabelRef(label + "_zero"))
	each(in, stepIn, tripIn, e.load)
	JMP(LabelRef(label + "_add"))
	Label(label + "_zero")
	for i := range rows {
		clearVector(e.reg(i))
	}
	Label(label + "_add")
	add := func(g, r int, offset GPPhysical) {
		VADDPS(Mem{Base: tables, Disp: e.table() * g, Index: offset, Scale: uint8(e.stride / 8)}, e.reg(r), e.reg(r))
	}
	for g := range pass {
		at := Mem{Base: index, Disp: block * g}
		switch rows {
		case 1:
			MOVBLZX(at, EAX)
			add(g, 0, RAX)
			continue
		case 4:
			MOVL(at, EAX)
		case 8:
			MOVQ(at, RAX)
		}
		for r := 0; r < rows; r += 2 {
			MOVBLZX(AL, ECX)
			MOVBLZX(AH, EDX)
			if r < rows-2 {
				SHRQ(Imm(16), RAX)
			}
			add(g, r, RCX)
			add(g, r+1, RDX)
		}
	}
	each(out, stepOut, tripOut, func(m Mem, sum VecPhysical) { e.store(sum, m) })
	ADDQ(Imm(uint64(rows)), index)
	advance(in, stepIn, rows)
	advance(out, stepOut, rows)
}

func advance(at, step GPPhysical, rows int) {
	if rows == 1 {
		ADDQ(step, at)
		return
	}
	LEAQ(Mem{Base: at, Index: step, Scale: uint8(min(rows, 8))}, at)
}

// rowOf returns the place of row r < 5, where trip is three steps.
func rowOf(base, step, trip GPPhysical, r, disp int) Mem {
	m := Mem{Base: base, Disp: disp}
	switch r {
	case 1:
		m.Index, m.Scale = step, 1
	case 2:
		m.Index, m.Scale = step, 2
	case 3:
		m.Index, m.Scale = trip, 1
	case 4:
		m.Index, m.Scale = step, 4
	}
	return m
}
