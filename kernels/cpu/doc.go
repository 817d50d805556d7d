// Package cpu executes programs of package graph on the CPU.
//
// A Runner keeps a fixed set of worker threads and a fixed set of buffers: a step allocates
// nothing and starts no goroutine. Matrix products go to OpenBLAS, opened at run time without
// cgo, or to the SIMD products of package kernels; everything else is package kernels.
//
//	exec, err := cpu.New(cpu.Settings{Threads: 2})
//	runner, err := exec.Load([]graph.Replica{{Seed: 1, LearningRate: 3e-3, P: 0.4}}, program)
//	defer runner.Close()
//	losses := make([]float64, 100)
//	err = runner.Run(0, 0, 100, losses)
package cpu
