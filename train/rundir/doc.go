// Package rundir reads and writes run directories: it decides which process may write into one, and it defines the form of
// every file.
//
//	config.yaml         the resolved configuration, [LoadRun]
//	metrics.csv         a row per replica every few steps, [Row]
//	structure.csv       how near the weights are to the theory's candidates, [Structure]
//	gdmin.csv           alternating minimisation beside the spectral flow, [GDMinRow]
//	summary.json        the [Summary]; it is there once the run is finished
//	report.html         the page of a finished run, by package report
//	theory.json         the theory of a data set, [ReadTheory]
//	log.txt             what was logged
//	checkpoints/        safetensors named as in PyTorch, one file per replica, and the run's [State]
//
// A [Directory] is first inspected, which changes nothing, and then owned. Files of rows grow. Summary and checkpoints
// record the [Extent] of each file, so that changed or missing rows are an error and never a result.
//
// The package does not compute the numbers in the files.
package rundir
