package amp_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/amp"

	"gonum.org/v1/gonum/mat"
)

// The laws as a table: amp/THEORY.md §2, and what one look through noise of the same size as the signal leaves unknown.
func ExamplePrior() {
	for _, name := range amp.PriorNames() {
		law, _ := amp.NewPrior(name, 0.5, 1)
		fmt.Printf("%-17s E|x| = %.4f  E x⁴ = %5.2f  mmse(1) = %.4f\n", name, law.AbsMean(), law.FourthMoment(), law.MMSE(1))
	}
	// Output:
	// gaussian          E|x| = 0.7979  E x⁴ =  3.00  mmse(1) = 0.5000
	// sparse-gaussian   E|x| = 0.5642  E x⁴ =  6.00  mmse(1) = 0.4645
	// sparse-rademacher E|x| = 0.7071  E x⁴ =  2.00  mmse(1) = 0.4923
	// sparse-laplace    E|x| = 0.5000  E x⁴ = 12.00  mmse(1) = 0.4089
	// sparse-mixture    E|x| = 0.5833  E x⁴ =  5.00  mmse(1) = 0.4769
	// sparse-uniform    E|x| = 0.6124  E x⁴ =  3.60  mmse(1) = 0.4900
}

// Eq. (19) through y = x + σZ: linear for Gaussian data.
func ExampleGaussian_PosteriorMean() {
	fmt.Println(amp.Gaussian{}.PosteriorMean(1.5, 0.5))
	// Output: 1
}

// Small observations are taken for noise on a zero, large ones are kept: p = 0.1, σ² = 0.25.
func ExampleSparseGaussian_PosteriorMean() {
	law := amp.SparseGaussian{P: 0.1}
	for _, y := range []float64{0.5, 1, 2, 4} {
		fmt.Printf("%.4f ", law.PosteriorMean(y, 0.25))
	}
	// Output: 0.0134 0.1062 1.9064 3.9024
}

// The posterior knows where it is unsure: the variance peaks at the switch from zero to 1/√p = 2.
func ExampleSparseRademacher_PosteriorVariance() {
	law := amp.SparseRademacher{P: 0.25}
	for _, y := range []float64{0, 1, 1.22, 2} {
		fmt.Printf("%.4f ", law.PosteriorVariance(y, 0.25))
	}
	// Output: 0.0004 0.4898 0.9997 0.0080
}

func ExampleSparseLaplace_MMSE() {
	mu, sigma2 := amp.HaarChannel(1)
	fmt.Printf("%.6f\n", amp.SparseLaplace{P: 0.5}.MMSE(sigma2/(mu*mu)))
	// Output: 0.280744
}

// Eq. (111), in its form with erf. At p = 1 a mixture with m = 1 is ±1.
func ExampleSparseMixture_AbsMean() {
	fmt.Printf("%.6f %.6f\n", amp.SparseMixture{P: 0.5, Mean: 1}.AbsMean(), amp.SparseMixture{P: 1, Mean: 1}.AbsMean())
	// Output: 0.583315 1.000000
}

// Pixels 0 and 255 become 0 and 1.414: unit second moment.
func ExampleEmpirical_PosteriorMean() {
	law, _ := amp.NewEmpirical([]float64{0, 255, 0, 255}, 0)
	fmt.Printf("%.3f %.3f\n", law.Scale(), law.PosteriorMean(0.70710678118, 0.5))
	// Output: 180.312 0.707
}

// Bad input is a typed error with the field, the value and what is allowed.
func ExampleDomainError() {
	_, err := amp.Predict(amp.Point{Data: "sparse-gaussian", P: 0.4, Rate: -1}, nil)
	domain := err.(*amp.DomainError)
	fmt.Println(domain.Field, domain.Value)
	fmt.Println(err)
	// Output:
	// rate -1
	// amp: rate = -1: must be positive, between 1e-12 and 1e9
}

