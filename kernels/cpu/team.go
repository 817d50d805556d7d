package cpu

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"autoamp/kernels"
)

// barrier lets the workers of a team wait for each other. Waiting workers spin first: a step of a
// small model takes tens of microseconds, and putting a thread to sleep and waking it takes longer.
// After a long spin a worker lingers: it offers its core to others, and spins on where nobody wants
// it. On a busy machine a worker sleeps instead: the last worker may have lost its core, and it
// gets the core of the sleeper. Where there are more workers than cores, a worker sleeps at once.
type barrier struct {
	size     int32
	spins    int
	arrived  atomic.Int32
	round    atomic.Uint32
	sleepers atomic.Int32
	busy     atomic.Int32 // waits that do not linger, after one that lost its core
	mutex    sync.Mutex
	passed   sync.Cond
}

func newBarrier(size int) *barrier {
	b := &barrier{size: int32(size), spins: spins}
	if size > runtime.GOMAXPROCS(0) {
		b.spins = 0
	}
	b.passed.L = &b.mutex
	return b
}

// spins is the number of times that a waiting worker looks before it lingers or sleeps: 80 µs on a Zen 3. With 160 µs, two threads took
// up to twice as long on a machine with other work.
const spins = 1 << 17

const (
	// glances is the number of looks between two yields, about a microsecond.
	glances = 1 << 11
	// taken is the time of a yield that tells of other work on this core: without it a yield takes less than a microsecond.
	taken = 100 * time.Microsecond
	// busyWaits is the number of waits after such a yield that sleep at once.
	busyWaits = 64
)

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
	if !b.spin(round, b.spins) && !b.linger(round) {
		b.sleep(round)
	}
}

// spin looks for the end of a round and reports whether it came.
func (b *barrier) spin(round uint32, looks int) bool {
	for range looks {
		if b.round.Load() != round {
			return true
		}
	}
	return false
}

// linger waits on without sleep while nobody else wants the core, and reports whether the round
// ended. A wake-up takes longer than a spin: a worker that slept is late at the next barrier, the
// others sleep there, and are late in turn. At d = 200 two threads of a quiet Zen 3 slept 2000
// times a second, and a step took 1.2 times as long. But a yield on a busy machine costs a whole
// slice of the other process, while a sleeper gets its core back at once. So the next waits sleep.
// On a machine that is not busy the core went to another worker of this team, and one of the two
// leaves it: if one slept, the scheduler would see a core with one worker and leave both there.
func (b *barrier) linger(round uint32) bool {
	if b.spins == 0 {
		return false
	}
	if b.busy.Load() > 0 {
		b.busy.Add(-1)
		return false
	}
	for range yields {
		began := time.Now()
		yield()
		lost := time.Since(began) > taken
		if lost && crowded() {
			b.busy.Store(busyWaits)
			return b.spin(round, glances)
		}
		if lost {
			leave(core())
		}
		if b.spin(round, glances) {
			return true
		}
	}
	return false
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
