package rundir

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"autoamp/datasets/durable"
)

// Row is one line of metrics: one replica after a number of steps.
type Row struct {
	Step          int // optimizer updates done
	Replica       int // counted from 0
	Seed          uint64
	P             float64
	LearningRate  float64 // of the last update
	TrainMSE      float64 // mean loss of the updates since the previous row
	TestMSE       float64 // on Evaluation.Batches batches of fresh data; NaN where it was not measured
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

// LastRows returns the rows of metrics.csv at the newest step that has one for each of the replicas, in their order; none if
// there is no such step. The run may be writing: nothing is compared with a checksum, and a last line that is not whole is
// left out.
func LastRows(dir string, replicas int) ([]Row, error) {
	path := filepath.Join(dir, MetricsFile)
	data, err := durable.LastLines(path, int64(2*replicas)*maxRow)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(data) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for last := len(lines); last >= replicas; last-- {
		rows, err := parseStep(lines[last-replicas : last])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if rows != nil {
			return rows, nil
		}
	}
	return nil, nil
}

// maxRow bounds a line of metrics.csv, in bytes: three whole numbers of at most 20 digits, six numbers of at most 24 letters,
// commas and a mark.
const maxRow = 256

// parseStep reads the lines of the rows of a step; it returns nil if they are of several steps.
func parseStep(lines []string) ([]Row, error) {
	rows := make([]Row, len(lines))
	for i, line := range lines {
		if line == strings.Join(MetricsHeader, ",") {
			return nil, nil
		}
		row, err := ParseRow(line)
		if err != nil {
			return nil, err
		}
		if row.Replica != i || row.Step != rows[0].Step && i > 0 {
			return nil, nil
		}
		rows[i] = row
	}
	return rows, nil
}

// ParseRow reads a line of metrics.csv.
func ParseRow(line string) (Row, error) {
	fields := strings.Split(line, ",")
	if len(fields) != len(MetricsHeader) {
		return Row{}, fmt.Errorf("a line with %d fields, want %d", len(fields), len(MetricsHeader))
	}
	return parseRow(fields)
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
