package nguyen

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/kernels"
)

// TestPopulation compares the expected gradient with the mean over all supports and all entries, for five atoms and supports of
// four. Only the second moments of the entries count, so two values that have them are enough.
func TestPopulation(t *testing.T) {
	t.Parallel()
	const atoms, dim, support = 5, 7, 4
	dictionary, err := datasets.Dictionary(atoms, dim, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, law := range []kernels.CodeLaw{{Support: support, Lo: 1, Hi: 1, Signed: true}, {Support: support, Lo: 1, Hi: 2}} {
		p := newPopulation(dictionary, atoms, law)
		w := wide(sparsecoding.Near(dictionary, atoms, 0.4, 1), atoms)
		normaliseRows(w)
		values := []float64{-1, 1}
		if !law.Signed {
			mean, deviation := 1.5, math.Sqrt(1.0/12)
			values = []float64{mean - deviation, mean + deviation}
		}
		got, want := p.descent(w), enumerated(w, p.dictionary, support, values)
		var d mat.Dense
		d.Sub(got, want)
		if e := mat.Norm(&d, 2); e > 1e-12 {
			t.Errorf("%+v: the expected gradient is %g from the mean over all codes", law, e)
		}
	}
}

// enumerated is −g of Theorem 4 averaged over all codes with entries from two values, and with units that are active on them.
func enumerated(w, a *mat.Dense, support int, values []float64) *mat.Dense {
	m, d := w.Dims()
	sum, count := mat.NewDense(m, d, nil), 0.0
	for code := range int(math.Pow(3, float64(m))) { // 0: off, 1 and 2: a value
		x, size := make([]float64, m), 0
		for j, rest := 0, code; j < m; j, rest = j+1, rest/3 {
			if rest%3 > 0 {
				x[j], size = values[rest%3-1], size+1
			}
		}
		if size != support {
			continue
		}
		count++
		addDescent(sum, w, a, x)
	}
	sum.Scale(1/count, sum)
	return sum
}

func addDescent(sum, w, a *mat.Dense, x []float64) {
	m, d := w.Dims()
	y, z := mat.NewVecDense(d, nil), mat.NewVecDense(m, nil)
	y.MulVec(a.T(), mat.NewVecDense(m, x))
	z.MulVec(w, y)
	for j, v := range x {
		if v == 0 {
			z.SetVec(j, 0)
		}
	}
	r := mat.NewVecDense(d, nil)
	r.MulVec(w.T(), z)
	r.SubVec(y, r)
	for i, v := range x {
		if v == 0 {
			continue
		}
		along := mat.Dot(w.RowView(i), r)
		for j := range d {
			sum.Set(i, j, sum.At(i, j)+z.AtVec(i)*r.AtVec(j)+along*y.AtVec(j))
		}
	}
}

// TestFloor compares the end of the expected descent with 4(k−1)²/d, its first order in k/d: the perturbation of atom i is
// 2(k−1)/(m−1) times the part of Σ_j⟨A_i, A_j⟩A_j across A_i, of squared length m/d.
func TestFloor(t *testing.T) {
	t.Parallel()
	const atoms, dim = 96, 64
	dictionary, err := datasets.Dictionary(atoms, dim, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, signed := range []bool{true, false} {
		for support := 2; support < 4; support++ {
			floor := newPopulation(dictionary, atoms, kernels.CodeLaw{Support: support, Lo: 1, Hi: 1, Signed: signed}).floor()
			want := 4 * math.Pow(float64(support-1), 2) / dim
			if math.Abs(floor/want-1) > 0.15 {
				t.Errorf("signed %t, k = %d: floor %g, to first order %g", signed, support, floor, want)
			}
		}
	}
	if floor := newPopulation(dictionary, atoms, kernels.CodeLaw{Support: 1, Lo: 1, Hi: 1}).floor(); floor > 1e-20 {
		t.Errorf("one entry: the dictionary is %g from the end", floor)
	}
}

// TestStepLimit: for non-negative codes the mean of all columns is stable for ζ·(k/m)·(E x² + (k − 1)(E x)²) < 2, to first order in the
// overlaps: just below the limit the descent stays near the dictionary, and just above it leaves.
func TestStepLimit(t *testing.T) {
	t.Parallel()
	const atoms, dim = 48, 128
	dictionary, err := datasets.Dictionary(atoms, dim, 1)
	if err != nil {
		t.Fatal(err)
	}
	law := kernels.CodeLaw{Support: 5, Lo: 1, Hi: 2}
	p := newPopulation(dictionary, atoms, law)
	limit := 2 / (float64(law.Support) / atoms * (p.square + float64(law.Support-1)*p.product))
	for factor, leaves := range map[float64]bool{0.8: false, 1.2: true} {
		w := wide(sparsecoding.Near(dictionary, atoms, 0.1, 1), atoms)
		start := p.distance2(w)
		for range 40 {
			p.step(w, factor*limit)
		}
		if end := p.distance2(w); end > 2*start != leaves {
			t.Errorf("%g of the limit: from %g to %g", factor, start, end)
		}
	}
}
