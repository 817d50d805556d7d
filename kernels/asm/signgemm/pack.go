package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Truth tables of VPTERNLOGD with operands a (destination), b and c.
const (
	orXor = 0xf6 // a | (b ^ c)
	orAnd = 0xf8 // a | (b & c)
)

const (
	plusOne    = 0x3f800000
	magnitude  = 0x7fffffff
	signBit    = 0x80000000
	indexBits  = 0xf8
	wordSigns  = word * group // signs in a word
	indexShift = 3            // an index counts entries in units of 8 bytes
)

// broadcast sets all lanes of v to a constant. It clobbers AX.
func broadcast(bits uint32, v VecPhysical) {
	MOVL(U32(bits), EAX)
	if v.Size() == 64 {
		VPBROADCASTD(EAX, v)
		return
	}
	x := v.AsX()
	VMOVD(EAX, x)
	VPBROADCASTD(x, v)
}

// rowPacker is the registers of a function that packs signs from rows.
type rowPacker struct {
	words, row GPPhysical  // the first word and the first sign of the current row
	step, rows GPPhysical  // from one row to the next, and rows still to do
	k          GPPhysical  // signs in a row
	atWord, at GPPhysical  // the current word and its first sign
	left       GPPhysical  // signs of the row still to do, less 32 while words are whole
	one, wrong VecPhysical // ones, and the bits in which a sign differed from one
}

// newRowPacker starts the function that packs signs from rows, and loads its arguments. It clobbers AX.
func newRowPacker(level string, one, wrong VecPhysical, doc ...string) *rowPacker {
	functions.Text("packSignRows"+level, "(words *uint32, s *float32, stepS int, rows int, k int) uint32")
	Doc(doc...)
	p := &rowPacker{
		words: RDI, row: RSI, step: R8, rows: R9, k: R10,
		atWord: RBX, at: RDX, left: RCX,
		one: one, wrong: wrong,
	}
	Load(Param("words"), p.words)
	Load(Param("s"), p.row)
	Load(Param("stepS"), p.step)
	Load(Param("rows"), p.rows)
	Load(Param("k"), p.k)
	broadcast(plusOne, one)
	clearVector(wrong)
	return p
}

// forWords writes the loops over rows and words. whole packs a word where 32 signs are left, part where fewer are.
func (p *rowPacker) forWords(whole, part func()) {
	Label("row")
	MOVQ(p.row, p.at)
	MOVQ(p.words, p.atWord)
	MOVQ(p.k, p.left)
	SUBQ(Imm(32), p.left)
	JL(LabelRef("tail"))
	Label("word")
	whole()
	p.nextWord()
	SUBQ(Imm(wordSigns), p.left)
	JGE(LabelRef("word"))

	Label("tail")
	ADDQ(Imm(32), p.left)
	JLE(LabelRef("next"))
	part()
	p.nextWord()
	SUBQ(Imm(wordSigns+32), p.left)
	JMP(LabelRef("tail"))

	Label("next")
	ADDQ(Imm(4), p.words)
	ADDQ(p.step, p.row)
	DECQ(p.rows)
	JNZ(LabelRef("row"))
}

// nextWord moves on by 30 signs, to the word of the next column.
func (p *rowPacker) nextWord() {
	ADDQ(Imm(4*wordSigns), p.at)
	ADDQ(U32(4*block), p.atWord)
}

