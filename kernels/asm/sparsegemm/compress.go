package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Tables of compress.
var (
	lanes   Mem // 0, 1, …, 15
	lanesOf Mem // for each mask of eight lanes, the numbers of the lanes that are set, one byte each
)

func declareTables() {
	lanes = GLOBL("sparseLanes", RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(i))
	}
	lanesOf = GLOBL("sparseLanesOf", RODATA|NOPTR)
	for mask := range 256 {
		var set uint64
		for lane, at := 0, 0; lane < 8; lane++ {
			if mask>>lane&1 != 0 {
				set |= uint64(lane) << (8 * at)
				at++
			}
		}
		DATA(8*mask, U64(set))
	}
}

// compressor is the registers of a compress function.
type compressor struct {
	values, places, counts GPPhysical // where the next ones go
	src, step              GPPhysical
	rows, cols             GPPhysical // still to do; of a row
	at, left               GPPhysical // in the row
	inRow                  GPPhysical // non-zeros of the row
	mask                   GPPhysical
	total                  GPPhysical
}

// newCompressor declares the function. A place is the distance in bytes of a tile's row from its first, at most 16 bits.
func newCompressor(level string) *compressor {
	functions.Text("compress"+level, "(values *float32, places *uint16, counts *uint32, src *float32, step int, rows int, cols int) int")
	Doc("compress"+level+" writes the non-zeros of each row, one row after the other, their places, and the number of each row's.",
		"It returns their total. A NaN is no zero. Up to a vector of values and of places is written beyond the last. Steps are in bytes.")
	c := &compressor{
		values: RDI, places: R8, counts: R9, src: RSI, step: R10, rows: R11, cols: R12,
		at: RBX, left: RCX, inRow: RDX, mask: RAX, total: R13,
	}
	Load(Param("values"), c.values)
	Load(Param("places"), c.places)
	Load(Param("counts"), c.counts)
	Load(Param("src"), c.src)
	Load(Param("step"), c.step)
	Load(Param("rows"), c.rows)
	Load(Param("cols"), c.cols)
	XORQ(c.total, c.total)
	return c
}

// forRows writes the loops over rows and over vectors of the row. begin prepares a row, whole takes a whole vector and part the first lanes
// of the last one.
func (c *compressor) forRows(width int, begin, whole, part func()) {
	Label("row")
	MOVQ(c.src, c.at)
	MOVQ(c.cols, c.left)
	XORL(c.inRow.As32(), c.inRow.As32())
	begin()
	SUBQ(Imm(uint64(width)), c.left)
	JL(LabelRef("part"))
	Label("whole")
	whole()
	ADDQ(Imm(uint64(4*width)), c.at)
	SUBQ(Imm(uint64(width)), c.left)
	JGE(LabelRef("whole"))
	Label("part")
	ADDQ(Imm(uint64(width)), c.left)
	JZ(LabelRef("end"))
	part()
	Label("end")
	MOVL(c.inRow.As32(), Mem{Base: c.counts})
	ADDQ(Imm(4), c.counts)
	ADDQ(c.inRow, c.total)
	ADDQ(c.step, c.src)
	DECQ(c.rows)
	JNZ(LabelRef("row"))
	Store(c.total, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// advance moves on by the bits of the mask.
func (c *compressor) advance() {
	POPCNTL(c.mask.As32(), c.mask.As32())
	ADDL(c.mask.As32(), c.inRow.As32())
	LEAQ(Mem{Base: c.values, Index: c.mask, Scale: 4}, c.values)
	LEAQ(Mem{Base: c.places, Index: c.mask, Scale: 2}, c.places)
}

// compressAVX2 has tiles with rows of 256 bytes.
func compressAVX2() {
	const rowBits = 8
	c := newCompressor("AVX2")
	x, zero, tail, set := Y0, Y1, Y2, Y3
	places, first, next := X4, X5, X6
	table := R14
	LEAQ(lanesOf, table)
	VXORPS(zero, zero, zero)
	MOVL(U32(8<<rowBits), EAX)
	VMOVD(EAX, next)
	VPBROADCASTW(next, next)
	vector := func() {
		const notEqual = 4 // true for a NaN
		VCMPPS(Imm(notEqual), zero, x, set)
		VMOVMSKPS(set, c.mask.As32())
		VPMOVZXBD(Mem{Base: table, Index: c.mask, Scale: 8}, set)
		VPERMPS(x, set, x)
		VMOVUPS(x, Mem{Base: c.values})
		VPMOVZXBW(Mem{Base: table, Index: c.mask, Scale: 8}, places)
		VPSLLW(Imm(rowBits), places, places)
		VPADDW(first, places, places)
		VMOVDQU(places, Mem{Base: c.places})
		c.advance()
	}
	c.forRows(8, func() { VPXOR(first, first, first) }, func() {
		VMOVUPS(Mem{Base: c.at}, x)
		PREFETCHT0(Mem{Base: c.at, Index: c.step, Scale: 4}) // rows may be pages apart, and the processor does not guess the next one
		vector()
		VPADDW(next, first, first)
	}, func() {
		VMOVQ(c.left, tail.AsX())
		VPBROADCASTD(tail.AsX(), tail)
		VPCMPGTD(lanes, tail, tail)
		VMASKMOVPS(Mem{Base: c.at}, tail, x)
		vector()
	})
}

// compressAVX512 has tiles with rows of 512 bytes.
func compressAVX512() {
	const rowBits = 9
	c := newCompressor("AVX512")
	x, zero, start, places, next, scratch := Z0, Z1, Z2, Z3, Z4, Z5
	VPXORD(zero, zero, zero)
	VMOVDQU32(lanes, start)
	VPSLLD(Imm(rowBits), start, start)
	MOVL(U32(16<<rowBits), EAX)
	VPBROADCASTD(EAX, next)
	vector := func() {
		const notEqual = 4 // true for a NaN
		VCMPPS(Imm(notEqual), zero, x, K2)
		KMOVW(K2, c.mask.As32())
		VCOMPRESSPS_Z(x, K2, x)
		VMOVUPS(x, Mem{Base: c.values})
		VPCOMPRESSD_Z(places, K2, scratch)
		VPMOVDW(scratch, scratch.AsY())
		VMOVDQU(scratch.AsY(), Mem{Base: c.places})
		c.advance()
	}
	c.forRows(16, func() { VMOVDQA32(start, places) }, func() {
		VMOVUPS(Mem{Base: c.at}, x)
		PREFETCHT0(Mem{Base: c.at, Index: c.step, Scale: 4}) // see compressAVX2
		vector()
		VPADDD(next, places, places)
	}, func() {
		MOVL(U32(1<<16-1), EAX)
		BZHIL(c.left.As32(), EAX, EAX)
		KMOVW(EAX, K1)
		VMOVUPS_Z(Mem{Base: c.at}, K1, x)
		vector()
	})
}
