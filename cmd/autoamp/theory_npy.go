package main

import (
	"context"
	"fmt"

	"autoamp/amp"
	"autoamp/datasets"
)

// maxNumbers bounds the numbers of npy:FILE, which are sorted in memory: 8 GiB, twice.
const maxNumbers = 1 << 30

// empiricalLaw returns the law of all numbers of npy:FILE. It reads the same arrays as train. share is the share of
// samples that are not zero.
func empiricalLaw(ctx context.Context, file string) (law *amp.Empirical, share float64, samples int, err error) {
	values, err := readNumbers(ctx, file)
	if err != nil {
		return nil, 0, 0, err
	}
	if law, err = amp.NewEmpirical(values, 0); err != nil {
		return nil, 0, 0, fmt.Errorf("npy:%s: %w", file, err)
	}
	filled := 0
	for _, x := range values {
		if x != 0 {
			filled++
		}
	}
	return law, float64(filled) / float64(len(values)), len(values), nil
}

// readNumbers reads all numbers of an array of any shape.
func readNumbers(ctx context.Context, file string) ([]float64, error) {
	array, err := datasets.OpenNumbers(ctx, file)
	if err != nil {
		return nil, arrayError(err)
	}
	defer array.Close()
	if array.Len() > maxNumbers/array.Dim() {
		return nil, usagef("npy:%s: %d × %d numbers: must hold at most 2³⁰", file, array.Len(), array.Dim())
	}
	values := make([]float64, array.Len()*array.Dim())
	for i := range array.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := array.Row64(values[i*array.Dim():][:array.Dim()], i); err != nil {
			return nil, err
		}
	}
	return values, nil
}
