package cpu

import (
	"sync"
	"sync/atomic"

	"autoamp/kernels"
)

// barrier lets the workers of a team wait for each other. Waiting workers spin first: a step of a
// small model takes tens of microseconds, and putting a thread to sleep and waking it takes longer.
// After a long spin a worker sleeps: on a busy machine the last worker may have lost its core, and
// it gets the core of the sleeper.
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

// spins is the number of times that a waiting worker looks before it sleeps, some 20 µs.
const spins = 1 << 18

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

// sleep waits for the end of a round. A worker counts itself as a sleeper before its last look at
// the round. So either the worker sees the end of the round, or the worker that ends the round sees
// the sleeper.
func (b *barrier) sleep(round uint32) {
	b.sleepers.Add(1)
	b.mutex.Lock()
	for b.round.Load() == round {
		b.passed.Wait()
	}
	b.mutex.Unlock()
	b.sleepers.Add(-1)
}

// worker is one thread's workspaces and scratch memory.
type worker struct {
	rank    int
	product gemmer
	signs   *kernels.SignWorkspace   // nil: products with codes are ordinary products
	zeros   *kernels.SparseWorkspace // nil: so are products with data
	denoise *kernels.DenoiseWorkspace
	scratch []float32
	call    call   // the step that it runs
	update  update // the update that it applies
}

// team is the workers that share the rows of one replica, all workers or a single one, and the sums
// that they add together.
type team struct {
	workers []*worker
	gate    *barrier
	// sums holds the Reduction buffers, a part for each block of rows, for even and for odd
	// steps: some may still read one step's sums while others write the next's.
	sums [2][]float64
}

// blocks is the largest number of parts into which rows are split, over threads and in sums. It
// does not depend on the number of threads, and so results do not depend on it.
const blocks = 16

// blockRows is the number of rows in a block.
func blockRows(rows int) int { return max(1, (rows+blocks-1)/blocks) }

// share returns the rows [lo, hi) of the i-th worker of the team: whole blocks.
func (t *team) share(rows, i int) (lo, hi int) {
	unit, n := blockRows(rows), len(t.workers)
	count := (rows + unit - 1) / unit
	return min(rows, count*i/n*unit), min(rows, count*(i+1)/n*unit)
}
