package datasets_test

import (
	"fmt"

	"autoamp/datasets"
)

func Example() {
	law, err := datasets.NewLaw("sparse-rademacher", 0.25, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	source, err := datasets.Synthetic(law, 8, 1, datasets.Training)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := make([]float32, 2*source.Dim())
	if err := source.Fill(batch, 0); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(batch[:8])
	fmt.Println(batch[8:])
	// Output:
	// [0 0 0 -2 0 2 0 0]
	// [0 0 2 -2 -2 0 2 0]
}
