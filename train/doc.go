// Package train trains autoencoders: the loop, its configuration, evaluation on fresh data,
// metrics with plateau marks, checkpoints and exact resume, the run directory and its figures.
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
// functions of seed and step, and neither the clock nor where a run was interrupted have any
// influence on metrics and weights (for a fixed executor and number of threads).
//
// A run directory holds
//
//	config.yaml         the resolved Config
//	metrics.csv         a row per replica every few steps, see [Row]
//	structure.csv       how near B and A are to the theory's candidates, see [Structure]
//	summary.json        the [Summary]; it is there once the run is finished
//	theory.json         the theory of a data set, from the law and the spectrum of its rows
//	log.txt             what was logged
//	checkpoints/        safetensors named as in PyTorch, one file per replica, and the run's state
//	loss.svg, .png      see [Figures]; also weights and, for several p, mse_vs_p and sweep.csv
//
// Config.Algorithm gd-min is alternating minimisation, eq. (6), with gdmin.csv and gdmin.svg beside the rest:
// see [GDMinConfig] and [GDMinRow]. It needs no Executor.
//
// A run trains on fresh samples of a law or on a data set, see [DataConfig] and [SetConfig]. A [Codec] compresses the
// rows of arrays with a trained model.
//
// What is not here: executors (kernels/cpu, cuda), models and their compilation (graph), the
// theory (amp), sweeps over anything but p and seeds (bench).
package train
