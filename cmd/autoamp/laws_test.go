package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
)

// The samplers, the theory and the README know the same laws, and the same law by one name.
func TestLawsHaveRowsEverywhere(t *testing.T) {
	if !slices.Equal(kernels.LawNames(), amp.PriorNames()) || !slices.Equal(kernels.LawNames(), datasets.Names()) {
		t.Fatalf("kernels %q, amp %q, datasets %q", kernels.LawNames(), amp.PriorNames(), datasets.Names())
	}
	data, families := readme(t, "datasets"), readme(t, "train")
	for _, k := range kernels.Laws() {
		t.Run(k.String(), func(t *testing.T) {
			if !strings.Contains(data, "`"+k.String()+"`") {
				t.Error("datasets/README.md does not name it")
			}
			for _, p := range []float64{0.3, 1} {
				checkSampler(t, k, p)
			}
		})
	}
	for _, f := range graph.FamilyNames() {
		if !strings.Contains(families, "`"+f+"`") {
			t.Errorf("train/README.md does not name the family %s", f)
		}
	}
}

// readme is the README of a room.
func readme(t *testing.T, room string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", room, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// checkSampler compares E|x|, E x⁴ and P(x ≠ 0) of the sampler with the theory's, at five standard errors.
func checkSampler(t *testing.T, k kernels.LawKind, p float64) {
	t.Helper()
	law, err := amp.NewPrior(k.String(), p, 0.8)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(law); strings.Contains(text, "{") {
		t.Errorf("no words for the law: %s", text)
	}
	const n = 1 << 20
	x := make([]float32, n)
	kernels.Sample(x, 0, kernels.Law{Kind: k, P: p, Mean: 0.8}, kernels.Stream{Seed: 3})
	filled := law.(interface{ NonZero() float64 }).NonZero()
	for name, c := range map[string]struct {
		of   func(x float64) float64
		want float64
	}{
		"E|x|":     {math.Abs, law.AbsMean()},
		"E x⁴":     {func(x float64) float64 { return x * x * x * x }, law.FourthMoment()},
		"P(x ≠ 0)": {func(x float64) float64 { return min(1, math.Ceil(math.Abs(x))) }, filled},
	} {
		var sum, square float64
		for _, v := range x {
			y := c.of(float64(v))
			sum += y
			square += y * y
		}
		mean := sum / n
		stderr := math.Sqrt(max(0, square/n-mean*mean) / n)
		if math.Abs(mean-c.want) > 5*stderr+1e-6 {
			t.Errorf("p = %g: %s of the samples = %g ± %g, theory %g", p, name, mean, stderr, c.want)
		}
	}
}
