package datasets

import (
	"fmt"
	"math"
)

// derived is a data set whose rows are made of another one's.
type derived interface {
	// origin returns the data set and the row that row i is made of.
	origin(i int) (Samples, int)
}

func (s *subset) origin(i int) (Samples, int)  { return s.Samples, int(s.index[i]) }
func (s Scaled) origin(i int) (Samples, int)   { return s.Samples, i }
func (s UnitRows) origin(i int) (Samples, int) { return s.Samples, i }

// trace follows a row to the data set that it was read from.
func trace(s Samples, i int) (Samples, int) {
	for {
		d, ok := s.(derived)
		if !ok {
			return s, i
		}
		s, i = d.origin(i)
	}
}

// Origin names the i-th sample by where it was read from, counted from 0: "npy:FILE: row 1234", or "row 1234" if that is no file.
func Origin(s Samples, i int) string {
	s, i = trace(s, i)
	if a, ok := s.(*Array); ok {
		return fmt.Sprintf("npy:%s: row %d", a.path, i)
	}
	return fmt.Sprintf("row %d", i)
}

// CheckFinite refuses a row, the i-th of s as Row returned it, with a number that is not finite. The error has its origin,
// its column and the number as the file has it: 1e+39 is not finite as float32.
func CheckFinite(s Samples, i int, row []float32) error {
	for j, v := range row {
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%s, column %d is %v: must be finite, and below 3.4e38 in size, as float32 holds it",
				Origin(s, i), j, original(s, i, j, x))
		}
	}
	return nil
}

// original returns number j of row i as the file has it, x where there is no file.
func original(s Samples, i, j int, x float64) float64 {
	s, i = trace(s, i)
	if a, ok := s.(*Array); ok {
		row := make([]float64, a.cols)
		if a.Row64(row, i) == nil {
			return row[j]
		}
	}
	return x
}
