package datasets_test

import (
	"testing"

	"autoamp/datasets"
)

func BenchmarkArrayRow(b *testing.B) {
	const rows, cols = 1000, 784
	for name, file := range map[string][]byte{
		"float32":         npy(1, "<f4", "False", "(1000, 784)", make([]float32, rows*cols)),
		"float32/fortran": npy(1, "<f4", "True", "(1000, 784)", make([]float32, rows*cols)),
		"float64":         npy(1, "<f8", "False", "(1000, 784)", make([]float64, rows*cols)),
		"uint8":           npy(1, "|u1", "False", "(1000, 784)", make([]uint8, rows*cols)),
	} {
		b.Run(name, func(b *testing.B) {
			a, err := datasets.OpenArray(b.Context(), store(b, "x.npy", file))
			if err != nil {
				b.Fatal(err)
			}
			defer a.Close()
			row := make([]float32, cols)
			b.SetBytes(4 * cols)
			for i := 0; b.Loop(); i++ {
				if err := a.Row(row, i%rows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
