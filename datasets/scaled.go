package datasets

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
