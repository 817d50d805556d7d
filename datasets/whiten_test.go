package datasets_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
)

// correlated returns n samples of Σ = Q·Λ·Qᵀ about a mean that is far away; Λ falls from 1 to 10⁻⁶ over the first rank
// directions and is zero on the others.
func correlated(n, d, rank int) *datasets.Table {
	r := rand.New(rand.NewPCG(1, 2))
	q, err := datasets.Haar(d, d, 5)
	if err != nil {
		panic(err)
	}
	t := &datasets.Table{Data: make([]float32, n*d), Cols: d}
	for i := range n {
		row := make([]float64, d)
		for k := range rank {
			g := r.ExpFloat64() * math.Pow(10, -3*float64(k)/float64(max(rank-1, 1)))
			for j := range row {
				row[j] += g * float64(q[k*d+j])
			}
		}
		for j, v := range row {
			t.Data[i*d+j] = float32(v)
		}
	}
	return t
}

// covarianceOf is the plain definition, in float64.
func covarianceOf(t *datasets.Table) *mat.SymDense {
	n, d := t.Len(), t.Cols
	mean := make([]float64, d)
	for i, v := range t.Data {
		mean[i%d] += float64(v) / float64(n)
	}
	c := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			var sum float64
			for k := range n {
				sum += (float64(t.Data[k*d+i]) - mean[i]) * (float64(t.Data[k*d+j]) - mean[j])
			}
			c.SetSym(i, j, sum/float64(n))
		}
	}
	return c
}

// The whitened covariance is the projection on the directions that are kept: its eigenvalues are 1, rank times, and 0.
func TestWhitenedCovarianceIsTheIdentity(t *testing.T) {
	t.Parallel()
	for _, size := range [][3]int{{5000, 30, 30}, {2100, 40, 33}, {20, 30, 10}, {9, 1, 1}} {
		n, d, rank := size[0], size[1], size[2]
		table := correlated(n, d, rank)
		before := covarianceOf(table)
		w, err := datasets.FitWhitening(t.Context(), table, 1e-9)
		if err != nil {
			t.Fatal(err)
		}
		var eigen mat.EigenSym
		if !eigen.Factorize(before, false) {
			t.Fatal("no decomposition")
		}
		if largest := eigen.Values(nil)[d-1]; math.Abs(w.Eigenvalues[0]-largest) > 1e-9*largest {
			t.Errorf("%v: the largest eigenvalue is %g, want %g", size, w.Eigenvalues[0], largest)
		}
		if err := w.Apply(t.Context(), table); err != nil {
			t.Fatal(err)
		}
		if w.Rank != rank || len(w.Eigenvalues) != d {
			t.Errorf("%v: rank %d", size, w.Rank)
		}
		if !eigen.Factorize(covarianceOf(table), false) {
			t.Fatal("no decomposition")
		}
		for k, value := range eigen.Values(nil) {
			want := 1.0
			if k < d-rank {
				want = 0
			}
			if math.Abs(value-want) > 1e-3 {
				t.Errorf("%v: eigenvalue %d of the whitened covariance is %g, want %g", size, k, value, want)
			}
		}
	}
}

// The map is symmetric: a whitened sample is the one nearest to the sample itself, not just any rotation of it.
func TestWhiteningIsSymmetric(t *testing.T) {
	t.Parallel()
	w, err := datasets.FitWhitening(t.Context(), correlated(500, 12, 12), 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	sym := mat.NewSymDense(12, nil)
	for i := range 12 {
		for j := range 12 {
			if w.Matrix[i*12+j] != w.Matrix[j*12+i] {
				t.Fatalf("entries %d, %d differ", i, j)
			}
			sym.SetSym(i, j, float64(w.Matrix[i*12+j]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(sym, false) || eigen.Values(nil)[0] <= 0 {
		t.Errorf("the root is not positive: %v", eigen.Values(nil))
	}
}

func TestBadWhitening(t *testing.T) {
	t.Parallel()
	constant := &datasets.Table{Data: []float32{1, 2, 3, 1, 2, 3, 1, 2, 3}, Cols: 3}
	if _, err := datasets.FitWhitening(t.Context(), constant, 1e-6); !errors.Is(err, datasets.ErrNoVariance) {
		t.Errorf("equal samples: %v", err)
	}
	nan := correlated(10, 4, 4)
	nan.Data[6] = float32(math.NaN())
	if _, err := datasets.FitWhitening(t.Context(), nan, 1e-6); err == nil || !strings.Contains(err.Error(), "coordinate 2 has values that are not finite") {
		t.Errorf("NaN: %v", err)
	}
	if _, err := datasets.FitWhitening(t.Context(), &datasets.Table{Cols: 4}, 1e-6); err == nil {
		t.Error("no samples are accepted")
	}
	for _, cut := range []float64{0, 1, -1, math.NaN()} {
		if _, err := datasets.FitWhitening(t.Context(), correlated(10, 4, 4), cut); err == nil {
			t.Errorf("cut = %g is accepted", cut)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := datasets.FitWhitening(ctx, correlated(10, 4, 4), 1e-6); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	w, err := datasets.FitWhitening(t.Context(), correlated(10, 4, 4), 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Apply(t.Context(), correlated(10, 5, 5)); err == nil {
		t.Error("a table of another dimension is accepted")
	}
}
