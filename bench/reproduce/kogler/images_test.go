package kogler

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// TestLinearOnImages simulates a Haar encoder with the best linear decoder on Gaussian vectors with spread norms: s·g with
// s² = 1/5 or 9/5, so that E‖x‖² = d and κ = (E s)². The mean of s² over 2000 inputs has the standard error 0.8/√2000 = 0.018.
// The two terms of the error share most of it.
func TestLinearOnImages(t *testing.T) {
	t.Parallel()
	const d, inputs = 200, 2000
	r := rand.New(rand.NewPCG(1, 2))
	b, err := amp.Haar(d, d, r)
	if err != nil {
		t.Fatal(err)
	}
	var energy, overlap, power float64 // of x, of x with Bᵀy, of Bᵀy
	for range inputs {
		s := math.Sqrt(0.2 + 1.6*float64(r.IntN(2)))
		x := mat.NewVecDense(d, nil)
		for i := range d {
			x.SetVec(i, s*r.NormFloat64())
		}
		var y, u mat.VecDense
		y.MulVec(b, x)
		for i := range d {
			y.SetVec(i, math.Copysign(1, y.AtVec(i)))
		}
		u.MulVec(b.T(), &y)
		energy, overlap, power = energy+mat.Dot(x, x), overlap+mat.Dot(x, &u), power+mat.Dot(&u, &u)
	}
	found := (energy - overlap*overlap/power) / (inputs * d)
	kappa := math.Pow((math.Sqrt(0.2)+math.Sqrt(1.8))/2, 2)
	if want := linearOnImages(1, 0, kappa); math.Abs(found-want) > 0.02 {
		t.Errorf("error %.4f, want %.4f", found, want)
	}
	if got, want := linearOnImages(0.7, 0.1, 1), amp.DegenerateRGauss(0.7, 0.1); math.Abs(got-want) > 1e-15 {
		t.Errorf("κ = 1: %v, want %v", got, want)
	}
}
