package pairs

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// pairedRows are, for i < paired, the rows (t·e_i + Δ_i)/√(1 + t²), and from row paired on those with −Δ_i; below them Haar rows of the other
// coordinates, as many as make n = d. Δ and the Haar rows are 0 on the paired coordinates. 2·paired ≤ d. delta is (paired, d − paired).
func pairedRows(d, paired int, spike float64, r *rand.Rand) (rows *mat.Dense, delta mat.Matrix, err error) {
	others := d - paired
	frame, err := amp.Haar(others, others, r) // paired rows of Δ, and d − 2·paired alone: as many rows as other coordinates
	if err != nil {
		return nil, nil, err
	}
	angle := math.Pi / 2
	if !math.IsInf(spike, 1) {
		angle = math.Atan(spike)
	}
	angle = math.Min(angle, math.Atan(largestSpike))
	rows = mat.NewDense(d, d, nil)
	for i := range paired {
		for half, sign := range []float64{1, -1} {
			row := rows.RawRowView(half*paired + i)
			row[i] = math.Sin(angle)
			for j := range others {
				row[paired+j] = sign * math.Cos(angle) * frame.At(i, j)
			}
		}
	}
	for i := paired; i < others; i++ {
		copy(rows.RawRowView(paired + i)[paired:], frame.RawRowView(i))
	}
	return rows, frame.Slice(0, paired, 0, others), nil
}

// largestSpike is a t that stands for an infinite one: |g| < t|x| for all x that are not 0.
const largestSpike = 1e3
