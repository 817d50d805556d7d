package kernels

import (
	"unsafe"

	"autoamp/kernels/internal/vector"
)

func packSignRows(level Level, index []uint8, words []uint32, s []float32, lds, rows, k int) bool {
	if level == Scalar {
		return packSignRowsScalar(index, s, lds, rows, k)
	}
	wrong := vector.PackSignRows(level == AVX512, &words[0], &s[0], 4*lds, rows, k)
	vector.SpreadSigns(level == AVX512, &index[0], &words[0], pieces(k, signWord*signGroup), rows)
	return wrong == 0
}

// packSignColumns packs up to signBlock rows; AVX2 packs half of them at a time.
func packSignColumns(level Level, index []uint8, s []float32, lds, rows, k int) bool {
	switch level {
	case AVX512, NEON:
		return vector.PackSignColumns(level == AVX512, &index[0], &s[0], 4*lds, rows, k) == 0
	case AVX2:
		wrong := vector.PackSignColumns(false, &index[0], &s[0], 4*lds, min(rows, 32), k)
		if rows > 32 {
			wrong |= vector.PackSignColumns(false, &index[32], &s[32], 4*lds, rows-32, k)
		}
		return wrong == 0
	}
	return packSignColumnsScalar(index, s, lds, rows, k)
}

func buildSignTables(level Level, tables, p []float32, ldp, depth, width, ahead int) {
	if level == Scalar {
		buildSignTablesScalar(tables, p, ldp, depth, width)
		return
	}
	vector.BuildSignTables(level == AVX512, &tables[0], &p[0], 4*ldp, depth, width, 4*ahead)
}

func addSignTables(level Level, s *signSum) {
	if level == Scalar {
		addSignTablesScalar(s)
		return
	}
	vector.AddSignTables(level == AVX512, (*byte)(unsafe.Pointer(s)))
}

// transpose writes the transpose of some rows into dst, or adds it; AVX-512 and NEON signLanes of them at a time.
func transpose(level Level, dst []float32, stepDst int, src []float32, stepSrc, rows, cols int, add bool) {
	adds := 0
	if add {
		adds = 1
	}
	switch level {
	case AVX512, NEON:
		for i := 0; i < rows; i += signLanes {
			vector.Transpose(level == AVX512, &dst[i], 4*stepDst, &src[i*stepSrc], 4*stepSrc, min(signLanes, rows-i), cols, adds)
		}
	case AVX2:
		vector.Transpose(false, &dst[0], 4*stepDst, &src[0], 4*stepSrc, rows, cols, adds)
	case Scalar:
		transposeScalar(dst, stepDst, src, stepSrc, rows, cols, add)
	}
}
