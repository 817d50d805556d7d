package cells

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"autoamp/datasets/durable"
)

// The columns that Shards adds to the results of a cell.
const (
	SecondsColumn = "seconds"     // of the clock, in the job's last session, divided by its cells
	CPUColumn     = "cpu_seconds" // of computing on all cores, likewise
	VersionColumn = "version"     // of autoamp
	DeviceColumn  = "device"
)

// Shards is a Store with a file for every job, for several workers.
type Shards struct {
	Directory
	// Columns are the columns of a job's rows.
	Columns func(*Job) []string
	Version string
	Device  string
	// Earlier are cells that are done in files of other jobs: of the same cells in other groups.
	Earlier func(job *Job, key string) bool
	// Matrices stores the matrices of a cell. Nil means that there are none.
	Matrices func(*Job, Output) error
}

// StoredColumns are the columns of the files of Shards, for rows with some columns.
func StoredColumns(columns []string) []string {
	return append(slices.Clone(columns), SecondsColumn, CPUColumn, VersionColumn, DeviceColumn)
}

// Read reads the results of a job. There may be none.
func (s *Shards) Read(job *Job) (*Table, error) {
	t, _, err := ReadTable(s.shard(DoneFolder, job.ID, ".csv"), StoredColumns(s.Columns(job)))
	return t, err
}

// Missing implements Store. Cells that have failed are not missing.
func (s *Shards) Missing(job *Job) ([]string, error) {
	done, err := s.Read(job)
	if err != nil {
		return nil, err
	}
	var failed []string
	if f := s.Failure(job.ID); f != nil {
		failed = f.Cells
	}
	var out []string
	for _, key := range job.Cells {
		if !done.Has(key) && !slices.Contains(failed, key) && (s.Earlier == nil || !s.Earlier(job, key)) {
			out = append(out, key)
		}
	}
	return out, nil
}

// Put implements Store. Only a worker with a claim on the job may call it.
func (s *Shards) Put(job *Job, results []Result, took Took) error {
	table, err := s.Read(job)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Err != nil {
			continue
		}
		if s.Matrices != nil {
			if err := s.Matrices(job, r.Output); err != nil {
				return err
			}
		}
		if err := table.Put(r.Key, s.stamped(r.Rows, took, len(results))); err != nil {
			return err
		}
	}
	path := s.shard(DoneFolder, job.ID, ".csv")
	if err := durable.MkdirAll(s.Disk, filepath.Dir(path)); err != nil {
		return err
	}
	return table.Write(s.Disk, path, job.Cells)
}

// stamped adds the columns of Shards to rows.
func (s *Shards) stamped(rows []Row, took Took, cells int) []Row {
	out := make([]Row, len(rows))
	for i, row := range rows {
		out[i] = maps.Clone(row)
		out[i][VersionColumn], out[i][DeviceColumn] = s.Version, s.Device
		if i == 0 {
			out[i][SecondsColumn], out[i][CPUColumn] = milli(took.Wall.Seconds()/float64(cells)), milli(took.CPU.Seconds()/float64(cells))
		}
	}
	return out
}

// milli rounds seconds to milliseconds.
func milli(seconds float64) float64 { return float64(int64(seconds*1e3+0.5)) / 1e3 }

// Remove removes what a job left in its folder, once it is stored. What cannot be removed does no harm.
func (s *Shards) Remove(job *Job) {
	path := s.RunPath(job.ID)
	if _, err := os.Lstat(path); err == nil {
		_ = durable.RemoveAll(s.Disk, path)
	}
}
