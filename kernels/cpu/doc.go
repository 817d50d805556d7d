// Package cpu executes programs of package graph on the CPU.
//
// A Runner keeps a fixed set of worker threads and a fixed set of buffers: a step allocates
// nothing and starts no goroutine. All arithmetic is package kernels': products with a code by
// additions alone, other products in SIMD, or by OpenBLAS, opened at run time without cgo, where
// the processor has no vectors that we know or Settings asks for it. Results are the same bits
// for any number of threads, except with OpenBLAS.
//
//	exec, err := cpu.New(cpu.Settings{Threads: 2})
//	runner, err := exec.Load([]graph.Replica{{Seed: 1, LearningRate: 3e-3, P: 0.4}}, program)
//	defer runner.Close()
//	losses := make([]float64, 100)
//	err = runner.Run(0, 0, 100, losses)
package cpu
