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
