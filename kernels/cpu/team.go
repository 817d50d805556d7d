package cpu

import (
	"sync"
	"sync/atomic"

	"autoamp/kernels"
)

// barrier lets the workers of a team wait for each other. They spin first: a step of a small
// model takes tens of microseconds, and putting a thread to sleep and waking it costs more.
// One that has spun for long sleeps: on a busy machine the worker that all wait for may have
// lost its core, and gets this one.
type barrier struct {
	size     int32
	arrived  atomic.Int32
	round    atomic.Uint32
	sleepers atomic.Int32
	mutex    sync.Mutex
	passed   sync.Cond
}

func newBarrier(size int) *barrier {
	b := &barrier{size: int32(size)}
	b.passed.L = &b.mutex
	return b
}

// spins is how often a waiting worker looks before it sleeps, some 20 µs.
const spins = 1 << 14

func (b *barrier) wait() {
	if b.size == 1 {
		return
	}
	round := b.round.Load()
	if b.arrived.Add(1) == b.size {
		b.arrived.Store(0)
		b.round.Add(1)
		if b.sleepers.Load() > 0 {
			b.mutex.Lock()
			b.passed.Broadcast()
			b.mutex.Unlock()
		}
		return
	}
	for range spins {
		if b.round.Load() != round {
			return
		}
	}
	b.sleep(round)
}

// sleep waits for the end of a round. A worker counts as a sleeper before it looks at the
// round for the last time, so that whoever ends the round sees it or is seen.
func (b *barrier) sleep(round uint32) {
	b.sleepers.Add(1)
	b.mutex.Lock()
	for b.round.Load() == round {
		b.passed.Wait()
	}
	b.mutex.Unlock()
	b.sleepers.Add(-1)
}

// worker is one thread's share of a runner: its workspaces, its sums and its scratch memory.
type worker struct {
	rank    int
	product gemmer
	signs   *kernels.SignWorkspace // nil: products with codes are ordinary products
	// sums holds this worker's part of every Reduction buffer, for even and for odd steps:
	// others may still read one step's sums while the next step is written.
	sums    [2][]float64
	scratch []float32
}

// team is the workers that share the rows of one replica: all of them, or one alone.
type team struct {
	workers []*worker
	gate    *barrier
}

// share returns the rows [lo, hi) of a worker that is the i-th of the team.
func (t *team) share(rows, i int) (lo, hi int) {
	n := len(t.workers)
	return rows * i / n, rows * (i + 1) / n
}

// total adds up one element of a Reduction over the team, always in the same order.
func (t *team) total(parity, at int) float64 {
	var sum float64
	for _, w := range t.workers {
		sum += w.sums[parity][at]
	}
	return sum
}
