package cells

import (
	"context"
	"time"
)

// Finish is Run until every job is done or has failed: it pauses while other workers are at some of them, such as the process of
// an earlier session of the same task on a node that was lost, and runs what they leave.
func (t *Task) Finish(ctx context.Context, pause func(context.Context) error) (Counts, error) {
	all, err := t.Run(ctx)
	for err == nil && all.Held > 0 {
		if err = pause(ctx); err != nil {
			break
		}
		var more Counts
		more, err = t.Run(ctx)
		all = Counts{Jobs: all.Jobs + more.Jobs, Failed: all.Failed + more.Failed, Held: more.Held}
	}
	return all, err
}

// Pause waits for the time between two signs of life.
func Pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(Beat):
		return nil
	}
}
