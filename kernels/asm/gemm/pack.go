package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

var (
	vecY = []VecPhysical{
		Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15,
		Y16, Y17, Y18, Y19, Y20, Y21, Y22, Y23, Y24, Y25, Y26, Y27, Y28, Y29, Y30, Y31,
	}
	vecZ = []VecPhysical{
		Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31,
	}
)

// Registers of the pack kernels.
var (
	packDst     = RDI
	packDstStep = R8
	packDstTile = R10
	packSrc     = RSI
	packSrcStep = R9
	packSrcTile = R11
	packCount   = R12
	packTiles   = RBX
	packWidth   = R13
)

// unit is a vector unit: its registers, and how it loads only some lanes.
type unit struct {
	lanes int
	vec   []VecPhysical
	// mask makes a mask of the first n lanes, n of any sign; load uses it. There are two masks.
	mask func(mask int, n GPPhysical)
	load func(mask int, from Mem, to VecPhysical)
	// ahead says that the kernels fetch into a cache what is eight rows ahead.
	ahead bool
}

var avx512 = unit{
	lanes: 16, vec: vecZ,
	mask: func(mask int, n GPPhysical) { laneMask(n, []Register{K1, K2}[mask]) },
	load: func(mask int, from Mem, to VecPhysical) { VMOVUPS_Z(from, []Register{K1, K2}[mask], to) },
}

var avx2 = unit{
	lanes: 8, vec: vecY[:16],
	mask: func(mask int, n GPPhysical) {
		x, y := []VecPhysical{X14, X15}[mask], vecY[14+mask]
		VMOVQ(n, x)
		VPBROADCASTD(x, y)
		VPCMPGTD(lanes, y, y)
	},
	load:  func(mask int, from Mem, to VecPhysical) { VMASKMOVPS(from, vecY[14+mask], to) },
	ahead: true,
}

// packCopy writes the kernel that copies a block whose k is its row number: tiles of A are one
// vector wide, tiles of B two.
func packCopy(name string, u unit, vectors int) {
	functions.Text(name, "(dst *float32, dstStep, dstTile int, src *float32, srcStep, srcTile, count, tiles, width int)")
	packPrologue()
	Load(Param("dstTile"), packDstTile)
	Load(Param("srcTile"), packSrcTile)
	Load(Param("tiles"), packTiles)
	for v := range vectors {
		LEAQ(Mem{Base: packWidth, Disp: -u.lanes * v}, RCX)
		u.mask(v, RCX)
	}
	from, to, left := RAX, RDX, RCX
	TESTQ(packCount, packCount)
	JLE(LabelRef("done"))
	Label("row")
	MOVQ(packSrc, from)
	MOVQ(packDst, to)
	MOVQ(packTiles, left)
	Label("tile")
	for v := range vectors {
		u.load(v, Mem{Base: from, Disp: 4 * u.lanes * v}, u.vec[v])
		VMOVUPS(u.vec[v], Mem{Base: to, Disp: 4 * u.lanes * v})
	}
	if u.ahead {
		PREFETCHT0(Mem{Base: from, Index: packSrcStep, Scale: 8})
	}
	ADDQ(packSrcTile, from)
	ADDQ(packDstTile, to)
	DECQ(left)
	JNZ(LabelRef("tile"))
	ADDQ(packSrcStep, packSrc)
	ADDQ(packDstStep, packDst)
	DECQ(packCount)
	JNZ(LabelRef("row"))
	Label("done")
	VZEROUPPER()
	RET()
}

func packPrologue() {
	Load(Param("dst"), packDst)
	Load(Param("dstStep"), packDstStep)
	Load(Param("src"), packSrc)
	Load(Param("srcStep"), packSrcStep)
	Load(Param("count"), packCount)
	Load(Param("width"), packWidth)
}

