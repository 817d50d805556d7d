package amp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// chainCode is sign(Bx) for a row that begins at coordinate i of a ring and asks so many neighbours; 0 stands for a coin.
func chainCode(x []float64, i, neighbours int) float64 {
	for j := range neighbours + 1 {
		if v := x[(i+j)%len(x)]; v != 0 {
			return math.Copysign(1, v)
		}
	}
	return 0
}

// enumerateChain returns the error of sparse Rademacher data on a ring of d coordinates with the best linear decoder, by
// summing over all 3^d inputs, coins by their mean. Rows begin at every stride-th coordinate.
func enumerateChain(p float64, d, stride, neighbours int) float64 {
	n := d / stride
	c, q := mat.NewDense(d, n, nil), mat.NewSymDense(n, nil)
	x, y := make([]float64, d), make([]float64, n)
	for state := range int(math.Pow(3, float64(d))) {
		weight := 1.0
		for j, rest := 0, state; j < d; j, rest = j+1, rest/3 {
			x[j] = float64(rest%3-1) / math.Sqrt(p)
			weight *= map[bool]float64{true: 1 - p, false: p / 2}[x[j] == 0]
		}
		for i := range y {
			y[i] = chainCode(x, i*stride, neighbours)
			for j := range x {
				c.Set(j, i, c.At(j, i)+weight*x[j]*y[i])
			}
			for k := range i {
				q.SetSym(i, k, q.At(i, k)+weight*y[i]*y[k])
			}
		}
	}
	for i := range y {
		q.SetSym(i, i, 1)
	}
	var decoder, explained mat.Dense
	if err := decoder.Solve(q, c.T()); err != nil {
		panic(err)
	}
	explained.Mul(c, &decoder)
	return 1 - explained.Trace()/float64(d)
}

// The formula against the enumeration of a ring of eight, which errs by the chance that all of it is zero.
func TestChainEnumerated(t *testing.T) {
	const d = 8
	for _, p := range []float64{0.6, 0.8, 0.9, 1} {
		for _, stride := range []int{1, 2, 4} {
			want := enumerateChain(p, d, stride, d-1)
			got, ok := amp.ChainMSE(amp.SparseRademacher{P: p}, 1/float64(stride))
			if !ok {
				t.Fatal("no chain")
			}
			checkAbsolute(t, fmt.Sprintf("p=%g rate=1/%d", p, stride), got, want, 20*math.Pow(1-p, d)+1e-14)
		}
	}
}

// The doc comment's value for one neighbour. Q⁻¹ falls by 0.27 or more from neighbour to neighbour (p = 0.5), so that a ring
// of eight errs by a few 0.27⁸ = 3e-5.
func TestChainWithOneNeighbour(t *testing.T) {
	for _, p := range []float64{0.1, 0.5, 0.6, 0.8} {
		q := 1 - p
		want := 1 - p*(1/p+(1+q*q-1/p)/math.Sqrt(1-4*p*p*q*q))
		one := enumerateChain(p, 8, 1, 1)
		checkAbsolute(t, fmt.Sprint(p), one, want, 1e-4)
		law := amp.SparseRademacher{P: p}
		chain, _ := amp.ChainMSE(law, 1)
		if identity, _ := amp.IdentityMSE(law, 1); !(chain < one && one < identity) {
			t.Errorf("p=%g: chain %g, one neighbour %g, identity %g", p, chain, one, identity)
		}
	}
}

// The formula at rate 1 by simulation of every law with its two-tap decoder, on a ring of 64 coordinates.
func TestChainSimulation(t *testing.T) {
	const d, samples = 64, 10_000
	r := rand.New(rand.NewPCG(41, 42))
	for _, c := range []struct {
		law amp.Prior
		q   float64
	}{
		{amp.Gaussian{}, 0}, {amp.SparseGaussian{P: 0.4}, 0.6}, {amp.SparseLaplace{P: 0.5}, 0.5},
		{amp.SparseMixture{P: 0.5, Mean: 1}, 0.5}, {amp.SparseRademacher{P: 0.6}, 0.4}, {amp.SparseRademacher{P: 0.3}, 0.7},
	} {
		x, y := make([]float64, d), make([]float64, d)
		scale := c.law.AbsMean() / (1 - c.q*c.q)
		var mse mean
		for range samples {
			for j := range x {
				x[j] = c.law.Sample(r)
			}
			for i := range y {
				y[i] = chainCode(x, i, d-1)
			}
			e := 0.0
			for i := range x {
				miss := x[i] - scale*(y[i]-c.q*y[(i+1)%d])
				e += miss * miss / d
			}
			mse.add(e)
		}
		want, ok := amp.ChainMSE(c.law, 1)
		if !ok {
			t.Fatal("no chain at rate 1")
		}
		mse.check(t, fmt.Sprintf("%T %+v", c.law, c.law), want, 0)
	}
}

// The chain beats the identity for every 0 < p < 1, and is it at p = 1. On sparse Rademacher data it beats the Haar encoder
// from p = 2 − π/2 on, at every rate up to 1.
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
	for _, rate := range []float64{0.2, 1} {
		critical, _ := amp.ChainMSE(amp.SparseRademacher{P: 2 - math.Pi/2}, rate)
		checkAbsolute(t, "p = 2 − π/2", critical, amp.RGauss(rate), 1e-15)
	}
	if _, ok := amp.ChainMSE(amp.Gaussian{}, 1.1); ok {
		t.Error("r > 1: want ok = false")
	}
}
