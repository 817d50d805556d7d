package amp_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"autoamp/amp"

	"gonum.org/v1/gonum/mat"
)

// gaussianMatrix has i.i.d. standard normal entries.
func gaussianMatrix(rows, cols int, r *rand.Rand) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for i := range rows {
		for j := range cols {
			m.Set(i, j, r.NormFloat64())
		}
	}
	return m
}

// normaliseRows gives every row unit norm.
func normaliseRows(m *mat.Dense) {
	rows, _ := m.Dims()
	for i := range rows {
		row := m.RowView(i).(*mat.VecDense)
		row.ScaleVec(1/mat.Norm(row, 2), row)
	}
}

// The exact risk against a Monte-Carlo average over x, dense and sparse.
func TestPopulationRiskSimulation(t *testing.T) {
	const n, d = 6, 8
	samples := 200_000
	r := rand.New(rand.NewPCG(41, 42))
	b, a := gaussianMatrix(n, d, r), gaussianMatrix(d, n, r)
	normaliseRows(b)
	a.Scale(0.3, a)
	op, err := amp.NewDense(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []float64{1, 0.5} {
		masks, err := amp.AllMasks(d, p)
		if err != nil {
			t.Fatal(err)
		}
		want, err := amp.PopulationRisk(a, b, p, masks)
		if err != nil {
			t.Fatal(err)
		}
		law := amp.SparseGaussian{P: p}
		var risk mean
		x, decoded := make([]float64, d), mat.NewVecDense(d, nil)
		for range samples {
			draw(x, law, r)
			decoded.MulVec(a, mat.NewVecDense(n, signs(op, x, r)))
			risk.add(distance(decoded.RawVector().Data, x))
		}
		risk.check(t, fmt.Sprintf("p=%g", p), want, 0)
	}
}

// The gradient against central differences along random directions, and its tangency.
func TestPopulationGradient(t *testing.T) {
	const n, d = 4, 6
	r := rand.New(rand.NewPCG(43, 44))
	b, a := gaussianMatrix(n, d, r), gaussianMatrix(d, n, r)
	normaliseRows(b)
	for _, p := range []float64{1, 0.4} {
		masks, err := amp.AllMasks(d, p)
		if err != nil {
			t.Fatal(err)
		}
		gradient, err := amp.PopulationGradient(a, b, p, masks)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			direction := gaussianMatrix(n, d, r)
			const h = 1e-5
			value := func(sign float64) float64 {
				var moved mat.Dense
				moved.Scale(sign*h, direction)
				moved.Add(&moved, b)
				risk, err := amp.PopulationRisk(a, &moved, p, masks)
				if err != nil {
					t.Fatal(err)
				}
				return risk
			}
			var product mat.Dense
			product.MulElem(gradient, direction)
			checkAbsolute(t, fmt.Sprintf("p=%g", p), mat.Sum(&product), (value(1)-value(-1))/(2*h), 1e-8)
		}
		for i := range n {
			checkAbsolute(t, "tangent", mat.Dot(gradient.RowView(i), b.RowView(i)), 0, 1e-12)
		}
	}
}

