package cells_test

import (
	"slices"
	"strconv"
	"testing"

	"autoamp/train/sweep/cells"
)

// TestTasksOf compares the tasks of some jobs with those whose jobs Task returns.
func TestTasksOf(t *testing.T) {
	t.Parallel()
	var all []*cells.Job
	for i := range 10 {
		all = append(all, &cells.Job{ID: strconv.Itoa(i)})
	}
	for _, first := range [][]int{{0}, {0, 3, 4, 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		plan := &cells.Plan{First: first}
		for subset := range 1 << len(all) {
			var some []*cells.Job
			for i, job := range all {
				if subset>>i&1 == 1 {
					some = append(some, job)
				}
			}
			var want []int
			for task := range first {
				jobs, err := plan.Task(task, all)
				if err != nil {
					t.Fatal(err)
				}
				if slices.ContainsFunc(jobs, func(job *cells.Job) bool { return slices.Contains(some, job) }) {
					want = append(want, task)
				}
			}
			if got := plan.TasksOf(some, all); !slices.Equal(got, want) {
				t.Fatalf("plan %v, jobs %b: tasks %v, want %v", first, subset, got, want)
			}
		}
	}
}
