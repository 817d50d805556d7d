package sweep

import (
	"path/filepath"
	"runtime"
	"testing"

	"autoamp/train/sweep/cells"
)

// large is a sweep of 100 000 cells.
const large = `base: {model: {name: shallow, dim: 32}, steps: 300}
grid: {data.p: 0.01:1:0.01, model.rate: 0.25:1.24:0.01}
seeds: 10
`

// 100 000 cells are listed, their states told and their table written in less than a gibibyte, and no folder has more than a few
// entries for each of its 256.
func TestScale(t *testing.T) {
	t.Parallel()
	g, err := Load([]byte(large), 100000)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "sweep")
	s, claim, err := Begin(dir, g, Launch{Launcher: "slurm", Version: "v1", Replicas: GPUReplicas, Seconds: 1800, Tasks: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer claim.Release()
	pretend(t, s, len(s.Jobs))
	st, err := s.Status(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	summary, err := st.Gather()
	if err != nil || summary.Done != 100000 || len(summary.Points) != 10000 {
		t.Fatalf("%+v, %v", st.Counts, err)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	if memory.Sys > 1<<30 {
		t.Errorf("%d MiB", memory.Sys>>20)
	}
	folders := map[string]int{}
	for _, job := range g.Jobs(CPUReplicas) {
		folders[filepath.Dir(s.RunPath(job.ID))]++
	}
	for folder, entries := range folders {
		if entries > 100 { // 12 500 programs, 49 a folder
			t.Errorf("%s has %d entries", folder, entries)
		}
	}
}

// pretend stores results of the first jobs, without training.
func pretend(t *testing.T, s *Sweep, jobs int) {
	t.Helper()
	store, err := s.Store(s.Version, "pretended")
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range s.Jobs[:jobs] {
		var results []cells.Result
		for i, key := range job.Cells {
			results = append(results, cells.Result{Key: key, Output: cells.Output{Rows: []cells.Row{{TestMSEColumn: float64(i), StderrColumn: 0.1, TrainMSEColumn: 0.5, CandidateColumn: "haar"}}}})
		}
		if err := store.Put(job, results, cells.Took{}); err != nil {
			t.Fatal(err)
		}
	}
}
