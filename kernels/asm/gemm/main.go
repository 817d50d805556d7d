// Command gemm writes internal/vector/gemm_amd64.s of package kernels: the inner kernels of the float32 matrix product, for AVX-512 and
// for AVX2 with FMA, and the panel kernel of the float64 product, for AVX2. Their Go declarations are in gemm_vector.go and gemm64.go.
//
// A panel kernel multiplies a few rows of A by a block of B and walks along the columns of C in
// tiles whose elements stay in registers. There is one piece of code for each number of rows (so
// that m is cut into even pieces instead of full tiles and a remainder), for each of the two ways A
// can lie in memory, and for each width of a tile:
//
//	wide    two vectors
//	narrow  one vector, masked
//	half    half a vector, masked (AVX-512 only, where it costs half)
//
// Pack kernels bring operands into the layout that panels read fastest.
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

func main() { functions.Main("gemm", emit) }

func emit() {
	panelAVX512()
	panelAVX2("panelAVX2", float32s())
	panelAVX2("panel64AVX2", float64s())
	packCopy("packAAVX512", avx512, 1)
	packCopy("packBAVX512", avx512, 2)
	packTransposed("packTransposedAVX512", avx512, transpose16)
	packCopy("packAAVX2", avx2, 1)
	packCopy("packBAVX2", avx2, 2)
	packTransposed("packTransposedAVX2", avx2, transpose8)
}

// Byte offsets of the fields of the types panel and panel64 in gemm_vector.go and gemm64.go. layout_amd64.go checks them at compile time.
const (
	fieldA      = 0
	fieldStepA  = 8
	fieldB      = 16
	fieldStepB  = 24
	fieldNextB  = 32
	fieldC      = 40
	fieldStepC  = 48
	fieldRows   = 56
	fieldCols   = 64
	fieldDepth  = 72
	fieldByRows = 80
	fieldAdd    = 88
	fieldAlpha  = 96
)

// Registers of a panel kernel. Those named "at" move; the others keep their value for the whole call.
var (
	args  = RDI // the panel
	stepA = R8  // bytes from one row of A to the next, or from one k to the next
	tripA = R14 // 3·stepA, by rows only
	stepB = R9  // bytes from one k of B to the next
	cols  = R13 // columns of C still to do
	tileB = RBX // B of the current tile
	tileC = RDX // C of the current tile
	depth = R12 // values of k still to do
	atB   = RCX
	atA   = []GPPhysical{RAX, RSI, R10, R11} // rows 0–3, 4–7, 8–11, 12–13
)

// element is the type of the matrices' elements: its size and the AVX2 instructions that differ.
type element struct {
	bytes     int
	broadcast func(...Op)
	move      func(mxy, xy, mxy1 Op) // masked
	multiply  func(...Op)            // c, b, a: a += b·c
	scale     func(...Op)            // c, b, a: a = a·b + c
	count     func(...Op)            // broadcasts an integer
	above     func(...Op)            // compares integers
	lanes     Mem                    // 0, 1, …: compared with a count, it makes a mask
}

// lanes is the table of float32 elements, which the pack kernels use too.
var lanes Mem

// float32s and float64s declare the table of their lanes.
func float32s() *element {
	lanes = GLOBL("lanes", RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(i))
	}
	return &element{
		bytes: 4, broadcast: VBROADCASTSS, move: VMASKMOVPS, multiply: VFMADD231PS, scale: VFMADD213PS,
		count: VPBROADCASTD, above: VPCMPGTD, lanes: lanes,
	}
}

func float64s() *element {
	e := &element{
		bytes: 8, broadcast: VBROADCASTSD, move: VMASKMOVPD, multiply: VFMADD231PD, scale: VFMADD213PD,
		count: VPBROADCASTQ, above: VPCMPGTQ, lanes: GLOBL("lanes64", RODATA|NOPTR),
	}
	for i := range 4 {
		DATA(8*i, U64(i))
	}
	return e
}

func field(offset int) Mem { return Mem{Base: args, Disp: offset} }

