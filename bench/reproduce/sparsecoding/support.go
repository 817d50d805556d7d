package sparsecoding

import (
	"context"

	"autoamp/datasets"
)

// Support says how well the active units are the support of the code.
type Support struct {
	// TruePositive is the share of the support that is active, FalsePositive the number of units per sample that are
	// active outside it, Exact the share of samples with neither error, and Signs the share of samples with
	// neither error whose active units have the signs of the code.
	TruePositive, FalsePositive, Exact, Signs float64
}

// supportBatch is the number of samples at a time.
const supportBatch = 500

// MeasureSupport draws about that many samples and compares the active units with their codes. The function active says from
// a unit's number in W·y whether the unit is active. The result is a mean over batches.
func MeasureSupport(ctx context.Context, source *datasets.Bilinear, w []float32, samples int, active func(float32) bool) (mean Support, err error) {
	batch := min(samples, supportBatch)
	batches := max(1, samples/batch)
	y := make([]float32, batch*source.Dim())
	for step := range batches {
		if err := ctx.Err(); err != nil {
			return mean, err
		}
		codes, err := source.FillCodes(y, uint64(step))
		if err != nil {
			return mean, err
		}
		s := compareSupport(Products(y, w, source.Dim()), codes, source.Atoms, active)
		mean.TruePositive += s.TruePositive
		mean.FalsePositive += s.FalsePositive
		mean.Exact += s.Exact
		mean.Signs += s.Signs
	}
	for _, share := range []*float64{&mean.TruePositive, &mean.FalsePositive, &mean.Exact, &mean.Signs} {
		*share /= float64(batches) // once, at the end: a share of exactly 1 stays 1
	}
	return mean, nil
}

// compareSupport compares z = W·y with the codes of a batch, both (b, m).
func compareSupport(z, codes []float32, atoms int, active func(float32) bool) (s Support) {
	batch := float64(len(z) / atoms)
	entries := 0.0
	for ; len(z) > 0; z, codes = z[atoms:], codes[atoms:] {
		exact, signs := 1.0, 1.0
		for j, x := range codes[:atoms] {
			on := active(z[j])
			if on != (x != 0) {
				exact = 0
			}
			if on && x*z[j] < 0 {
				signs = 0
			}
			switch {
			case x != 0 && on:
				s.TruePositive++
			case on:
				s.FalsePositive++
			}
			if x != 0 {
				entries++
			}
		}
		s.Exact += exact
		s.Signs += exact * signs
	}
	s.TruePositive /= entries
	s.FalsePositive /= batch
	s.Exact /= batch
	s.Signs /= batch
	return s
}
