package amp_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"autoamp/amp"
)

// energyRows draws rows √e·z of unequal energy: z is Gaussian with a second moment of exactly 1 in every row, e is 0.4 or 1.6.
func energyRows(rows, dim int, r *rand.Rand) []float64 {
	out := make([]float64, rows*dim)
	for i := range rows {
		row := out[i*dim:][:dim]
		square := 0.0
		for j := range row {
			row[j] = r.NormFloat64()
			square += row[j] * row[j] / float64(dim)
		}
		energy := []float64{0.4, 1.6}[i%2]
		for j := range row {
			row[j] *= math.Sqrt(energy / square)
		}
	}
	return out
}

// Rows of one energy: the law is the empirical one, and the linear decoder's error R_Gauss, but for μ at this d.
func TestRowsOfOneEnergy(t *testing.T) {
	t.Parallel()
	const dim = 50
	r := rand.New(rand.NewPCG(1, 2))
	samples := make([]float64, 400*dim)
	for i := range 400 {
		row, square := samples[i*dim:][:dim], 0.0
		for j := range row {
			if r.Float64() < 0.4 || j == 0 {
				row[j] = r.ExpFloat64() - 0.7
			}
			square += row[j] * row[j]
		}
		for j := range row {
			row[j] *= 3 * math.Sqrt(dim/square)
		}
	}
	rows, err := amp.NewRowLaw(slices.Chunk(samples, dim))
	if err != nil {
		t.Fatal(err)
	}
	prior, err := amp.NewEmpirical(samples, 0)
	if err != nil {
		t.Fatal(err)
	}
	checkAbsolute(t, "scale", rows.Scale(), 3, 1e-12)
	checkAbsolute(t, "concentration", rows.Concentration(), 1, 1e-12)
	flat := amp.GaussianConcentration(slices.Repeat([]float64{1}, dim))
	for _, rate := range []float64{0.1, 0.5, 1, 1.5} {
		mu, sigma2 := amp.HaarChannel(rate)
		mu2 := mu * mu / flat // at this d
		checkAbsolute(t, "linear", rows.LinearMSE(rate), 1-(1-amp.RGauss(rate))/flat, 1e-12)
		// Two ways of binning. As d → ∞ it is amp.DenoiserMSE(prior, rate).
		checkAbsolute(t, "denoiser", rows.DenoiserMSE(rate), prior.MMSE((mu*mu+sigma2)/mu2-1), 1e-5)
		checkAbsolute(t, "denoiser as d → ∞", rows.DenoiserMSE(rate), amp.DenoiserMSE(prior, rate), 1.0/dim)
	}
}

// A Haar encoder on rows of two energies, decoded by the best linear decoder and by E[x|u]. The error of the simulation is below 0.002 (10⁶ numbers).
func TestRowsOfTwoEnergies(t *testing.T) {
	t.Parallel()
	const dim, count = 256, 4000
	r := rand.New(rand.NewPCG(3, 4))
	samples := energyRows(count, dim, r)
	law, err := amp.NewRowLaw(slices.Chunk(samples, dim))
	if err != nil {
		t.Fatal(err)
	}
	checkAbsolute(t, "concentration", law.Concentration(), math.Pow((math.Sqrt(0.4)+math.Sqrt(1.6))/2, 2), 1e-12)
	for _, rate := range []float64{0.5, 1} {
		linear, binned, err := simulate(samples, dim, rate, r)
		if err != nil {
			t.Fatal(err)
		}
		checkAbsolute(t, "linear", law.LinearMSE(rate), linear, 0.003)
		checkAbsolute(t, "denoiser", law.DenoiserMSE(rate), binned, 0.003)
	}
}

// A decoder that knows the energies. Gaussian directions have R_Gauss(r) at this d, whatever the energies are. Others have the
// denoiser's error of rows of one energy that are drawn in proportion to the energies: here 4 to 1, and rows of small energy have
// another law.
func TestKnownEnergies(t *testing.T) {
	t.Parallel()
	const dim = 256
	gaussian, err := amp.NewRowLaw(slices.Chunk(energyRows(4000, dim, rand.New(rand.NewPCG(3, 4))), dim))
	if err != nil {
		t.Fatal(err)
	}
	flat := amp.GaussianConcentration(slices.Repeat([]float64{1}, dim))
	r := rand.New(rand.NewPCG(7, 8))
	var rows, drawn []float64
	for i := range 400 {
		row, square := make([]float64, dim), 0.0
		for j := range row {
			if r.Float64() < 0.3+0.3*float64(i%2) {
				row[j] = r.ExpFloat64() - 0.7
			}
			square += row[j] * row[j] / dim
		}
		for j := range row {
			row[j] /= math.Sqrt(square)
		}
		for range 1 + 3*(i%2) {
			drawn = append(drawn, row...)
		}
		for _, z := range row {
			rows = append(rows, z*float64(1+i%2))
		}
	}
	law, err := amp.NewRowLaw(slices.Chunk(rows, dim))
	if err != nil {
		t.Fatal(err)
	}
	equal, err := amp.NewRowLaw(slices.Chunk(drawn, dim))
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []float64{0.3, 1, 1.5} {
		checkAbsolute(t, "Gaussian", gaussian.KnownEnergyMSE(rate), 1-(1-amp.RGauss(rate))/flat, 1e-4)
		checkAbsolute(t, "drawn in proportion", law.KnownEnergyMSE(rate), equal.DenoiserMSE(rate), 1e-9)
		checkAbsolute(t, "one energy", equal.KnownEnergyMSE(rate), equal.DenoiserMSE(rate), 1e-9)
	}
	if rate := 0.0; !math.IsNaN(law.KnownEnergyMSE(rate)) {
		t.Error("rate 0: want NaN")
	}
}

