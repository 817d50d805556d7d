package sweep

import (
	"slices"

	"autoamp/train/sweep/cells"
)

// Open lists the jobs that have cells which are neither done nor failed. A worker need not look at the others.
func (st *Status) Open() []*cells.Job { return st.with(Waiting, Running) }

// Idle lists the jobs with cells that are neither done nor failed, and at which no worker is.
func (st *Status) Idle() []*cells.Job { return st.with(Waiting) }

// with lists the jobs that have a cell in one of some states.
func (st *Status) with(states ...State) []*cells.Job {
	keys := map[string]bool{}
	for i, state := range st.States {
		if slices.Contains(states, state) {
			keys[st.Grid.Cells[i].Key] = true
		}
	}
	var out []*cells.Job
	for _, job := range st.Jobs {
		if slices.ContainsFunc(job.Cells, func(key string) bool { return keys[key] }) {
			out = append(out, job)
		}
	}
	return out
}
