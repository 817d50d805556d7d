package sweep

import (
	"fmt"
	"time"

	"autoamp/train/sweep/cells"
)

// State is what has become of a cell.
type State string

// The states.
const (
	Done    State = "done"
	Failed  State = "failed"
	Running State = "running"
	Waiting State = "waiting"
)

// Status is a sweep at a moment.
type Status struct {
	*Sweep
	Results *Results
	States  []State // of Grid.Cells
	Running []Work  // by ID of the job
	// Failures are the failed jobs in their order.
	Failures []cells.Failure
	Counts   Counts
}

// Counts counts cells by their state.
type Counts struct {
	Cells   int `json:"cells"`
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Running int `json:"running"`
	Waiting int `json:"waiting"`
}

// Work is a job that a worker is at.
type Work struct {
	Job *cells.Job
	cells.Held
	// Left is the estimated time until it is done. It is 0 if nothing is known.
	Left time.Duration
}

// Status reads the state of every cell. results may be nil; results that were read before are not read again. dead tells whether
// the holder of a claim is gone, see cells.Claims, and may be nil.
func (s *Sweep) Status(results *Results, dead func(cells.Holder) bool) (*Status, error) {
	if results == nil {
		results = NewResults(s.Directory)
	}
	st := &Status{Sweep: s, Results: results}
	claims := s.Claims(cells.ThisHolder("", -1))
	claims.Dead = dead
	held, err := claims.Workers() // before the results: what ends meanwhile is then done and not lost
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	failed, err := s.Failed()
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	if err := results.Read(); err != nil {
		return nil, err
	}
	st.judge(held, failed)
	return st, nil
}

// judge sets the state of every cell.
func (st *Status) judge(held []cells.Held, failed map[string]bool) {
	states := make(map[string]State, len(st.Grid.Cells))
	label := st.labels(len(failed) > 0)
	at := map[string]cells.Held{}
	for _, h := range held {
		at[h.ID] = h
	}
	for _, job := range st.Jobs {
		if failed[job.ID] {
			if f := st.Failure(job.ID); f != nil {
				st.fail(*f, states, label)
			}
		}
		if h, ok := at[job.ID]; ok {
			st.Running = append(st.Running, Work{Job: job, Held: h, Left: left(h.Progress)})
			for _, key := range job.Cells {
				states[key] = Running
			}
		}
	}
	for i := range st.Grid.Cells {
		key := st.Grid.Cells[i].Key
		state, ok := states[key]
		if _, done := st.Results.Get(key); done {
			state = Done
		} else if !ok {
			state = Waiting
		}
		st.States = append(st.States, state)
		st.Counts.add(state)
	}
}

// labels returns the label of a cell by its key, empty for an unknown one. It is for use only if wanted.
func (st *Status) labels(wanted bool) func(key string) string {
	at := map[string]*Cell{}
	if wanted {
		for i := range st.Grid.Cells {
			at[st.Grid.Cells[i].Key] = &st.Grid.Cells[i]
		}
	}
	return func(key string) string {
		if c, ok := at[key]; ok {
			return st.Grid.Label(c)
		}
		return ""
	}
}

// fail marks the failed cells of a job, and names the failure after them: the others of the job have not failed.
func (st *Status) fail(f cells.Failure, states map[string]State, label func(string) string) {
	var lost []string
	for _, key := range f.Cells {
		if _, done := st.Results.Get(key); !done {
			states[key] = Failed
			lost = append(lost, key)
		}
	}
	if len(lost) == 0 {
		return
	}
	if name := label(lost[0]); name != "" {
		f.Job = name
		if more := len(lost) - 1; more > 0 {
			f.Job += fmt.Sprintf(" and %d more", more)
		}
	}
	st.Failures = append(st.Failures, f)
}

// left estimates the time until a job is done from its steps.
func left(p cells.Progress) time.Duration {
	if p.Step == 0 || p.Seconds == 0 {
		return 0
	}
	return time.Duration(p.Seconds / float64(p.Step) * float64(p.Steps-p.Step) * float64(time.Second))
}

func (c *Counts) add(s State) {
	c.Cells++
	switch s {
	case Done:
		c.Done++
	case Failed:
		c.Failed++
	case Running:
		c.Running++
	default:
		c.Waiting++
	}
}

// Left estimates the computing time of the cells that are not done, in seconds on one core: the estimates of their jobs, times
// what the cells that are done have taken for each estimated second.
func (st *Status) Left() float64 {
	var estimated, took, open float64
	for i, state := range st.States {
		c := &st.Grid.Cells[i]
		seconds := Seconds(st.Grid.Shapes[c.Shape].Config)
		if r, ok := st.Results.Get(c.Key); ok {
			estimated, took = estimated+seconds, took+r.Seconds
		} else if state != Failed {
			open += seconds
		}
	}
	if estimated > 0 {
		open *= took / estimated
	}
	return open
}
