package amp_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/amp"
)

// wedge has the density |x|/2 on [−√2, √2]: no value is rarer than 0. The embedded Law computes everything from that.
type wedge struct{ *amp.Law }

func newWedge() (wedge, error) {
	law, err := amp.NewLaw(func(x float64) float64 { return math.Abs(x) / 2 }, []float64{-math.Sqrt2, 0, math.Sqrt2})
	return wedge{law}, err
}

// AbsMean is known in closed form, and so the Law is not asked for it.
func (wedge) AbsMean() float64 { return 2 * math.Sqrt2 / 3 }

// A law of one's own: its density, and what is known of it in closed form. All functions that take a Prior take it.
func Example_lawOfYourOwn() {
	law, err := newWedge()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := amp.PredictPrior(law, 1, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("Haar encoder: linear %.4f, denoiser %.4f, Bayes %.4f\n", p.Gaussian, p.Denoiser, p.Bayes)
	fmt.Printf("identity encoder: %.4f\n", *p.Identity)
	// Output:
	// Haar encoder: linear 0.3634, denoiser 0.3147, Bayes 0.3109
	// identity encoder: 0.1111
}

// Point masses alone: the three values −2, 0 and 2.
func ExampleNewLaw() {
	law, _ := amp.NewLaw(nil, nil, amp.Atom{X: -2, Weight: 0.125}, amp.Atom{X: 0, Weight: 0.75}, amp.Atom{X: 2, Weight: 0.125})
	fmt.Printf("%.6f %.6f\n", law.MMSE(0.5), amp.SparseRademacher{P: 0.25}.MMSE(0.5))
	_, err := amp.NewLaw(nil, nil, amp.Atom{X: 2, Weight: 1})
	fmt.Println(err)
	// Output:
	// 0.253605 0.253605
	// amp: E x² = 4: must be 1
}

// Ten codes of 500 bits, decoded in four ways, beside what the theory says of each for d → ∞.
func Example_decoders() {
	const d, codes = 500, 10
	law, r := amp.SparseGaussian{P: 0.2}, rand.New(rand.NewPCG(1, 2))
	b, _ := amp.Haar(d, d, r)
	op, _ := amp.NewDense(b)
	flat, _ := amp.NewFlat(op) // what VAMP needs beside products with B
	mu, sigma2 := amp.HaarChannel(1)
	f := amp.Denoiser(law, 1)
	evolution, _ := amp.RIGAMPStateEvolution(law, 1, nil, 2)
	fs, gs := evolution.Functions(law) // the best functions of two iterations

	var linear, denoiser, rigamp, vamp float64
	for range codes {
		x := unitEnergyInput(law, d, r)
		y := signs(op, x, r) // the code, sign(Bx)

		u, scaled, denoised := make([]float64, d), make([]float64, d), make([]float64, d)
		op.ApplyTransposed(u, y) // behaves as μx + σg
		for j, v := range u {
			scaled[j] = mu / (mu*mu + sigma2) * v
			denoised[j], _ = f(v)
		}
		iterates, _ := amp.RIGAMP(op, y, nil, fs, gs)
		result, _ := amp.VAMP(flat, y, law, nil)

		linear += distance(scaled, x) / codes
		denoiser += distance(denoised, x) / codes
		rigamp += distance(iterates[1], x) / codes
		vamp += distance(result.Estimate, x) / codes
	}
	theory, _ := amp.PredictPrior(law, 1, nil)
	fmt.Printf("linear     %.2f  theory %.2f\n", linear, theory.Gaussian)
	fmt.Printf("denoiser   %.2f  theory %.2f\n", denoiser, theory.Denoiser)
	fmt.Printf("RI-GAMP 2  %.2f  theory %.2f\n", rigamp, theory.RIGAMP[1])
	fmt.Printf("VAMP       %.2f  theory %.2f\n", vamp, theory.Bayes)
	// Output:
	// linear     0.36  theory 0.36
	// denoiser   0.20  theory 0.20
	// RI-GAMP 2  0.17  theory 0.17
	// VAMP       0.16  theory 0.17
}
