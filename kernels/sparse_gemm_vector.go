package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

// sparseBlocking is how a level cuts a product with zeros into pieces.
type sparseBlocking struct {
	lanes  int // float32 lanes of a vector
	width  int // columns of a tile of P: eight vectors
	depth  int // rows of a tile of P, at most
	packed int // rows of P that are packed together: 256 KiB or 512 KiB stay in the second-level cache
	rows   int // of X that are compressed at once, if it has no more: P is packed once then
}

// A tile takes at most 24 KiB with NEON, and 32 KiB with AVX2 and AVX-512. With AVX2 on a Zen 3 that is its whole first-level cache, and still
// 3 to 5 % faster at d = 1024 and 2048 than 24 KiB: the processor guesses fewer ends of rows wrong.
func sparseBlockingOf(level Level) sparseBlocking {
	if level == AVX512 {
		return sparseBlocking{lanes: 16, width: 128, depth: 64, packed: 1024, rows: sparseRows}
	}
	if level == AVX2 {
		return sparseBlocking{lanes: 8, width: 64, depth: 128, packed: 1024, rows: 1024}
	}
	return sparseBlocking{lanes: 8, width: 64, depth: 96, packed: 1024, rows: sparseRows}
}

// sparsePanel is the argument of the panel kernel:
//
//	out(i, j) = base(i, j) + (in(i, j) + Σ values(q)·tile(places(q), j)),  q over the non-zeros of row i, i < rows, j < 8 or 16 · vectors
//
// where a nil in counts as zero, and a nil base is not added. Steps are in bytes. The generator in asm/sparsegemm uses the offsets of the fields.
type sparsePanel struct {
	values                    *float32
	places                    *uint16
	counts                    *uint32
	tile                      *float32
	in, base, out             *float32
	stepIn, stepBase, stepOut int // from one row to the next
	rows, vectors             int
}

// sparseSingle is added to the vectors where AVX-512 takes the non-zeros of a row one by one.
const sparseSingle = 8

// grow makes the workspace large enough for a product.
func (ws *SparseWorkspace) grow(p *Product, s sparseBlocking) {
	depth := evenly(p.K, blockingOf(ws.dense.level).depth, 1)
	blocks := pieces(p.K, depth) * pieces(depth, s.depth)
	// A block is compressed before its non-zeros are counted.
	if size := int(sparseLimit*float64(p.M*p.K)) + p.M*s.depth + s.lanes; len(ws.values) < size {
		ws.values, ws.places = make([]float32, size), make([]uint16, size)
	}
	if size := p.M * blocks; len(ws.counts) < size {
		ws.counts = make([]uint32, size)
	}
	if size := p.M * s.width; len(ws.sums) < size {
		ws.sums, ws.part = alignedFloats(size), alignedFloats(size)
	}
	if size := (min(p.K, s.packed) + s.lanes) * s.width; len(ws.tiles) < size {
		ws.tiles = alignedFloats(size)
	}
	if cap(ws.blocks) < blocks {
		ws.blocks = make([]sparseBlock, 0, blocks)
	}
}

// compress compresses op(X), and reports whether it has few enough non-zeros.
func (ws *SparseWorkspace) compress(p Product) bool {
	s := sparseBlockingOf(ws.dense.level)
	ws.grow(&p, s)
	ws.blocks = ws.blocks[:0]
	at, depth := 0, evenly(p.K, blockingOf(ws.dense.level).depth, 1)
	for l := 0; l < p.K; l += depth {
		end := min(l+depth, p.K)
		step := evenly(end-l, s.depth, 1)
		for from := l; from < end; from += step {
			b := sparseBlock{from: from, depth: min(step, end-from), first: from == l, last: from+step >= end, values: at}
			at += ws.compressBlock(p, s, b)
			ws.blocks = append(ws.blocks, b)
			if float64(at) > sparseLimit*float64(p.M*(from+b.depth)) {
				return false
			}
		}
	}
	return true
}

// compressBlock returns the number of its non-zeros.
func (ws *SparseWorkspace) compressBlock(p Product, s sparseBlocking, b sparseBlock) int {
	counts := ws.counts[len(ws.blocks)*p.M:]
	wide := ws.dense.level == AVX512
	if !p.A.Trans {
		return vector.Compress(wide, &ws.values[b.values], &ws.places[b.values], &counts[0], &p.A.Data[b.from], 4*p.A.Stride, p.M, b.depth)
	}
	at, step := b.values, pieces(b.depth, s.lanes)*s.lanes
	for i := 0; i < p.M; i += sparseSquare {
		rows := min(sparseSquare, p.M-i)
		for q := 0; q < b.depth; q += s.lanes {
			vector.PackTransposed(wide, &ws.square[q], 4*step, &p.A.Data[(b.from+q)*p.A.Stride+i], 4*p.A.Stride, rows, min(s.lanes, b.depth-q))
		}
		at += vector.Compress(wide, &ws.values[at], &ws.places[at], &counts[i], &ws.square[0], 4*step, rows, b.depth)
	}
	return at - b.values
}

