package amp_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"
)

// A law that was stored and read is the same law; damaged bytes are refused.
func TestEmpiricalStored(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	samples := make([]float64, 3000)
	for i := range samples {
		samples[i] = 7 * amp.SparseLaplace{P: 0.3}.Sample(r)
	}
	law, err := amp.NewEmpirical(samples, 40)
	if err != nil {
		t.Fatal(err)
	}
	b, err := law.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var read amp.Empirical
	if err := read.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if read.AbsMean() != law.AbsMean() || read.FourthMoment() != law.FourthMoment() || read.Scale() != 1 {
		t.Errorf("moments %g, %g, scale %g", read.AbsMean(), read.FourthMoment(), read.Scale())
	}
	for _, y := range []float64{-3, 0, 0.2, 5} {
		if got, want := read.PosteriorMean(y, 0.3), law.PosteriorMean(y, 0.3); got != want {
			t.Errorf("the posterior mean at %g is %g, was %g", y, got, want)
		}
	}
	var domain *amp.DomainError
	for name, damaged := range map[string][]byte{
		"empty": nil, "a component less": b[:len(b)-24], "cut": b[:len(b)-1],
		"NaN": append(append([]byte(nil), b[:len(b)-8]...), 0, 0, 0, 0, 0, 0, 0xf8, 0x7f),
	} {
		if err := new(amp.Empirical).UnmarshalBinary(damaged); !errors.As(err, &domain) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if math.IsNaN(read.MMSE(0.5)) {
		t.Error("no MMSE")
	}
}
