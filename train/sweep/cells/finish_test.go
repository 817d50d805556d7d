package cells_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"autoamp/train/sweep/cells"
)

// TestFinish checks that a task waits for a job that another worker holds, and does it once that worker has left it.
func TestFinish(t *testing.T) {
	t.Parallel()
	dir := cells.NewDirectory(t.TempDir())
	var ran []string
	var jobs []*cells.Job
	for _, id := range []string{"a", "b"} {
		jobs = append(jobs, &cells.Job{ID: id, Name: id, Cells: []string{id}, Run: func(context.Context, *cells.Env, []string) ([]cells.Result, error) {
			ran = append(ran, id)
			return []cells.Result{{Key: id, Output: cells.Output{Rows: []cells.Row{{"x": 1.0}}}}}, nil
		}})
	}
	elsewhere := cells.ThisHolder("", 7)
	elsewhere.Host, elsewhere.Process = "elsewhere", ""
	claim, err := dir.Claims(elsewhere).Take("a")
	if err != nil {
		t.Fatal(err)
	}
	task := cells.Task{
		Directory: dir, Jobs: jobs, Holder: cells.ThisHolder("", 0),
		Store: &cells.Shards{Directory: dir, Columns: func(*cells.Job) []string { return []string{"x"} }},
	}
	pauses := 0
	counts, err := task.Finish(t.Context(), func(context.Context) error {
		if pauses++; pauses == 2 {
			claim.Release()
		}
		return nil
	})
	if want := (cells.Counts{Jobs: 2}); counts != want || err != nil || pauses != 2 || fmt.Sprint(ran) != "[b a]" {
		t.Errorf("%+v after %d pauses, ran %v, %v; want %+v", counts, pauses, ran, err, want)
	}

	if claim, err = dir.Claims(elsewhere).Take("c"); err != nil {
		t.Fatal(err)
	}
	defer claim.Release()
	task.Jobs = append(jobs, &cells.Job{ID: "c", Cells: []string{"c"}})
	stopped, cancel := context.WithCancel(t.Context())
	counts, err = task.Finish(stopped, func(ctx context.Context) error {
		cancel()
		return cells.Pause(ctx)
	})
	if !errors.Is(err, context.Canceled) || counts.Held != 1 {
		t.Errorf("%+v, %v; want the job held, and an interruption", counts, err)
	}
}
