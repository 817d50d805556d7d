package amp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// antisymmetric draws an orthogonal antisymmetric matrix of even size: quarter turns in the planes of a random basis.
func antisymmetric(t *testing.T, d int, r *rand.Rand) *mat.Dense {
	t.Helper()
	u, err := amp.Haar(d, d, r)
	if err != nil {
		t.Fatal(err)
	}
	turned, delta := mat.NewDense(d, d, nil), &mat.Dense{}
	for i := range d {
		row, sign := u.RawRowView(i^1), float64(1-2*(i%2))
		for j, v := range row {
			turned.Set(i, j, sign*v)
		}
	}
	delta.Mul(u.T(), turned)
	return delta
}

// simulateSpiked is the error of the encoder b·I + c·Δ with the decoder α·I + β·Δᵀ, at rate 1.
func simulateSpiked(t *testing.T, law amp.Prior, spike, alpha, beta float64, samples int) mean {
	const d = 256
	r := rand.New(rand.NewPCG(81, 82))
	delta := antisymmetric(t, d, r)
	x, y := mat.NewVecDense(d, nil), mat.NewVecDense(d, nil)
	var g, back mat.VecDense
	var mse mean
	for range samples {
		for j := range d {
			x.SetVec(j, law.Sample(r))
		}
		g.MulVec(delta, x)
		for i := range d {
			y.SetVec(i, math.Copysign(1, g.AtVec(i)+spike*x.AtVec(i)))
		}
		back.MulVec(delta.T(), y)
		e := 0.0
		for i := range d {
			miss := x.AtVec(i) - alpha*y.AtVec(i) - beta*back.AtVec(i)
			e += miss * miss / d
		}
		mse.add(e)
	}
	return mse
}

// The formula by simulation, at the best spike. α and β are means over samples of the law here.
func TestSpikedSimulation(t *testing.T) {
	r := rand.New(rand.NewPCG(83, 84))
	for _, law := range []amp.Prior{
		amp.SparseRademacher{P: 0.4}, amp.SparseRademacher{P: 0.5}, amp.SparseRademacher{P: 0.64}, amp.SparseRademacher{P: 0.8},
		amp.SparseMixture{P: 0.75, Mean: 1}, amp.SparseMixture{P: 0.9, Mean: 1},
	} {
		want, spike, ok := amp.SpikedMSE(law, 1)
		if !ok {
			t.Fatal("no spiked encoder")
		}
		var alpha, beta mean
		for range 200_000 {
			x := law.Sample(r)
			alpha.add(x * math.Erf(spike*x/math.Sqrt2))
			beta.add(math.Sqrt(2/math.Pi) * math.Exp(-spike*spike*x*x/2))
		}
		mse := simulateSpiked(t, law, spike, alpha.sum/alpha.n, beta.sum/beta.n, 1000)
		mse.check(t, fmt.Sprintf("%v, t = %g", law, spike), want, 2.0/256) // the next order in 1/d
	}
}

// The best spike is none where E x⁴ > 3, and some where E x⁴ < 3; the error lies below both candidates wherever there is a
// spike, and at small rates it is the same share of the coordinates.
func TestSpikedAndMoments(t *testing.T) {
	for _, law := range []amp.Prior{
		amp.Gaussian{}, amp.SparseGaussian{P: 0.5}, amp.SparseRademacher{P: 0.2}, amp.SparseRademacher{P: 0.32}, amp.SparseMixture{P: 0.6, Mean: 1},
	} {
		if mse, spike, _ := amp.SpikedMSE(law, 1); spike != 0 || math.Abs(mse-amp.RGauss(1)) > 1e-15 {
			t.Errorf("%v with E x⁴ = %g: error %g at t = %g, want the Haar encoder's", law, law.FourthMoment(), mse, spike)
		}
	}
	for _, law := range []amp.Prior{
		amp.SparseRademacher{P: 0.36}, amp.SparseRademacher{P: 0.5}, amp.SparseRademacher{P: 0.9}, amp.SparseMixture{P: 0.72, Mean: 1}, amp.SparseMixture{P: 0.9, Mean: 1},
	} {
		mse, spike, _ := amp.SpikedMSE(law, 1)
		identity, _ := amp.IdentityMSE(law, 1)
		if !(spike > 0) || mse >= math.Min(identity, amp.RGauss(1)) {
			t.Errorf("%v with E x⁴ = %g: error %g at t = %g, identity %g", law, law.FourthMoment(), mse, spike, identity)
		}
		half, _, _ := amp.SpikedMSE(law, 0.5)
		checkAbsolute(t, "rate 0.5", half, 1-0.5*(1-mse), 1e-15)
	}
	for _, rate := range []float64{0, -1, 1.5, math.NaN()} {
		if _, _, ok := amp.SpikedMSE(amp.Gaussian{}, rate); ok {
			t.Errorf("rate %g is accepted", rate)
		}
	}
	if _, _, ok := amp.SpikedMSE(amp.SparseLaplace{P: 1}, 1); ok {
		t.Error("a law without closed form is accepted")
	}
}
