package train

import "context"

// await returns what f returns. f knows no context and may take minutes: when ctx is done, await returns ctx's error at once and
// leaves f behind, which must have no effect but its result.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
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
