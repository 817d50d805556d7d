package sweep

import "autoamp/train/sweep/cells"

// Idle lists the jobs with cells that are neither done nor failed, and at which no worker is.
func (st *Status) Idle() []*cells.Job {
	waiting := map[string]bool{}
	for i, state := range st.States {
		if state == Waiting {
			waiting[st.Grid.Cells[i].Key] = true
		}
	}
	var out []*cells.Job
	for _, job := range st.Jobs {
		for _, key := range job.Cells {
			if waiting[key] {
				out = append(out, job)
				break
			}
		}
	}
	return out
}