// tile is one register tile of C: rows × vectors, each vector held in one accumulator.
type tile struct {
	label  string
	bytes  int // of an element
	rows   int
	byRows bool // A's rows are unit stride; otherwise its columns are
	wide   bool // two vectors
	width  int  // lanes of a vector
	masked bool // only some lanes of C exist

	acc  func(row, vector int) VecPhysical
	b    [2]VecPhysical // the row of B; b[0] holds α afterwards
	x    [2]VecPhysical // broadcast elements of A; x[0] holds elements of C afterwards
	load func(from Mem, to VecPhysical)
	// broadcast fills a vector with one element; scale computes a = a·b + c of c, b, a.
	broadcast, scale func(...Op)
	// multiply adds a·b to the accumulators of one row, a being in memory.
	multiply func(t *tile, row int, a Mem)
	store    func(from VecPhysical, to Mem)
}

func (t *tile) vectors() int {
	if t.wide {
		return 2
	}
	return 1
}

// a returns the place of A's element (row, 0) relative to the moving pointers.
func (t *tile) a(row int) Mem {
	if !t.byRows {
		return Mem{Base: atA[0], Disp: t.bytes * row}
	}
	m := Mem{Base: atA[row/4]}
	switch row % 4 {
	case 1:
		m.Index, m.Scale = stepA, 1
	case 2:
		m.Index, m.Scale = stepA, 2
	case 3:
		m.Index, m.Scale = tripA, 1
	}
	return m
}

// emit writes the code of one tile: accumulators to zero, the loop over k, and C.
func (t *tile) emit() {
	Comment(fmt.Sprintf("%d rows, %d vectors of %d.", t.rows, t.vectors(), t.width))
	MOVQ(field(fieldA), atA[0])
	if t.byRows {
		for i := 1; 4*i < t.rows; i++ {
			LEAQ(Mem{Base: atA[i-1], Index: stepA, Scale: 4}, atA[i])
		}
	}
	MOVQ(tileB, atB)
	MOVQ(field(fieldDepth), depth)
	for r := range t.rows {
		for v := range t.vectors() {
			zero(t.acc(r, v))
		}
	}
	TESTQ(depth, depth)
	JZ(LabelRef(t.label + "_store"))

	Label(t.label + "_loop")
	for v := range t.vectors() {
		t.load(Mem{Base: atB, Disp: t.bytes * t.width * v}, t.b[v])
	}
	ADDQ(stepB, atB)
	for r := range t.rows {
		t.multiply(t, r, t.a(r))
	}
	if t.byRows {
		for i := 0; 4*i < t.rows; i++ {
			ADDQ(Imm(uint64(t.bytes)), atA[i])
		}
	} else {
		ADDQ(stepA, atA[0])
	}
	DECQ(depth)
	JNZ(LabelRef(t.label + "_loop"))

	Label(t.label + "_store")
	t.emitStore()
}

// emitStore writes C = acc, or C = α·acc + C if the panel says so.
func (t *tile) emitStore() {
	alpha := t.b[0]
	each := func(body func(acc VecPhysical, c Mem)) {
		at, stepC := atA[0], atA[1]
		MOVQ(tileC, at)
		MOVQ(field(fieldStepC), stepC)
		for r := range t.rows {
			for v := range t.vectors() {
				body(t.acc(r, v), Mem{Base: at, Disp: t.bytes * t.width * v})
			}
			if r < t.rows-1 {
				ADDQ(stepC, at)
			}
		}
	}
	CMPQ(field(fieldAdd), Imm(0))
	JE(LabelRef(t.label + "_overwrite"))

	t.broadcast(field(fieldAlpha), alpha)
	each(func(acc VecPhysical, c Mem) {
		t.load(c, t.x[0])
		t.scale(t.x[0], alpha, acc)
		t.store(acc, c)
	})
	JMP(LabelRef(t.label + "_done"))

	Label(t.label + "_overwrite")
	each(t.store)
	Label(t.label + "_done")
}

