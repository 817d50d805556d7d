// Package await ends the wait for computations that take no context.
package await

import "context"

// Result returns the result of f. f knows no context and may take minutes: when ctx is done, Result returns ctx's error at once
// and leaves f running. So f must have no effect but its result.
func Result[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	case r := <-done:
		return r.value, r.err
	}
}