// Not converging is a status with the trajectory so far, not an error.
func ExampleTrajectory() {
	t, err := amp.StateEvolution(amp.SparseRademacher{P: 0.3}, 1.5, &amp.Settings{MaxPasses: 4})
	fmt.Printf("%.4f %v, error %v\n", t.MSE, t.Status, err)
	// Output: [0.2050 0.1670 0.1519 0.1443] iteration limit, error <nil>
}

// The error after t iterations of optimal RI-GAMP behind a Haar encoder.
func ExampleTrajectory_After() {
	t, _ := amp.StateEvolution(amp.SparseGaussian{P: 0.4}, 1, nil)
	fmt.Printf("%.6f %.6f %.6f\n", t.After(1), t.After(2), t.After(1000))
	// Output: 0.294828 0.288521 0.288099
}

func ExampleNewDense() {
	_, err := amp.NewDense(mat.NewDense(1, 2, []float64{0.6, math.NaN()}))
	fmt.Println(err)
	op, _ := amp.NewDense(mat.NewDense(1, 2, []float64{0.6, 0.8}))
	z := make([]float64, 1)
	op.Apply(z, []float64{1, 1})
	fmt.Printf("%.1f\n", z)
	// Output:
	// amp: B[0,1] = NaN: must be finite
	// [1.4]
}

// A Haar encoder needs no factorisation for VAMP's Gaussian stage; any other matrix does.
func ExampleNewFlat() {
	b, _ := amp.Haar(2, 4, rand.New(rand.NewPCG(1, 2)))
	op, _ := amp.NewDense(b)
	flat, _ := amp.NewFlat(op)
	x, back := []float64{1, 0, 0, 0}, make([]float64, 4)
	z := make([]float64, 2)
	flat.Apply(z, x)
	flat.ApplyTransposed(back, z)
	for i := range back {
		back[i] = 2*x[i] + 3*back[i] // (γI + τBᵀB)x
	}
	flat.Solve(back, back, 2, 3)
	fmt.Printf("%.4f %.0f\n", back[0], flat.Eigenvalues())
	// Output: 1.0000 [1 1]
}

func ExampleNewFactored() {
	op, _ := amp.NewFactored(mat.NewDense(2, 3, []float64{0, 2, 0, 1, 0, 0}))
	w := []float64{1, 1, 1}
	op.Solve(w, w, 1, 1) // (I + BᵀB)⁻¹
	fmt.Printf("%.2f %.0f\n", w, op.Eigenvalues())
	// Output: [0.50 0.20 1.00] [4 1]
}

// Functions returns f₁…f_T and g₂…g_T for RIGAMP: see the example there.
func ExampleRIGAMPEvolution_Functions() {
	law := amp.SparseGaussian{P: 0.4}
	e, _ := amp.RIGAMPStateEvolution(law, 1, nil, 1)
	f, g := e.Functions(law)
	mean, slope := make([]float64, 2), make([]float64, 1)
	f[0](mean, [][]float64{{0.7, -0.7}}, slope)
	fmt.Printf("%d %d: %.6f %.6f\n", len(f), len(g), mean, slope)
	// Output: 1 0: [0.237329 -0.237329] [0.587566]
}

// Masks for data of a dimension at which all 2ᵈ cannot be listed.
func ExampleSampleMasks() {
	masks, _ := amp.SampleMasks(1000, 4, 0.3, rand.New(rand.NewPCG(1, 2)))
	kept := 0
	for _, m := range masks {
		for _, keep := range m.Keep {
			if keep {
				kept++
			}
		}
	}
	fmt.Println(len(masks), masks[0].Weight, kept > 1100 && kept < 1300)
	// Output: 4 0.25 true
}

// Table 1 of Rangamani et al.: the leading gradient norm at the true dictionary, support size 1.
func ExampleSparseCodingGradient() {
	const h = 256
	fmt.Printf("%.2e\n", amp.SparseCodingGradient(h, 0.6, 1, 3))
	// Output: 7.97e-03
}

func ExampleSparseCodingScale() {
	fmt.Printf("%.6f\n", amp.SparseCodingScale(256, 0.5))
	// Output: 0.062500
}
