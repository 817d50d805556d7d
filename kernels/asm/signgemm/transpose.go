package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Registers of transpose.
var (
	dst, src         = RDI, RSI
	stepDst, stepSrc = R8, R9
	rows, cols       = R10, R11
	adds             = R12

	// Where the current band of rows begins, and the columns of a band.
	bandDst, bandSrc = R13, R14
	bandCols         = R15
)

// square is a way to transpose a square in registers.
type square struct {
	side int
	// bands says that there may be more rows than a side, which are done a side at a time.
	bands bool
	// masks prepares the masks of the rows and columns that exist.
	masks func()
	// loadRow reads a row of the square from RBX.
	loadRow func(row int)
	// loadWhole does so where all columns exist; nil for loadRow.
	loadWhole func(row int)
	// shuffle transposes the square, and returns the registers of its columns and one that has none.
	shuffle func() (columns []VecPhysical, spare VecPhysical)
	// load and store move a column.
	load  func(from Mem, to VecPhysical)
	store func(from VecPhysical, to Mem)
}

// transpose writes a function that transposes squares from left to right, and keeps to the rows and columns that exist.
func transpose(level string, s square) {
	functions.Text("transpose"+level, "(dst *float32, stepDst int, src *float32, stepSrc int, rows int, cols int, add int)")
	some := fmt.Sprintf("up to %d", s.side)
	if s.bands {
		some = "any number of"
	}
	Doc(fmt.Sprintf("transpose%s writes the transpose of %s rows, or adds it if add is not zero. Steps are in bytes.", level, some))
	Load(Param("dst"), dst)
	Load(Param("stepDst"), stepDst)
	Load(Param("src"), src)
	Load(Param("stepSrc"), stepSrc)
	Load(Param("rows"), rows)
	Load(Param("cols"), cols)
	Load(Param("add"), adds)
	if s.bands {
		MOVQ(dst, bandDst)
		MOVQ(src, bandSrc)
		MOVQ(cols, bandCols)
	}

	Label("square")
	s.masks()
	s.loadRows()
	Label("shuffle")
	columns, spare := s.shuffle()
	s.storeColumns(columns, spare)
	Label("next")
	ADDQ(Imm(uint64(4*s.side)), src)
	SUBQ(Imm(uint64(s.side)), cols)
	JG(LabelRef("square"))
	Label("done")
	if s.bands {
		s.nextBand()
	}
	VZEROUPPER()
	RET()
}

// nextBand goes on with the rows below the current ones, if there are any.
func (s square) nextBand() {
	SUBQ(Imm(uint64(s.side)), rows)
	JLE(LabelRef("end"))
	LEAQ(Mem{Base: bandSrc, Index: stepSrc, Scale: uint8(s.side)}, bandSrc)
	ADDQ(Imm(uint64(4*s.side)), bandDst)
	MOVQ(bandDst, dst)
	MOVQ(bandSrc, src)
	MOVQ(bandCols, cols)
	JMP(LabelRef("square"))
	Label("end")
}

// loadRows reads the rows that exist.
func (s square) loadRows() {
	all := func(load func(row int)) {
		for r := range s.side {
			load(r)
			if r < s.side-1 {
				ADDQ(stepSrc, RBX)
			}
		}
		JMP(LabelRef("shuffle"))
	}
	MOVQ(src, RBX)
	CMPQ(rows, Imm(uint64(s.side)))
	JL(LabelRef("few"))
	if s.loadWhole != nil {
		CMPQ(cols, Imm(uint64(s.side)))
		JL(LabelRef("edge"))
		all(s.loadWhole)
		Label("edge")
	}
	all(s.loadRow)
	Label("few")
	for r := range s.side - 1 {
		CMPQ(rows, Imm(uint64(r)))
		JLE(LabelRef("shuffle"))
		s.loadRow(r)
		ADDQ(stepSrc, RBX)
	}
}

// storeColumns writes the columns that exist, or adds them. It clobbers spare.
func (s square) storeColumns(columns []VecPhysical, spare VecPhysical) {
	each := func(body func(v VecPhysical)) {
		for c, v := range columns {
			body(v)
			ADDQ(stepDst, dst)
			if c < s.side-1 {
				CMPQ(cols, Imm(uint64(c+1)))
				JEQ(LabelRef("done"))
			}
		}
	}
	TESTQ(adds, adds)
	JNZ(LabelRef("add"))
	CMPQ(rows, Imm(uint64(s.side)))
	JL(LabelRef("masked"))
	each(func(v VecPhysical) { VMOVUPS(v, Mem{Base: dst}) })
	JMP(LabelRef("next"))
	Label("masked")
	each(func(v VecPhysical) { s.store(v, Mem{Base: dst}) })
	JMP(LabelRef("next"))
	Label("add")
	each(func(v VecPhysical) {
		s.load(Mem{Base: dst}, spare)
		VADDPS(spare, v, v)
		s.store(v, Mem{Base: dst})
	})
}

func transposeAVX512() {
	transpose("AVX512", square{
		side:    16,
		masks:   squareMasksAVX512,
		loadRow: func(row int) { VMOVUPS_Z(Mem{Base: RBX}, K1, vecZ[row]) },
		shuffle: shuffleAVX512,
		load:    func(from Mem, to VecPhysical) { VMOVUPS_Z(from, K2, to) },
		store:   func(from VecPhysical, to Mem) { VMOVUPS(from, K2, to) },
	})
}

