package amp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
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

// Two bits tell all of a sparse Rademacher coordinate. At rate 1 the error is the spiked encoder's, and it is linear in between. For Gaussian data pairs are two orthogonal matrices, no better than a Haar encoder at rate 2.
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
	if got, _ := amp.PairedMSE(amp.Gaussian{}, 2); math.Abs(got-amp.RGauss(2)) > 1e-12 { // t = 1 is two orthogonal matrices
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

// servedOthers is the error, in a simulation at d = 128, of rows t·e_i ± Δ_i for the first share of the coordinates and of Haar rows for
// the others, whose bits the second codes of the pairs join. The decoder is the least-squares one of other draws of the law.
func servedOthers(t *testing.T, law amp.Prior, spike, rate, share float64) mean {
	t.Helper()
	const d, samples = 128, 8000
	r := rand.New(rand.NewPCG(93, 94))
	paired := int(math.Round(share * d))
	alone := int(math.Round(rate*d)) - 2*paired
	rows := servingRows(t, d, paired, alone, spike, r)
	draw := func() (x, y *mat.Dense) {
		x, y = mat.NewDense(samples, d, nil), new(mat.Dense)
		x.Apply(func(_, _ int, _ float64) float64 { return law.Sample(r) }, x)
		for k := range samples {
			others := x.RawRowView(k)[paired:]
			if norm := floats.Norm(others, 2); norm > 0 {
				floats.Scale(math.Sqrt(float64(len(others)))/norm, others)
			}
		}
		y.Mul(x, rows.T())
		y.Apply(func(_, _ int, v float64) float64 { return math.Copysign(1, v) }, y)
		return x, y
	}
	x, y := draw()
	var gram, cross, decoder, found mat.Dense
	gram.Mul(y.T(), y)
	cross.Mul(y.T(), x)
	if err := decoder.Solve(&gram, &cross); err != nil {
		t.Fatal(err)
	}
	x, y = draw()
	found.Mul(y, &decoder)
	found.Sub(x, &found)
	var mse mean
	for k := range samples {
		mse.add(mat.Dot(found.RowView(k), found.RowView(k)) / d)
	}
	return mse
}

// servingRows are two rows for each paired coordinate, and then the others' own.
func servingRows(t *testing.T, d, paired, alone int, spike float64, r *rand.Rand) *mat.Dense {
	t.Helper()
	others := d - paired
	rows := mat.NewDense(2*paired+alone, d, nil)
	for first := 0; first < paired+alone; first += others { // one orthogonal matrix after another
		block, err := amp.Haar(others, others, r)
		if err != nil {
			t.Fatal(err)
		}
		for i := first; i < min(first+others, paired+alone); i++ {
			for j := range others {
				v := block.At(i-first, j)
				if i >= paired {
					rows.Set(paired+i, paired+j, v)
					continue
				}
				rows.Set(2*i, paired+j, v)
				rows.Set(2*i+1, paired+j, -v)
			}
			if i < paired {
				rows.Set(2*i, i, spike)
				rows.Set(2*i+1, i, spike)
			}
		}
	}
	return rows
}

// Pairs that serve the others at rate 1, beside Haar rows in the same simulation: what is gained.
func TestServingPairsSimulation(t *testing.T) {
	for _, law := range []amp.Prior{amp.SparseRademacher{P: 0.1}, amp.SparseMixture{P: 0.3, Mean: 1}, amp.SparseGaussian{P: 0.15}} {
		best, _ := amp.BestServingPairs(law, 1)
		pairs, haar := servedOthers(t, law, math.Min(best.Spike, 1e3), 1, best.Share), servedOthers(t, law, 0, 1, 0)
		found, e := pairs.value()
		above, f := haar.value()
		gain := amp.RGauss(1) - best.MSE
		checkAbsolute(t, fmt.Sprintf("%v: %+v, gain", law, best), above-found, gain, 4*(e+f)+gain/8) // the next order in 1/d
	}
}

// Closed forms at t → ∞ for sparse Rademacher data.
func TestServingPairsClosedForm(t *testing.T) {
	for _, p := range []float64{0.01, 0.1, 0.3} {
		zeros := 2 / math.Pi * (1 - p)
		for rate, want := range map[float64]float64{1: 0.5 * (1 - zeros), 1.5: 0.25 / (1 + 3*zeros/(1-zeros))} {
			got, ok := amp.BestServingPairs(amp.SparseRademacher{P: p}, rate)
			if !ok || got.Share != rate/2 || got.MSE > want+1e-12 {
				t.Errorf("p = %g, rate %g: %+v, want %g or a better spike", p, rate, got, want)
			}
			checkAbsolute(t, fmt.Sprintf("p = %g, rate %g", p, rate), got.MSE, want, 2e-2*want) // what a finite spike gains
		}
	}
}

// Gaussian data need Haar rows. Discrete data gain most.
func TestServingPairsOrder(t *testing.T) {
	for _, p := range []float64{0.05, 0.3, 0.7, 1} {
		for _, rate := range []float64{0.2, 0.5, 1, 1.5, 1.9} {
			gaussian, _ := amp.BestServingPairs(amp.SparseGaussian{P: p}, rate)
			if haar := amp.RGauss(rate); gaussian.MSE > haar || p == 1 && rate <= 1 && gaussian != (amp.ServingPairs{MSE: haar}) {
				t.Errorf("sparse Gaussian %g, rate %g: %+v, Haar %g", p, rate, gaussian, haar)
			}
			discrete, _ := amp.BestServingPairs(amp.SparseRademacher{P: p}, rate)
			if discrete.MSE > gaussian.MSE {
				t.Errorf("p = %g, rate %g: discrete %+v, sparse Gaussian %+v", p, rate, discrete, gaussian)
			}
		}
	}
	for _, rate := range []float64{0, 2, math.NaN()} {
		if _, ok := amp.BestServingPairs(amp.Gaussian{}, rate); ok {
			t.Errorf("rate %g is accepted", rate)
		}
	}
}
