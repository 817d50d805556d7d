package graph_test

import (
	"fmt"

	"autoamp/graph"
)

// A linear decoder on fresh data, evaluated: five instructions.
func ExampleModel_Compile() {
	model, err := graph.New(graph.Config{Model: "shallow", Batch: 128, Dim: 100, Code: 50, Encoder: "haar"})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := model.Compile(graph.Options{Sample: &graph.Sample{Law: "sparse-gaussian"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, in := range program.Instrs {
		fmt.Println(in.Op)
	}
	// Output:
	// sample(sparse-gaussian, stream=0)
	// matmul.tb
	// sign(tau=0.1)
	// matmul.tb.sa
	// mse
}

func ExampleSchedule_At() {
	s := graph.Schedule{Shape: graph.Cosine, WarmUp: 2, Steps: 10, Final: 0.1}
	for _, step := range []uint64{0, 1, 2, 6, 10, 99} {
		fmt.Printf("%.3f ", s.At(step))
	}
	// Output: 0.500 1.000 1.000 0.550 0.100 0.100
}
