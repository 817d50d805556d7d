package serve

import (
	"bytes"
	"io"
	"math"
	"path/filepath"

	"autoamp/datasets/durable"
	"autoamp/train/rundir"
	"autoamp/train/runs"
)

// sparkPoints is the number of points of a sparkline.
const sparkPoints = 32

// maxSparkRead bounds what a sparkline reads of a file, in bytes.
const maxSparkRead = 256 << 10

// readSparks reads the sparklines of a run, one for each p, from places evenly spaced in metrics.csv. So the time does not depend on
// the length of the file. A file that cannot be read has none.
func readSparks(run runs.Run) [][]Number {
	replicas := len(run.Points) * run.Seeds
	f, err := durable.OpenRegular(filepath.Join(run.Dir, rundir.MetricsFile))
	if err != nil || replicas == 0 {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	sparks := make([][]Number, len(run.Points))
	last := -1
	for _, chunk := range sparkChunks(f, info.Size(), int64(replicas)) {
		rows := wholeStep(chunk, replicas)
		if rows == nil || rows[0].Step <= last {
			continue
		}
		last = rows[0].Step
		for i := range sparks {
			sparks[i] = append(sparks[i], Number(level(rows[i*run.Seeds:(i+1)*run.Seeds])))
		}
	}
	return sparks
}

// maxSparkRow is longer than most rows, in bytes.
const maxSparkRow = 140

// sparkChunks are pieces of a file that hold the rows of a step each.
func sparkChunks(f io.ReaderAt, size, replicas int64) [][]byte {
	length := (2*replicas + 1) * maxSparkRow
	count := min(sparkPoints, maxSparkRead/length, size*2/length+1)
	var chunks [][]byte
	for k := range count {
		from := max(0, size-length)
		if count > 1 {
			from = from * k / (count - 1)
		}
		chunk := make([]byte, min(length, size))
		n, err := f.ReadAt(chunk, from)
		if err != nil && err != io.EOF {
			return chunks
		}
		chunk = chunk[:n]
		if from > 0 { // the first line is cut
			_, chunk, _ = bytes.Cut(chunk, []byte("\n"))
		}
		chunks = append(chunks, chunk)
	}
	return chunks
}

// wholeStep is the newest rows in a piece of a file that belong to one step, one for each replica; nil if there are none.
func wholeStep(chunk []byte, replicas int) []rundir.Row {
	rows := make([]rundir.Row, 0, replicas)
	var whole []rundir.Row
	for {
		line, rest, ok := bytes.Cut(chunk, []byte("\n"))
		if !ok {
			return whole
		}
		chunk = rest
		row, err := rundir.ParseRow(string(line))
		if err != nil || row.Replica != len(rows) || len(rows) > 0 && row.Step != rows[0].Step {
			rows = rows[:0]
			if err != nil || row.Replica != 0 {
				continue
			}
		}
		if rows = append(rows, row); len(rows) == replicas {
			whole, rows = rows, make([]rundir.Row, 0, replicas)
		}
	}
}

// level is the mean test error of rows, or the mean training error where no test error was measured.
func level(rows []rundir.Row) float64 {
	var test, train float64
	for _, r := range rows {
		test += r.TestMSE / float64(len(rows))
		train += r.TrainMSE / float64(len(rows))
	}
	if math.IsNaN(test) {
		return train
	}
	return test
}
