// Package cpu executes programs of package graph on the CPU.
//
// A Runner keeps a fixed set of worker threads and a fixed set of buffers: a step allocates nothing
// and starts no goroutine. Package kernels does all arithmetic: products with a code by additions
// alone, and other products in SIMD. OpenBLAS does the other products if package kernels has no
// vector code for the processor, or if Settings asks for OpenBLAS; Apple's Accelerate does them if
// Settings asks for it. Both are opened at run time without cgo. Results are the same bits for any
// number of threads, except with these two.
//
//	exec, err := cpu.New(cpu.Settings{Threads: 2})
//	runner, err := exec.Load([]graph.Replica{{Seed: 1, LearningRate: 3e-3, P: 0.4}}, program)
//	defer runner.Close()
//	losses := make([]float64, 100)
//	err = runner.Run(0, 0, 100, losses)
package cpu