// multiply computes a product whose X is compressed, a tile's columns at a time.
func (ws *SparseWorkspace) multiply(p Product) {
	s := sparseBlockingOf(ws.dense.level)
	width := evenly(p.N, s.width, s.lanes)
	for j := 0; j < p.N; j += width {
		strip := p.columns(j, min(width, p.N-j))
		if !ws.strip(strip, s, width >= p.N) {
			ws.gemm(strip)
		}
	}
}

// strip computes the columns of one tile, and reports whether it could: not where P has a NaN or Inf. Then C is as it was if β is 1.
// once says that it is the only tile.
func (ws *SparseWorkspace) strip(p Product, s sparseBlocking, once bool) bool {
	// The kernels work on whole vectors.
	inPlace := !p.C.Trans && p.Beta == 0 && p.N%s.lanes == 0
	sums, step := ws.sums, 4*s.width
	if inPlace {
		sums, step = p.C.Data, 4*p.C.Stride
	}
	if p.Beta != 0 {
		ws.fetchC(p, s)
	}
	k := sparsePanel{rows: p.M, vectors: pieces(p.N, s.lanes)}
	if once && ws.dense.level == AVX512 {
		k.vectors += sparseSingle
	}
	empty := p.Beta == 0
	from, end := 0, 0 // the rows of P that are packed
	for i, b := range ws.blocks {
		if b.from == end {
			from, end = end, ws.packed(i, s)
			ws.packP(p, s, from, end)
		}
		tile := ws.tiles[(b.from-from)*s.width:][:b.depth*s.width]
		// This also brings the tile into the first-level cache.
		if firstNonFiniteLevel(ws.dense.level, tile) >= 0 {
			return false
		}
		k.values, k.places, k.counts, k.tile = &ws.values[b.values], &ws.places[b.values], &ws.counts[i*p.M], &tile[0]
		k.in, k.stepIn = &ws.part[0], 4*s.width
		if b.first {
			k.in = nil
		}
		k.base, k.out, k.stepOut = nil, &ws.part[0], 4*s.width
		if b.last {
			k.out, k.stepOut = &sums[0], step
			if !empty {
				k.base, k.stepBase = k.out, k.stepOut
			}
			empty = false
		}
		vector.SparsePanel(ws.dense.level == AVX512, (*byte)(unsafe.Pointer(&k)))
	}
	if !inPlace {
		ws.storeC(p, s)
	}
	return true
}

// packed returns the end of the rows of P that are packed together, from those of the i-th block on: whole blocks.
func (ws *SparseWorkspace) packed(i int, s sparseBlocking) int {
	from := ws.blocks[i].from
	end := from
	for _, b := range ws.blocks[i:] {
		if b.from+b.depth-from > s.packed {
			break
		}
		end = b.from + b.depth
	}
	return end
}

// packP packs the rows from k to end of P as tiles, one after the other. P is read along its own rows, as far as the second-level cache has room.
func (ws *SparseWorkspace) packP(p Product, s sparseBlocking, k, end int) {
	wide := ws.dense.level == AVX512
	if p.B.Trans {
		for col := 0; col < p.N; col += s.lanes {
			vector.PackTransposed(wide, &ws.tiles[col], 4*s.width, &p.B.Data[col*p.B.Stride+k], 4*p.B.Stride, end-k, min(s.lanes, p.N-col))
		}
		return
	}
	pair := 2 * s.lanes
	for col := 0; col < p.N; {
		w, tiles := min(pair, p.N-col), max(1, (p.N-col)/pair)
		vector.PackB(wide, &ws.tiles[col], 4*s.width, 4*pair, &p.B.Data[k*p.B.Stride+col], 4*p.B.Stride, 4*pair, end-k, tiles, w)
		col += tiles * pair
	}
}

// fetchC copies C to the sums.
func (ws *SparseWorkspace) fetchC(p Product, s sparseBlocking) {
	if p.C.Trans {
		for j := 0; j < p.N; j += signLanes {
			transpose(ws.dense.level, ws.sums[j:], s.width, p.C.Data[j*p.C.Stride:], p.C.Stride, min(signLanes, p.N-j), p.M, false)
		}
		return
	}
	for i := range p.M {
		copy(ws.sums[i*s.width:][:p.N], p.C.Data[i*p.C.Stride:])
	}
}

// storeC copies the sums to C, along the rows of C.
func (ws *SparseWorkspace) storeC(p Product, s sparseBlocking) {
	if !p.C.Trans {
		for i := range p.M {
			copy(p.C.Data[i*p.C.Stride:][:p.N], ws.sums[i*s.width:])
		}
		return
	}
	for j := 0; j < p.N; j += s.lanes {
		transpose(ws.dense.level, p.C.Data[j*p.C.Stride:], p.C.Stride, ws.sums[j:], s.width, p.M, min(s.lanes, p.N-j), false)
	}
}
