// Package rundir is a run directory: who may write into it, and the form of every file in it.
//
//	config.yaml         the resolved configuration, [LoadRun]
//	metrics.csv         a row per replica every few steps, [Row]
//	structure.csv       how near the weights are to the theory's candidates, [Structure]
//	gdmin.csv           alternating minimisation beside the spectral flow, [GDMinRow]
//	summary.json        the [Summary]; it is there once the run is finished
//	theory.json         the theory of a data set, [ReadTheory]
//	log.txt             what was logged
//	checkpoints/        safetensors named as in PyTorch, one file per replica, and the run's [State]
//
// A [Directory] is first inspected, which changes nothing, and then owned. Files of rows grow; summary and checkpoints know
// the [Extent] of each, so that rows that were changed or cut off are an error and never a result.
//
// Who computes what the files hold is not known here.
package rundir
