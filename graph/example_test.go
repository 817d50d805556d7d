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

func ExampleModel_DOT() {
	model, err := graph.New(graph.Config{Model: "shallow", Batch: 8, Dim: 4, Code: 2, Encoder: "haar", Tied: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	dot, err := model.DOT()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(dot)
	// Output:
	// digraph "shallow" {
	//   node [shape=ellipse, fontname="sans-serif"];
	//   n0 [shape=box, style=filled, fillcolor=lightblue, label="x\n(8, 4)"];
	//   n1 [shape=box, style=filled, fillcolor=lightblue, label="encoder.weight\n(2, 4)"];
	//   n2 [label="z = matmul.tb\n(8, 2)"];
	//   n0 -> n2 [label=0, fontsize=9];
	//   n1 -> n2 [label=1, fontsize=9];
	//   n3 [label="code = sign(tau=0.1)\n(8, 2)"];
	//   n2 -> n3 [label=0, fontsize=9];
	//   n4 [shape=box, style=filled, fillcolor=lightblue, label="decoder.scale\n(1)"];
	//   n5 [label="matmul\n(8, 4)"];
	//   n3 -> n5 [label=0, fontsize=9];
	//   n1 -> n5 [label=1, fontsize=9];
	//   n6 [label="output = scale\n(8, 4)"];
	//   n5 -> n6 [label=0, fontsize=9];
	//   n4 -> n6 [label=1, fontsize=9];
	//   n7 [label="loss = mse\n()"];
	//   n6 -> n7 [label=0, fontsize=9];
	//   n0 -> n7 [label=1, fontsize=9];
	// }
}
