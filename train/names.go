package train

import (
	"autoamp/train/config"
	"autoamp/train/program"
	"autoamp/train/rundir"
)

// The settings of a run, see package config.
type (
	// Config is a training run.
	Config = config.Config
	// ModelConfig is the autoencoder.
	ModelConfig = config.ModelConfig
	// DataConfig is the data.
	DataConfig = config.DataConfig
	// SetConfig holds the settings of a data set besides its name.
	SetConfig = config.SetConfig
	// DictionaryConfig is a dictionary model.
	DictionaryConfig = config.DictionaryConfig
	// TiedConfig holds the settings of the model called tied besides its sizes.
	TiedConfig = config.TiedConfig
	// OptimizerConfig is the update rule.
	OptimizerConfig = config.OptimizerConfig
	// ScheduleConfig is the learning rate as a function of the step.
	ScheduleConfig = config.ScheduleConfig
	// GDMinConfig is alternating minimisation.
	GDMinConfig = config.GDMinConfig
	// EvaluationConfig is the measurement of the test error: its interval and its amount of fresh data.
	EvaluationConfig = config.EvaluationConfig
	// CheckpointConfig says how often the run is saved.
	CheckpointConfig = config.CheckpointConfig
	// ConfigError names a setting that is out of bounds.
	ConfigError = config.Error
)

// The results and files of a run, see package rundir.
type (
	// Summary is the result of a finished run.
	Summary = rundir.Summary
	// DataSummary describes a data set as the model sees it.
	DataSummary = rundir.DataSummary
	// Point is the result at one p.
	Point = rundir.Point
	// RunResult is the result of one replica.
	RunResult = rundir.RunResult
	// Row is one line of metrics.csv.
	Row = rundir.Row
	// Structure measures the distance of a model to the theory's two candidates.
	Structure = rundir.Structure
)

// Programs is a Config compiled.
type Programs = program.Programs

// MaxReplicas bounds the number of seeds times the number of p.
const MaxReplicas = config.MaxReplicas
