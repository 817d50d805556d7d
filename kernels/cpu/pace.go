package cpu

import "time"

// pace decides whether the replicas that do not fill all workers run together, each split over
// all workers, or apart, each on a worker of its own.
//
// Splitting a small model pays only where the cores share a cache: its step takes tens of
// microseconds and exchanges a hundred kilobytes between them. Whether they do, no program
// can know beforehand, and on a virtual machine it changes. So the time of each call of Run is
// measured, and now and then the slower way is tried again. Results do not depend on it.
type pace struct {
	worthTrying bool
	runs        int
	perStep     [2]float64 // seconds, of both ways; 0 is unknown
	now         int        // the way of the current run
}

// The two ways.
const (
	together = 0
	apart    = 1
)

const (
	// smallFlops is the size of a step, in its matrix products, up to which the choice is open.
	smallFlops = 1e8
	// retry is the number of runs after which the slower way is tried again.
	retry = 64
)

// choose picks the way of the next run.
func (p *pace) choose() int {
	p.now = together
	switch {
	case !p.worthTrying:
		return together
	case p.perStep[together] == 0:
	case p.perStep[apart] == 0 || p.perStep[apart] < p.perStep[together]:
		p.now = apart
	}
	if p.runs++; p.runs%retry == 0 {
		p.now = 1 - p.now
	}
	return p.now
}

// took records how long a run took: half of what is known is what was known before.
func (p *pace) took(d time.Duration, steps int) {
	if steps == 0 {
		return
	}
	now := d.Seconds() / float64(steps)
	if known := p.perStep[p.now]; known > 0 {
		now = (now + known) / 2
	}
	p.perStep[p.now] = now
}
