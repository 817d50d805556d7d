package tensorboard

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/mat"

	"autoamp/datasets/durable"
	"autoamp/graph"
	"autoamp/train/config"
	"autoamp/train/internal/wire"
	"autoamp/train/rundir"
)

// Log writes the event files of one session of a run. A nil Log writes nothing.
type Log struct {
	disk  durable.Disk
	paths []string // of the files, by replica
}

// Open begins a file for every replica of a run. The session's first step is from; steps that an earlier session wrote from
// there on are void. Where no earlier session wrote a file, the file begins with the earlier rows. A file is later in the order of
// names than those of earlier sessions, also where the clock went back.
func Open(disk durable.Disk, dir string, c config.Config, from int, earlier []rundir.Row) (*Log, error) {
	l := &Log{disk: disk}
	rows := map[int][]rundir.Row{}
	for _, r := range earlier {
		rows[r.Replica] = append(rows[r.Replica], r)
	}
	folders, replicas := replicaFolders(c), c.Replicas()
	for i, folder := range folders {
		settings, err := settingsOf(c, replicas[i])
		if err == nil {
			err = l.begin(filepath.Join(dir, folder), from, settings, rows[i])
		}
		if err != nil {
			return nil, fmt.Errorf("train: tensorboard: %w", err)
		}
	}
	return l, nil
}

// begin begins the file of a replica.
func (l *Log) begin(folder string, from int, settings map[string]string, earlier []rundir.Row) error {
	before, err := newest(folder)
	if err != nil {
		return err
	}
	now := time.Now()
	events := []wire.Message{sessionStart(now, from), summary(now, from, []wire.Message{begun(settings, now)})}
	if before == 0 {
		for _, r := range earlier {
			events = append(events, summary(now, r.Step, rowValues(r)))
		}
	}
	seconds := max(now.Unix(), before+1)
	l.paths = append(l.paths, filepath.Join(folder, fileName(seconds)))
	return writeWhole(l.disk, folder, seconds, now, events...)
}

// append appends an event to the file of a replica. The file is open only meanwhile: a run may have thousands.
func (l *Log) append(replica, step int, values []wire.Message) error {
	f, err := l.disk.OpenFile(l.paths[replica], os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = f.Write(appendRecord(nil, summary(time.Now(), step, values)))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("train: tensorboard: %w", err)
	}
	return nil
}

// Row writes a row of metrics.csv.
func (l *Log) Row(r rundir.Row) error {
	if l == nil {
		return nil
	}
	return l.append(r.Replica, r.Step, rowValues(r))
}

// rowValues are the columns of a row of metrics.csv that are numbers, and mark as 1 on a plateau, 2 at a drop and else 0.
func rowValues(r rundir.Row) []wire.Message {
	fields := r.Fields()
	fields[len(fields)-1] = map[rundir.Mark]string{rundir.NoMark: "0", rundir.OnPlateau: "1", rundir.LeftPlateau: "2"}[r.Mark]
	return columns(rundir.MetricsFile, rundir.MetricsHeader, fields)
}

// Structure writes a row of structure.csv.
func (l *Log) Structure(s rundir.Structure, step, replica int, r graph.Replica) error {
	if l == nil {
		return nil
	}
	return l.append(replica, step, columns(rundir.StructureFile, rundir.StructureHeader, s.Fields(step, replica, r)))
}

// columns are the values of a row, named FILE/COLUMN. Columns that say whose row it is are left out, and so are columns without a
// finite number.
func columns(file string, header, fields []string) (values []wire.Message) {
	for i, name := range header {
		switch name {
		case "step", "replica", "seed", "p":
			continue
		}
		if v, err := strconv.ParseFloat(fields[i], 64); err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
			values = append(values, scalar(strings.TrimSuffix(file, ".csv")+"/"+name, v))
		}
	}
	return values
}

// Weights writes pictures of BᵀB and, unless a is nil, AB, for an encoder B (n, d) with rows of unit length and a decoder A
// (d, n). Blue is −1, grey 0 and red 1.
func (l *Log) Weights(b *mat.Dense, a mat.Matrix, step, replica int) error {
	if l == nil {
		return nil
	}
	values, err := products(b, a)
	if err != nil {
		return fmt.Errorf("train: tensorboard: %w", err)
	}
	return l.append(replica, step, values)
}

// Sync waits until all that was written is on the disk.
func (l *Log) Sync() error {
	if l == nil {
		return nil
	}
	for _, path := range l.paths {
		f, err := l.disk.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err == nil {
			err = errors.Join(f.Sync(), f.Close())
		}
		if err != nil {
			return fmt.Errorf("train: tensorboard: %w", err)
		}
	}
	return nil
}
