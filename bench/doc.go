// Package bench measures: how long a training step takes, beside PyTorch and gorgonia's
// TapeMachine in the same run, (demo.go) how close a few trained models come to the theory, and, in one file per figure,
// what the experiments of the two sparse-coding papers show (rangamani_*.go, nguyen_*.go); package reproduce judges them.
//
//	exec, err := cpu.New(cpu.Settings{Threads: 1})
//	result, err := bench.Step(ctx, bench.StepSettings{Executor: exec})
//	fmt.Println(result.MsPerStep)
//
// GPU does the same on a graphics card (gpu.go, which sees only graph.Executor), Precision compares
// its ways to multiply, and gpu.sh makes one report of everything on a machine that has one.
//
// Contestants take turns: a shared machine is faster in one minute than in the next, and turns
// spread its moods evenly. Speeds are medians with the tenth and ninetieth percentile.
package bench
