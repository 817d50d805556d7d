package amp_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"

	"gonum.org/v1/gonum/mat"
)

// VAMP at d = 4096 against its state evolution: the denoiser's error after one pass, the Bayes error at the fixed point.
func TestVAMPReachesBayes(t *testing.T) {
	const d, inputs = 4096, 24
	for _, law := range simulationLaws() {
		for _, n := range []int{d / 2, d, d * 3 / 2} {
			if testing.Short() && n != d {
				continue
			}
			t.Run(fmt.Sprintf("%T/r=%g", law, float64(n)/d), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(uint64(n), 17))
				evolution, err := amp.StateEvolution(law, float64(n)/d, nil)
				if err != nil {
					t.Fatal(err)
				}
				var mse, believed, first mean
				for range inputs {
					op, err := amp.NewFlat(newFastEncoder(n, d, r))
					if err != nil {
						t.Fatal(err)
					}
					x := unitEnergyInput(law, d, r)
					result, err := amp.VAMP(op, signs(op, x, r), law, simulationSettings())
					if err != nil {
						t.Fatal(err)
					}
					if result.Believed.Status == amp.Diverged {
						t.Fatal("diverged")
					}
					mse.add(distance(result.Estimate, x))
					believed.add(result.Believed.Final())
					first.add(result.Believed.MSE[0])
				}
				checkMSE(t, "fixed point", &mse, evolution.Final())
				checkMSE(t, "believed error", &believed, evolution.Final())
				checkMSE(t, "first pass", &first, evolution.MSE[0])
			})
		}
	}
}

// simulationSettings stop VAMP when its error changes by less than a hundredth of what checkMSE sees.
func simulationSettings() *amp.Settings { return &amp.Settings{Tolerance: 1e-6} }

// A two-level spectrum, and an i.i.d. one through the singular value decomposition of a dense matrix.
func TestVAMPGeneralSpectrum(t *testing.T) {
	law := amp.SparseGaussian{P: 0.2}
	r := rand.New(rand.NewPCG(12, 13))
	t.Run("two levels", func(t *testing.T) {
		const n, d = 2048, 4096
		checkVAMP(t, law, 16, r, func() amp.LinearModel { return newSpectralEncoder(twoLevels(n), d, r) })
	})
	t.Run("Gaussian rows", func(t *testing.T) {
		const n, d = 150, 300
		b := mat.NewDense(n, d, nil)
		for i := range n {
			for j := range d {
				b.Set(i, j, r.NormFloat64()/math.Sqrt(d))
			}
		}
		op, err := amp.NewFactored(b)
		if err != nil {
			t.Fatal(err)
		}
		checkVAMP(t, law, 200, r, func() amp.LinearModel { return op })
	})
}

// checkVAMP compares simulation and state evolution on one kind of encoder.
func checkVAMP(t *testing.T, law amp.Prior, inputs int, r *rand.Rand, draw func() amp.LinearModel) {
	t.Helper()
	var mse mean
	var want float64
	for range inputs {
		op := draw()
		n, d := op.Dims()
		evolution, err := amp.VAMPStateEvolution(law, float64(n)/float64(d), op.Eigenvalues(), nil)
		if err != nil {
			t.Fatal(err)
		}
		want = evolution.Final()
		x := unitEnergyInput(law, d, r)
		result, err := amp.VAMP(op, signs(op, x, r), law, simulationSettings())
		if err != nil {
			t.Fatal(err)
		}
		mse.add(distance(result.Estimate, x))
	}
	checkMSE(t, "fixed point", &mse, want)
}

// With a flat spectrum the general recursion is the scalar one.
func TestVAMPStateEvolutionFlat(t *testing.T) {
	for _, law := range simulationLaws() {
		for _, rate := range []float64{0.1, 0.5, 1, 1.5} {
			eigenvalues := []float64{1}
			if rate > 1 {
				eigenvalues = []float64{1.5, 1.5, 0} // r of the rows' n eigenvalues: r with share 1/r
			}
			general, err := amp.VAMPStateEvolution(law, rate, eigenvalues, nil)
			if err != nil {
				t.Fatal(err)
			}
			scalar, err := amp.StateEvolution(law, rate, nil)
			if err != nil {
				t.Fatal(err)
			}
			for pass := 1; pass <= 5; pass++ {
				checkAbsolute(t, fmt.Sprintf("%T r=%g pass %d", law, rate, pass), general.After(pass), scalar.After(pass), 1e-12)
			}
			checkAbsolute(t, fmt.Sprintf("%T r=%g", law, rate), general.Final(), scalar.Final(), 1e-11)
		}
	}
}

// Factored.Solve, Flat.Solve and the dense normal equations agree.
func TestSolve(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 15))
	for _, dims := range [][2]int{{5, 8}, {8, 8}, {12, 8}} {
		b, err := amp.Haar(dims[0], dims[1], r)
		if err != nil {
			t.Fatal(err)
		}
		dense, err := amp.NewDense(b)
		if err != nil {
			t.Fatal(err)
		}
		flat, err := amp.NewFlat(dense)
		if err != nil {
			t.Fatal(err)
		}
		factored, err := amp.NewFactored(b)
		if err != nil {
			t.Fatal(err)
		}
		w := make([]float64, dims[1])
		for i := range w {
			w[i] = r.NormFloat64()
		}
		var normal mat.Dense
		normal.Mul(b.T(), b)
		normal.Scale(0.7, &normal)
		for i := range w {
			normal.Set(i, i, normal.At(i, i)+1.3)
		}
		var want mat.VecDense
		if err := want.SolveVec(&normal, mat.NewVecDense(len(w), w)); err != nil {
			t.Fatal(err)
		}
		for _, model := range []amp.LinearModel{flat, factored} {
			got := make([]float64, len(w))
			model.Solve(got, w, 1.3, 0.7)
			for i := range got {
				checkAbsolute(t, fmt.Sprintf("%T %v [%d]", model, dims, i), got[i], want.AtVec(i), 1e-12)
			}
			if len(model.Eigenvalues()) != dims[0] {
				t.Errorf("%T: %d eigenvalues for %d rows", model, len(model.Eigenvalues()), dims[0])
			}
		}
	}
}

