package sweep

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"

	"autoamp/train"
	"autoamp/train/sweep/cells"
)

// Result is what has come out of a cell. A number is NaN where there is none.
type Result struct {
	TestMSE, Stderr, TrainMSE  float64
	Limit, FiniteDim, Gap      float64
	Seconds                    float64
	Candidate, Version, Device string
}

// Results are the results of cells by key. It reads a file once: a file of results is changed by nothing but more cells.
type Results struct {
	dir   cells.Directory
	mu    sync.Mutex
	cells map[string]Result
	sizes map[string]int64 // of the files that were read
}

// NewResults returns the results of a directory, which Read reads.
func NewResults(dir cells.Directory) *Results {
	return &Results{dir: dir, cells: map[string]Result{}, sizes: map[string]int64{}}
}

// Get returns the result of a cell.
func (r *Results) Get(key string) (Result, bool) {
	out, ok := r.cells[key]
	return out, ok
}

// readers is the number of files that are read at a time: on a network's file system most of the time is waiting.
const readers = 16

// Read reads the files of results that are new or longer than before. A damaged file is an error that names it and the remedy.
func (r *Results) Read() error {
	folder := filepath.Join(r.dir.Path, cells.DoneFolder)
	shards, err := os.ReadDir(folder)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	var (
		todo  = make(chan string)
		errs  = make([]error, readers)
		group sync.WaitGroup
	)
	for i := range readers {
		group.Go(func() {
			for shard := range todo {
				errs[i] = errors.Join(errs[i], r.shard(shard))
			}
		})
	}
	for _, shard := range shards {
		if shard.IsDir() {
			todo <- filepath.Join(folder, shard.Name())
		}
	}
	close(todo)
	group.Wait()
	return errors.Join(errs...)
}

// shard reads the files of one folder, up to the first that is damaged.
func (r *Results) shard(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for _, e := range entries {
		if err := r.file(filepath.Join(folder, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

// file reads one file of results.
func (r *Results) file(path string, e os.DirEntry) error {
	info, err := e.Info()
	if err != nil || filepath.Ext(path) != ".csv" || r.size(path) == info.Size() { // replaced meanwhile, or half-written
		return nil
	}
	table, other, err := cells.ReadTable(path, storedColumns())
	if err != nil {
		return &train.RefusedError{Err: fmt.Errorf("sweep: %w", err)}
	}
	if other {
		return nil // of a version with other columns: its cells are computed again
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sizes[path] = info.Size()
	table.Each(func(key string, rows []cells.Row) { r.cells[key] = newResult(rows[0]) })
	return nil
}

// size is the length of a file when it was read, 0 before.
func (r *Results) size(path string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sizes[path]
}

// storedColumns are the columns of a file of results.
func storedColumns() []string { return cells.StoredColumns(resultColumns) }

func newResult(row cells.Row) Result {
	return Result{
		TestMSE: row.Num(TestMSEColumn), Stderr: row.Num(StderrColumn), TrainMSE: row.Num(TrainMSEColumn),
		Limit: row.Num(LimitColumn), FiniteDim: row.Num(FiniteColumn), Gap: row.Num(GapColumn), Seconds: row.Num(cells.SecondsColumn),
		Candidate: row.Text(CandidateColumn), Version: row.Text(cells.VersionColumn), Device: row.Text(cells.DeviceColumn),
	}
}

// decimal is a number in a table, empty for NaN.
func decimal(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return text(x)
}