func zero(v VecPhysical) {
	if v.Size() == 64 {
		VPXORD(v, v, v)
		return
	}
	VXORPS(v, v, v)
}

// panelPrologue loads what stays the same for all tiles and jumps to the code for the panel's rows.
func panelPrologue(maxRows int) {
	Load(Param("p"), args)
	MOVQ(field(fieldStepA), stepA)
	LEAQ(Mem{Base: stepA, Index: stepA, Scale: 2}, tripA)
	MOVQ(field(fieldStepB), stepB)
	MOVQ(field(fieldB), tileB)
	MOVQ(field(fieldC), tileC)
	MOVQ(field(fieldCols), cols)
	MOVQ(field(fieldRows), RAX)
	CMPQ(field(fieldByRows), Imm(0))
	JNE(LabelRef("byrows"))
	for rows := maxRows; rows >= 1; rows-- {
		CMPQ(RAX, Imm(uint64(rows)))
		JEQ(LabelRef(rowsLabel(rows, false)))
	}
	RET()
	Label("byrows")
	for rows := maxRows; rows >= 1; rows-- {
		CMPQ(RAX, Imm(uint64(rows)))
		JEQ(LabelRef(rowsLabel(rows, true)))
	}
	RET()
}

func rowsLabel(rows int, byRows bool) string {
	if byRows {
		return fmt.Sprintf("byrows%d", rows)
	}
	return fmt.Sprintf("bycolumns%d", rows)
}

// nextTile moves on by a wide tile, to the next one of B.
func nextTile(bytes, width int) {
	ADDQ(field(fieldNextB), tileB)
	ADDQ(Imm(uint64(bytes*width)), tileC)
	SUBQ(Imm(uint64(width)), cols)
}

// advance moves on by part of a tile.
func advance(bytes, width int) {
	ADDQ(Imm(uint64(bytes*width)), tileB)
	ADDQ(Imm(uint64(bytes*width)), tileC)
	SUBQ(Imm(uint64(width)), cols)
}

