package serve

import (
	"math"
	"strconv"

	"autoamp/bench/reproduce"
	"autoamp/train/runs"
	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
)

// Number is a number that may be unknown: NaN and infinities are null in JSON.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	if x := float64(n); math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

// Numbers is a list of Number, with seven digits each: enough for a chart.
type Numbers []float64

// MarshalJSON implements json.Marshaler.
func (n Numbers) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, 12*len(n)+2)
	out = append(out, '[')
	for i, x := range n {
		if i > 0 {
			out = append(out, ',')
		}
		if math.IsNaN(x) || math.IsInf(x, 0) {
			out = append(out, "null"...)
			continue
		}
		out = strconv.AppendFloat(out, x, 'g', 7, 64)
	}
	return append(out, ']'), nil
}

// Failure is the answer to a request that failed.
type Failure struct {
	Error string `json:"error"` // for people
}

// Reproduced is the kind of a Row that is a reproduction, beside the kinds of package runs.
const Reproduced runs.Kind = "reproduce"

// List is every run, sweep and reproduction.
type List struct {
	Version uint64   `json:"version"` // grows with every change; the Change of an event has it too
	Dirs    []string `json:"dirs"`    // that were given
	Rows    []Row    `json:"rows"`    // by directory, then by p
	Note    string   `json:"note"`    // what is to be said in place of an empty list, else empty
}

// Row is a line of the list: a run at one p, a sweep (its step and steps are cells), or a reproduction (the same). Several rows
// of a run have the same ID.
type Row struct {
	ID       string `json:"id"`
	Name     string `json:"name"` // the directory below the one that was given
	runs.Row        // dir, kind, state, reason, model, data, p, d, rate, seeds, test_mse, test_mse_stderr, candidate, limit, finite_d, gap, step, steps, age_s
	// Progress is in [0, 1].
	Progress float64 `json:"progress"`
	// EtaS is the estimated time until the run is done; null where nothing is known or nothing is left.
	EtaS *float64 `json:"eta_s"`
	// ChangedS is the time of the newest change, in seconds since 1970.
	ChangedS float64 `json:"changed_s"`
	// Spark is the test error, or the training error where no test error is measured, mean over seeds, at evenly spaced rows.
	Spark []Number `json:"spark"`
}

// Run is one run.
type Run struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Dir      string       `json:"dir"`
	State    runs.State   `json:"state"`
	Reason   string       `json:"reason,omitempty"`
	Rows     []Row        `json:"rows"`     // as in the list, one for each p
	Settings []Setting    `json:"settings"` // in the order of the documentation
	Theory   []Theory     `json:"theory"`   // by p, as Rows
	Replicas []Replica    `json:"replicas"`
	Checks   []Checkpoint `json:"checkpoints"` // oldest first
	Resume   string       `json:"resume"`      // the command that continues it; empty where nothing is left
	Device   string       `json:"device"`      // of a finished run
	WallS    float64      `json:"wall_s"`      // of a finished run, else 0
	MsStep   float64      `json:"ms_per_step"` // of a finished run, else 0
	// Files are the figures and the report that lie in the directory, each with its address.
	Files []File `json:"files"`
}

// Setting is a setting of a run, as it stands in config.yaml.
type Setting struct {
	Key   string `json:"key"` // dotted: optimizer.learning_rate
	Value string `json:"value"`
	Help  string `json:"help"`
}

// Replica is one of the models that train side by side.
type Replica struct {
	Replica int    `json:"replica"` // counted from 0
	Seed    string `json:"seed"`    // a uint64, which JavaScript's numbers cannot hold
	P       Number `json:"p"`
}

// Theory is the lines of one p.
type Theory struct {
	P         Number `json:"p"`
	Candidate string `json:"candidate"` // the encoder that limit and finite_d are for
	Pending   bool   `json:"pending"`   // more lines are being computed: an event follows when they are there
	Note      string `json:"note"`      // why lines are missing, or empty
	Lines     []Line `json:"lines"`
}

// Line is a level of the theory.
type Line struct {
	// Name is limit, finite_d (what the run is compared with), haar, identity, envelope (time-sharing), bayes or shannon.
	Name  string `json:"name"`
	Label string `json:"label"` // for people
	MSE   Number `json:"mse"`
}

// Checkpoint is a checkpoint with its pictures.
type Checkpoint struct {
	Step     uint64    `json:"step"`
	Pictures []Picture `json:"pictures"` // by replica, then by name; at most one replica for each p
}

// Picture is a matrix of a replica.
type Picture struct {
	Replica int    `json:"replica"`
	P       Number `json:"p"`
	Name    string `json:"name"`  // encoder (B), gram (BᵀB or, for n ≤ d, BBᵀ) or product (AB)
	Title   string `json:"title"` // B, BᵀB, AB
	URL     string `json:"url"`
}

// File is a file of a directory.
type File struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Metrics is metrics.csv in at most a number of points, which the query names: points (default 600, at most 4000), spacing
// (linear, the default, or log: the points are evenly spaced in the logarithm of the step), from and to (steps, both included).
//
// The rows between two points are one bucket. The value of a bucket is that of its last row, which was measured at that step.
// Low and High are the extremes of the bucket.
type Metrics struct {
	Steps  []int    `json:"step"`   // the last step of each bucket, ascending
	Series []Series `json:"series"` // by replica
	Rows   int      `json:"rows"`   // of the file, all replicas
	State  string   `json:"state"`  // whole; missing; damaged: Reason says where, and what stands before it is here
	Reason string   `json:"reason,omitempty"`
}

