package serve

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"autoamp/amp"
	"autoamp/train/config"
	"autoamp/train/rundir"
	"autoamp/train/runs"
	"autoamp/train/theory"
)

// theories are the theory's lines of runs. They are computed one run at a time, on one core, so that neither an answer nor a run that
// trains meanwhile waits for them.
type theories struct {
	done func(id string) // is told of a run whose lines are there

	mu     sync.Mutex // guards what follows
	known  map[string]*lines
	queue  []*lines
	atWork bool
}

// lines are the lines of a run.
type lines struct {
	id, dir string
	stamp   string // of what they are computed from
	state   runs.State
	theory  []Theory
	pending bool
	failed  bool // when they were computed: a run that has just begun may lack a file
}

func newTheories(done func(id string)) *theories {
	return &theories{done: done, known: map[string]*lines{}}
}

// of returns the lines of a run by p, as far as they are known, and has the others computed.
func (t *theories) of(e *entry) []Theory {
	stamp := fmt.Sprint(e.run.Settings)
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.known[e.id]
	if l == nil || l.stamp != stamp || l.failed && l.state != e.run.State {
		l = &lines{state: e.run.State, id: e.id, dir: e.run.Dir, stamp: stamp, theory: firstLines(e), pending: e.run.Settings != nil}
		t.known[e.id] = l
		if l.pending {
			t.queue = append(t.queue, l)
			t.begin()
		}
	}
	return l.theory
}

// limits completes the lines of a list for a run that trains: its files do not say the limit yet.
func (t *theories) limits(e *entry, rows []Row) {
	if e.run.State != runs.Running || e.run.Kind != runs.Training {
		return
	}
	for i, at := range t.of(e) {
		for _, l := range at.Lines {
			if mse := float64(l.MSE); l.Name == theory.LimitLine && i < len(rows) && rows[i].Limit == nil {
				rows[i].Limit, rows[i].Candidate = &mse, at.Candidate
			}
		}
	}
}

// begin begins to work if nobody does. The caller has the lock.
func (t *theories) begin() {
	if !t.atWork {
		t.atWork = true
		go t.work()
	}
}

// work computes the lines of the queue.
func (t *theories) work() {
	for {
		t.mu.Lock()
		if len(t.queue) == 0 {
			t.atWork = false
			t.mu.Unlock()
			return
		}
		l := t.queue[0]
		t.queue = t.queue[1:]
		t.mu.Unlock()

		computed, err := compute(l.dir, l.theory)

		t.mu.Lock()
		l.theory, l.pending, l.failed = computed, false, err != nil
		t.mu.Unlock()
		t.done(l.id)
	}
}

// firstLines are the lines that stand in the files of a run.
func firstLines(e *entry) []Theory {
	out := []Theory{}
	for _, p := range e.run.Points {
		t := Theory{P: Number(p.P), Candidate: p.Candidate, Pending: e.run.Settings != nil, Lines: []Line{}}
		if p.Limit != nil {
			t.add(theory.LimitLine, "d → ∞, "+p.Candidate, *p.Limit)
		}
		if p.FiniteD != nil {
			t.add(theory.FiniteLine, "theory at this d", *p.FiniteD)
		}
		out = append(out, t)
	}
	return out
}

// add adds a level, unless it is none.
func (t *Theory) add(name, label string, mse float64) {
	if !math.IsNaN(mse) && mse > 0 {
		t.Lines = append(t.Lines, Line{name, label, Number(mse)})
	}
}

// compute computes the lines of the run in a directory. Where that fails, the lines that were there stay, with the reason.
func compute(dir string, before []Theory) ([]Theory, error) {
	c, err := rundir.LoadRun(dir)
	var predictions []*amp.Prediction
	if err == nil {
		c = c.WithDefaults()
		predictions, err = rundir.ReadTheory(dir, c)
	}
	out := make([]Theory, len(before))
	for i, t := range before {
		t.Pending = false
		switch {
		case err != nil:
			t.Note = err.Error()
		case i >= len(predictions) || predictions[i] == nil:
			t.Note = "there is no theory for this model and these data"
		default:
			t.merge(newTheory(c, predictions[i], t.P))
		}
		out[i] = t
	}
	return out, err
}

// merge adds the lines of names that are not there. So what the run is compared with is what its own files say, also where an earlier
// version computed it.
func (t *Theory) merge(computed Theory) {
	known := slices.Clone(t.Lines)
	has := func(l Line) bool {
		return slices.ContainsFunc(known, func(k Line) bool { return k.Name == l.Name })
	}
	t.Note, t.Candidate, t.Lines = computed.Note, cmp.Or(t.Candidate, computed.Candidate), append(known, slices.DeleteFunc(computed.Lines, has)...)
}

// newTheory is the lines of one p.
func newTheory(c config.Config, t *amp.Prediction, p Number) Theory {
	out := Theory{P: p, Candidate: theory.Best(c.Model, t).Name, Note: t.FiniteDimNote, Lines: []Line{}}
	for _, l := range theory.Lines(c.Model, theory.Completed(c.Model, t)) {
		out.Lines = append(out.Lines, Line{l.Name, l.Label, Number(l.MSE)})
	}
	return out
}
