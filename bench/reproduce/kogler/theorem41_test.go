package kogler

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// maskGap against decoders fitted on masks behind a Haar encoder, their error on other masks beside the error of a decoder
// fitted on many. The formula is d → ∞; at d = 80 its next order and the noise of 12 fits are below a tenth.
func TestMaskGap(t *testing.T) {
	t.Parallel()
	const d, n, p, masks, many = 80, 40, 0.3, 60, 1500
	r := rand.New(rand.NewPCG(4, 1))
	b := orthonormalRows(n, d, r)
	draw := func(count int) []amp.Mask {
		m, err := amp.SampleMasks(d, count, p, r)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	test := draw(many)
	risk := func(count int) float64 {
		a, err := amp.OptimalDecoder(b, p, draw(count))
		if err != nil {
			t.Fatal(err)
		}
		v, err := amp.PopulationRisk(a, b, p, test)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const fits = 12
	got := -risk(many)
	for range fits {
		got += risk(masks) / fits
	}
	if want := maskGap(p) * (1.0/masks - 1.0/many); math.Abs(got/want-1) > 0.1 {
		t.Errorf("%d masks cost %g, want %g", masks, got, want)
	}
}

// orthonormalRows are Haar.
func orthonormalRows(n, d int, r *rand.Rand) *mat.Dense {
	g := mat.NewDense(d, n, nil)
	g.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, g)
	var qr mat.QR
	qr.Factorize(g)
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, d, 0, n).T())
}