// Series is the metrics of one replica; every list has an entry for each of Metrics.Steps.
type Series struct {
	Replica
	TestMSE    Numbers `json:"test_mse"`
	TestLow    Numbers `json:"test_low"`
	TestHigh   Numbers `json:"test_high"`
	TestStderr Numbers `json:"test_mse_stderr"` // of TestMSE
	TrainMSE   Numbers `json:"train_mse"`
	TrainLow   Numbers `json:"train_low"`
	TrainHigh  Numbers `json:"train_high"`
	LearnRate  Numbers `json:"learning_rate"`
	// Marks are the staircase's: "", plateau or drop; of the last row of the bucket that has one.
	Marks []string `json:"mark"`
}

// Structure is structure.csv in at most a number of points: see Metrics.
type Structure struct {
	Steps   []int             `json:"step"`
	Columns []string          `json:"columns"` // gram_rms, gram_max, tied, permutation, empty_columns, permutation_rows
	Series  []StructureSeries `json:"series"`  // by replica
	Rows    int               `json:"rows"`
	State   string            `json:"state"` // as in Metrics
	Reason  string            `json:"reason,omitempty"`
}

// StructureSeries is the measures of one replica.
type StructureSeries struct {
	Replica
	Values []Numbers `json:"values"` // by column, then by step
}

// Log is the end of log.txt.
type Log struct {
	Lines []string `json:"lines"` // whole ones, oldest first
	Cut   bool     `json:"cut"`   // earlier lines are left out
}

// Compare is several runs side by side. Their curves are Metrics.
type Compare struct {
	Runs     []Run        `json:"runs"`
	Settings []Difference `json:"settings"` // those that differ, in the order of the documentation
}

// Difference is a setting that differs between runs.
type Difference struct {
	Key    string   `json:"key"`
	Values []string `json:"values"` // by run; empty where the setting does not apply
}

// Sweep is a sweep at a moment.
type Sweep struct {
	ID       string          `json:"id"`
	Name     string          `json:"name"`
	Dir      string          `json:"dir"`
	State    runs.State      `json:"state"`
	Reason   string          `json:"reason,omitempty"`
	Counts   sweep.Counts    `json:"counts"`  // cells, done, failed, running, waiting
	LeftS    float64         `json:"left_s"`  // estimated computing on one core
	Columns  []string        `json:"columns"` // the settings of a cell
	Cells    []Cell          `json:"cells"`   // in the order of the grid
	Running  []Work          `json:"running"`
	Failures []cells.Failure `json:"failures"`
	Figures  []File          `json:"figures"` // drawn from the cells that are done
	File     string          `json:"file"`    // the text of the sweep's file
}

// Cell is a point of the grid at one seed.
type Cell struct {
	Values    []string    `json:"values"` // by Columns
	State     sweep.State `json:"state"`  // done, failed, running, waiting
	TestMSE   Number      `json:"test_mse"`
	Stderr    Number      `json:"test_mse_stderr"`
	Limit     Number      `json:"limit"`
	FiniteD   Number      `json:"finite_d"`
	Gap       Number      `json:"gap"`
	Candidate string      `json:"candidate"`
	Seconds   Number      `json:"seconds"`
}

// Work is a job of a sweep that a worker is at.
type Work struct {
	Name  string  `json:"name"`
	Step  int     `json:"step"`
	Steps int     `json:"steps"`
	LeftS float64 `json:"left_s"` // 0 where nothing is known
	Host  string  `json:"host"`
	PID   int     `json:"pid"`
}

// Reproduction is a directory of autoamp reproduce.
type Reproduction struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Dir         string          `json:"dir"`
	State       runs.State      `json:"state"`
	Reason      string          `json:"reason,omitempty"`
	Scale       reproduce.Scale `json:"scale"`
	Seed        string          `json:"seed"`
	Experiments []Experiment    `json:"experiments"` // in the order of the run
	Report      string          `json:"report"`      // its address, empty before there is one
}

// Experiment is a figure or a table of a paper.
type Experiment struct {
	Name    string           `json:"name"`
	Title   string           `json:"title"`
	Paper   string           `json:"paper"`
	Claim   string           `json:"claim"`
	Status  reproduce.Status `json:"status"` // of its verdict: PASS, FAIL, DEVIATES, NOT RUN; empty before there is one
	Reason  string           `json:"reason,omitempty"`
	Done    int              `json:"done"`      // cells
	Cells   int              `json:"cells"`     // all; 0 where they cannot be counted here
	List    []PartCell       `json:"cell_list"` // the cells in their order
	Claims  []Claim          `json:"claims"`
	Figures []File           `json:"figures"`
	// Drawn is the number of cells that the figures show while the experiment is not finished. 0 means that they are files of a finished
	// one, or that there are none yet. FigureNote says why they could not be drawn.
	Drawn      int    `json:"drawn"`
	FigureNote string `json:"figure_note,omitempty"`
}

// PartCell is a cell of an experiment.
type PartCell struct {
	Name string `json:"name"`
	Done bool   `json:"done"`
}

// Claim is a claim of a paper with what was found.
type Claim struct {
	Claim     string           `json:"claim"`
	Outcome   reproduce.Status `json:"outcome"`
	Note      string           `json:"note,omitempty"`
	Value     *float64         `json:"value"`
	Stderr    *float64         `json:"stderr"`
	Reference *float64         `json:"reference"`
	Kind      string           `json:"kind"`
	Sigma     *float64         `json:"sigma"`
}

// Change is the data of an event named change. The first event of a stream has no rows and tells the version, so that a
// reader who has another one asks for the list again. After that an event follows whenever rows have changed: all rows of
// the runs that changed, and the IDs that are gone. Between events there are comments.
//
// A reader who is too slow is disconnected; EventSource connects again by itself.
type Change struct {
	Version uint64   `json:"version"`
	Rows    []Row    `json:"rows"`
	Removed []string `json:"removed"`
}
