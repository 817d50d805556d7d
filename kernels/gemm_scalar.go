package kernels

// Block sizes of the scalar product: the 2 × 4 sums of a tile and their operands fit 16 registers; a
// block of A, 64 KiB, stays in the second-level cache and four columns of B in the first.
const (
	tileRows    = 2
	tileCols    = 4
	scalarRows  = 64
	scalarCols  = 512
	scalarDepth = 256
)

func packSizesScalar() (a, b int) { return scalarRows * scalarDepth, scalarCols * scalarDepth }

func (ws *Workspace) gemmScalar(p *Product, overwrite bool) {
	m, n, k := p.M, p.N, p.K
	width, depth := evenly(n, scalarCols, tileCols), evenly(k, scalarDepth, 1)
	for j := 0; j < n; j += width {
		cols := min(width, n-j)
		overwrite := overwrite
		for l := 0; l < k; l += depth {
			kk := min(depth, k-l)
			packTiles(ws.b, tileCols, p.B.from(!p.B.Trans, j, l), p.B.Stride, !p.B.Trans, cols, kk)
			for i := 0; i < m; i += scalarRows {
				rows := min(scalarRows, m-i)
				packTiles(ws.a, tileRows, p.A.from(p.A.Trans, i, l), p.A.Stride, p.A.Trans, rows, kk)
				scalarBlock(ws.a, ws.b, rows, cols, kk, p.Alpha, overwrite, p.C.Data[i*p.C.Stride+j:], p.C.Stride)
			}
			overwrite = false
		}
	}
}

// packTiles copies count × depth values into tiles of the given width: for each k, width neighbours,
// filled up with zeros. Value (i, k) is x[k·ld + i] if inner, x[i·ld + k] otherwise.
func packTiles(dst []float32, width int, x []float32, ld int, inner bool, count, depth int) {
	for i := 0; i < count; i += width {
		tile := dst[i*depth:][:width*depth]
		w := min(width, count-i)
		if w < width {
			clear(tile)
		}
		if inner {
			for k := range depth {
				copy(tile[width*k:][:w], x[k*ld+i:])
			}
			continue
		}
		for r := range w {
			for k, v := range x[(i+r)*ld:][:depth] {
				tile[width*k+r] = v
			}
		}
	}
}

// scalarBlock computes C = A·B or C = α·A·B + C from packed tiles.
func scalarBlock(a, b []float32, rows, cols, depth int, alpha float32, overwrite bool, c []float32, ldc int) {
	for j := 0; j < cols; j += tileCols {
		for i := 0; i < rows; i += tileRows {
			sums := scalarSums(a[i*depth:][:tileRows*depth], b[j*depth:][:tileCols*depth])
			for r := range min(tileRows, rows-i) {
				row := c[(i+r)*ldc+j:][:min(tileCols, cols-j)]
				for q := range row {
					if overwrite {
						row[q] = sums[r][q]
					} else {
						row[q] += alpha * sums[r][q]
					}
				}
			}
		}
	}
}

// scalarSums computes one tile. The loop has no bounds checks.
func scalarSums(a, b []float32) (sums [tileRows][tileCols]float32) {
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	for len(a) >= tileRows && len(b) >= tileCols {
		a0, a1 := a[0], a[1]
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		s00 += a0 * b0
		s01 += a0 * b1
		s02 += a0 * b2
		s03 += a0 * b3
		s10 += a1 * b0
		s11 += a1 * b1
		s12 += a1 * b2
		s13 += a1 * b3
		a, b = a[tileRows:], b[tileCols:]
	}
	return [tileRows][tileCols]float32{{s00, s01, s02, s03}, {s10, s11, s12, s13}}
}
