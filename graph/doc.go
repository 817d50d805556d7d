// Package graph declares autoencoders as gorgonia expression graphs and compiles them to
// programs.
//
// A model is a file that reads like its equation (model_denoiser.go is eq. (4) of ICML 2024). Its
// ops implement gorgonia's Op. Each op has a reference Do and a symbolic derivative: gorgonia's
// machines run the graph with Do, and gorgonia.Grad differentiates it with the derivative.
//
// Compile turns a model into a Program: a flat list of instructions over a fixed set of buffers,
// with fresh data at its beginning and the optimizer at its end, so that one run of the list is one
// training step. An Executor (kernels/cpu, cuda) loads programs for any number of replicas and runs
// them. This package has no executor.
//
// Conventions: matrices are row-major; b, d and n are the sizes of batch, data and code; data
// and codes are one sample per row; the loss is the mean squared error per coordinate; sign(0)
// is a fair coin.
//
// Not here: the training loop (package train), the data (datasets) and the theory (amp).
//
//	model, err := graph.New(graph.Config{Model: "denoiser", Batch: 128, Dim: 100, Code: 50})
//	program, err := model.Compile(graph.Options{
//		Sample: &graph.Sample{Law: "sparse-gaussian"},
//		Update: &graph.Update{Rule: graph.Adam, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8,
//			Schedule: graph.Schedule{Shape: graph.Constant}},
//	})
//	fmt.Print(program)
package graph
