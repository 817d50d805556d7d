package amp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// simulatePairs is the error of pairs t·e_i ± Δ_i at rate 2, Δ Haar, whose decoder weighs the codes by what 200000 draws of the law
// say about them.
func simulatePairs(t *testing.T, law amp.Prior, spike float64, samples int) mean {
	t.Helper()
	const d = 256
	r := rand.New(rand.NewPCG(91, 92))
	var alpha, beta, agree mean
	for range 200_000 {
		x := law.Sample(r)
		alpha.add(x * math.Erf(spike*x/math.Sqrt2))
		beta.add(math.Sqrt(2/math.Pi) * math.Exp(-spike*spike*x*x/2))
		agree.add(math.Erf(spike * math.Abs(x) / math.Sqrt2))
	}
	a, b, p := alpha.sum/alpha.n, beta.sum/beta.n, agree.sum/agree.n
	own, other := a/(p-a*a), b/(1-p-b*b)
	scale := 1 / (1 + a*own + b*other)

	delta, err := amp.Haar(d, d, r)
	if err != nil {
		t.Fatal(err)
	}
	x, u, w := mat.NewVecDense(d, nil), mat.NewVecDense(d, nil), mat.NewVecDense(d, nil)
	var g, back mat.VecDense
	var mse mean
	for range samples {
		for j := range d {
			x.SetVec(j, law.Sample(r))
		}
		g.MulVec(delta, x)
		for i := range d {
			plus, minus := math.Copysign(1, spike*x.AtVec(i)+g.AtVec(i)), math.Copysign(1, spike*x.AtVec(i)-g.AtVec(i))
			u.SetVec(i, (plus+minus)/2)
			w.SetVec(i, (plus-minus)/2)
		}
		back.MulVec(delta.T(), w)
		e := 0.0
		for i := range d {
			miss := x.AtVec(i) - scale*(own*u.AtVec(i)+other*back.AtVec(i))
			e += miss * miss / d
		}
		mse.add(e)
	}
	return mse
}

// The formula at rate 2 by simulation at the best t of these laws, to a digit.
func TestPairedSimulation(t *testing.T) {
	for _, c := range []struct{ p, spike float64 }{{0.809, 2.6}, {0.9, 3.6}, {0.6, 2}} {
		law := amp.SparseMixture{P: c.p, Mean: 1}
		want, ok := amp.PairedMSE(law, 2)
		if !ok {
			t.Fatal("no pairs")
		}
		mse := simulatePairs(t, law, c.spike, 1000)
		mse.check(t, fmt.Sprintf("%v, t = %g", law, c.spike), want, 1.0/256) // the next order in 1/d
	}
}

// Two bits tell all of a sparse Rademacher coordinate. At rate 1 the error is the spiked encoder's, and it is linear in between. For
// Gaussian data pairs are worse than a Haar encoder at rate 2.
func TestPairedLimits(t *testing.T) {
	for _, p := range []float64{0.2, 0.5, 0.9, 1} {
		law := amp.SparseRademacher{P: p}
		single, _, _ := amp.SpikedMSE(law, 1)
		for _, rate := range []float64{1, 1.3, 1.7, 2} {
			got, ok := amp.PairedMSE(law, rate)
			if !ok {
				t.Fatalf("%v at rate %g: no pairs", law, rate)
			}
			checkAbsolute(t, fmt.Sprintf("%v, rate %g", law, rate), got, (2-rate)*single, 1e-12)
		}
	}
	if got, _ := amp.PairedMSE(amp.Gaussian{}, 2); got <= amp.RGauss(2) {
		t.Errorf("Gaussian data: pairs %g, Haar %g", got, amp.RGauss(2))
	}
	for _, rate := range []float64{0.9, 2.1, math.NaN()} {
		if _, ok := amp.PairedMSE(amp.Gaussian{}, rate); ok {
			t.Errorf("rate %g is accepted", rate)
		}
	}
	if _, ok := amp.PairedMSE(amp.SparseLaplace{P: 1}, 1.5); ok {
		t.Error("a law without closed form is accepted")
	}
}

// Reference values from a trapezoidal rule of 4000 points over ±9 standard deviations of each component, and its own search for t.
func TestPairedAgainstAnotherRule(t *testing.T) {
	for p, want := range map[float64]float64{0.809: 0.142172247, 0.9: 0.092633846, 0.98: 0.019994808} {
		got, _ := amp.PairedMSE(amp.SparseMixture{P: p, Mean: 1}, 2)
		checkAbsolute(t, fmt.Sprint(p), got, want, 1e-6)
	}
}
