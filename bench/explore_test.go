package bench_test

import (
	"fmt"
	"testing"
	"time"

	"autoamp/bench"
	"autoamp/kernels/cpu"
)

func TestExploreTable1(t *testing.T) {
	exec, _ := cpu.New(cpu.Settings{})
	for seed := uint64(1); seed <= 2; seed++ {
		var mine, theirs []float64
		for i, h := range bench.Table1H {
			for j, p := range bench.Table1P {
				b := time.Now()
				r, err := bench.RangamaniTable1(t.Context(), exec, bench.SparseCoding{H: h, P: p, Seed: seed})
				if err != nil {
					t.Fatal(err)
				}
				fmt.Printf("h=%d p=%g k=%d norm %.4f proxy %.4f leading %.4f paper %.4f scale %.4f bias %.3f tp %.3f fp %.3f coh %.3f/%.3f %v\n", h, p, r.Support, r.Norm, r.Proxy, r.Leading, bench.Table1Norms[i][j], r.Scale, r.Bias, r.TruePositive, r.FalsePositive, r.Coherence.Max, r.Coherence.Mean, time.Since(b))
				mine, theirs = append(mine, r.Norm), append(theirs, bench.Table1Norms[i][j])
			}
		}
		fmt.Println("logrms", bench.LogRMS(mine, theirs))
	}
}