// panelAVX512 computes up to 14 rows of C in tiles of 32 columns: 28 of the 32 registers are sums.
func panelAVX512() {
	const maxRows = 14
	functions.Text("panelAVX512", "(p *byte)")
	panelPrologue(maxRows)
	for _, byRows := range []bool{false, true} {
		for rows := maxRows; rows >= 1; rows-- {
			name := rowsLabel(rows, byRows)
			Label(name)
			CMPQ(cols, Imm(32))
			JL(LabelRef(name + "_edge"))

			Label(name + "_wide")
			tileAVX512(name+"_wide", rows, byRows, true, 16).emit()
			nextTile(4, 32)
			CMPQ(cols, Imm(32))
			JGE(LabelRef(name + "_wide"))

			Label(name + "_edge")
			CMPQ(cols, Imm(8))
			JLE(LabelRef(name + "_half"))
			MOVQ(cols, RCX)
			laneMask(RCX, K1)
			tileAVX512(name+"_narrow", rows, byRows, false, 16).emit()
			advance(4, 16)
			JMP(LabelRef(name + "_edge"))

			Label(name + "_half")
			TESTQ(cols, cols)
			JLE(LabelRef("done"))
			MOVQ(cols, RCX)
			laneMask(RCX, K1)
			tileAVX512(name+"_half", rows, byRows, false, 8).emit()
			JMP(LabelRef("done"))
		}
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// laneMask sets a mask to the first n lanes of 16: none if n < 0, all if n > 16. It clobbers n and RAX.
func laneMask(n GPPhysical, mask Register) {
	XORL(EAX, EAX)
	TESTQ(n, n)
	CMOVQLT(RAX, n)
	MOVL(U32(16), EAX)
	CMPQ(n, RAX)
	CMOVQGT(RAX, n)
	MOVL(U32(0xffff), EAX)
	BZHIL(n.As32(), EAX, EAX)
	KMOVW(EAX, mask)
}

func tileAVX512(label string, rows int, byRows, wide bool, width int) *tile {
	reg := func(i int) VecPhysical {
		if width == 8 {
			return vecY[i]
		}
		return vecZ[i]
	}
	t := &tile{
		label: label, bytes: 4, rows: rows, byRows: byRows, wide: wide, width: width, masked: !wide,
		broadcast: VBROADCASTSS, scale: VFMADD213PS,
		b: [2]VecPhysical{reg(28), reg(29)},
		x: [2]VecPhysical{reg(30), reg(31)},
	}
	t.acc = func(row, vector int) VecPhysical { return reg(row*t.vectors() + vector) }
	t.load = func(from Mem, to VecPhysical) {
		if t.masked {
			VMOVUPS_Z(from, K1, to)
		} else {
			VMOVUPS(from, to)
		}
	}
	t.store = func(from VecPhysical, to Mem) {
		if t.masked {
			VMOVUPS(from, K1, to)
		} else {
			VMOVUPS(from, to)
		}
	}
	t.multiply = func(t *tile, row int, a Mem) {
		if !t.wide {
			VFMADD231PS_BCST(a, t.b[0], t.acc(row, 0))
			return
		}
		x := t.x[row%2]
		VBROADCASTSS(a, x)
		VFMADD231PS(t.b[0], x, t.acc(row, 0))
		VFMADD231PS(t.b[1], x, t.acc(row, 1))
	}
	return t
}

// panelAVX2 computes up to 6 rows of C in tiles of two vectors: 12 of the 16 registers are sums.
func panelAVX2(function string, e *element) {
	const maxRows = 6
	lanes := 32 / e.bytes
	functions.Text(function, "(p *byte)")
	panelPrologue(maxRows)
	for _, byRows := range []bool{false, true} {
		for rows := maxRows; rows >= 1; rows-- {
			name := rowsLabel(rows, byRows)
			Label(name)
			CMPQ(cols, Imm(uint64(2*lanes)))
			JL(LabelRef(name + "_edge"))

			Label(name + "_wide")
			tileAVX2(e, name+"_wide", rows, byRows, true).emit()
			nextTile(e.bytes, 2*lanes)
			CMPQ(cols, Imm(uint64(2*lanes)))
			JGE(LabelRef(name + "_wide"))

			Label(name + "_edge")
			TESTQ(cols, cols)
			JLE(LabelRef("done"))
			Label(name + "_narrow")
			laneMaskAVX2(e)
			tileAVX2(e, name+"_narrow", rows, byRows, false).emit()
			advance(e.bytes, lanes)
			JG(LabelRef(name + "_narrow"))
			JMP(LabelRef("done"))
		}
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// laneMaskAVX2 sets Y13 to the first cols lanes.
func laneMaskAVX2(e *element) {
	VMOVQ(cols, X13)
	e.count(X13, Y13)
	e.above(e.lanes, Y13, Y13)
}

func tileAVX2(e *element, label string, rows int, byRows, wide bool) *tile {
	t := &tile{
		label: label, bytes: e.bytes, rows: rows, byRows: byRows, wide: wide, width: 32 / e.bytes, masked: !wide,
		broadcast: e.broadcast, scale: e.scale,
	}
	t.b = [2]VecPhysical{Y12, Y13}
	if !wide {
		t.b[1] = Y15 // Y13 is the mask
	}
	t.x = [2]VecPhysical{Y14, Y15}
	t.acc = func(row, vector int) VecPhysical { return vecY[row*t.vectors()+vector] }
	t.load = func(from Mem, to VecPhysical) {
		if t.masked {
			e.move(from, Y13, to)
		} else {
			VMOVUPS(from, to)
		}
	}
	t.store = func(from VecPhysical, to Mem) {
		if t.masked {
			e.move(from, Y13, to)
		} else {
			VMOVUPS(from, to)
		}
	}
	t.multiply = func(t *tile, row int, a Mem) {
		x := t.x[row%2]
		e.broadcast(a, x)
		for v := range t.vectors() {
			e.multiply(t.b[v], x, t.acc(row, v))
		}
	}
	return t
}
