package kernels_test

import (
	"math"
	"testing"

	"autoamp/kernels"
)

// Rows are drawn alike: over 100 000 draws every count of a row is binomial.
func TestGatherDrawsRowsAlike(t *testing.T) {
	t.Parallel()
	const rows, batch, steps = 20, 1000, 100
	data := make([]float32, rows)
	for i := range data {
		data[i] = float32(i)
	}
	var counts [rows]float64
	dst := make([]float32, batch)
	for step := range uint64(steps) {
		kernels.Gather(dst, data, 0, kernels.Draw{Rows: rows, Cols: 1, Batch: batch}, 1, kernels.Stream{Seed: 3, Step: step})
		for _, v := range dst {
			counts[int(v)]++
		}
	}
	const mean = batch * steps / rows
	for k, c := range counts {
		if math.Abs(c-mean) > 4*math.Sqrt(mean*(1-1.0/rows)) {
			t.Errorf("row %d was drawn %g times, want %d ± %.0f", k, c, mean, math.Sqrt(mean))
		}
	}
}

// In order, consecutive steps visit every row once before any a second time.
func TestGatherInOrder(t *testing.T) {
	t.Parallel()
	const rows, batch = 21, 7
	data := make([]float32, rows)
	for i := range data {
		data[i] = float32(i)
	}
	seen := map[float32]int{}
	dst := make([]float32, batch)
	for step := range uint64(rows / batch) {
		draw := kernels.Draw{Rows: rows, Cols: 1, Batch: batch, InOrder: true}
		kernels.Gather(dst, data, 0, draw, 1, kernels.Stream{Step: 1<<62 + step})
		for _, v := range dst {
			seen[v]++
		}
	}
	if len(seen) != rows {
		t.Errorf("%d of %d rows were visited: %v", len(seen), rows, seen)
	}
}

func BenchmarkGather(b *testing.B) {
	const rows, cols, batch = 50000, 784, 256
	data, dst := make([]float32, rows*cols), make([]float32, batch*cols)
	kernels.Normal(data, 0, 1, kernels.Stream{Seed: 1})
	for name, p := range map[string]float64{"p=1": 1, "p=0.3": 0.3} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(4 * batch * cols)
			for step := uint64(0); b.Loop(); step++ {
				kernels.Gather(dst, data, 0, kernels.Draw{Rows: rows, Cols: cols, Batch: batch}, p, kernels.Stream{Seed: 1, Step: step})
			}
		})
	}
}