// packRowsAVX512 turns 30 signs of a row into a word with the mask of negative elements. It reads 32
// signs where there are as many; the next word has the last two again.
func packRowsAVX512() {
	p := newRowPacker("AVX512", Z0, Z1,
		"packSignRowsAVX512 packs 30 signs of a row into each word, for up to 64 rows. The words of one column",
		"of 30 signs are adjacent. The result is zero if all signs are ±1. Steps are in bytes.")
	x, y := Z2, Z3
	storeWord := func() {
		VPMOVD2M(x, K1)
		VPMOVD2M(y, K2)
		KUNPCKWD(K1, K2, K1)
		KMOVD(K1, Mem{Base: p.atWord})
	}
	p.forWords(func() {
		VMOVDQU32(Mem{Base: p.at}, x)
		VMOVDQU32(Mem{Base: p.at, Disp: 64}, y)
		VPTERNLOGD(Imm(orXor), p.one, x, p.wrong)
		VPTERNLOGD(Imm(orXor), p.one, y, p.wrong)
		storeWord()
	}, func() {
		MOVL(U32(1<<32-1), EAX)
		BZHIL(p.left.As32(), EAX, EAX)
		KMOVW(EAX, K1)
		SHRL(Imm(16), EAX)
		KMOVW(EAX, K2)
		VMOVDQU32_Z(Mem{Base: p.at}, K1, x)
		VMOVDQU32_Z(Mem{Base: p.at, Disp: 64}, K2, y)
		VPTERNLOGD(Imm(orXor), p.one, x, K1, p.wrong)
		VPTERNLOGD(Imm(orXor), p.one, y, K2, p.wrong)
		storeWord()
		Comment("A word that has 31 signs left is followed by one of the last sign.")
	})
	broadcast(magnitude, x)
	VPTESTMD(x, p.wrong, K1)
	KMOVW(K1, EAX)
	Store(EAX, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// packRowsAVX2 does the same, eight signs at a time.
func packRowsAVX2() {
	p := newRowPacker("AVX2", Y0, Y1, "packSignRowsAVX2 is packSignRowsAVX512 with other instructions.")
	x, mask, diff := Y2, Y3, Y4
	bits := R11.As32()
	p.forWords(func() {
		for q := range 4 {
			VMOVDQU(Mem{Base: p.at, Disp: 32 * q}, x)
			VPXOR(x, p.one, diff)
			VPOR(diff, p.wrong, p.wrong)
			collectSigns(x, bits, q)
		}
		MOVL(bits, Mem{Base: p.atWord})
	}, func() {
		for q := range 4 {
			LEAQ(Mem{Base: p.left, Disp: -8 * q}, RAX)
			laneMaskAVX2(RAX, mask)
			VPMASKMOVD(Mem{Base: p.at, Disp: 32 * q}, mask, x)
			VPXOR(x, p.one, diff)
			VPAND(diff, mask, diff)
			VPOR(diff, p.wrong, p.wrong)
			collectSigns(x, bits, q)
		}
		MOVL(bits, Mem{Base: p.atWord})
	})
	broadcast(magnitude, x)
	VPAND(x, p.wrong, p.wrong)
	returnAny(p.wrong)
}

// collectSigns makes byte q of bits from the signs of eight lanes. It clobbers AX.
func collectSigns(x VecPhysical, bits Register, q int) {
	if q == 0 {
		VMOVMSKPS(x, bits)
		return
	}
	VMOVMSKPS(x, EAX)
	SHLL(Imm(uint64(8*q)), EAX)
	ORL(EAX, bits)
}

// returnAny returns a number that is zero only if v is. v is a YMM register.
func returnAny(v VecPhysical) {
	XORL(EAX, EAX)
	VPTEST(v, v)
	SETNE(AL)
	Store(EAX, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// spread declares the function that turns words into indices, and loads its arguments.
func spread(level string) (index, words, count, rows GPPhysical) {
	functions.Text("spreadSigns"+level, "(index *uint8, words *uint32, count int, rows int)")
	Doc("spreadSigns"+level+" turns each of count words of up to 64 rows into six indices. It writes indices for all",
		"rows of a multiple of 32.")
	index, words, count, rows = RDI, RSI, RCX, RDX
	Load(Param("index"), index)
	Load(Param("words"), words)
	Load(Param("count"), count)
	Load(Param("rows"), rows)
	return
}

// extract shifts the signs of group t of a word to the bits of an index.
func extract(t int, words, to VecPhysical) {
	if t == 0 {
		VPSLLD(Imm(indexShift), words, to)
		return
	}
	VPSRLD(Imm(uint64(group*t-indexShift)), words, to)
}

func spreadAVX512() {
	index, words, count, rows := spread("AVX512")
	bits := Z31
	broadcast(indexBits, bits)
	Label("word")
	MOVQ(rows, RBX)
	MOVQ(index, R8)
	MOVQ(words, R9)
	Label("rows")
	VMOVDQU32(Mem{Base: R9}, Z0)
	for t := range word {
		extract(t, Z0, vecZ[t+1])
		VPANDD(bits, vecZ[t+1], vecZ[t+1])
		VPMOVDB(vecZ[t+1], vecX[t+1])
		VMOVDQU(vecX[t+1], Mem{Base: R8, Disp: block * t})
	}
	ADDQ(Imm(16), R8)
	ADDQ(Imm(64), R9)
	SUBQ(Imm(16), RBX)
	JG(LabelRef("rows"))
	ADDQ(U32(word*block), index)
	ADDQ(U32(4*block), words)
	DECQ(count)
	JNZ(LabelRef("word"))
	VZEROUPPER()
	RET()
}

// toBytes writes the dwords of four vectors, all below 256, as 32 bytes. It clobbers the vectors.
func toBytes(v []VecPhysical, order VecPhysical, to Mem) {
	VPACKUSDW(v[1], v[0], v[0])
	VPACKUSDW(v[3], v[2], v[2])
	VPACKUSWB(v[2], v[0], v[0])
	VPERMD(v[0], order, v[0])
	VMOVDQU(v[0], to)
}

func spreadAVX2() {
	index, words, count, rows := spread("AVX2")
	bits, order := Y15, Y14
	broadcast(indexBits, bits)
	VMOVDQU(byteOrder, order)
	Label("word")
	MOVQ(rows, RBX)
	MOVQ(index, R8)
	MOVQ(words, R9)
	Label("rows")
	for q := range 4 {
		VMOVDQU(Mem{Base: R9, Disp: 32 * q}, vecY[q])
	}
	for t := range word {
		for q := range 4 {
			extract(t, vecY[q], vecY[4+q])
			VPAND(bits, vecY[4+q], vecY[4+q])
		}
		toBytes(vecY[4:8], order, Mem{Base: R8, Disp: block * t})
	}
	ADDQ(Imm(32), R8)
	ADDQ(Imm(128), R9)
	SUBQ(Imm(32), RBX)
	JG(LabelRef("rows"))
	ADDQ(U32(word*block), index)
	ADDQ(U32(4*block), words)
	DECQ(count)
	JNZ(LabelRef("word"))
	VZEROUPPER()
	RET()
}

// packColumns declares the function that packs signs from columns, and loads its arguments.
func packColumns(level string) {
	functions.Text("packSignColumns"+level, "(index *uint8, s *float32, stepS int, rows int, k int) uint32")
	Doc("packSignColumns"+level+" packs k rows of S, which have one sign each for up to 64 rows of its transpose (32 with",
		"AVX2). The result is zero if all signs are ±1. Steps are in bytes.")
	Load(Param("index"), RDI)
	Load(Param("s"), RSI)
	Load(Param("stepS"), R8)
	Load(Param("rows"), RDX)
	Load(Param("k"), RCX)
	LEAQ(Mem{Base: R8, Index: R8, Scale: 2}, R9)
}

// column returns the place of column l < 5 of op(S).
func column(l, disp int) Mem { return rowOf(RSI, R8, R9, l, disp) }

// forGroups writes a loop over groups with body(5), and what follows it for the last 1–4 columns.
func forGroups(body func(columns int)) {
	left := RCX
	SUBQ(Imm(group), left)
	JL(LabelRef("tail"))
	Label("group")
	body(group)
	ADDQ(Imm(block), RDI)
	LEAQ(Mem{Base: RSI, Index: R8, Scale: 4}, RSI)
	ADDQ(R8, RSI)
	SUBQ(Imm(group), left)
	JGE(LabelRef("group"))
	Label("tail")
	ADDQ(Imm(group), left)
	JZ(LabelRef("done"))
	for n := group - 1; n > 0; n-- {
		if n > 1 {
			CMPQ(left, Imm(uint64(n)))
			JNE(LabelRef(fmt.Sprintf("not%d", n)))
		}
		body(n)
		if n > 1 {
			JMP(LabelRef("done"))
			Label(fmt.Sprintf("not%d", n))
		}
	}
	Label("done")
}

// packColumnsAVX512 collects signs from the top of a lane downwards, moving the earlier ones.
func packColumnsAVX512() {
	packColumns("AVX512")
	one, sign := Z31, Z30
	wrong := vecZ[26:30]
	masks := []OpmaskPhysical{K1, K2, K3, K4}
	broadcast(plusOne, one)
	broadcast(signBit, sign)
	MOVQ(I64(-1), RAX)
	BZHIQ(RDX, RAX, RAX)
	for q := range 4 {
		clearVector(wrong[q])
		KMOVW(EAX, masks[q])
		SHRQ(Imm(16), RAX)
	}
	part := 0
	forGroups(func(columns int) {
		part++
		skip := fmt.Sprintf("skip%d", part)
		for q := range 4 {
			if q > 0 {
				CMPQ(RDX, Imm(uint64(16*q)))
				JLE(LabelRef(skip))
			}
			bits := vecZ[q]
			for l := range columns {
				x := vecZ[4+(q*group+l)%16]
				VMOVDQU32_Z(column(l, 64*q), masks[q], x)
				VPTERNLOGD(Imm(orXor), one, x, wrong[q])
				if l == 0 {
					VPANDD(sign, x, bits)
					continue
				}
				VPSRLD(Imm(1), bits, bits)
				VPTERNLOGD(Imm(orAnd), sign, x, bits)
			}
			VPSRLD(Imm(uint64(24+group-columns)), bits, bits)
			VPMOVDB(bits, vecX[q])
			VMOVDQU(vecX[q], Mem{Base: RDI, Disp: 16 * q})
		}
		Label(skip)
	})
	broadcast(magnitude, Z0)
	XORL(ECX, ECX)
	for q := range 4 {
		VPTESTMD(Z0, wrong[q], masks[q], K5)
		KMOVW(K5, EAX)
		ORL(EAX, ECX)
	}
	Store(ECX, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// fetchColumns fetches into the cache what is two groups ahead of a column's 32 signs: in a wide S they are pages apart. It clobbers R10.
func fetchColumns(columns int) {
	LEAQ(Mem{Base: RSI, Index: R8, Scale: 8}, R10)
	LEAQ(Mem{Base: R10, Index: R8, Scale: 2}, R10)
	for l := range columns {
		for _, line := range []int{0, 64} {
			PREFETCHT0(rowOf(R10, R8, R9, l, line))
		}
	}
}

// packColumnsAVX2 does the same for at most 32 rows.
func packColumnsAVX2() {
	packColumns("AVX2")
	bits, wrong, masks := vecY[0:4], vecY[4:8], vecY[8:12]
	one, sign, x, diff := Y12, Y13, Y14, Y15
	broadcast(plusOne, one)
	broadcast(signBit, sign)
	for q := range 4 {
		clearVector(wrong[q])
		LEAQ(Mem{Base: RDX, Disp: -8 * q}, RAX)
		laneMaskAVX2(RAX, masks[q])
	}
	forGroups(func(columns int) {
		fetchColumns(columns)
		for q := range 4 {
			for l := range columns {
				VPMASKMOVD(column(l, 32*q), masks[q], x)
				VPXOR(x, one, diff)
				VPOR(diff, wrong[q], wrong[q])
				VPAND(sign, x, x)
				if l == 0 {
					VMOVDQA(x, bits[q])
					continue
				}
				VPSRLD(Imm(1), bits[q], bits[q])
				VPOR(x, bits[q], bits[q])
			}
			VPSRLD(Imm(uint64(24+group-columns)), bits[q], bits[q])
		}
		VMOVDQU(byteOrder, x)
		toBytes(bits, x, Mem{Base: RDI})
	})
	for q := range 4 {
		VPAND(masks[q], wrong[q], wrong[q])
		if q > 0 {
			VPOR(wrong[q], wrong[0], wrong[0])
		}
	}
	broadcast(magnitude, x)
	VPAND(x, wrong[0], wrong[0])
	returnAny(wrong[0])
}
