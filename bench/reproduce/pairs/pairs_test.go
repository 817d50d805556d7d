package pairs

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Rows have norm 1, the two rows of a pair add up to a multiple of e_i, and the rest is an orthogonal matrix of the other coordinates.
func TestPairedRows(t *testing.T) {
	t.Parallel()
	const d, paired, spike = 20, 7, 0.8
	rows, delta, err := pairedRows(d, paired, spike, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	frame := mat.NewDense(d-paired, d-paired, nil)
	for i := range d {
		if norm := mat.Norm(rows.RowView(i), 2); math.Abs(norm-1) > 1e-12 {
			t.Errorf("row %d has norm %g", i, norm)
		}
		if i >= paired {
			frame.SetRow(i-paired, rows.RawRowView(i)[paired:])
		}
	}
	for i := range paired {
		for j := range d {
			sum, want := rows.At(i, j)+rows.At(paired+i, j), 0.0
			if i == j {
				want = 2 * spike / math.Hypot(1, spike)
			}
			if math.Abs(sum-want) > 1e-12 {
				t.Errorf("rows of coordinate %d add up to %g at %d, want %g", i, sum, j, want)
			}
		}
		for j := range d - paired {
			v := -math.Hypot(1, spike) * frame.At(i, j)
			frame.Set(i, j, v)
			if math.Abs(v-delta.At(i, j)) > 1e-12 {
				t.Errorf("Δ is %g at %d, %d, in the rows %g", delta.At(i, j), i, j, v)
			}
		}
	}
	var gram mat.Dense
	gram.Mul(frame, frame.T())
	for i := range d - paired {
		gram.Set(i, i, gram.At(i, i)-1)
	}
	if off := mat.Norm(&gram, 2); off > 1e-12 {
		t.Errorf("the other coordinates' rows are off an orthogonal matrix by %g", off)
	}
}

// The decoder in closed form has the error of the least-squares decoder within 3 %: at d = 160 few inputs are 0 on all coordinates that are not
// paired, where the codes of pairs of zeros say nothing.
func TestPairWeights(t *testing.T) {
	t.Parallel()
	const d, spike = 160, 0.9
	encoder, decoder, err := pairWeights(d, spike, rand.New(rand.NewPCG(3, 4)))
	if err != nil {
		t.Fatal(err)
	}
	rows, a := mat.NewDense(d, d, nil), mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			rows.Set(i, j, float64(encoder[i*d+j]))
			a.Set(i, j, float64(decoder[i*d+j]))
		}
	}
	s := simulation{studied: studied{Data: rademacher, P: trainedP, Draws: 4000}, Dim: d, Seed: 5}
	best, err := s.decoded(t.Context(), rows, d/2)
	if err != nil {
		t.Fatal(err)
	}
	x, y := s.draw(rows, d/2, rand.New(rand.NewPCG(6, 7)))
	var found mat.Dense
	found.Mul(y, a.T())
	found.Sub(x, &found)
	norm := mat.Norm(&found, 2)
	if mse := norm * norm / (4000 * d); mse > 1.03*best || mse < 0.97*best {
		t.Errorf("closed form %.5f, least squares %.5f", mse, best)
	}
}
