package devices

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"autoamp/graph"
)

// Executor runs programs on several devices. Each of them has a share of the replicas.
type Executor struct{ devices []graph.Executor }

// New returns the executor of some devices, at least one. They are the caller's: Close closes them all.
func New(devices ...graph.Executor) *Executor { return &Executor{devices} }

// Device describes all devices.
func (e *Executor) Device() string {
	var list []string
	for _, d := range e.devices {
		list = append(list, d.Device())
	}
	return strings.Join(list, "; ")
}

// Load loads the programs on every device that gets replicas. Neighbours stay together, and the shares differ by one replica at
// most.
func (e *Executor) Load(replicas []graph.Replica, programs ...*graph.Program) (graph.Runner, error) {
	r := &runner{replicas: len(replicas), shared: sharedTensors(programs)}
	used := min(len(e.devices), max(1, len(replicas)))
	for i, device := range e.devices[:used] {
		p := part{device: device, first: i * len(replicas) / used, end: (i + 1) * len(replicas) / used}
		var err error
		if p.runner, err = device.Load(replicas[p.first:p.end], programs...); err != nil {
			if used > 1 {
				err = fmt.Errorf("replicas %d to %d of %d, on %s: %w", p.first, p.end-1, len(replicas), device.Device(), err)
			}
			if errors.Is(err, graph.ErrLost) {
				err = &FailedError{Device: device.Device(), Err: err, device: device}
			}
			return nil, errors.Join(err, r.Close())
		}
		r.parts = append(r.parts, p)
	}
	return r, nil
}

// sharedTensors are the names of the data sets, of which every device has a copy.
func sharedTensors(programs []*graph.Program) map[string]bool {
	shared := map[string]bool{}
	for _, p := range programs {
		for _, b := range p.Buffers {
			if b.Kind == graph.Data {
				shared[b.Name] = true
			}
		}
	}
	return shared
}

// Survivors returns the executor of the devices that are left after an error of a run, and whether the error is the failure of a
// device and any are left.
func (e *Executor) Survivors(err error) (graph.Executor, bool) {
	var failed *FailedError
	if !errors.As(err, &failed) {
		return nil, false
	}
	left := &Executor{}
	for _, d := range e.devices {
		if d != failed.device {
			left.devices = append(left.devices, d)
		}
	}
	return left, len(left.devices) > 0 && len(left.devices) < len(e.devices)
}

// Flops counts the operations of one step's products as the first device does them.
func (e *Executor) Flops(p *graph.Program) float64 {
	if counter, ok := e.devices[0].(interface{ Flops(*graph.Program) float64 }); ok {
		return counter.Flops(p)
	}
	return p.Flops()
}

// Close closes the devices that can be closed.
func (e *Executor) Close() error {
	var errs []error
	for _, d := range e.devices {
		if c, ok := d.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// FailedError is the failure of a device during a run, or its loss before one.
type FailedError struct {
	Device string // as the device describes itself
	Err    error
	device graph.Executor
}

func (e *FailedError) Error() string { return fmt.Sprintf("devices: %s failed: %v", e.Device, e.Err) }

// Unwrap returns the device's error.
func (e *FailedError) Unwrap() error { return e.Err }

var _ graph.Executor = (*Executor)(nil)
