package datasets

import (
	"fmt"

	"autoamp/kernels"
)

// Split parts a data set into training and test rows: a row is held out where a hash of its
// number and the seed, Philox's, falls below share, in (0, 1). It is the same for every
// data set of the same length; a row that occurs twice may come to both sides.
func Split(s Samples, share float64, seed uint64) (training, test Samples, err error) {
	if !(share > 0 && share < 1) {
		return nil, nil, fmt.Errorf("datasets: held_out = %g: must be in (0, 1)", share)
	}
	var parts [2]subset
	for i := range s.Len() {
		w := kernels.Philox([4]uint32{uint32(i), Splits}, [2]uint32{uint32(seed), uint32(seed >> 32)})
		side := 0
		if float64(w[0]) < share*(1<<32) {
			side = 1
		}
		parts[side].index = append(parts[side].index, uint32(i))
	}
	for side := range parts {
		if len(parts[side].index) == 0 {
			return nil, nil, fmt.Errorf("datasets: held_out = %g: leaves nothing on one side of %d rows", share, s.Len())
		}
		parts[side].Samples = s
	}
	return &parts[0], &parts[1], nil
}

// subset is some rows of a data set.
type subset struct {
	Samples
	index []uint32
}

func (s *subset) Len() int { return len(s.index) }

func (s *subset) Row(dst []float32, i int) error {
	if i < 0 || i >= len(s.index) {
		return fmt.Errorf("datasets: row %d of %d", i, len(s.index))
	}
	return s.Samples.Row(dst, int(s.index[i]))
}
