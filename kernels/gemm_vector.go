package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// panel is the argument of the panel kernels: up to blocking.rows rows of C by any number of columns.
// Steps are in bytes.
type panel struct {
	a      *float32
	stepA  int      // from one row of A to the next if byRows, otherwise from one k to the next
	b      *float32 // tiles of blocking.cols columns
	stepB  int      // from one k to the next
	nextB  int      // from one tile to the next
	c      *float32
	stepC  int // from one row to the next
	rows   int
	cols   int
	depth  int // values of k
	byRows int // 1: unit stride along the rows of A; 0: along its columns
	add    int // 1: C = α·A·B + C; 0: C = A·B
	alpha  float32
}

// The assembly's three kinds of kernels: vector.Panel multiplies up to blocking.rows rows of A by a block of B.
//
// A vector of NEON is two registers here, so that its tiles are those of AVX2.
//
// vector.PackA and vector.PackB copy a block whose k is its row number into tiles: one vector wide for
// A, two for B. They copy count rows of the given number of tiles. A tile has width values, filled up
// with zeros. Steps are in bytes, from one row to the next and from one tile to the next.
//
// vector.PackTransposed copies a tile, or half a tile, whose k is its column number. The input is
// width rows of count values, with width at most the lanes of a vector; the output is count rows of a
// full vector. Missing rows repeat the last one. The number of rows written is rounded up to the
// lanes of a vector.

// blocking is how a level cuts a product into pieces.
type blocking struct {
	lanes int // float32 lanes of a vector
	rows  int // of C in registers, at most
	cols  int // of C in registers: two vectors
	depth int // of a block of B, at most
	width int // of a block of B, at most: the block stays in the second-level cache
	// reach is the largest depth at which columns of A are read in place. Their cache lines have to
	// stay in the first-level cache together with a tile of B, and a narrow panel uses only a small
	// part of each line.
	reach int
	// packed is the number of rows of C from which on a wide B is packed, 0 for none.
	packed int
}

// Blocks of B take 768 KiB, since processors with AVX-512 have second-level caches of 1 MiB and more,
// and 256 KiB for AVX2 and NEON. A panel of A, 21 or 6 KiB, stays in the first-level cache.
func blockingOf(level Level) blocking {
	if level == AVX512 {
		return blocking{lanes: 16, rows: 14, cols: 32, depth: 384, width: 512, reach: 384}
	}
	packed := 0
	if level == AVX2 {
		packed = 96
	}
	return blocking{lanes: 8, rows: 6, cols: 16, depth: 256, width: 256, reach: 128, packed: packed}
}

// tilesTogether is the number of tiles that are packed in one walk through a matrix with a row for each
// k. One tile takes only a cache line or two from each row, and the rows may be pages apart.
const tilesTogether = 4

// rowPad separates the rows of a packed panel of A, so that they do not fall into the same cache sets.
const rowPad = 16

func packSizes(level Level) (a, b int) {
	if level == Scalar {
		return packSizesScalar()
	}
	s := blockingOf(level)
	a = max(s.rows*(s.depth+2*rowPad), tilesTogether*s.lanes*s.depth)
	return a, s.width*s.depth + s.lanes*s.cols // packing a transposed B writes up to lanes−1 rows more
}

// collides reports whether all values in a column of a matrix with rows ld values apart compete for the
// same few lines of the first-level cache: it has 4096 bytes per way. Such an operand is packed. Any other
// is read where it lies, which was up to 10 % faster at small m and 1–3 % faster at all sizes tried,
// up to (1024, 2000)·(2000, 2000) with AVX-512; only a transposed B has to be packed always.
func collides(ld int) bool { return ld%1024 == 0 }

// packs reports whether a B that is not transposed is packed, for m rows of C. On a Zen 3 (AVX2) rows of B that are pages apart are slow to
// read: packing saves 7 % at k = n = 784 for m = 256 and 4 % for m = 128, nothing at 400, and loses 3 % at 200.
func (s *blocking) packs(m, ldb int) bool {
	return m > s.rows && collides(ldb) || s.packed > 0 && m >= s.packed && ldb >= wideB
}

// wideB is the number of columns of a wide B: rows are most of a page apart.
const wideB = 512

// packedRows is the number of rows of A that are packed together for several blocks of B: 1.1 MiB.
const packedRows = 1024

// packsOnce reports whether rows of A that have to be packed are packed once for all blocks of B of the given width.
func (s *blocking) packsOnce(g *Product, width int) bool {
	return s.packed > 0 && !g.A.Trans && collides(g.A.Stride) && g.N > width
}

