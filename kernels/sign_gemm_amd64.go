package kernels

import "unsafe"

//go:generate go -C asm run ./signgemm -out ../sign_gemm_amd64.s

// The generator in asm/signgemm knows these sizes and offsets.
var (
	_ = [1]struct{}{}[signGroup-5]
	_ = [1]struct{}{}[signLanes-16]
	_ = [1]struct{}{}[signPass-12]
	_ = [1]struct{}{}[signBlock-64]
	_ = [1]struct{}{}[signWord-6]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.tables)-24]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.in)-48]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.out)-72]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.stepIn)-96]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.stepOut)-104]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.rows)-112]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.pass)-120]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.groups)-128]
	_ = [1]struct{}{}[unsafe.Offsetof(signSum{}.width)-136]
)

//go:noescape
func packSignRowsAVX512(words *uint32, s *float32, stepS, rows, k int) uint32

//go:noescape
func packSignRowsAVX2(words *uint32, s *float32, stepS, rows, k int) uint32

//go:noescape
func spreadSignsAVX512(index *uint8, words *uint32, count, rows int)

//go:noescape
func spreadSignsAVX2(index *uint8, words *uint32, count, rows int)

//go:noescape
func packSignColumnsAVX512(index *uint8, s *float32, stepS, rows, k int) uint32

//go:noescape
func packSignColumnsAVX2(index *uint8, s *float32, stepS, rows, k int) uint32

//go:noescape
func transposeAVX512(dst *float32, stepDst int, src *float32, stepSrc, rows, cols, add int)

//go:noescape
func transposeAVX2(dst *float32, stepDst int, src *float32, stepSrc, rows, cols, add int)

//go:noescape
func buildSignTablesAVX512(tables, p *float32, stepP, depth, width, ahead int)

//go:noescape
func buildSignTablesAVX2(tables, p *float32, stepP, depth, width, ahead int)

//go:noescape
func addSignTablesAVX512(s *signSum)

//go:noescape
func addSignTablesAVX2(s *signSum)

func packSignRows(level Level, index []uint8, words []uint32, s []float32, lds, rows, k int) bool {
	count := pieces(k, signWord*signGroup)
	switch level {
	case AVX512:
		wrong := packSignRowsAVX512(&words[0], &s[0], 4*lds, rows, k)
		spreadSignsAVX512(&index[0], &words[0], count, rows)
		return wrong == 0
	case AVX2:
		wrong := packSignRowsAVX2(&words[0], &s[0], 4*lds, rows, k)
		spreadSignsAVX2(&index[0], &words[0], count, rows)
		return wrong == 0
	}
	return packSignRowsScalar(index, s, lds, rows, k)
}

func packSignColumns(level Level, index []uint8, s []float32, lds, rows, k int) bool {
	switch level {
	case AVX512:
		return packSignColumnsAVX512(&index[0], &s[0], 4*lds, rows, k) == 0
	case AVX2:
		wrong := packSignColumnsAVX2(&index[0], &s[0], 4*lds, min(rows, 32), k)
		if rows > 32 {
			wrong |= packSignColumnsAVX2(&index[32], &s[32], 4*lds, rows-32, k)
		}
		return wrong == 0
	}
	return packSignColumnsScalar(index, s, lds, rows, k)
}

func buildSignTables(level Level, tables, p []float32, ldp, depth, width, ahead int) {
	switch level {
	case AVX512:
		buildSignTablesAVX512(&tables[0], &p[0], 4*ldp, depth, width, 4*ahead)
	case AVX2:
		buildSignTablesAVX2(&tables[0], &p[0], 4*ldp, depth, width, 4*ahead)
	default:
		buildSignTablesScalar(tables, p, ldp, depth, width)
	}
}

func addSignTables(level Level, s *signSum) {
	switch level {
	case AVX512:
		addSignTablesAVX512(s)
	case AVX2:
		addSignTablesAVX2(s)
	default:
		addSignTablesScalar(s)
	}
}

// transpose writes the transpose of at most signLanes rows into dst, or adds it.
func transpose(level Level, dst []float32, stepDst int, src []float32, stepSrc, rows, cols int, add bool) {
	adds := 0
	if add {
		adds = 1
	}
	switch level {
	case AVX512:
		transposeAVX512(&dst[0], 4*stepDst, &src[0], 4*stepSrc, rows, cols, adds)
	case AVX2:
		transposeAVX2(&dst[0], 4*stepDst, &src[0], 4*stepSrc, min(rows, 8), cols, adds)
		if rows > 8 {
			transposeAVX2(&dst[8], 4*stepDst, &src[8*stepSrc], 4*stepSrc, rows-8, cols, adds)
		}
	default:
		transposeScalar(dst, stepDst, src, stepSrc, rows, cols, add)
	}
}
