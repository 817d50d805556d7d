// Package amp predicts how well one-bit autoencoders can do: y = sign(Bx), x̂ = decoder(y), with the error
// ‖x − x̂‖²/d per coordinate in the limit d → ∞ at a fixed rate r = n/d.
//
//	p, err := amp.Predict(amp.Point{Data: "sparse-gaussian", P: 0.4, Rate: 1}, nil)
//	if err != nil {
//		return err
//	}
//	fmt.Printf("linear decoder  %.6f\n", p.Gaussian)
//	fmt.Printf("denoiser        %.6f\n", p.Denoiser)
//	fmt.Printf("two iterations  %.6f\n", p.RIGAMP[1])
//	fmt.Printf("Bayes optimal   %.6f\n", p.Bayes)
//
// # Conventions
//
// The data have i.i.d. coordinates of unit second moment, described by a Prior; d is the data dimension, n the code
// length, B is n×d with rows of unit norm, sign(0) is a fair coin in every prediction. All errors are per coordinate.
// Everything is float64, a pure function of its arguments, starts no goroutine and may be called concurrently.
//
// # What is where
//
//   - laws of a coordinate and their posterior means: gaussian.go, sparse_*.go, empirical.go, and law.go for a law of your
//     own; pair.go and laplace.go hold the arithmetic, grid.go the quadrature;
//   - the encoders and where they cross: rgauss.go, candidates.go, critical.go;
//   - all numbers for one point, Predict: predict.go; the 1/d correction with its derivation: finitedim.go;
//   - data whose rows differ in energy, such as images: row_energy.go;
//   - what VAMP reaches: stateevolution.go behind a Haar encoder, vamp_evolution.go for any spectrum, and the algorithm itself on a
//     matrix, vamp.go; the optimum, which may be less, and the entropy of the code: optimum.go, codeentropy.go, discrete.go;
//   - time-sharing: timesharing.go; Shannon's bound: distortionrate.go; both beside a prediction: limits.go;
//   - RI-GAMP: rigamp_two.go (two iterations, closed form), rigamp_evolution.go (any number, any spectrum through
//     cumulants.go), rigamp_samples.go (any functions), rigamp.go (the algorithm), threelayer.go (the decoder built after it);
//   - matrices: haar.go, operator.go;
//   - Gaussian data: population.go and masks.go (exact risk, gradient, best decoder), spectralflow.go (gradient
//     descent's eigenvalues), waterfilling.go (any covariance).
//
// # What it is not for
//
// It trains nothing and knows no network; package train does, and compares.
//
// # Papers
//
// ICML 2024: Kögler, Shevchenko, Hassani, Mondelli, "Compression of Structured Data with Autoencoders: Provable Benefit
// of Nonlinearities and Depth". Some formulas are missing from the text that was available and were derived again;
// amp/THEORY.md says which.
package amp
