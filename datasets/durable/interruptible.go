package durable

import (
	"context"
	"io"
)

// Interruptible returns a reader that fails when its context ends.
func Interruptible(ctx context.Context, r io.Reader) io.Reader { return interruptible{ctx, r} }

type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p[:min(len(p), PieceSize)])
}

// PieceSize is how much is read between two looks at a context, in bytes: milliseconds of inflating.
const PieceSize = 1 << 20