// simulate returns the errors of the best linear and of the best scalar function of u = Bᵀsign(Bx), the latter as the mean
// over 200 bins of u.
func simulate(samples []float64, dim int, rate float64, r *rand.Rand) (linear, scalar float64, err error) {
	n := int(rate * float64(dim))
	b, err := amp.Haar(n, dim, r)
	if err != nil {
		return 0, 0, err
	}
	const bins, reach = 200, 5.0
	count, sum := make([]float64, bins), make([]float64, bins)
	var xx, xu, uu float64
	code, u := make([]float64, n), make([]float64, dim)
	for start := 0; start < len(samples); start += dim {
		x := samples[start:][:dim]
		clear(u)
		for i := range code {
			dot := 0.0
			for j, v := range b.RawRowView(i) {
				dot += v * x[j]
			}
			code[i] = math.Copysign(1, dot)
			for j, v := range b.RawRowView(i) {
				u[j] += code[i] * v
			}
		}
		for j, v := range u {
			xx, xu, uu = xx+x[j]*x[j], xu+x[j]*v, uu+v*v
			k := min(max(int((v/reach+1)/2*bins), 0), bins-1)
			count[k]++
			sum[k] += x[j]
		}
	}
	explained := 0.0
	for k := range count {
		explained += sum[k] * sum[k] / max(count[k], 1)
	}
	return 1 - xu*xu/(uu*xx), 1 - explained/xx, nil
}

func TestGaussianConcentration(t *testing.T) {
	t.Parallel()
	for _, d := range []int{1, 2, 10, 1000} {
		flat := make([]float64, d)
		for i := range flat {
			flat[i] = 7
		}
		upper, _ := math.Lgamma(float64(d+1) / 2)
		lower, _ := math.Lgamma(float64(d) / 2)
		checkAbsolute(t, "flat", amp.GaussianConcentration(flat), 2/float64(d)*math.Exp(2*(upper-lower)), 1e-11)
	}
	// λ = (1, 1) and directions without variance: Rayleigh's law, (E√e)²/E e = π/4.
	checkAbsolute(t, "Rayleigh", amp.GaussianConcentration([]float64{0, 2, 2, 0}), math.Pi/4, 1e-12)
	for _, bad := range [][]float64{nil, {0, 0}, {1, -1}, {math.NaN()}} {
		if v := amp.GaussianConcentration(bad); !math.IsNaN(v) {
			t.Errorf("%v: %g, want NaN", bad, v)
		}
	}
}

// Independent coordinates have rows of unequal energy at finite d: with what Gaussian rows of that d lose, the linear
// decoder's loss is FiniteDimension's. 20 000 rows give the loss of 0.012 to 4 %.
func TestRowEnergyIsTheFiniteDimensionCorrection(t *testing.T) {
	t.Parallel()
	const dim, rate = 100, 0.5
	prior := amp.SparseGaussian{P: 0.2}
	r := rand.New(rand.NewPCG(5, 6))
	samples := make([]float64, 20000*dim)
	for i := range samples {
		samples[i] = prior.Sample(r)
	}
	law, err := amp.NewRowLaw(slices.Chunk(samples, dim))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := amp.FiniteDimension(prior, rate, dim)
	checkAbsolute(t, "linear", law.LinearMSE(rate), want, 0.001)
}

func TestRowLawRefuses(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string][][]float64{
		"empty": nil, "no numbers": {{}}, "lengths": {{1, 2}, {3}}, "zero": {{0, 0}}, "NaN": {{1, math.NaN()}}, "overflow": {{1e200}},
	} {
		_, err := amp.NewRowLaw(slices.Values(rows))
		var domain *amp.DomainError
		if !errors.As(err, &domain) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Squares that underflow are no reason for NaN.
	if small, err := amp.NewRowLaw(slices.Values([][]float64{{1, 1e-170}})); err != nil || math.IsNaN(small.DenoiserMSE(1)) {
		t.Errorf("tiny number: %v, %v", small, err)
	}
	// A row of zeros has no direction, and is no reason for NaN.
	law, err := amp.NewRowLaw(slices.Values([][]float64{{0, 0}, {1, -1}}))
	if err != nil {
		t.Fatal(err)
	}
	checkAbsolute(t, "concentration", law.Concentration(), 0.5, 1e-12)
	if v := law.DenoiserMSE(1); !(v > 0 && v < 1) {
		t.Errorf("denoiser %g", v)
	}
}
