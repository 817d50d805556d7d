// Command sparsegemm writes internal/vector/sparse_gemm_amd64.s of package kernels: the inner loops of the product with a matrix that has many
// zeros, for AVX-512 and for AVX2.
//
// There are two steps:
//
//	compress  the non-zeros of a block of A, row by row, and their places (compress.go)
//	panel     the rows of the product with one tile of B: each non-zero is one broadcast, and one FMA for each vector of columns
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

func main() { functions.Main("sparse_gemm", emit) }

func emit() {
	declareTables()
	compressAVX512()
	compressAVX2()
	panel("AVX512", vecZ)
	panel("AVX2", vecY)
}

var (
	vecX = []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7, X8, X9}
	vecY = []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9}
	vecZ = []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9}
)

// maxVectors is the width of a tile in vectors. Eight sums are just enough to hide the latency of their FMAs.
const maxVectors = 8

// Byte offsets of the fields of type sparsePanel.
const (
	fieldValues   = 0
	fieldPlaces   = 8
	fieldCounts   = 16
	fieldTile     = 24
	fieldIn       = 32
	fieldBase     = 40
	fieldOut      = 48
	fieldStepIn   = 56
	fieldStepBase = 64
	fieldStepOut  = 72
	fieldRows     = 80
	fieldVectors  = 88
)

// Registers of a panel.
var (
	args       = RDI
	values     = RSI // of the current row
	places     = R8
	counts     = R9
	tile       = R10
	in, base   = R11, R12 // of the current row
	out        = R13
	rows       = R14 // still to do
	left       = RCX // minus the non-zeros of the row still to do
	place      = RAX
	fourPlaces = RBX // the places of four non-zeros
)

func field(offset int) Mem { return Mem{Base: args, Disp: offset} }

