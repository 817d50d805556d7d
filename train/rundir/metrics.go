package rundir

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
)

// Row is one line of metrics: one replica after a number of steps.
type Row struct {
	Step          int // optimizer updates done
	Replica       int // counted from 0
	Seed          uint64
	P             float64
	LearningRate  float64 // of the last update
	TrainMSE      float64 // mean loss of the updates since the previous row
	TestMSE       float64 // on Evaluation.Batches batches of fresh data
	TestMSEStderr float64 // over those batches
	Expected      float64 // the theory's value for this model, p and d, 0 where there is none; see Point
	Mark          Mark
}

// Mark is the place of a row in the staircase of losses: on a plateau, at a drop, or neither; see Plateau.
type Mark string

// The marks.
const (
	NoMark      Mark = ""
	OnPlateau   Mark = "plateau"
	LeftPlateau Mark = "drop"
)

// MetricsHeader names the columns of metrics.csv. No column depends on the clock: the same run has
// the same bytes.
var MetricsHeader = []string{
	"step", "replica", "seed", "p", "learning_rate", "train_mse", "test_mse", "test_mse_stderr", "finite_d", "mark",
}

// Fields are the columns of a line of metrics.csv.
func (r Row) Fields() []string {
	return []string{
		strconv.Itoa(r.Step), strconv.Itoa(r.Replica), strconv.FormatUint(r.Seed, 10), Decimal(r.P),
		Decimal(r.LearningRate), Decimal(r.TrainMSE), Decimal(r.TestMSE), Decimal(r.TestMSEStderr),
		Decimal(r.Expected), string(r.Mark),
	}
}

// ReadMetrics returns the rows of metrics.csv of a run directory: all rows of a finished run, or the rows up to the
// newest checkpoint of an unfinished run. It returns an error if rows were changed since the run wrote them.
func ReadMetrics(dir string) ([]Row, error) {
	data, err := readRows(dir, MetricsFile)
	if err != nil {
		return nil, fmt.Errorf("train: metrics: %w", err)
	}
	rows, err := ParseMetrics(data)
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", filepath.Join(dir, MetricsFile), err)
	}
	return rows, nil
}

// ParseMetrics reads a metrics.csv.
func ParseMetrics(data []byte) ([]Row, error) {
	lines, err := records(data, MetricsHeader)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(lines))
	for i, line := range lines {
		if rows[i], err = parseRow(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return rows, nil
}

func parseRow(f []string) (Row, error) {
	var errs []error
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(s, 64)
		errs = append(errs, err)
		return x
	}
	whole := func(s string) int {
		x, err := strconv.Atoi(s)
		errs = append(errs, err)
		return x
	}
	seed, err := strconv.ParseUint(f[2], 10, 64)
	errs = append(errs, err)
	row := Row{
		Step: whole(f[0]), Replica: whole(f[1]), Seed: seed, P: number(f[3]), LearningRate: number(f[4]),
		TrainMSE: number(f[5]), TestMSE: number(f[6]), TestMSEStderr: number(f[7]), Expected: number(f[8]),
		Mark: Mark(f[9]),
	}
	if row.Mark != NoMark && row.Mark != OnPlateau && row.Mark != LeftPlateau {
		errs = append(errs, fmt.Errorf("mark %q is not known", f[9]))
	}
	return row, errors.Join(errs...)
}
