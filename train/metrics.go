package train

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Row is one line of metrics: one replica after so many steps.
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

// Mark says what a row's loss does; see the definitions in plateau.go.
type Mark string

// The marks.
const (
	NoMark      Mark = ""
	OnPlateau   Mark = "plateau"
	LeftPlateau Mark = "drop"
)

// Recorder receives the rows of metrics, in order of step and replica.
type Recorder interface {
	Record(Row) error
	Close() error
}

// metricsHeader names the columns of metrics.csv. Nothing in it depends on the clock: the same
// run has the same bytes.
var metricsHeader = []string{
	"step", "replica", "seed", "p", "learning_rate", "train_mse", "test_mse", "test_mse_stderr", "theory", "mark",
}

func (r Row) fields() []string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	return []string{
		strconv.Itoa(r.Step), strconv.Itoa(r.Replica), strconv.FormatUint(r.Seed, 10), number(r.P),
		number(r.LearningRate), number(r.TrainMSE), number(r.TestMSE), number(r.TestMSEStderr),
		number(r.Expected), string(r.Mark),
	}
}

// CSV is a Recorder that appends to a file and counts its bytes, so that a resumed run can cut
// it where its checkpoint was.
type CSV struct {
	f    *os.File
	size int64
}

// openCSV opens or creates a file of rows and cuts it to size bytes. At 0 it gets its header.
func openCSV(path string, size int64, header []string) (*CSV, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	c := &CSV{f: f, size: size}
	info, err := f.Stat()
	if err == nil && info.Size() < size {
		err = fmt.Errorf("%s: %d bytes, but the checkpoint was written after %d", path, info.Size(), size)
	}
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err == nil && size == 0 {
		err = c.line(header)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return c, nil
}

// Record appends a row.
func (c *CSV) Record(r Row) error { return c.line(r.fields()) }

// line appends one line. No field needs quotes.
func (c *CSV) line(fields []string) error {
	n, err := io.WriteString(c.f, strings.Join(fields, ",")+"\n")
	c.size += int64(n)
	return err
}

// Sync waits until the rows are on the disk.
func (c *CSV) Sync() error { return c.f.Sync() }

// Close closes the file.
func (c *CSV) Close() error { return c.f.Close() }

// ReadMetrics reads a file of metrics. A last line that was not finished is left out.
func ReadMetrics(path string) ([]Row, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("train: metrics: %w", err)
	}
	rows, err := parseMetrics(data)
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", path, err)
	}
	return rows, nil
}

func parseMetrics(data []byte) ([]Row, error) {
	whole := data[:1+strings.LastIndexByte(string(data), '\n')]
	r := csv.NewReader(strings.NewReader(string(whole)))
	r.FieldsPerRecord = len(metricsHeader)
	lines, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 || !slices.Equal(lines[0], metricsHeader) {
		return nil, fmt.Errorf("the first line is not %s", strings.Join(metricsHeader, ","))
	}
	rows := make([]Row, len(lines)-1)
	for i, line := range lines[1:] {
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