func (ws *Workspace) gemmVector(g *Product, overwrite bool) {
	s := blockingOf(ws.level)
	width, depth := evenly(g.N, s.width, s.cols), evenly(g.K, s.depth, 1)
	rows, once := g.M, s.packsOnce(g, width)
	if once {
		rows = min(g.M, packedRows)
		if size := rows * stepOfPacked(depth); len(ws.a) < size {
			ws.a = alignedFloats(size)
		}
	}
	p := panel{alpha: g.Alpha, stepC: 4 * g.C.Stride}
	for i := 0; i < g.M; i += rows {
		part := g.rows(i, min(rows, g.M-i))
		for l := 0; l < g.K; l += depth {
			p.depth, p.add = min(depth, g.K-l), 1
			if overwrite && l == 0 {
				p.add = 0
			}
			if once {
				p.rows = part.M
				ws.packRowsOfA(&p, part.A.Data[l:], g.A.Stride)
			}
			for j := 0; j < g.N; j += width {
				p.cols = min(width, g.N-j)
				ws.placeB(&p, s, g.B.Trans, part.M, g.B.from(!g.B.Trans, j, l), g.B.Stride)
				ws.rowsOfC(&p, s, &part, l, part.C.Data[j:], once)
			}
		}
	}
}

// placeB packs a block of B into tiles, or leaves it where it is.
func (ws *Workspace) placeB(p *panel, s blocking, trans bool, m int, b []float32, ldb int) {
	if !trans && !s.packs(m, ldb) {
		p.b, p.stepB, p.nextB = &b[0], 4*ldb, 4*s.cols
		return
	}
	p.b, p.stepB, p.nextB = &ws.b[0], 4*s.cols, 4*s.cols*p.depth
	if trans {
		ws.packTransposedB(p, s, b, ldb)
	} else {
		ws.packB(p, s, b, ldb)
	}
}

func (ws *Workspace) packTransposedB(p *panel, s blocking, b []float32, ldb int) {
	for col := 0; col < p.cols; col += s.lanes {
		w := min(s.lanes, p.cols-col)
		dst := &ws.b[col/s.cols*s.cols*p.depth+col%s.cols]
		vector.PackTransposed(ws.level == AVX512, dst, p.stepB, &b[col*ldb], 4*ldb, p.depth, w)
	}
}

func (ws *Workspace) packB(p *panel, s blocking, b []float32, ldb int) {
	for col := 0; col < p.cols; {
		w, tiles := min(s.cols, p.cols-col), max(1, min(tilesTogether, (p.cols-col)/s.cols))
		dst := &ws.b[col*p.depth]
		vector.PackB(ws.level == AVX512, dst, p.stepB, p.nextB, &b[col], 4*ldb, 4*s.cols, p.depth, tiles, w)
		col += tiles * s.cols
	}
}

// rowsOfC multiplies all rows of A with one block of B, a panel at a time. If packed is set, rows of A are packed already.
func (ws *Workspace) rowsOfC(p *panel, s blocking, g *Product, l int, c []float32, packed bool) {
	m, a, lda, transA := g.M, g.A.Data, g.A.Stride, g.A.Trans
	rows := evenly(m, s.rows, 1)
	pack := (collides(lda) || transA && p.depth > s.reach) && p.cols > s.cols
	for i := 0; i < m; i += rows {
		p.rows = min(rows, m-i)
		p.c = &c[i*g.C.Stride]
		switch {
		case packed:
			p.a = &ws.a[i*stepOfPacked(p.depth)]
		case transA && pack:
			if q := i / rows % tilesTogether; q == 0 {
				ws.packColumnsOfA(p, s, rows, min(tilesTogether*rows, m-i), a[l*lda+i:], lda)
			} else {
				p.a = &ws.a[q*s.lanes*p.depth]
			}
		case transA:
			p.a, p.stepA, p.byRows = &a[l*lda+i], 4*lda, 0
		case pack:
			ws.packRowsOfA(p, a[i*lda+l:], lda)
		default:
			p.a, p.stepA, p.byRows = &a[i*lda+l], 4*lda, 1
		}
		vector.Panel(ws.level == AVX512, (*byte)(unsafe.Pointer(p)))
	}
}

// stepOfPacked is the distance of packed rows of A.
func stepOfPacked(depth int) int { return (depth+rowPad-1)/rowPad*rowPad + rowPad }

// packRowsOfA packs panels whose rows are rows of a.
func (ws *Workspace) packRowsOfA(p *panel, a []float32, lda int) {
	step := stepOfPacked(p.depth)
	for r := range p.rows {
		copy(ws.a[r*step:][:p.depth], a[r*lda:])
	}
	p.a, p.stepA, p.byRows = &ws.a[0], 4*step, 1
}

// packColumnsOfA packs the next m columns of a as panels of the given number of rows, the last one
// possibly shorter.
func (ws *Workspace) packColumnsOfA(p *panel, s blocking, rows, m int, a []float32, lda int) {
	p.a, p.stepA, p.byRows = &ws.a[0], 4*s.lanes, 0
	for i := 0; i < m; {
		w, tiles := min(rows, m-i), max(1, (m-i)/rows)
		dst := &ws.a[i/rows*s.lanes*p.depth]
		vector.PackA(ws.level == AVX512, dst, p.stepA, p.stepA*p.depth, &a[i], 4*lda, 4*rows, p.depth, tiles, w)
		i += tiles * rows
	}
}