// At the optimal decoder the risk is stationary and no nearby decoder is better; a Haar encoder has R_Gauss at every d.
func TestOptimalDecoder(t *testing.T) {
	const n, d = 4, 6
	r := rand.New(rand.NewPCG(45, 46))
	b := gaussianMatrix(n, d, r)
	masks, err := amp.SampleMasks(d, 50, 0.6, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range [][]amp.Mask{nil, masks} {
		a, err := amp.OptimalDecoder(b, 0.6, m)
		if err != nil {
			t.Fatal(err)
		}
		best, err := amp.PopulationRisk(a, b, 0.6, m)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			other := gaussianMatrix(d, n, r)
			other.Scale(1e-3, other)
			other.Add(other, a)
			if risk, _ := amp.PopulationRisk(other, b, 0.6, m); risk < best {
				t.Errorf("a decoder nearby has risk %.12g < %.12g", risk, best)
			}
		}
	}
	haar, err := amp.Haar(5, 9, r)
	if err != nil {
		t.Fatal(err)
	}
	a, err := amp.OptimalDecoder(haar, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	risk, err := amp.PopulationRisk(a, haar, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkAbsolute(t, "Haar", risk, amp.RGauss(5.0/9), 1e-12)
}

func TestPopulationBadInput(t *testing.T) {
	b := mat.NewDense(2, 3, []float64{1, 0, 0, 0, 1, 0})
	a := mat.NewDense(3, 2, nil)
	parallel := mat.NewDense(2, 2, []float64{1, 1, 2, 2})
	for name, call := range map[string]func() error{
		"A of the wrong shape": func() error { _, err := amp.PopulationRisk(b, b, 1, nil); return err },
		"NaN in A": func() error {
			_, err := amp.PopulationRisk(mat.NewDense(3, 2, []float64{0, 0, 0, 0, 0, math.NaN()}), b, 1, nil)
			return err
		},
		"zero row in B": func() error { _, err := amp.OptimalDecoder(mat.NewDense(1, 2, nil), 1, nil); return err },
		"p":             func() error { _, err := amp.PopulationRisk(a, b, 2, []amp.Mask{{Weight: 1}}); return err },
		"mask length": func() error {
			_, err := amp.PopulationGradient(a, b, 1, []amp.Mask{{Keep: []bool{true}, Weight: 1}})
			return err
		},
		"nil B":                  func() error { _, err := amp.PopulationGradient(a, nil, 1, nil); return err },
		"nineteen coordinates":   func() error { _, err := amp.AllMasks(19, 0.5); return err },
		"masks without a source": func() error { _, err := amp.SampleMasks(3, 2, 0.5, nil); return err },
		"no masks":               func() error { _, err := amp.SampleMasks(3, 0, 0.5, nil); return err },
		"mask probability":       func() error { _, err := amp.AllMasks(3, 0); return err },
	} {
		var domain *amp.DomainError
		if err := call(); !errors.As(err, &domain) {
			t.Errorf("%s: error %v, want a *DomainError", name, err)
		}
	}
	if _, err := amp.OptimalDecoder(parallel, 1, nil); !errors.Is(err, amp.ErrSingular) {
		t.Errorf("parallel rows: %v, want ErrSingular", err)
	}
}

// GD-min (amp/THEORY.md §4.5) at d = 100, r = ½ against the flow: the extreme eigenvalues at s = 1 within the finite-d gap of
// about 3 %, the error near R_Gauss at s = 4.
func TestGradientDescentFollowsFlow(t *testing.T) {
	const n, d, eta = 50, 100, 0.05
	r := rand.New(rand.NewPCG(47, 48))
	b := gaussianMatrix(n, d, r)
	normaliseRows(b)
	start, err := amp.Eigenvalues(b)
	if err != nil {
		t.Fatal(err)
	}
	risk := 0.0
	for step := 1; step <= int(4/eta); step++ {
		a, err := amp.OptimalDecoder(b, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		gradient, err := amp.PopulationGradient(a, b, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		gradient.Scale(-eta*d, gradient)
		b.Add(b, gradient)
		normaliseRows(b)
		if float64(step)*eta == 1 {
			checkFlow(t, b, start, 1)
		}
		risk, _ = amp.PopulationRisk(a, b, 1, nil)
	}
	checkAbsolute(t, "final risk", risk, amp.RGauss(0.5), 2e-3)
}

// checkFlow compares the extreme eigenvalues with the flow from start.
func checkFlow(t *testing.T, b mat.Matrix, start []float64, time float64) {
	t.Helper()
	got, err := amp.Eigenvalues(b)
	if err != nil {
		t.Fatal(err)
	}
	want, err := amp.SpectralFlow(start, time)
	if err != nil {
		t.Fatal(err)
	}
	last := len(got) - 1
	checkRelative(t, "largest eigenvalue", got[0], want[0], 0.04)
	checkRelative(t, "smallest eigenvalue", got[last], want[last], 0.04)
}

// The flow conserves Σλ, ends at 1 and approaches it at the stated rate.
func TestSpectralFlow(t *testing.T) {
	start := []float64{0.1, 0.5, 1, 2.4}
	sum := func(x []float64) (s float64) {
		for _, v := range x {
			s += v
		}
		return s
	}
	at := func(time float64) []float64 {
		lambda, err := amp.SpectralFlow(start, time)
		if err != nil {
			t.Fatal(err)
		}
		return lambda
	}
	for _, time := range []float64{0, 0.3, 2, 20} {
		checkAbsolute(t, "Σλ", sum(at(time)), sum(start), 1e-9)
	}
	for _, l := range append(at(40), at(1e300)...) {
		checkAbsolute(t, "λ(∞)", l, 1, 1e-9)
	}
	early, late := at(8), at(9)
	rate := -math.Log((late[0] - 1) / (early[0] - 1))
	checkAbsolute(t, "rate", rate, amp.SpectralFlowRate, 1e-3)
	checkAbsolute(t, "8c₀(2/π)³", amp.SpectralFlowRate, 1.178, 5e-4)
	checkAbsolute(t, "MSE at λ ≡ 1", amp.SpectralMSE([]float64{1, 1}, 0.5), amp.RGauss(0.5), 1e-15)
	if start[0] != 0.1 {
		t.Error("the start was changed")
	}
	for _, c := range []struct {
		lambda []float64
		time   float64
	}{{nil, 1}, {[]float64{-1}, 1}, {[]float64{1}, -1}, {[]float64{1}, math.NaN()}} {
		var domain *amp.DomainError
		if _, err := amp.SpectralFlow(c.lambda, c.time); !errors.As(err, &domain) {
			t.Errorf("%+v: error %v", c, err)
		}
	}
}

// WaterFilling: the allocation is feasible, no random feasible one is better, and the isotropic cases are RGauss.
func TestWaterFilling(t *testing.T) {
	r := rand.New(rand.NewPCG(49, 50))
	const d = 12
	for range 200 {
		eigenvalues := make([]float64, d)
		for j := range eigenvalues {
			eigenvalues[j] = r.ExpFloat64() * float64(r.IntN(4)) / 2
		}
		eigenvalues[0] = 1
		n := 1 + r.IntN(18)
		bound, allocation, err := amp.WaterFilling(eigenvalues, float64(n)/d)
		if err != nil {
			t.Fatal(err)
		}
		total, value := 0.0, 0.0
		for j, l := range allocation {
			total += l
			value += eigenvalues[j] * (math.Pi/2 - 1) / (l + math.Pi/2 - 1) / d
		}
		checkAbsolute(t, "Σλ", total, float64(n), 1e-9)
		checkAbsolute(t, "value", value, bound, 1e-12)
		for range 20 {
			if other := randomAllocation(eigenvalues, n, r); other < bound-1e-12 {
				t.Errorf("a random allocation reaches %g < %g", other, bound)
			}
		}
	}
	ones := make([]float64, 40)
	for i := range ones {
		ones[i] = 1
	}
	for _, rate := range []float64{0.25, 1, 2} {
		bound, _, err := amp.WaterFilling(ones, rate)
		if err != nil {
			t.Fatal(err)
		}
		checkAbsolute(t, fmt.Sprintf("isotropic r=%g", rate), bound, amp.RGauss(rate), 1e-12)
		checkAbsolute(t, "no zeros", amp.DegenerateRGauss(rate, 0), amp.RGauss(rate), 0)
	}
	zeros := append(make([]float64, 10), ones[:30]...)
	for _, rate := range []float64{0.5, 0.75, 0.9, 1.5} {
		bound, _, err := amp.WaterFilling(zeros, rate)
		if err != nil {
			t.Fatal(err)
		}
		checkAbsolute(t, fmt.Sprintf("a quarter zeros r=%g", rate), bound, amp.DegenerateRGauss(rate, 0.25), 1e-12)
	}
	if got := amp.DegenerateRGauss(1, 1); !math.IsNaN(got) {
		t.Errorf("all eigenvalues zero: %g, want NaN", got)
	}
	for _, bad := range [][]float64{nil, {-1}, {math.Inf(1)}} {
		var domain *amp.DomainError
		if _, _, err := amp.WaterFilling(bad, 1); !errors.As(err, &domain) {
			t.Errorf("%v: error %v", bad, err)
		}
	}
}

// randomAllocation spreads n over at most n random eigenvalues and returns the objective.
func randomAllocation(eigenvalues []float64, n int, r *rand.Rand) float64 {
	lambda := make([]float64, len(eigenvalues))
	sum := 0.0
	for _, j := range r.Perm(len(lambda))[:min(n, len(lambda))] {
		lambda[j] = r.ExpFloat64()
		sum += lambda[j]
	}
	value := 0.0
	for j, e := range eigenvalues {
		c := math.Pi/2 - 1
		value += e * c / (lambda[j]*float64(n)/sum + c) / float64(len(lambda))
	}
	return value
}
