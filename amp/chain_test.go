package amp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// chainSigns writes the code of a chain: row i sees coordinates i and i+1, around a ring if there are as many rows as
// coordinates. ε is so small that it never turns the sign of a coordinate of these laws that is not zero.
func chainSigns(y, x []float64, r *rand.Rand) {
	const epsilon = 1e-9
	for i := range y {
		z := x[i] + epsilon*x[(i+1)%len(x)]
		switch {
		case z == 0:
			y[i] = 1 - 2*float64(r.IntN(2))
		default:
			y[i] = math.Copysign(1, z)
		}
	}
}

// chainDecoder returns CQ⁻¹ for the moments C = E xyᵀ, (d, n), and Q = E yyᵀ.
func chainDecoder(c *mat.Dense, q *mat.SymDense) *mat.Dense {
	var a mat.Dense
	if err := a.Solve(q, c.T()); err != nil {
		panic(err)
	}
	return mat.DenseCopyOf(a.T())
}

// enumerateChain returns d·MSE of an open chain of k rows over d = k+1 sparse Rademacher coordinates, by summing over all
// 3^d inputs, coins by their mean.
func enumerateChain(p float64, k int) float64 {
	d := k + 1
	c, q := mat.NewDense(d, k, nil), mat.NewSymDense(k, nil)
	states := int(math.Pow(3, float64(d)))
	x, y := make([]float64, d), make([]float64, k)
	for state := range states {
		weight := 1.0
		for j, rest := 0, state; j < d; j, rest = j+1, rest/3 {
			x[j] = float64(rest%3-1) / math.Sqrt(p)
			weight *= map[bool]float64{true: 1 - p, false: p / 2}[x[j] == 0]
		}
		for i := range y {
			y[i] = sign(x[i])
			if y[i] == 0 {
				y[i] = sign(x[i+1])
			}
		}
		for i := range y {
			for j := range x {
				c.Set(j, i, c.At(j, i)+weight*x[j]*y[i])
			}
			for l := range i {
				q.SetSym(i, l, q.At(i, l)+weight*y[i]*y[l])
			}
		}
	}
	for i := range y {
		q.SetSym(i, i, 1)
	}
	var explained mat.Dense
	explained.Mul(chainDecoder(c, q), c.T())
	return float64(d) - explained.Trace()
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// The formula for open chains against the enumeration, at rates k/(k+1), and between two of them.
func TestChainEnumerated(t *testing.T) {
	for _, p := range []float64{0.1, 0.5, 0.66, 1} {
		var last float64
		for k := 1; k <= 6; k++ {
			total := enumerateChain(p, k)
			got, ok := amp.ChainMSE(amp.SparseRademacher{P: p}, float64(k)/float64(k+1))
			if !ok {
				t.Fatal("no chain")
			}
			checkAbsolute(t, fmt.Sprintf("p=%g k=%d", p, k), got, total/float64(k+1), 1e-12)
			if k > 1 { // one chain of k−1 rows and one of k: 2k − 1 rows, 2k + 1 coordinates
				got, _ = amp.ChainMSE(amp.SparseRademacher{P: p}, float64(2*k-1)/float64(2*k+1))
				checkAbsolute(t, fmt.Sprintf("p=%g k=%d and %d", p, k-1, k), got, (last+total)/float64(2*k+1), 1e-12)
			}
			last = total
		}
		long, _ := amp.ChainMSE(amp.SparseRademacher{P: p}, 1-1e-9)
		ring, _ := amp.ChainMSE(amp.SparseRademacher{P: p}, 1)
		checkAbsolute(t, fmt.Sprintf("p=%g, rate → 1", p), long, ring, 1e-8)
	}
	few, _ := amp.ChainMSE(amp.SparseRademacher{P: 0.6}, 0.2)
	checkAbsolute(t, "rate 0.2", few, 1-0.2*0.6*(1+0.16), 1e-15)
}

// The formula at rate 1 by simulation of every law: a ring of 16 coordinates, which a chain of this correlation, at most
// ¼ between neighbours, cannot tell from an infinite one; the decoder CQ⁻¹ of the derivation.
func TestChainSimulation(t *testing.T) {
	const d, samples = 16, 40_000
	r := rand.New(rand.NewPCG(41, 42))
	for _, law := range append(simulationLaws(), amp.SparseRademacher{P: 0.6}, amp.SparseRademacher{P: 0.8}) {
		x, y := make([]float64, d), make([]float64, d)
		p := 1 - zeros(law, r)
		c, q := mat.NewDense(d, d, nil), mat.NewSymDense(d, nil)
		for i := range d {
			next := (i + 1) % d
			c.Set(i, i, law.AbsMean())
			c.Set(next, i, law.AbsMean()*(1-p))
			q.SetSym(i, i, 1)
			q.SetSym(i, next, p*(1-p))
		}
		a := chainDecoder(c, q)
		var mse mean
		for range samples {
			for j := range x {
				x[j] = law.Sample(r)
			}
			chainSigns(y, x, r)
			var xhat mat.VecDense
			xhat.MulVec(a, mat.NewVecDense(d, y))
			e := 0.0
			for j := range x {
				e += (x[j] - xhat.AtVec(j)) * (x[j] - xhat.AtVec(j)) / d
			}
			mse.add(e)
		}
		want, ok := amp.ChainMSE(law, 1)
		if !ok {
			t.Fatal("no chain at rate 1")
		}
		mse.check(t, fmt.Sprintf("%T %+v", law, law), want, 0)
	}
}

// zeros is P(x = 0) of a law whose P is a multiple of 0.1, counted.
func zeros(law amp.Prior, r *rand.Rand) float64 {
	count := 0.0
	for range 20_000 {
		if law.Sample(r) == 0 {
			count++
		}
	}
	return math.Round(count/2000) / 10
}

// The chain beats the identity for every 0 < p < 1, and is it at p = 1. On sparse Rademacher data at rate 1 it beats the
// Haar encoder from p ≈ 0.58 on, below 2/π.
func TestChainBeatsIdentity(t *testing.T) {
	for _, p := range []float64{0.01, 0.3, 0.5, 0.63, 0.9, 0.999} {
		for _, law := range []amp.Prior{amp.SparseRademacher{P: p}, amp.SparseGaussian{P: p}, amp.SparseLaplace{P: p}, amp.SparseMixture{P: p, Mean: 1}} {
			for _, rate := range []float64{0.1, 0.5, 0.8, 1} {
				chain, _ := amp.ChainMSE(law, rate)
				if identity, _ := amp.IdentityMSE(law, rate); !(chain < identity && chain > 0) {
					t.Errorf("%T p=%g r=%g: chain %g, identity %g", law, p, rate, chain, identity)
				}
			}
		}
	}
	one, _ := amp.ChainMSE(amp.Gaussian{}, 0.7)
	identity, _ := amp.IdentityMSE(amp.Gaussian{}, 0.7)
	checkAbsolute(t, "p = 1", one, identity, 1e-15)
	below, _ := amp.ChainMSE(amp.SparseRademacher{P: 0.57}, 1)
	above, _ := amp.ChainMSE(amp.SparseRademacher{P: 0.59}, 1)
	if !(above < amp.RGauss(1) && below > amp.RGauss(1)) {
		t.Errorf("p = 0.57: %g, p = 0.59: %g, R_Gauss %g", below, above, amp.RGauss(1))
	}
	if _, ok := amp.ChainMSE(amp.Gaussian{}, 1.1); ok {
		t.Error("r > 1: want ok = false")
	}
}
