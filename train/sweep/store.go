package sweep

import (
	"autoamp/train/sweep/cells"
)

// Store is the store of the sweep's results, for a worker of some version on some device.
func (s *Sweep) Store(version, device string) (*cells.Shards, error) {
	store := &cells.Shards{
		Directory: s.Directory, Columns: func(*cells.Job) []string { return resultColumns }, Version: version, Device: device,
	}
	earlier, err := s.earlier()
	if err != nil {
		return nil, err
	}
	if earlier != nil {
		store.Earlier = func(_ *cells.Job, key string) bool { _, done := earlier.Get(key); return done }
	}
	return store, nil
}

// earlier are the results of an earlier file, which grouped the cells in other jobs; nil if there are none.
func (s *Sweep) earlier() (*Results, error) {
	done, err := s.Done()
	if err != nil {
		return nil, err
	}
	for _, job := range s.Jobs {
		delete(done, job.ID)
	}
	if len(done) == 0 {
		return nil, nil
	}
	r := NewResults(s.Directory)
	return r, r.Read()
}

// Open lists the jobs that have cells which are neither done nor failed. A worker need not look at the others.
func (st *Status) Open() []*cells.Job {
	open := map[string]bool{}
	for i, state := range st.States {
		if state == Waiting || state == Running {
			open[st.Grid.Cells[i].Key] = true
		}
	}
	var out []*cells.Job
	for _, job := range st.Jobs {
		for _, key := range job.Cells {
			if open[key] {
				out = append(out, job)
				break
			}
		}
	}
	return out
}
