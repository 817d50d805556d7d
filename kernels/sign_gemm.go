package kernels

import "fmt"

// Products with a matrix of signs, which need no multiplications.
//
//	C = S·P + β·C,  entries of S in {−1, +1},  β in {0, 1}
//
// Five rows of P, a group, have 32 signed sums ±p₀ ± p₁ ± p₂ ± p₃ ± p₄. A table holds them for 16 columns, with AVX2 for 8, and an
// element of C adds one entry per group where an ordinary product multiplies and adds five times. A pass is at
// most signPass groups of 16 columns, or twice as many of 8. The tables of a pass stay in the first-level cache while the pass goes over
// all rows of S. Signs are packed into one byte per row and group, 8 times the number of the entry in its table.
//
// Order of summation: ((±p₀ ± p₁) + (±p₂ ± p₃)) ± p₄ within a group, with zero rows where k ends, then C if β is 1,
// then the groups one after another; a transposed C comes last. All levels add in this order, so that they agree
// except for the sign of a zero. A NaN or Inf in P reaches its column of C; an entry of S other than ±1 refuses the
// product.

const (
	signGroup   = 5              // rows of op(P) that share a table
	signEntries = 1 << signGroup // of a table
	signLanes   = 16             // columns of a table, but see signLanesOf
	signTable   = signEntries * signLanes
	signPass    = 12 // groups with tables in use at the same time: 24 KiB
	signWord    = 6  // groups that share a word for the signs of a row
	signBlock   = 64 // rows of S with adjacent packed signs, for each group
)

// SignWorkspace holds the buffers of products with signs. They grow to the largest size used and
// are kept. Goroutines must not share a workspace; products in different workspaces may run
// at the same time.
type SignWorkspace struct {
	level  Level
	index  []uint8   // packed signs, (blocks of rows, groups, signBlock)
	words  []uint32  // signs of one block, 30 to a word
	tables []float32 // (signPass, signEntries, signLanes), aligned to cache lines
	p      []float32 // a table's columns of op(P), where P is transposed
	c      []float32 // a table's columns of C between passes
}

// NewSignWorkspace returns a workspace whose products run at the given level, or at the best level
// of this processor if it does not support that one.
func NewSignWorkspace(level Level) *SignWorkspace {
	return &SignWorkspace{level: orBest(level), tables: alignedFloats(signPass * signTable)}
}

// Level returns the level at which the workspace's products run.
func (ws *SignWorkspace) Level() Level { return ws.level }

// SignGemm computes C = op(S)·op(P) + β·C for a matrix S = A of signs and P = B, where β is 0 or 1 and α is 1. If C.Trans is
// set, the transpose of C is stored, which is (N, M). Where β is 0, C is written without being read.
//
// SignGemm returns false, and leaves C as it is, unless all entries of S are exactly +1 or −1: after a NaN
// in S the caller has to use Gemm, which lets it through. NaN and Inf in P propagate as in Gemm. If C has no
// elements, S is not read.
//
// Each element's value depends on its row of op(S), its column of op(P), k and C.Trans. It does not
// depend on m, n or its place: columns of a product can be computed in pieces without changing a bit. The
// error is the error of a float32 sum over k.
//
// The tables cost as much time as 50 rows of op(S). SignGemm is faster than Gemm from about 32 rows and 8 columns of the
// product on (k hardly matters). Threads should divide the columns of the product, not its rows.
//
// SignGemm panics if a slice is too short for its matrix. It allocates only where the workspace has
// not seen a product of this size.
func SignGemm(ws *SignWorkspace, p Product) bool {
	p.checkSigns()
	m, n, k := p.M, p.N, p.K
	if m == 0 || n == 0 {
		return true
	}
	p.C.check("C", m, n)
	if k == 0 {
		p.clearC()
		return true
	}
	p.A.check("S", m, k)
	p.B.check("P", k, n)
	g := signProduct{ws: ws, transP: p.B.Trans, transC: p.C.Trans, m: m, n: n, k: k, p: p.B.Data, ldp: p.B.Stride, beta: p.Beta, c: p.C.Data, ldc: p.C.Stride}
	g.groups = pieces(k, signGroup)
	g.lanes = signLanesOf(ws.level)
	g.passes = pieces(g.groups, signPass*signLanes/g.lanes)
	ws.grow(&g)
	if !ws.packSigns(p.A.Trans, m, k, p.A.Data, p.A.Stride) {
		return false
	}
	for j := 0; j < n; j += g.lanes {
		g.columns(j, min(g.lanes, n-j))
	}
	return true
}

func (p *Product) checkSigns() {
	if p.M < 0 || p.N < 0 || p.K < 0 {
		panic(fmt.Sprintf("kernels: sign gemm of m = %d, n = %d, k = %d: must not be negative", p.M, p.N, p.K))
	}
	if p.Alpha != 1 || p.Beta != 0 && p.Beta != 1 {
		panic(fmt.Sprintf("kernels: sign gemm with alpha = %v, beta = %v: must be 1, and 0 or 1", p.Alpha, p.Beta))
	}
}

// signLanesOf is the number of columns of a table. AVX2 has tables of half the width for twice the groups: sums go half as often to the
// second-level cache and back.
func signLanesOf(level Level) int {
	if level == AVX2 {
		return signLanes / 2
	}
	return signLanes
}

