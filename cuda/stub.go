//go:build !gpu

package cuda

import "autoamp/graph"

// Built says whether this build can use a GPU.
const Built = false

// Executor runs programs on a GPU; see the package comment.
type Executor struct{}

// Open returns ErrNotBuilt.
func Open(Settings) (*Executor, error) { return nil, ErrNotBuilt }

// Count returns ErrNotBuilt.
func Count() (int, error) { return 0, ErrNotBuilt }

// Device describes the device.
func (*Executor) Device() string { return "gpu: not in this build" }

// Load returns ErrNotBuilt.
func (*Executor) Load([]graph.Replica, ...*graph.Program) (graph.Runner, error) {
	return nil, ErrNotBuilt
}

// Flops counts the floating-point operations of one step's matrix products as this executor would compute them.
func (*Executor) Flops(p *graph.Program) float64 { return p.Flops() }

// Close does nothing.
func (*Executor) Close() error { return nil }

var _ graph.Executor = (*Executor)(nil)
