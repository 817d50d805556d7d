package codec

import (
	"fmt"
	"math"

	"autoamp/datasets"
	"autoamp/train/codec/law"
)

const (
	// sampleNumbers bounds the numbers that a law is fitted to, sampleRows the rows.
	sampleNumbers = 1 << 20
	sampleRows    = 1 << 14
)

// surveyed is what a sample of the rows tells before the first row is encoded.
type surveyed struct {
	law   *law.Law
	scale float64 // root of the mean square
}

// survey reads rows at equal distances and fits a law to their numbers, each row scaled to a mean square of 1. Rows of zeros have no
// direction and are left out.
func survey(rows datasets.Samples, laws []string) (*surveyed, error) {
	d := rows.Dim()
	count := max(1, min(rows.Len(), sampleRows, sampleNumbers/d))
	row, z := make([]float32, d), make([]float64, 0, count*d)
	energy := 0.0
	for k := range count {
		i := int(int64(k) * int64(rows.Len()) / int64(count))
		if err := rows.Row(row, i); err != nil {
			return nil, err
		}
		if err := datasets.CheckFinite(rows, i, row); err != nil {
			return nil, fmt.Errorf("train: encode: %w", err)
		}
		e := meanSquare(row)
		energy += e / float64(count)
		if e == 0 {
			continue
		}
		for _, v := range row {
			z = append(z, float64(v)/math.Sqrt(e))
		}
	}
	if len(z) == 0 {
		return nil, fmt.Errorf("train: encode: the %d rows that were sampled are all 0: there is no law to fit", count)
	}
	l, err := law.Fit(laws, z)
	if err != nil {
		return nil, fmt.Errorf("train: encode: %w", err)
	}
	return &surveyed{l, math.Sqrt(energy)}, nil
}

// meanSquare is that of a row's numbers, in float64.
func meanSquare(row []float32) float64 {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(row))
}
