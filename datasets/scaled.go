package datasets

import "math"

// Scaled is a data set with all numbers multiplied by one.
type Scaled struct {
	Samples
	By float64
}

// Row copies the i-th sample into dst, multiplied.
func (s Scaled) Row(dst []float32, i int) error {
	if err := s.Samples.Row(dst, i); err != nil {
		return err
	}
	for j, v := range dst {
		dst[j] = float32(float64(v) * s.By)
	}
	return nil
}

// UnitRows is a data set with every row scaled to the same mean square. Rows of zeros stay.
//
// Independent coordinates have nearly the same energy in every row, which theory makes use of; images do not,
// and the code of a row says nothing of its length.
type UnitRows struct {
	Samples
	Square float64
}

// Row copies the i-th sample into dst, scaled.
func (s UnitRows) Row(dst []float32, i int) error {
	if err := s.Samples.Row(dst, i); err != nil {
		return err
	}
	var square float64
	for _, v := range dst {
		square += float64(v) * float64(v)
	}
	if square == 0 {
		return nil
	}
	scale := math.Sqrt(s.Square * float64(len(dst)) / square)
	for j, v := range dst {
		dst[j] = float32(float64(v) * scale)
	}
	return nil
}