// clearC is C = β·C for β of 0 or 1.
func (p *Product) clearC() {
	if p.Beta != 0 {
		return
	}
	m, n := p.M, p.N
	if p.C.Trans {
		m, n = n, m
	}
	for i := range m {
		clear(p.C.Data[i*p.C.Stride:][:n])
	}
}

// signProduct is one call of SignGemm.
type signProduct struct {
	ws             *SignWorkspace
	transP, transC bool
	m, n, k        int
	p              []float32
	ldp            int
	beta           float32
	c              []float32
	ldc            int
	lanes          int // columns of a table
	groups, passes int
}

// signSum is the argument of addSignTables:
//
//	out(i, j) = in(i, j) + Σ tables(g, index(i, g), j),  g < pass, i < rows, j < width
//
// where a nil in counts as zero. AVX2 and NEON go on up to j = 7 or 15, the end of the table, and write there. The generators in asm use the
// offsets of the fields.
type signSum struct {
	index           []uint8 // from the first group of the pass on
	tables          []float32
	in, out         []float32
	stepIn, stepOut int // from one row to the next
	rows            int
	pass            int // groups in this pass, at most signPass
	groups          int // groups of the product
	width           int // columns, at most signLanes
}

// grow makes the workspace large enough for a product.
func (ws *SignWorkspace) grow(g *signProduct) {
	// The last word of a row may stand for groups beyond the last.
	if size := (pieces(g.m, signBlock)*g.groups + signWord) * signBlock; len(ws.index) < size {
		ws.index = make([]uint8, size)
	}
	if size := pieces(g.groups, signWord) * signBlock; len(ws.words) < size {
		ws.words = make([]uint32, size)
	}
	if size := g.m * g.lanes; len(ws.c) < size {
		ws.c = alignedFloats(size)
	}
	if size := g.k * g.lanes; g.transP && len(ws.p) < size {
		ws.p = alignedFloats(size)
	}
}

// packSigns packs op(S) and reports whether it consists of signs.
func (ws *SignWorkspace) packSigns(trans bool, m, k int, s []float32, lds int) bool {
	groups := pieces(k, signGroup)
	for i := 0; i < m; i += signBlock {
		rows := min(signBlock, m-i)
		index := ws.index[i*groups:]
		var ok bool
		if trans {
			ok = packSignColumns(ws.level, index, s[i:], lds, rows, k)
		} else {
			ok = packSignRows(ws.level, index, ws.words, s[i*lds:], lds, rows, k)
		}
		if !ok {
			return false
		}
	}
	return true
}

// columns computes width columns of C, from column j on.
func (g *signProduct) columns(j, width int) {
	ws := g.ws
	p, ldp := g.p, g.ldp
	if g.transP {
		transpose(ws.level, ws.p, g.lanes, p[j*ldp:], ldp, width, g.k, false)
		p, ldp = ws.p, g.lanes
	} else {
		p = p[j:]
	}
	sum := signSum{tables: ws.tables, rows: g.m, groups: g.groups, width: width}
	// AVX2 and NEON sum whole entries, which have no room in a narrow C.
	inPlace := !g.transC && (width == g.lanes || ws.level != AVX2 && ws.level != NEON)
	switch {
	case g.beta == 0 || g.transC:
	case inPlace:
		sum.in, sum.stepIn = g.c[j:], g.ldc
	default:
		for i := range g.m {
			copy(ws.c[i*g.lanes:][:width], g.c[i*g.ldc+j:])
		}
		sum.in, sum.stepIn = ws.c, g.lanes
	}
	for pass := range g.passes {
		first, end := g.groups*pass/g.passes, g.groups*(pass+1)/g.passes
		sum.pass = end - first
		sum.index = ws.index[first*signBlock:]
		sum.out, sum.stepOut = ws.c, g.lanes
		if inPlace && pass == g.passes-1 {
			sum.out, sum.stepOut = g.c[j:], g.ldc
		}
		from := first * signGroup
		buildSignTables(ws.level, ws.tables, p[from*ldp:], ldp, min(end*signGroup, g.k)-from, width, g.ahead(pass, j))
		addSignTables(ws.level, &sum)
		sum.in, sum.stepIn = ws.c, g.lanes
	}
	if !inPlace {
		g.store(j, width)
	}
}

// ahead returns the distance from the rows of P that a pass reads to those that the next one will read.
func (g *signProduct) ahead(pass, j int) int {
	first := g.groups * pass / g.passes
	switch {
	case g.transP:
		return 0 // P is a copy in the cache
	case pass < g.passes-1:
		return (g.groups*(pass+1)/g.passes - first) * signGroup * g.ldp
	case j+g.lanes < g.n:
		return g.lanes - first*signGroup*g.ldp
	}
	return 0
}

// store moves the sums of width columns of C to column j on, or adds them there if C is transposed.
func (g *signProduct) store(j, width int) {
	ws := g.ws
	if !g.transC {
		for i := range g.m {
			copy(g.c[i*g.ldc+j:][:width], ws.c[i*g.lanes:])
		}
		return
	}
	transpose(ws.level, g.c[j*g.ldc:], g.ldc, ws.c, g.lanes, g.m, width, g.beta != 0)
}
