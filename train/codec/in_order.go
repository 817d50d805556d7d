package codec

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// work does block k. It may use the buffer, and returns what is to be emitted.
type work func(k int, buffer []byte) ([]byte, error)

// perThread is the number of blocks that a goroutine does before their results are emitted.
const perThread = 4

// inOrder does n blocks on a number of goroutines, all cores' for 0, and emits their results in order. Each goroutine has a work of
// its own. An error of the first block that has one, or of emit, ends it; so does the end of the context.
func inOrder(ctx context.Context, n, threads int, newWork func() work, emit func(k int, result []byte) error) error {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	threads = min(threads, n)
	works := make([]work, threads)
	for i := range works {
		works[i] = newWork()
	}
	results, errs := make([][]byte, perThread*threads), make([]error, perThread*threads)
	for first := 0; first < n; first += len(results) {
		count := min(len(results), n-first)
		var next atomic.Int64
		var group sync.WaitGroup
		for _, do := range works {
			group.Go(func() {
				for i := int(next.Add(1)) - 1; i < count && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
					results[i], errs[i] = do(first+i, results[i])
				}
			})
		}
		group.Wait()
		if err := stopped(ctx, first); err != nil {
			return err
		}
		for i := range count {
			if errs[i] != nil {
				return errs[i]
			}
			if err := emit(first+i, results[i]); err != nil {
				return fmt.Errorf("train: block %d: %w", first+i, err)
			}
		}
	}
	return nil
}