// squareMasksAVX512 sets K1 to the columns that exist, and K2 to the rows. It clobbers AX and CX.
func squareMasksAVX512() {
	MOVL(U32(1<<16-1), EAX)
	BZHIL(rows.As32(), EAX, ECX)
	KMOVW(ECX, K2)
	MOVQ(U32(16), RCX)
	CMPQ(cols, RCX)
	CMOVQLT(cols, RCX)
	BZHIL(ECX, EAX, EAX)
	KMOVW(EAX, K1)
}

// shuffleAVX512 transposes the registers 0–15, and clobbers 16–31.
func shuffleAVX512() ([]VecPhysical, VecPhysical) {
	a, b := vecZ[:16], vecZ[16:32]
	for i := 0; i < 16; i += 2 {
		VUNPCKLPS(a[i+1], a[i], b[i])
		VUNPCKHPS(a[i+1], a[i], b[i+1])
	}
	// a[4g+c] has column 4l+c of the rows 4g to 4g+3 in its quarter l.
	for i := 0; i < 16; i += 4 {
		VUNPCKLPD(b[i+2], b[i], a[i])
		VUNPCKHPD(b[i+2], b[i], a[i+1])
		VUNPCKLPD(b[i+3], b[i+1], a[i+2])
		VUNPCKHPD(b[i+3], b[i+1], a[i+3])
	}
	const even, odd = 0x88, 0xdd
	columns := make([]VecPhysical, 16)
	for c := range 4 {
		VSHUFF32X4(Imm(even), a[4+c], a[c], b[c])      // quarters 0, 2 of rows 0–3 and 4–7
		VSHUFF32X4(Imm(odd), a[4+c], a[c], b[4+c])     // quarters 1, 3
		VSHUFF32X4(Imm(even), a[12+c], a[8+c], b[8+c]) // the same for rows 8–15
		VSHUFF32X4(Imm(odd), a[12+c], a[8+c], b[12+c])
	}
	for c := range 4 {
		VSHUFF32X4(Imm(even), b[8+c], b[c], a[c])
		VSHUFF32X4(Imm(odd), b[8+c], b[c], a[8+c])
		VSHUFF32X4(Imm(even), b[12+c], b[4+c], a[4+c])
		VSHUFF32X4(Imm(odd), b[12+c], b[4+c], a[12+c])
		columns[c], columns[4+c], columns[8+c], columns[12+c] = a[c], a[4+c], a[8+c], a[12+c]
	}
	return columns, Z31
}

func transposeAVX2() {
	rowMask, colMask := Y14, Y15
	transpose("AVX2", square{
		side:  8,
		bands: true,
		masks: func() {
			laneMaskAVX2(rows, rowMask)
			laneMaskAVX2(cols, colMask)
		},
		loadRow: func(row int) { VMASKMOVPS(Mem{Base: RBX}, colMask, vecY[row]) },
		// The next band is fetched into the second-level cache: where rows are pages apart, the processor does not guess it.
		loadWhole: func(row int) {
			VMOVUPS(Mem{Base: RBX}, vecY[row])
			PREFETCHT1(Mem{Base: RBX, Index: stepSrc, Scale: 8})
		},
		shuffle: shuffleAVX2,
		load:    func(from Mem, to VecPhysical) { VMASKMOVPS(from, rowMask, to) },
		store:   func(from VecPhysical, to Mem) { VMASKMOVPS(from, rowMask, to) },
	})
}

// shuffleAVX2 transposes the registers 0–7. The columns are in any of the registers 0–13.
func shuffleAVX2() ([]VecPhysical, VecPhysical) {
	// Ten registers do: each step leaves its result in two of its operands and two spares.
	v := append([]VecPhysical(nil), vecY[:14]...)
	a, b := v[:8], make([]VecPhysical, 8)
	spare := v[8:14]
	take := func() VecPhysical {
		r := spare[0]
		spare = spare[1:]
		return r
	}
	for i := 0; i < 8; i += 2 {
		b[i], b[i+1] = take(), take()
		VUNPCKLPS(a[i+1], a[i], b[i])
		VUNPCKHPS(a[i+1], a[i], b[i+1])
		spare = append(spare, a[i], a[i+1])
	}
	c := make([]VecPhysical, 8)
	for i := 0; i < 8; i += 4 {
		for j := range 4 {
			c[i+j] = take()
		}
		VUNPCKLPD(b[i+2], b[i], c[i])
		VUNPCKHPD(b[i+2], b[i], c[i+1])
		VUNPCKLPD(b[i+3], b[i+1], c[i+2])
		VUNPCKHPD(b[i+3], b[i+1], c[i+3])
		spare = append(spare, b[i:i+4]...)
	}
	columns := make([]VecPhysical, 8)
	for j := range 4 {
		columns[j], columns[4+j] = take(), take()
		VPERM2F128(Imm(0x20), c[4+j], c[j], columns[j])
		VPERM2F128(Imm(0x31), c[4+j], c[j], columns[4+j])
		spare = append(spare, c[j], c[4+j])
	}
	return columns, spare[0]
}