// panel writes the function that computes the rows of the product with one tile.
func panel(level string, vec []VecPhysical) {
	functions.Text("sparsePanel"+level, "(p *byte)")
	Doc("sparsePanel" + level + " computes the sums that type sparsePanel states.")
	Load(Param("p"), args)
	MOVQ(field(fieldValues), values)
	MOVQ(field(fieldPlaces), places)
	MOVQ(field(fieldCounts), counts)
	MOVQ(field(fieldTile), tile)
	MOVQ(field(fieldIn), in)
	MOVQ(field(fieldBase), base)
	MOVQ(field(fieldOut), out)
	MOVQ(field(fieldRows), rows)
	MOVQ(field(fieldVectors), RAX)
	for n := 1; n < maxVectors; n++ {
		CMPQ(RAX, Imm(uint64(n)))
		JEQ(LabelRef(fmt.Sprintf("vectors%d", n)))
	}
	if wide(vec) {
		for n := 1; n <= maxVectors; n++ {
			CMPQ(RAX, Imm(uint64(maxVectors+n)))
			JEQ(LabelRef(fmt.Sprintf("vectors%d_single", n)))
		}
	}
	for n := maxVectors; n > 0; n-- {
		panelOf(n, vec, fmt.Sprintf("vectors%d", n), fours)
	}
	// Where rows pass once, the processor has not seen their ends: one guess for a row costs less than those of fours.
	if wide(vec) {
		for n := maxVectors; n > 0; n-- {
			panelOf(n, vec, fmt.Sprintf("vectors%d_single", n), ones)
		}
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// panelOf is the loop over rows for a tile of n vectors.
func panelOf(n int, vec []VecPhysical, name string, loop func(name string, n int, vec []VecPhysical)) {
	bytes := int(vec[0].Size())
	at := func(base Register, i int) Mem { return Mem{Base: base, Disp: bytes * i} }
	Label(name)
	MOVLQZX(Mem{Base: counts}, left)
	ADDQ(Imm(4), counts)
	TESTQ(in, in)
	JZ(LabelRef(name + "_zero"))
	for i := range n {
		VMOVUPS(at(in, i), vec[i])
	}
	ADDQ(field(fieldStepIn), in)
	JMP(LabelRef(name + "_sum"))
	Label(name + "_zero")
	for i := range n {
		clearVector(vec[i])
	}
	Label(name + "_sum")
	nonZeros(name, n, vec, loop)
	TESTQ(base, base)
	JZ(LabelRef(name + "_store"))
	for i := range n {
		VADDPS(at(base, i), vec[i], vec[i])
	}
	ADDQ(field(fieldStepBase), base)
	Label(name + "_store")
	for i := range n {
		VMOVUPS(vec[i], at(out, i))
	}
	ADDQ(field(fieldStepOut), out)
	DECQ(rows)
	JNZ(LabelRef(name))
	JMP(LabelRef("done"))
}

// nonZeros adds the non-zeros of a row, each times its row of the tile.
func nonZeros(name string, n int, vec []VecPhysical, loop func(name string, n int, vec []VecPhysical)) {
	LEAQ(Mem{Base: values, Index: left, Scale: 4}, values)
	LEAQ(Mem{Base: places, Index: left, Scale: 2}, places)
	NEGQ(left)
	JZ(LabelRef(name + "_end"))
	loop(name, n, vec)
	Label(name + "_end")
}

// nonZero adds one non-zero.
func nonZero(n int, vec []VecPhysical) { nonZeroAt(n, vec, 0) }

// wide tells AVX-512 from AVX2.
func wide(vec []VecPhysical) bool { return vec[0].Size() == 64 }

// nonZeroAt adds one of the next non-zeros.
func nonZeroAt(n int, vec []VecPhysical, q int) {
	x := vec[maxVectors+q%2]
	VBROADCASTSS(Mem{Base: values, Index: left, Scale: 4, Disp: 4 * q}, x)
	multiply(n, vec, x, q)
}

// ones adds the non-zeros of a row one by one.
func ones(name string, n int, vec []VecPhysical) {
	Label(name + "_loop")
	nonZero(n, vec)
	INCQ(left)
	JNZ(LabelRef(name + "_loop"))
}

// fours adds the non-zeros of a row by four, after those that are left over. AVX2 is bound by loads, of which four non-zeros take two for
// their values and places. Those left over come first, where the processor still has work of the row before: its guess is wrong half of the time.
// AVX-512 loads each value by itself, since permutations of a whole vector take turns with its FMAs on Intel's processors.
func fours(name string, n int, vec []VecPhysical) {
	TESTQ(U32(1), left)
	JZ(LabelRef(name + "_even"))
	nonZero(n, vec)
	INCQ(left)
	JZ(LabelRef(name + "_end"))
	Label(name + "_even")
	TESTQ(U32(2), left)
	JZ(LabelRef(name + "_loop"))
	pair(n, vec)
	ADDQ(Imm(2), left)
	JZ(LabelRef(name + "_end"))
	Label(name + "_loop")
	four(n, vec)
	ADDQ(Imm(4), left)
	JNZ(LabelRef(name + "_loop"))
}

// pair adds two non-zeros.
func pair(n int, vec []VecPhysical) {
	x, next := vec[maxVectors], vec[maxVectors+1]
	if wide(vec) {
		for q := range 2 {
			nonZeroAt(n, vec, q)
		}
		return
	}
	VBROADCASTSD(Mem{Base: values, Index: left, Scale: 4}, next)
	VMOVSLDUP(next, x)
	VMOVSHDUP(next, next)
	multiply(n, vec, x, 0)
	multiply(n, vec, next, 1)
}

// four adds four non-zeros.
func four(n int, vec []VecPhysical) {
	all, x := vec[maxVectors], vec[maxVectors+1]
	if wide(vec) {
		for q := range 4 {
			nonZeroAt(n, vec, q)
		}
		return
	}
	VBROADCASTF128(Mem{Base: values, Index: left, Scale: 4}, all)
	MOVQ(Mem{Base: places, Index: left, Scale: 2}, fourPlaces)
	for q := range 4 {
		VPERMILPS(Imm(uint64(0b01010101*q)), all, x)
		MOVWLZX(fourPlaces.As16(), place.As32())
		SHRQ(Imm(16), fourPlaces)
		multiplyAt(n, vec, x)
	}
}

// multiply adds x times the row of the tile of the given non-zero.
func multiply(n int, vec []VecPhysical, x VecPhysical, nonZero int) {
	MOVWLZX(Mem{Base: places, Index: left, Scale: 2, Disp: 2 * nonZero}, place.As32())
	multiplyAt(n, vec, x)
}

// multiplyAt adds x times the row of the tile at the place.
func multiplyAt(n int, vec []VecPhysical, x VecPhysical) {
	if wide(vec) {
		// Intel's processors make two operations of an FMA whose operand in memory has an index.
		ADDQ(tile, place)
		for i := range n {
			VFMADD231PS(Mem{Base: place, Disp: 64 * i}, x, vec[i])
		}
		return
	}
	for i := range n {
		VFMADD231PS(Mem{Base: tile, Index: place, Scale: 1, Disp: int(x.Size()) * i}, x, vec[i])
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
