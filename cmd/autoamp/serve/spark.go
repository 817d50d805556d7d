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
	rows := make([]rundir.Row, replicas)
	missing := replicas // of the step whose rows are being found, from the last replica to the first
	chunk = chunk[:bytes.LastIndexByte(chunk, '\n')+1]
	for len(chunk) > 0 && missing > 0 {
		line := chunk[bytes.LastIndexByte(chunk[:len(chunk)-1], '\n')+1 : len(chunk)-1]
		chunk = chunk[:len(chunk)-len(line)-1]
		row, err := rundir.ParseRow(string(line))
		if err != nil || row.Replica != missing-1 || missing < replicas && row.Step != rows[replicas-1].Step {
			missing = replicas
			if err != nil || row.Replica != replicas-1 {
				continue
			}
		}
		missing--
		rows[missing] = row
	}
	if missing > 0 {
		return nil
	}
	return rows
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
