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

// unitEnergyInput draws x (d) and rescales it to ‖x‖² = d, which removes the finite-d energy bias (amp/THEORY.md §6.4).
func unitEnergyInput(p amp.Prior, d int, r *rand.Rand) []float64 {
	x := make([]float64, d)
	energy := 0.0
	for i := range x {
		x[i] = p.Sample(r)
		energy += x[i] * x[i]
	}
	for i := range x {
		x[i] *= math.Sqrt(float64(d) / energy)
	}
	return x
}

// signs is sign(Bx) with a fair coin at exact zeros.
func signs(op amp.Operator, x []float64, r *rand.Rand) []float64 {
	n, _ := op.Dims()
	y := make([]float64, n)
	op.Apply(y, x)
	for i, v := range y {
		switch {
		case v > 0:
			y[i] = 1
		case v < 0:
			y[i] = -1
		default:
			y[i] = 1 - 2*float64(r.IntN(2))
		}
	}
	return y
}

// distance is ‖a − b‖²/d.
func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return sum / float64(len(a))
}

// simulationLaws are one law of every family.
func simulationLaws() []amp.Prior {
	return []amp.Prior{
		amp.Gaussian{}, amp.SparseGaussian{P: 0.4}, amp.SparseRademacher{P: 0.3}, amp.SparseLaplace{P: 0.5},
		amp.SparseMixture{P: 0.5, Mean: 1},
	}
}

// checkMSE accepts four standard errors or 0.5 %, whichever is larger.
func checkMSE(t *testing.T, what string, m *mean, want float64) {
	t.Helper()
	got, stderr := m.value()
	if math.Abs(got-want) > math.Max(4*stderr, 5e-3*want) {
		t.Errorf("%s: simulated %.5f ± %.5f, predicted %.5f", what, got, stderr, want)
	}
}

// RI-GAMP at d = 4096 (r = 1.5: n = 6144) against its state evolution at each of four iterations.
func TestRIGAMPFollowsStateEvolution(t *testing.T) {
	const d, iterations, inputs = 4096, 4, 24
	for _, law := range simulationLaws() {
		for _, n := range []int{d / 2, d, d * 3 / 2} {
			if testing.Short() && n != d {
				continue
			}
			t.Run(fmt.Sprintf("%T/r=%g", law, float64(n)/d), func(t *testing.T) {
				t.Parallel()
				rate := float64(n) / d
				r := rand.New(rand.NewPCG(uint64(n), 7))
				evolution, err := amp.RIGAMPStateEvolution(law, rate, nil, iterations)
				if err != nil {
					t.Fatal(err)
				}
				f, g := evolution.Functions(law)
				mse := make([]mean, iterations)
				for range inputs {
					op := newFastEncoder(n, d, r)
					x := unitEnergyInput(law, d, r)
					estimates, err := amp.RIGAMP(op, signs(op, x, r), nil, f, g)
					if err != nil {
						t.Fatal(err)
					}
					for i, estimate := range estimates {
						mse[i].add(distance(estimate, x))
					}
				}
				for i := range mse {
					checkMSE(t, fmt.Sprintf("iteration %d", i+1), &mse[i], evolution.MSE[i])
				}
			})
		}
	}
}

// The same with a spectrum of two levels, where the free cumulants matter: eigenvalues 0.4 and 1.6, r = 0.5.
func TestRIGAMPGeneralSpectrum(t *testing.T) {
	const n, d, iterations = 2048, 4096, 4
	law := amp.SparseGaussian{P: 0.2}
	r := rand.New(rand.NewPCG(8, 9))
	s := twoLevels(n)
	op := newSpectralEncoder(s, d, r)
	moments, err := amp.SpectrumMoments(op.Eigenvalues(), 2*iterations+2)
	if err != nil {
		t.Fatal(err)
	}
	kappa, err := amp.FreeCumulants(moments, float64(n)/d)
	if err != nil {
		t.Fatal(err)
	}
	evolution, err := amp.RIGAMPStateEvolution(law, float64(n)/d, kappa, iterations)
	if err != nil {
		t.Fatal(err)
	}
	f, g := evolution.Functions(law)
	mse := make([]mean, iterations)
	for range 20 {
		op := newSpectralEncoder(s, d, r)
		x := unitEnergyInput(law, d, r)
		estimates, err := amp.RIGAMP(op, signs(op, x, r), kappa, f, g)
		if err != nil {
			t.Fatal(err)
		}
		for i, estimate := range estimates {
			mse[i].add(distance(estimate, x))
		}
	}
	for i := range mse {
		checkMSE(t, fmt.Sprintf("iteration %d", i+1), &mse[i], evolution.MSE[i])
	}
}

