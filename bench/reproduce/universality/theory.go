package universality

import (
	"math"

	"autoamp/amp"
	"autoamp/train/codec/inference"
)

// predicted is the error that the codec predicts for a decoder of rows of mean square 1 behind a Haar encoder.
func (k kind) predicted(d int, rate float64, m inference.Method) (float64, error) {
	b, err := encoder(d, rate, rounds, 1) // the theory knows its shape alone
	if err != nil {
		return 0, err
	}
	decoder, err := inference.New(b, k.law.Prior(), inference.Settings{Method: m})
	if err != nil {
		return 0, err
	}
	return decoder.MSE(), nil
}

// openOrder is the share of an error that is left of order 1/d, times d: what VAMP's and RI-GAMP's limits miss for rows of mean
// square 1 away from AMP's own threshold, and what the correction of the others misses, since such rows are not quite independent.
const openOrder = 4

// confinedError is the denoiser's error at rate 1 where the noise of Bᵀy/μ is confined to the coordinates that hold the row. Derivation:
// let S be a subgroup of the places 0…d−1 under ⊕, or a coset of one, and x = 0 outside of S. One round is z = H·D·x. For i and k
// with i ⊕ k orthogonal to S the rows i and k of H agree on S up to a sign, so that z_i = ±z_k, and the code holds |S| different
// signs, each d/|S| times. So y, and with it the noise y − cz, is in the span of the |S| columns of HD that belong to S: Bᵀy is 0
// outside of S, and on S its noise has the whole energy, d/|S| times the variance of a Haar encoder's. A posterior mean of a symmetric law
// is 0 at 0.
func (k kind) confinedError() float64 {
	mu, sigma2 := amp.HaarChannel(1)
	noise, p, prior := sigma2/(mu*mu), k.law.P, k.law.Prior()
	confined := math.Sqrt(noise / p)
	const points, reach = 4000, 9.0
	expect := func(loss func(g float64) float64) (sum float64) {
		for i := range points {
			g := reach * (2*(float64(i)+0.5)/points - 1)
			sum += math.Exp(-g*g/2) / math.Sqrt(2*math.Pi) * loss(g) * 2 * reach / points
		}
		return sum
	}
	mean := func(y float64) float64 { return prior.PosteriorMean(y, noise) }
	if k.law.Name == "sparse-rademacher" {
		x := 1 / math.Sqrt(p)
		return p * expect(func(g float64) float64 { e := x - mean(x+confined*g); return e * e })
	}
	// Gaussian numbers of variance 1/p: y has the variance (1 + noise)/p, and x given y the mean y/(1 + noise).
	left := noise / (1 + noise) / p
	return p * (left + expect(func(g float64) float64 {
		y := math.Sqrt((1+noise)/p) * g
		e := y/(1+noise) - mean(y)
		return e * e
	}))
}

// oneNumberError is the linear decoder's error at rate 1 of a row with one number, after one round. Bx is ± a column of the transform, so
// that y is proportional to Bx, BᵀB = I leads back to the row, and α = √(2/π) is all that is wrong.
func oneNumberError() float64 {
	left := 1 - math.Sqrt(2/math.Pi)
	return left * left
}
