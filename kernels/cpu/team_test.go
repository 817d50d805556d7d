package cpu

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// No worker passes a barrier before all have come to it, with fewer workers than cores and with
// more. In some rounds one worker is so late that the others linger, and sleep.
func TestBarrier(t *testing.T) {
	t.Parallel()
	const rounds = 300
	for _, size := range []int{1, 2, 2*runtime.GOMAXPROCS(0) + 1} {
		t.Run(fmt.Sprintf("workers=%d", size), func(t *testing.T) {
			t.Parallel()
			gate, came := newBarrier(size), atomic.Int64{}
			var done sync.WaitGroup
			for rank := range size {
				done.Go(func() {
					for round := range rounds {
						if rank == 0 && round >= rounds/2 && round%50 == 0 {
							gate.spin(gate.round.Load(), 40*spins)
						}
						came.Add(1)
						gate.wait()
						if n := came.Load(); n < int64((round+1)*size) {
							t.Errorf("round %d: passed after %d arrivals, want %d", round, n, (round+1)*size)
						}
					}
				})
			}
			done.Wait()
		})
	}
}
