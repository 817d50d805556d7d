package amp_test

import (
	"fmt"
	"math/rand/v2"

	"autoamp/amp"

	"gonum.org/v1/gonum/mat"
)

// Everything the theory says about sparse Gaussian data at rate 1.
func Example() {
	p, err := amp.Predict(amp.Point{Data: "sparse-gaussian", P: 0.4, Rate: 1}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("linear decoder  %.6f\n", p.Gaussian)
	fmt.Printf("denoiser        %.6f\n", p.Denoiser)
	fmt.Printf("two iterations  %.6f\n", p.RIGAMP[1])
	fmt.Printf("Bayes optimal   %.6f\n", p.Bayes)
	// Output:
	// linear decoder  0.363380
	// denoiser        0.294828
	// two iterations  0.288521
	// Bayes optimal   0.288099
}

// With a dimension, Predict adds the 1/d correction that a simulation at that size shows.
func ExamplePredict() {
	p, _ := amp.Predict(amp.Point{Data: "sparse-gaussian", P: 0.2, Rate: 0.5}, &amp.Settings{Dim: 100})
	fmt.Printf("limit %.3f, d = 100 %.3f\n", p.Denoiser, *p.FiniteDim.Denoiser)
	// Output: limit 0.550, d = 100 0.569
}

// The law of measured coordinates, here a handful of numbers, instead of a named family.
func ExamplePredictPrior() {
	law, _ := amp.NewEmpirical([]float64{0, 0, 0, 3, 0, -3, 0, 0, 0, 0}, 0)
	p, _ := amp.PredictPrior(law, 1, nil)
	fmt.Printf("denoiser %.6f, sparse Rademacher %.6f\n", p.Denoiser, amp.DenoiserMSE(amp.SparseRademacher{P: 0.2}, 1))
	// Output: denoiser 0.252034, sparse Rademacher 0.252034
}

func ExampleNewPrior() {
	_, err := amp.NewPrior("sparse-gaussian", 1.5, 1)
	fmt.Println(err)
	law, _ := amp.NewPrior("sparse-laplace", 0.5, 1)
	fmt.Printf("E|x| = %.4f, E x⁴ = %g\n", law.AbsMean(), law.FourthMoment())
	// Output:
	// amp: p = 1.5: must be in (0, 1]
	// E|x| = 0.5000, E x⁴ = 12
}

func ExamplePriorNames() {
	fmt.Println(amp.PriorNames())
	// Output: [gaussian sparse-gaussian sparse-rademacher sparse-laplace sparse-mixture sparse-uniform]
}

func ExampleNewEmpirical() {
	law, _ := amp.NewEmpirical([]float64{-4, 0, 0, 4}, 0)
	fmt.Printf("samples divided by %.4f, E|x| = %.4f\n", law.Scale(), law.AbsMean())
	// Output: samples divided by 2.8284, E|x| = 0.7071
}

// Eq. (5) of the ICML 2024 paper.
func ExampleRGauss() {
	fmt.Printf("%.6f %.6f %.6f\n", amp.RGauss(0.5), amp.RGauss(1), amp.RGauss(1.5))
	// Output: 0.681690 0.363380 0.275641
}

// Eq. (18): a coordinate of Bᵀsign(Bx) is μx + σg.
func ExampleHaarChannel() {
	mu, sigma2 := amp.HaarChannel(1)
	fmt.Printf("μ = %.6f, σ² = %.6f\n", mu, sigma2)
	// Output: μ = 0.797885, σ² = 0.363380
}

// Eq. (19): the denoiser for sparse Rademacher data is a two-step staircase.
func ExamplePosteriorMean() {
	for _, u := range []float64{0.3, 0.9, 1.5, 3} {
		f, _ := amp.PosteriorMean(amp.SparseRademacher{P: 0.3}, 1, u)
		fmt.Printf("%.4f ", f)
	}
	// Output: 0.0613 0.5453 1.5068 1.8248
}

func ExampleDenoiser() {
	f := amp.Denoiser(amp.SparseGaussian{P: 0.4}, 1)
	for _, u := range []float64{-0.7, 0, 0.7} {
		mean, slope := f(u)
		fmt.Printf("%.6f %.6f\n", mean, slope)
	}
	// Output:
	// -0.237329 0.587566
	// 0.000000 0.227799
	// 0.237329 0.587566
}

// Eq. (20): keeping signs of coordinates beats a rotation only for data of nearly constant modulus.
func ExampleIdentityMSE() {
	identity, _ := amp.IdentityMSE(amp.SparseRademacher{P: 0.8}, 1)
	fmt.Printf("identity %.4f, Haar %.4f\n", identity, amp.DenoiserMSE(amp.SparseRademacher{P: 0.8}, 1))
	// Output: identity 0.2000, Haar 0.3086
}

func ExampleDenoiserMSE() {
	fmt.Printf("%.6f\n", amp.DenoiserMSE(amp.SparseLaplace{P: 0.5}, 1))
	// Output: 0.280744
}

func ExampleCriticalP() {
	linear, ok, _ := amp.CriticalP("sparse-rademacher", 1, 1)
	fmt.Printf("%.6f %v\n", linear.P, ok)
	_, ok, _ = amp.CriticalP("sparse-gaussian", 1, 1)
	fmt.Println(ok)
	// Output:
	// 0.636620 true
	// false
}

func ExampleCriticalPDenoiser() {
	c, _, _ := amp.CriticalPDenoiser("sparse-rademacher", 1, 1)
	fmt.Printf("%.6f\n", c.P)
	// Output: 0.668879
}

func ExampleFiniteDimension() {
	linear, denoiser := amp.FiniteDimension(amp.SparseGaussian{P: 0.4}, 1, 200)
	fmt.Printf("%.4f %.4f\n", linear, denoiser)
	// Output: 0.3670 0.2990
}

func ExampleProbitGain() {
	fmt.Printf("%.6f %.6f\n", amp.ProbitGain(0), amp.ProbitGain(3))
	// Output: 0.636620 0.350196
}

func ExampleSparseRademacher_TwoTanh() {
	slope, shift, _ := amp.SparseRademacher{P: 0.3}.TwoTanh(1)
	fmt.Printf("f*(u) ∝ tanh(%.4f·u + %.4f) + tanh(%.4f·u − %.4f)\n", slope, shift, slope, shift)
	// Output: f*(u) ∝ tanh(2.0044·u + 2.2301) + tanh(2.0044·u − 2.2301)
}

// Eqs. (113)–(127): the way from the denoiser to the Bayes-optimal error.
func ExampleStateEvolution() {
	t, _ := amp.StateEvolution(amp.SparseGaussian{P: 0.2}, 1.5, nil)
	fmt.Printf("%.6f %.6f … %.6f, %v\n", t.MSE[0], t.MSE[1], t.Final(), t.Status)
	// Output: 0.135218 0.098852 … 0.083151, converged
}

func ExampleVAMPStateEvolution() {
	t, _ := amp.VAMPStateEvolution(amp.SparseGaussian{P: 0.4}, 0.5, []float64{0.4, 1.6}, nil)
	flat, _ := amp.StateEvolution(amp.SparseGaussian{P: 0.4}, 0.5, nil)
	fmt.Printf("two levels %.4f, flat %.4f\n", t.Final(), flat.Final())
	// Output: two levels 0.6751, flat 0.6372
}

func ExampleRIGAMPTwo() {
	r, _ := amp.RIGAMPTwo(amp.SparseGaussian{P: 0.4}, 1)
	fmt.Printf("%.6f %.6f\n", r.MSE1, r.MSE2)
	// Output: 0.294828 0.288521
}

func ExampleRIGAMPStateEvolution() {
	e, _ := amp.RIGAMPStateEvolution(amp.SparseGaussian{P: 0.2}, 0.5, nil, 3)
	fmt.Printf("%.6f\n", e.MSE)
	// Output: [0.550212 0.508180 0.500158]
}

// RI-GAMP on a matrix: encode, decode, compare.
func ExampleRIGAMP() {
	law, r := amp.SparseGaussian{P: 0.2}, rand.New(rand.NewPCG(1, 2))
	b, _ := amp.Haar(300, 300, r)
	op, _ := amp.NewDense(b)
	x := unitEnergyInput(law, 300, r)
	y := make([]float64, 300)
	op.Apply(y, x)
	for i, v := range y {
		if y[i] = 1; v < 0 {
			y[i] = -1
		}
	}
	evolution, _ := amp.RIGAMPStateEvolution(law, 1, nil, 2)
	f, g := evolution.Functions(law)
	estimates, _ := amp.RIGAMP(op, y, nil, f, g)
	fmt.Println("the second iteration is better:", distance(estimates[1], x) < distance(estimates[0], x))
	// Output: the second iteration is better: true
}

// VAMP on the same kind of matrix.
func ExampleVAMP() {
	law, r := amp.SparseGaussian{P: 0.2}, rand.New(rand.NewPCG(1, 2))
	b, _ := amp.Haar(300, 300, r)
	op, _ := amp.NewDense(b)
	flat, _ := amp.NewFlat(op)
	x := unitEnergyInput(law, 300, r)
	result, _ := amp.VAMP(flat, signs(op, x, r), law, nil)
	fmt.Println("within 0.05 of 0.165:", distance(result.Estimate, x) < 0.215)
	// Output: within 0.05 of 0.165: true
}

func ExampleFreeCumulants() {
	moments, _ := amp.SpectrumMoments([]float64{0.4, 1.6}, 3)
	kappa, _ := amp.FreeCumulants(moments, 0.5)
	fmt.Printf("%.2f\n", kappa)
	// Output: [1.00 -0.14 -0.04]
}

func ExampleFlatCumulants() {
	fmt.Println(amp.FlatCumulants(0.5, 4))
	// Output: [1 -0.5 0.5 -0.625]
}

func ExampleSpectrumMoments() {
	m, _ := amp.SpectrumMoments([]float64{0, 2}, 3)
	fmt.Println(m)
	// Output: [1 2 4]
}

func ExampleEigenvalues() {
	l, _ := amp.Eigenvalues(mat.NewDense(2, 2, []float64{0, 1, 2, 0}))
	fmt.Printf("%.0f\n", l)
	// Output: [4 1]
}

func ExampleHaar() {
	b, _ := amp.Haar(2, 3, rand.New(rand.NewPCG(1, 2)))
	var gram mat.Dense
	gram.Mul(b, b.T())
	fmt.Printf("%.3f\n", mat.Trace(&gram))
	// Output: 2.000
}

// Eq. (22): the three-layer decoder lies between the denoiser and two RI-GAMP iterations.
func ExampleThreeLayerDecoder() {
	r, _ := amp.ThreeLayerDecoder(amp.SparseGaussian{P: 0.4}, 1)
	fmt.Printf("%.5f > %.5f > %.5f > %.5f\n", r.Denoiser, r.X2Only, r.Merged, r.RIGAMP2)
	// Output: 0.29483 > 0.29021 > 0.28884 > 0.28852
}

func ExampleWaterFilling() {
	bound, allocation, _ := amp.WaterFilling([]float64{2, 2, 0.5, 0.5}, 0.5)
	fmt.Printf("%.6f %.2f\n", bound, allocation)
	// Output: 0.613380 [1.00 1.00 0.00 0.00]
}

// Whitened MNIST: a quarter of the eigenvalues vanish, the kink sits at r = 0.75.
func ExampleDegenerateRGauss() {
	fmt.Printf("%.6f\n", amp.DegenerateRGauss(0.5, 0.25))
	// Output: 0.431690
}

func ExampleSpectralFlow() {
	lambda, _ := amp.SpectralFlow([]float64{0.4, 0.9, 1.7}, 1)
	fmt.Printf("%.4f\n", lambda)
	// Output: [0.8053 0.9731 1.2215]
}

func ExampleSpectralMSE() {
	fmt.Printf("%.6f %.6f\n", amp.SpectralMSE([]float64{0.5, 1.5}, 0.5), amp.SpectralMSE([]float64{1, 1}, 0.5))
	// Output: 0.702175 0.681690
}

func ExamplePopulationRisk() {
	b := mat.NewDense(1, 2, []float64{1, 0})
	a, _ := amp.OptimalDecoder(b, 1, nil)
	risk, _ := amp.PopulationRisk(a, b, 1, nil)
	fmt.Printf("%.6f\n", risk) // 1 − (2/π)·½
	// Output: 0.681690
}

func ExampleOptimalDecoder() {
	masks, _ := amp.AllMasks(2, 0.5)
	a, _ := amp.OptimalDecoder(mat.NewDense(1, 2, []float64{1, 1}), 0.5, masks)
	fmt.Printf("%.4f\n", mat.Formatted(a))
	// Output:
	// ⎡0.4816⎤
	// ⎣0.4816⎦
}

func ExamplePopulationGradient() {
	b, _ := amp.Haar(2, 4, rand.New(rand.NewPCG(1, 2)))
	a, _ := amp.OptimalDecoder(b, 1, nil)
	g, _ := amp.PopulationGradient(a, b, 1, nil)
	fmt.Println("a Haar encoder is stationary:", mat.Norm(g, 2) < 1e-12)
	// Output: a Haar encoder is stationary: true
}

func ExampleAllMasks() {
	masks, _ := amp.AllMasks(2, 0.25)
	for _, m := range masks {
		fmt.Println(m.Keep, m.Weight)
	}
	// Output:
	// [false false] 0.5625
	// [true false] 0.1875
	// [false true] 0.1875
	// [true true] 0.0625
}

func ExampleSparseCodingBias() {
	fmt.Printf("%.4f\n", amp.SparseCodingBias(1024, 0.1, 2, 0.25, 0.1, 0.6))
	// Output: 1.8000
}
