package datasets

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inBlocks calls work(lo, hi) for blocks of at most size numbers that cover 0 to n, on all cores, until one fails or
// the context ends. newWork is called once per goroutine: its memory is not shared.
func inBlocks(ctx context.Context, n, size int, newWork func() func(lo, hi int) error) error {
	var (
		next  atomic.Int64
		group sync.WaitGroup
		once  sync.Once
		first error
	)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for range min(runtime.GOMAXPROCS(0), (n+size-1)/size) {
		group.Go(func() {
			work := newWork()
			for ctx.Err() == nil {
				lo := int(next.Add(1)-1) * size
				if lo >= n {
					return
				}
				if err := work(lo, min(n, lo+size)); err != nil {
					once.Do(func() { first = err })
					cancel(err)
				}
			}
		})
	}
	group.Wait()
	if first != nil {
		return first
	}
	return ctx.Err()
}
