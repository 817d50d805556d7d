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
// direction and are left out. By energy, rows count in proportion to their mean squares, as they do in the error of decoded rows whose
// norms are known: amp.RowLaw.
func survey(rows datasets.Samples, laws []string, byEnergy bool) (*surveyed, error) {
	d := rows.Dim()
	count := max(1, min(rows.Len(), sampleRows, sampleNumbers/d))
	place := func(k int) int { return int(int64(k) * int64(rows.Len()) / int64(count)) }
	row, energies, total := make([]float32, d), make([]float64, count), 0.0
	for k := range energies {
		if err := rows.Row(row, place(k)); err != nil {
			return nil, err
		}
		if err := datasets.CheckFinite(rows, place(k), row); err != nil {
			return nil, fmt.Errorf("train: encode: %w", err)
		}
		energies[k] = meanSquare(row)
		total += energies[k]
	}
	if total == 0 {
		return nil, fmt.Errorf("train: encode: the %d rows that were sampled are all 0: there is no law to fit", count)
	}
	chosen := inTurn(energies)
	if byEnergy {
		chosen = inProportion(energies, total)
	}
	z := make([]float64, 0, len(chosen)*d)
	for _, k := range chosen {
		if err := rows.Row(row, place(k)); err != nil {
			return nil, err
		}
		for _, v := range row {
			z = append(z, float64(v)/math.Sqrt(energies[k]))
		}
	}
	l, err := law.Fit(laws, z)
	if err != nil {
		return nil, fmt.Errorf("train: encode: %w", err)
	}
	return &surveyed{l, math.Sqrt(total / float64(count))}, nil
}

// inTurn lists the rows that are not 0.
func inTurn(energies []float64) (chosen []int) {
	for k, e := range energies {
		if e > 0 {
			chosen = append(chosen, k)
		}
	}
	return chosen
}

// inProportion lists as many rows, each as often as its share of the total says, rounded.
func inProportion(energies []float64, total float64) (chosen []int) {
	step, sum := total/float64(len(energies)), 0.0
	for k, e := range energies {
		for sum += e; (float64(len(chosen))+0.5)*step < sum; {
			chosen = append(chosen, k)
		}
	}
	return chosen
}

// meanSquare is that of a row's numbers, in float64.
func meanSquare(row []float32) float64 {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(row))
}
