package amp_test

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// TestExcessOfRowsOfOneSize: behind orthonormal rows the linear decoder's excess at finite d is (1−R)(m₄−3)S/12, where S is the
// mean over rows of Σ_j B_ij⁴ (amp/THEORY.md §6.4): a Hadamard matrix has a third of a Haar matrix's.
func TestExcessOfRowsOfOneSize(t *testing.T) {
	t.Parallel()
	const d, inputs = 64, 60000
	r := rand.New(rand.NewPCG(3, 4))
	law := amp.SparseGaussian{P: 0.4}
	for _, n := range []int{d, d / 2} {
		limit := amp.RGauss(float64(n) / d)
		want := (1 - limit) * (law.FourthMoment() - 3) / 12
		m, stderr := linearExcess(t, law, rowsOfOneSize(n, d, r), inputs, r)
		if haar := 3 * want; math.Abs(m-want) > 4*stderr || haar-m < 8*stderr {
			t.Errorf("n = %d: d·excess %.3f ± %.3f, want %.3f; Haar %.3f", n, m, stderr, want, haar)
		}
	}
}

// linearExcess simulates d·(MSE(d) − MSE(∞)) of α·Bᵀ, α = √(2/π). The inputs' energy, whose mean is 1, is a control variate.
func linearExcess(t *testing.T, law amp.SparseGaussian, b *mat.Dense, inputs int, r *rand.Rand) (mean, stderr float64) {
	t.Helper()
	n, d := b.Dims()
	op, err := amp.NewDense(b)
	if err != nil {
		t.Fatal(err)
	}
	x, u, y := make([]float64, d), make([]float64, d), make([]float64, n)
	limit := amp.RGauss(float64(n) / float64(d))
	var sum, squares float64
	for range inputs {
		energy := float64(d) * (draw(x, law, r) + 1)
		code(y, op, x, r)
		op.ApplyTransposed(u, y)
		excess := -limit * energy
		for j := range x {
			e := x[j] - math.Sqrt(2/math.Pi)*u[j]
			excess += e * e
		}
		sum, squares = sum+excess, squares+excess*excess
	}
	mean = sum / float64(inputs)
	return mean, math.Sqrt((squares/float64(inputs) - mean*mean) / float64(inputs))
}

// rowsOfOneSize is n rows of Sylvester's matrix of size d, a power of two, with random signs of its columns: orthonormal rows with
// entries ±1/√d.
func rowsOfOneSize(n, d int, r *rand.Rand) *mat.Dense {
	b := mat.NewDense(n, d, nil)
	rows := r.Perm(d)
	for j := range d {
		column := float64(1-2*r.IntN(2)) / math.Sqrt(float64(d))
		for i := range n {
			b.Set(i, j, column*float64(1-2*(bits.OnesCount(uint(rows[i]&j))%2)))
		}
	}
	return b
}
