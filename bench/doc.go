// Package bench measures the speed of autoamp beside its peers.
//
//	exec, err := cpu.New(cpu.Settings{Threads: 1})
//	result, err := bench.Step(ctx, bench.StepSettings{Executor: exec})
//	fmt.Println(result.MsPerStep)
//
// Step times one training step. Suite times it at five sizes beside PyTorch and gorgonia's TapeMachine in the same run, and GPU
// does the same on a graphics card. Precision compares the ways of a GPU to multiply. TheorySpeedTable times the theory beside
// NumPy. The script gpu.sh makes one report of everything on a machine that has a GPU.
//
// Contestants take turns. A shared machine is faster in one minute than in the next, and turns spread fast and slow minutes
// evenly over the contestants. A speed is a median with the tenth and ninetieth percentile.
//
// The papers' figures are in bench/reproduce, and the demo is in bench/demo. README.md says how to use all of it.
package bench