// twoLevels are singular values whose squares are 0.4 and 1.6 equally often, in blocks.
func twoLevels(n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = math.Sqrt(0.4)
		if i >= n/2 {
			s[i] = math.Sqrt(1.6)
		}
	}
	return s
}

// The closed form, the general recursion and the scalar recursion are three ways to the same numbers.
func TestRIGAMPThreeWays(t *testing.T) {
	for name, law := range laws(t) {
		for _, rate := range []float64{0.1, 0.5, 1, 1.5, 3} {
			t.Run(fmt.Sprintf("%s/r=%g", name, rate), func(t *testing.T) {
				if name == "empirical" {
					t.Skip("costly and not different")
				}
				scalar, err := amp.StateEvolution(law, rate, nil)
				if err != nil {
					t.Fatal(err)
				}
				closed, err := amp.RIGAMPTwo(law, rate)
				if err != nil {
					t.Fatal(err)
				}
				general, err := amp.RIGAMPStateEvolution(law, rate, nil, 5)
				if err != nil {
					t.Fatal(err)
				}
				checkAbsolute(t, "closed form", closed.MSE2, scalar.After(2), 1e-12)
				for i, mse := range general.MSE {
					// The covariances lose digits as iterates come to repeat each other.
					checkAbsolute(t, fmt.Sprintf("iteration %d", i+1), mse, scalar.After(i+1), []float64{1e-13, 1e-12, 1e-9, 1e-8, 1e-7}[i])
				}
			})
		}
	}
}

// Identities at the optimum (amp/THEORY.md §9.4): Ω12 = μ1, β21 = −μ2.
func TestRIGAMPIdentities(t *testing.T) {
	for _, law := range simulationLaws()[1:] {
		for _, rate := range []float64{0.25, 1, 2} {
			r, err := amp.RIGAMPTwo(law, rate)
			if err != nil {
				t.Fatal(err)
			}
			checkAbsolute(t, "Ω12", r.Omega12, r.Mu1, 1e-12)
			checkAbsolute(t, "β21", r.Beta21, -r.Mu2, 1e-12)
			general, err := amp.RIGAMPStateEvolution(law, rate, nil, 2)
			if err != nil {
				t.Fatal(err)
			}
			checkAbsolute(t, "Ω22", general.Omega[1][1], r.Omega22, 1e-12)
			checkAbsolute(t, "Σ01", general.Sigma[0][1], r.Sigma01, 1e-12)
			checkAbsolute(t, "Σ11", general.Sigma[1][1], r.Sigma11, 1e-12)
			checkAbsolute(t, "α11", general.Alpha[0][0], r.Alpha11, 1e-12)
			checkAbsolute(t, "β21", general.Beta[1][0], r.Beta21, 1e-12)
		}
	}
}

