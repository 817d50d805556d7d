package kernels

import "math"

// The steps of SignGemm in plain Go.

const (
	plusOne  = 0x3f800000
	signMask = 1 << 31
)

// packSignRowsScalar packs rows of k signs which are lds values apart: bits 3–7 of index[g·signBlock+i] are
// the signs 5g to 5g+4 of row i, set where negative.
func packSignRowsScalar(index []uint8, s []float32, lds, rows, k int) bool {
	var wrong uint32
	for i := range rows {
		row := s[i*lds:][:k]
		for g := 0; len(row) > 0; g++ {
			var bits uint32
			for l, v := range row[:min(signGroup, len(row))] {
				x := math.Float32bits(v)
				wrong |= x ^ plusOne
				bits |= x >> 31 << l
			}
			index[g*signBlock+i] = uint8(bits << 3)
			row = row[min(signGroup, len(row)):]
		}
	}
	return wrong&^signMask == 0
}

// packSignColumnsScalar does the same for the transpose: k rows which hold one sign of each row of op(S).
func packSignColumnsScalar(index []uint8, s []float32, lds, rows, k int) bool {
	var wrong uint32
	for l := range k {
		group := index[l/signGroup*signBlock:][:rows]
		if l%signGroup == 0 {
			clear(group)
		}
		for i, v := range s[l*lds:][:rows] {
			x := math.Float32bits(v)
			wrong |= x ^ plusOne
			group[i] |= uint8(x >> 31 << (3 + l%signGroup))
		}
	}
	return wrong&^signMask == 0
}

// buildSignTablesScalar writes the tables of depth rows of P. It reads width columns.
func buildSignTablesScalar(tables, p []float32, ldp, depth, width int) {
	for l := 0; l < depth; l += signGroup {
		var rows [signGroup][signLanes]float32
		for r := range min(signGroup, depth-l) {
			copy(rows[r][:width], p[(l+r)*ldp:])
		}
		table := tables[l/signGroup*signTable:][:signTable]
		for j := range width {
			var x, y [4]float32 // signed sums of rows 0 and 1, and of rows 2 and 3
			for e := range 4 {
				x[e] = withSign(rows[0][j], e) + withSign(rows[1][j], e>>1)
				y[e] = withSign(rows[2][j], e) + withSign(rows[3][j], e>>1)
			}
			for e := range signEntries {
				table[e*signLanes+j] = x[e&3] + y[e>>2&3] + withSign(rows[4][j], e>>4)
			}
		}
	}
}

// withSign returns −x if bit 0 of e is set, otherwise x.
func withSign(x float32, e int) float32 {
	return math.Float32frombits(math.Float32bits(x) ^ uint32(e)<<31)
}

func addSignTablesScalar(s *signSum) {
	for i := range s.rows {
		var sum [signLanes]float32
		if s.in != nil {
			copy(sum[:s.width], s.in[i*s.stepIn:])
		}
		at := i/signBlock*signBlock*s.groups + i%signBlock
		for g := range s.pass {
			entry := (*[signLanes]float32)(s.tables[g*signTable+2*int(s.index[at+g*signBlock]):])
			for j := range sum {
				sum[j] += entry[j]
			}
		}
		copy(s.out[i*s.stepOut:][:s.width], sum[:])
	}
}

func transposeScalar(dst []float32, stepDst int, src []float32, stepSrc, rows, cols int, add bool) {
	for i := range rows {
		for j, v := range src[i*stepSrc:][:cols] {
			at := j*stepDst + i
			if add {
				v += dst[at]
			}
			dst[at] = v
		}
	}
}
