package kernels

import (
	"fmt"
	"testing"
)

// benchSizes keep three operands in the first and in the second level of cache.
var benchSizes = []int{2048, 16384}

// BenchmarkElementwise reports nanoseconds per element of the elementwise operations at every level.
func BenchmarkElementwise(b *testing.B) {
	for _, op := range elementwiseOps() {
		for _, level := range Levels() {
			for _, n := range benchSizes {
				b.Run(fmt.Sprintf("%s/%v/%d", op.name, level, n), func(b *testing.B) {
					s := op.inputs(n)
					for i := range s {
						// No zeros, because they are the slow path of Sign, and no values that grow with repetition.
						for j := range s[i] {
							s[i][j] = 1 + float32(j%7)/8
						}
					}
					perElement(b, n, func() { op.run(level, s) })
				})
			}
		}
	}
}

// BenchmarkSums does the same for the operations that only return a number.
func BenchmarkSums(b *testing.B) {
	for _, level := range Levels() {
		for _, n := range benchSizes {
			x, y := values(n, 1), values(n, 2)
			theta := testThetas[G2]
			for name, f := range map[string]func(){
				"Dot":               func() { dotLevel(level, x, y) },
				"SquaredError":      func() { squaredErrorLevel(level, x, y) },
				"FirstNonFinite":    func() { firstNonFiniteLevel(level, x) },
				"DenoiseMSE/g2/nil": func() { denoiseMSELevel(level, nil, nil, nil, x, y, theta, 1, G2) },
			} {
				b.Run(fmt.Sprintf("%s/%v/%d", name, level, n), func(b *testing.B) { perElement(b, n, f) })
			}
		}
	}
}

func BenchmarkSample(b *testing.B) {
	for _, kind := range Laws() {
		law := Law{Kind: kind, P: 0.4, Mean: 1}
		for _, level := range Levels() {
			for _, n := range benchSizes {
				b.Run(fmt.Sprintf("%v/%v/%d", law.Kind, level, n), func(b *testing.B) {
					x := make([]float32, n)
					perElement(b, n, func() { sampleLevel(level, x, 0, law, testStream) })
				})
			}
		}
	}
}

func BenchmarkSignWithZeros(b *testing.B) {
	const n = 2048
	for _, level := range Levels() {
		z := make([]float32, n)
		sampleLevel(level, z, 0, Law{Kind: SparseRademacher, P: 0.4}, testStream)
		y := make([]float32, n)
		b.Run(level.String(), func(b *testing.B) {
			perElement(b, n, func() { signLevel(level, y, z, 0, testStream) })
		})
	}
}

func BenchmarkRows(b *testing.B) {
	for _, size := range [][2]int{{100, 100}, {64, 784}} {
		rows, cols := size[0], size[1]
		for _, level := range Levels() {
			w, db := values(rows*cols, 1), values(rows*cols, 2)
			unit, dw, inv := make([]float32, rows*cols), make([]float32, rows*cols), make([]float32, rows)
			rowNormalizeLevel(level, unit, inv, w, rows, cols)
			b.Run(fmt.Sprintf("RowNormalize/%v/%dx%d", level, rows, cols), func(b *testing.B) {
				perElement(b, rows*cols, func() { rowNormalizeLevel(level, unit, inv, w, rows, cols) })
			})
			b.Run(fmt.Sprintf("RowNormalizeGrad/%v/%dx%d", level, rows, cols), func(b *testing.B) {
				perElement(b, rows*cols, func() { rowNormalizeGradLevel(level, dw, db, unit, inv, rows, cols) })
			})
		}
	}
}

// perElement reports the time per element of a function that handles n of them.
func perElement(b *testing.B, n int, f func()) {
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/elem")
}

// BenchmarkRotations reports nanoseconds per element of the steps of a fast rotation.
func BenchmarkRotations(b *testing.B) {
	for _, level := range Levels() {
		for _, n := range []int{1024, 4096} {
			x, packed := make([]float32, n), make([]byte, n/8)
			for name, f := range map[string]func(){
				"Hadamard":    func() { hadamardLevel(level, x) },
				"PackSigns":   func() { packSignsLevel(level, packed, x) },
				"UnpackSigns": func() { unpackSignsLevel(level, x, packed); clear(x) },
			} {
				b.Run(fmt.Sprintf("%s/%v/%d", name, level, n), func(b *testing.B) { perElement(b, n, f) })
			}
		}
	}
}
