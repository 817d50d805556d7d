//go:build !amd64

package kernels

func packSignRows(_ Level, index []uint8, _ []uint32, s []float32, lds, rows, k int) bool {
	return packSignRowsScalar(index, s, lds, rows, k)
}

func packSignColumns(_ Level, index []uint8, s []float32, lds, rows, k int) bool {
	return packSignColumnsScalar(index, s, lds, rows, k)
}

func buildSignTables(_ Level, tables, p []float32, ldp, depth, width, _ int) {
	buildSignTablesScalar(tables, p, ldp, depth, width)
}

func addSignTables(_ Level, s *signSum) { addSignTablesScalar(s) }

func transpose(_ Level, dst []float32, stepDst int, src []float32, stepSrc, rows, cols int, add bool) {
	transposeScalar(dst, stepDst, src, stepSrc, rows, cols, add)
}
