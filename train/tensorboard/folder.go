package tensorboard

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/internal/wire"
	"autoamp/train/rundir"
)

// prefix and suffix are around the time in the name of an event file. TensorBoard reads the files of a folder in the order of
// their names.
const (
	prefix = "events.out.tfevents."
	suffix = ".autoamp"
)

// firstTime is the time in the name of a file with a level of the theory. lastTime comes after the time of every session: it is that
// of the file with the results of a finished run.
const (
	firstTime = 0
	lastTime  = 9999999999
)

// fileName is the name of an event file.
func fileName(seconds int64) string { return fmt.Sprintf("%s%010d%s", prefix, seconds, suffix) }

// replicaFolders are the folders of the replicas, below the run directory.
func replicaFolders(c config.Config) []string {
	replicas := c.Replicas()
	if len(replicas) == 1 {
		return []string{"."}
	}
	digits := len(strconv.Itoa(len(replicas) - 1))
	out := make([]string, len(replicas))
	for i, r := range replicas {
		out[i] = folderName(i, digits, r)
	}
	return out
}

// folderName names a replica. Its number has as many digits as the last one's, so that names are in order.
func folderName(i, digits int, r graph.Replica) string {
	return fmt.Sprintf("replica-%0*d_p=%s_seed=%d", digits, i, rundir.Decimal(r.P), r.Seed)
}

// newest is the time of the newest event file of a session in a folder, 0 if there is none.
func newest(folder string) (int64, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	var last int64
	for _, e := range entries {
		text, ours := strings.CutPrefix(strings.TrimSuffix(e.Name(), suffix), prefix)
		if at, err := strconv.ParseInt(text, 10, 64); ours && err == nil && at < lastTime {
			last = max(last, at)
		}
	}
	return last, nil
}

// writeWhole writes an event file whole or not at all.
func writeWhole(disk durable.Disk, folder string, seconds int64, at time.Time, events ...wire.Message) error {
	if err := durable.MkdirAll(disk, folder); err != nil {
		return err
	}
	file := appendRecord(nil, version(at))
	for _, e := range events {
		file = appendRecord(file, e)
	}
	return durable.WriteBytes(disk, filepath.Join(folder, fileName(seconds)), file)
}
