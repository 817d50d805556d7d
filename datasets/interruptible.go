package datasets

import (
	"context"
	"io"
)

// interruptible is a reader that fails when its context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p[:min(len(p), pieceSize)])
}

// pieceSize is how much is read between two looks at a context, in bytes: milliseconds of inflating.
const pieceSize = 1 << 20
