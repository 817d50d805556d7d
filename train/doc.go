// Package train trains autoencoders: the loop, evaluation on fresh data, plateau marks, measures of structure, exact resume.
//
//	executor, err := cpu.New(cpu.Settings{}) // autoamp/kernels/cpu, or cuda's
//	trainer := train.Trainer{
//		Config:   train.Config{Steps: 5000, Seeds: []uint64{1, 2, 3}},
//		Executor: executor,
//		Dir:      "runs/first",
//	}
//	summary, err := trainer.Run(ctx)
//	fmt.Println(summary.TestMSE, summary.TestMSEStderr, summary.Points[0].Expected)
//
// A [Config] decides a run's result down to the bit: random numbers and learning rates are
// functions of seed and step. The clock and the places of interruptions have no influence on
// metrics and weights (for a fixed executor and number of threads).
//
// A [Stepper] is for a caller that does the steps itself and looks at the weights in between.
//
// Its rooms; a room imports only rooms above it:
//
//	config    the settings: fields, defaults, bounds, YAML
//	program   a configuration compiled
//	theory    what a run should reach
//	rundir    the run directory and its files
//	gdmin     alternating minimisation, eq. (6); it needs no Executor
//	codec     a trained model as a compressor of rows
//	report    the figures of a run directory
//
// Not here: executors (kernels/cpu, cuda), models and their compilation (graph), the theory (amp),
// sweeps over other settings than p and seeds (bench).
package train
