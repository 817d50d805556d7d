package cpu

import (
	"math/bits"
	"slices"
	"time"
)

// pace decides how to run the replicas that do not fill all workers: together, with each replica
// split over all workers, or apart, with each replica on one worker.
//
// Splitting a small model is faster only if the cores share a cache: its step takes tens of
// microseconds and exchanges a hundred kilobytes between the cores. A program cannot know whether
// cores share a cache, and on a virtual machine the answer changes. So pace measures the time of
// each call of Run, and now and then it tries the slower way again. Results do not depend on the
// choice.
type pace struct {
	worthTrying bool
	runs        int             // that counted
	recent      [2][try]float64 // seconds per step of the last runs of both ways; 0 is unknown
	count       [2]int          // of runs of both ways
	now         int             // the way of the current run
}

// The two ways.
const (
	together = 0
	apart    = 1
)

const (
	// smallFlops is the size of a step, in its matrix products, up to which the choice is open.
	smallFlops = 1e8
	// shortest is the least duration of a run that counts: waking the workers takes a tenth of a millisecond.
	shortest = 5 * time.Millisecond
	// try is the number of runs of a trial. The fastest run counts: the first runs touch memory for
	// the first time, and other work of the machine makes some runs slow.
	try = 4
	// retry is the number of runs after which the slower way is tried again. The first trials come earlier, after 16
	// and 32 runs: the scheduler may need a tenth of a second to give each new worker a core of its own.
	retry, firstRetry = 64, 16
)

// choose picks the way of the next run.
func (p *pace) choose() int {
	switch fastest := p.fastest(); {
	case !p.worthTrying || p.count[together] < try:
		p.now = together
	case p.count[apart] < try:
		p.now = apart
	case p.runs%min(retry, max(firstRetry, 1<<(bits.Len(uint(p.runs))-1))) < try:
		p.now = 1 - fastest
	default:
		p.now = fastest
	}
	return p.now
}

// fastest is the way whose best recent run was faster.
func (p *pace) fastest() int {
	if slices.Min(p.recent[apart][:]) < slices.Min(p.recent[together][:]) {
		return apart
	}
	return together
}

// took records how long a run took.
func (p *pace) took(d time.Duration, steps int) {
	if d < shortest {
		return
	}
	p.recent[p.now][p.count[p.now]%try] = d.Seconds() / float64(steps)
	p.count[p.now]++
	p.runs++
}