// On any spectrum RI-GAMP's error falls to VAMP's fixed point.
func TestRIGAMPReachesVAMPFixedPoint(t *testing.T) {
	law := amp.SparseGaussian{P: 0.4}
	for _, rate := range []float64{0.5, 1} {
		moments, _ := amp.SpectrumMoments([]float64{0.4, 1.6}, 16)
		kappa, err := amp.FreeCumulants(moments, rate)
		if err != nil {
			t.Fatal(err)
		}
		evolution, err := amp.RIGAMPStateEvolution(law, rate, kappa, 7)
		if err != nil {
			t.Fatal(err)
		}
		fixed, err := amp.VAMPStateEvolution(law, rate, []float64{0.4, 1.6}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(evolution.MSE); i++ {
			if evolution.MSE[i] > evolution.MSE[i-1] {
				t.Errorf("r = %g: iteration %d raised the error: %v", rate, i+1, evolution.MSE)
			}
		}
		// Slow convergence from above: 1e-4 at seven iterations.
		checkAbsolute(t, fmt.Sprintf("r = %g", rate), evolution.MSE[6], fixed.Final(), 2e-4)
	}
}

// RIGAMP with other functions than the optimal ones: with linear f_1 the first iterate is the linear decoder.
func TestRIGAMPWithOwnFunctions(t *testing.T) {
	const n, d = 2048, 4096
	r := rand.New(rand.NewPCG(10, 11))
	law := amp.SparseGaussian{P: 0.3}
	alpha := math.Sqrt(2 / math.Pi)
	linear := func(xhat []float64, x [][]float64, slope []float64) {
		for j, v := range x[len(x)-1] {
			xhat[j] = alpha * v
		}
		slope[len(x)-1] = alpha
	}
	var mse mean
	for range 10 {
		op := newFastEncoder(n, d, r)
		x := unitEnergyInput(law, d, r)
		estimates, err := amp.RIGAMP(op, signs(op, x, r), nil, []amp.SignalFunc{linear}, nil)
		if err != nil {
			t.Fatal(err)
		}
		mse.add(distance(estimates[0], x))
	}
	checkMSE(t, "linear decoder", &mse, amp.RGauss(0.5))
}

func TestRIGAMPBadInput(t *testing.T) {
	law := amp.SparseGaussian{P: 0.4}
	evolution, err := amp.RIGAMPStateEvolution(law, 0.5, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	f, g := evolution.Functions(law)
	op, err := amp.NewDense(mat.NewDense(2, 4, []float64{1, 0, 0, 0, 0, 1, 0, 0}))
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"code too short":     func() error { _, err := amp.RIGAMP(op, []float64{1}, nil, f, g); return err },
		"code not ±1":        func() error { _, err := amp.RIGAMP(op, []float64{1, 0.5}, nil, f, g); return err },
		"no functions":       func() error { _, err := amp.RIGAMP(op, []float64{1, 1}, nil, nil, nil); return err },
		"too few g":          func() error { _, err := amp.RIGAMP(op, []float64{1, 1}, nil, f, nil); return err },
		"too few cumulants":  func() error { _, err := amp.RIGAMP(op, []float64{1, 1}, []float64{1}, f, g); return err },
		"NaN in B":           func() error { _, err := amp.NewDense(mat.NewDense(1, 1, []float64{math.NaN()})); return err },
		"nil B":              func() error { _, err := amp.NewDense(nil); return err },
		"empty B":            func() error { _, err := amp.NewDense(&mat.Dense{}); return err },
		"eight iterations":   func() error { _, err := amp.RIGAMPStateEvolution(law, 1, nil, 8); return err },
		"rate 0":             func() error { _, err := amp.RIGAMPStateEvolution(law, 0, nil, 2); return err },
		"nil operator":       func() error { _, err := amp.RIGAMP(nil, nil, nil, f, g); return err },
		"nil function":       func() error { _, err := amp.RIGAMP(op, []float64{1, 1}, nil, []amp.SignalFunc{nil}, nil); return err },
		"nil prior":          func() error { _, err := amp.RIGAMPTwo(nil, 1); return err },
		"nil prior, general": func() error { _, err := amp.RIGAMPStateEvolution(nil, 1, nil, 1); return err },
		"nil prior, scalar":  func() error { _, err := amp.StateEvolution(nil, 1, nil); return err },
		"nil prior, predict": func() error { _, err := amp.PredictPrior(nil, 1, nil); return err },
		"NaN cumulant": func() error {
			_, err := amp.RIGAMPStateEvolution(law, 1, []float64{1, 0, math.NaN(), 0}, 1)
			return err
		},
		"rate 0, two":        func() error { _, err := amp.RIGAMPTwo(law, 0); return err },
		"cumulants, too few": func() error { _, err := amp.RIGAMPStateEvolution(law, 1, []float64{1, 2}, 2); return err },
	} {
		var domain *amp.DomainError
		if err := call(); !errors.As(err, &domain) {
			t.Errorf("%s: error %v, want a *DomainError", name, err)
		}
	}
}

func TestFreeCumulants(t *testing.T) {
	for _, rate := range []float64{0.3, 1, 2.5} {
		// Marchenko–Pastur: i.i.d. entries of variance 1/d have κ₂ = 1 and no other. Moments of BBᵀ by Narayana numbers,
		// (1/n)tr(BBᵀ)ᵏ = Σ_j N(k, j)·r^{j−1}.
		moments := []float64{1, 1 + rate, 1 + 3*rate + rate*rate, 1 + 6*rate + 6*rate*rate + rate*rate*rate}
		kappa, err := amp.FreeCumulants(moments, rate)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range kappa {
			want := 0.0
			if i == 0 {
				want = 1
			}
			checkAbsolute(t, fmt.Sprintf("Marchenko–Pastur r=%g κ%d", rate, 2*i+2), k, want, 1e-12)
		}
		level := math.Max(1, rate)
		flat := make([]float64, 8)
		for i := range flat {
			flat[i] = math.Pow(level, float64(i))
		}
		kappa, err = amp.FreeCumulants(flat, rate)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range amp.FlatCumulants(rate, 8) {
			checkAbsolute(t, fmt.Sprintf("flat r=%g κ%d", rate, 2*i+2), kappa[i], want, 1e-9*math.Abs(want))
		}
	}
}