func TestHaar(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 17))
	for _, dims := range [][2]int{{30, 50}, {50, 50}, {75, 50}, {1, 1}} {
		b, err := amp.Haar(dims[0], dims[1], r)
		if err != nil {
			t.Fatal(err)
		}
		eigenvalues, err := amp.Eigenvalues(b)
		if err != nil {
			t.Fatal(err)
		}
		level := math.Max(1, float64(dims[0])/float64(dims[1]))
		for i, l := range eigenvalues {
			want := level
			if i >= dims[1] {
				want = 0
			}
			checkAbsolute(t, fmt.Sprintf("%v eigenvalue %d", dims, i), l, want, 1e-12)
		}
	}
	// The law is invariant under signs: entries have mean 0 and variance 1/d.
	var entry, square mean
	for range 2000 {
		b, _ := amp.Haar(2, 4, r)
		entry.add(b.At(0, 0))
		square.add(b.At(1, 1) * b.At(1, 1))
	}
	entry.check(t, "mean entry", 0, 0)
	square.check(t, "mean square", 0.25, 0)
}

func TestVAMPBadInput(t *testing.T) {
	law := amp.SparseGaussian{P: 0.4}
	op, err := amp.NewFactored(mat.NewDense(2, 4, []float64{1, 0, 0, 0, 0, 2, 0, 0}))
	if err != nil {
		t.Fatal(err)
	}
	zero, err := amp.NewFactored(mat.NewDense(1, 2, []float64{0, 0}))
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"code too long":       func() error { _, err := amp.VAMP(op, []float64{1, 1, 1}, law, nil); return err },
		"zero in code":        func() error { _, err := amp.VAMP(op, []float64{1, 0}, law, nil); return err },
		"zero matrix":         func() error { _, err := amp.VAMP(zero, []float64{1}, law, nil); return err },
		"not flat":            func() error { _, err := amp.NewFlat(op); return err },
		"infinite B":          func() error { _, err := amp.NewFactored(mat.NewDense(1, 1, []float64{math.Inf(1)})); return err },
		"nil model":           func() error { _, err := amp.VAMP(nil, nil, law, nil); return err },
		"nil prior":           func() error { _, err := amp.VAMP(op, []float64{1, 1}, nil, nil); return err },
		"nil operator":        func() error { _, err := amp.NewFlat(nil); return err },
		"Haar without source": func() error { _, err := amp.Haar(1, 1, nil); return err },
		"Haar 0×3":            func() error { _, err := amp.Haar(0, 3, nil); return err },
		"negative spectrum":   func() error { _, err := amp.VAMPStateEvolution(law, 1, []float64{-1}, nil); return err },
		"zero spectrum":       func() error { _, err := amp.VAMPStateEvolution(law, 1, []float64{0}, nil); return err },
		"rate NaN":            func() error { _, err := amp.VAMPStateEvolution(law, math.NaN(), []float64{1}, nil); return err },
		"damping":             func() error { _, err := amp.VAMP(op, []float64{1, 1}, law, &amp.Settings{Damping: 1}); return err },
	} {
		var domain *amp.DomainError
		if err := call(); !errors.As(err, &domain) {
			t.Errorf("%s: error %v, want a *DomainError", name, err)
		}
	}
}

// Above AMP's threshold, 1.3047 for this law, VAMP on small matrices may come to rest on vectors that are not the data and believe that
// their error is 0. Its status says so: no result with a small believed error has a large error and another status. Of 16 codes some
// are contradicted, and some not.
func TestVAMPContradicted(t *testing.T) {
	t.Parallel()
	const n, d = 320, 200
	law := amp.SparseRademacher{P: 1}
	const codes = 16
	contradicted := 0
	for seed := range uint64(codes) {
		r := rand.New(rand.NewPCG(seed, 3))
		b, err := amp.Haar(n, d, r)
		if err != nil {
			t.Fatal(err)
		}
		dense, err := amp.NewDense(b)
		if err != nil {
			t.Fatal(err)
		}
		op, err := amp.NewFlat(dense)
		if err != nil {
			t.Fatal(err)
		}
		x := unitEnergyInput(law, d, r)
		result, err := amp.VAMP(op, signs(op, x, r), law, nil)
		if err != nil {
			t.Fatal(err)
		}
		mse, believed, status := distance(result.Estimate, x), result.Believed.Final(), result.Believed.Status
		switch {
		case status == amp.Contradicted:
			contradicted++
			if mse < believed {
				t.Errorf("seed %d: contradicted, with the error %g below the believed %g", seed, mse, believed)
			}
		case believed < 1e-3 && mse > 0.01:
			t.Errorf("seed %d: %v with the error %g, believed %g", seed, status, mse, believed)
		}
	}
	if contradicted == 0 || contradicted == codes {
		t.Errorf("%d of %d contradicted: the test saw one side only", contradicted, codes)
	}
}