// packTransposed writes the kernel that copies a tile, or half of one, whose k is its column number.
func packTransposed(name string, u unit, transpose func() []VecPhysical) {
	functions.Text(name, "(dst *float32, dstStep int, src *float32, srcStep, count, width int)")
	packPrologue()
	TESTQ(packCount, packCount)
	JLE(LabelRef("done"))
	Label("loop")
	MOVQ(packCount, RCX)
	u.mask(1, RCX)
	MOVQ(packSrc, RAX)
	for i := range u.lanes {
		u.load(1, Mem{Base: RAX}, u.vec[i])
		if u.ahead {
			PREFETCHT1(Mem{Base: RAX, Index: packSrcStep, Scale: 8})
		}
		if i < u.lanes-1 { // stand still at the last row
			LEAQ(Mem{Base: RAX, Index: packSrcStep, Scale: 1}, RDX)
			CMPQ(packWidth, Imm(uint64(i+1)))
			CMOVQGT(RDX, RAX)
		}
	}
	for _, row := range transpose() {
		VMOVUPS(row, Mem{Base: packDst})
		ADDQ(packDstStep, packDst)
	}
	ADDQ(Imm(uint64(4*u.lanes)), packSrc)
	SUBQ(Imm(uint64(u.lanes)), packCount)
	JG(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}

// transpose16 transposes the 16×16 matrix whose rows are Z0–Z15, using Z16–Z31.
func transpose16() []VecPhysical {
	z := vecZ
	for i := 0; i < 16; i += 2 { // pairs of rows
		VUNPCKLPS(z[i+1], z[i], z[16+i])
		VUNPCKHPS(z[i+1], z[i], z[17+i])
	}
	for i := 0; i < 16; i += 4 { // fours: z[i+j] holds column 4·lane+j of rows i–i+3
		VUNPCKLPD(z[16+i+2], z[16+i], z[i])
		VUNPCKHPD(z[16+i+2], z[16+i], z[i+1])
		VUNPCKLPD(z[16+i+3], z[16+i+1], z[i+2])
		VUNPCKHPD(z[16+i+3], z[16+i+1], z[i+3])
	}
	for i := 0; i < 16; i += 8 { // eights: 128-bit lanes 0, 2 of two fours, then lanes 1, 3
		for j := range 4 {
			VSHUFF32X4(Imm(0x88), z[i+4+j], z[i+j], z[16+i+j])
			VSHUFF32X4(Imm(0xdd), z[i+4+j], z[i+j], z[16+i+4+j])
		}
	}
	for j := range 4 { // columns j, 8+j and 4+j, 12+j
		VSHUFF32X4(Imm(0x88), z[24+j], z[16+j], z[j])
		VSHUFF32X4(Imm(0xdd), z[24+j], z[16+j], z[8+j])
		VSHUFF32X4(Imm(0x88), z[28+j], z[20+j], z[4+j])
		VSHUFF32X4(Imm(0xdd), z[28+j], z[20+j], z[12+j])
	}
	return z[:16]
}

// transpose8 transposes the 8×8 matrix whose rows are Y0–Y7 into Y8–Y15.
func transpose8() []VecPhysical {
	y := vecY
	for i := 0; i < 8; i += 2 { // pairs of rows
		VUNPCKLPS(y[i+1], y[i], y[8+i])
		VUNPCKHPS(y[i+1], y[i], y[9+i])
	}
	for i := 0; i < 8; i += 4 { // fours: y[i+j] holds columns j, 4+j of rows i–i+3
		VUNPCKLPD(y[8+i+2], y[8+i], y[i])
		VUNPCKHPD(y[8+i+2], y[8+i], y[i+1])
		VUNPCKLPD(y[8+i+3], y[8+i+1], y[i+2])
		VUNPCKHPD(y[8+i+3], y[8+i+1], y[i+3])
	}
	for j := range 4 {
		VPERM2F128(Imm(0x20), y[4+j], y[j], y[8+j])
		VPERM2F128(Imm(0x31), y[4+j], y[j], y[12+j])
	}
	return y[8:16]
}
