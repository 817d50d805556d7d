package cpu

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"autoamp/kernels"
)

// productShape is one matrix product of an autoencoder's training step.
type productShape struct {
	name           string
	transA, transB bool
	m, n, k        int
}

// stepProducts are the distinct shapes among the five products of one step with data and code
// dimension d and batch b, and the share of one of two workers: half the rows of the result.
func stepProducts(d, b int) []productShape {
	return []productShape{
		{"x·Bᵀ", false, true, b, d, d}, // and y·Aᵀ
		{"x·Bᵀ/half", false, true, b / 2, d, d},
		{"duᵀ·y", true, false, d, d, b}, // and dzᵀ·x
		{"duᵀ·y/half", true, false, d / 2, d, b},
		{"du·A", false, false, b, d, d},
		{"du·A/half", false, false, b / 2, d, d},
	}
}

// BenchmarkGemm measures every implementation in turn on every product, many times over: the cores
// may be shared, and only ratios taken at the same time mean something. It reports the
// best GFLOP/s of each and ignores the time that b.N would give.
//
//	go test -run '^$' -bench Gemm -benchtime 1x autoamp/kernels/cpu
func BenchmarkGemm(b *testing.B) {
	peers := benchPeers(b)
	for _, size := range []struct{ d, b int }{{100, 100}, {200, 128}, {784, 256}, {1024, 512}, {2048, 1024}} {
		for _, s := range stepProducts(size.d, size.b) {
			b.Run(fmt.Sprintf("d=%d/b=%d/%s", size.d, size.b, s.name), func(b *testing.B) {
				best := make([]float64, len(peers))
				for b.Loop() {
					s.race(peers, best)
				}
				for i, p := range peers {
					b.ReportMetric(best[i], p.name+"-GFLOP/s")
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

type benchPeer struct {
	name string
	gemmer
}

func benchPeers(b *testing.B) []benchPeer {
	var peers []benchPeer
	for _, l := range slices.Backward(kernels.Levels()[1:]) {
		peers = append(peers, benchPeer{l.String(), kernelGemmer{kernels.NewWorkspace(l)}})
	}
	for name, open := range map[string]func() (*blas, error){"openblas": openOpenBLAS, "accelerate": openAccelerate} {
		lib, err := open()
		if err != nil {
			b.Log(err)
			continue
		}
		peers = append(peers, benchPeer{name, lib.newGemmer()})
	}
	return peers
}

// race runs the peers in turn, at least ten times and for about 300 ms, and keeps their best speeds.
func (s productShape) race(peers []benchPeer, best []float64) {
	lda, ldb := s.k, s.n
	if s.transA {
		lda = s.m
	}
	if s.transB {
		ldb = s.k
	}
	x := slices.Repeat([]float32{0.5}, s.m*s.k)
	y := slices.Repeat([]float32{-0.25}, s.k*s.n)
	c := make([]float32, s.m*s.n)
	flop := 2 * float64(s.m) * float64(s.n) * float64(s.k)
	calls := max(1, int(5e7/flop)) // half a millisecond at 100 GFLOP/s
	began := time.Now()
	for round := 0; round < 10 || time.Since(began) < 300*time.Millisecond; round++ {
		for i, p := range peers {
			start := time.Now()
			for range calls {
				p.gemm(kernels.Product{
					M: s.m, N: s.n, K: s.k, Alpha: 1,
					A: kernels.Matrix{Data: x, Stride: lda, Trans: s.transA},
					B: kernels.Matrix{Data: y, Stride: ldb, Trans: s.transB},
					C: kernels.Matrix{Data: c, Stride: s.n},
				})
			}
			best[i] = max(best[i], flop*float64(calls)/float64(time.Since(start).Nanoseconds()))
		}
	}
}
