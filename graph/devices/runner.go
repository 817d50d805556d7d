package devices

import (
	"errors"
	"fmt"
	"sync"

	"autoamp/graph"
)

// runner is the runners of all devices.
type runner struct {
	replicas int
	parts    []part
	shared   map[string]bool
}

// part is a share of the replicas, first to end−1, on a device.
type part struct {
	device     graph.Executor
	runner     graph.Runner
	first, end int
	losses     []float64
}

// Run runs all devices at the same time and waits for all of them.
func (r *runner) Run(program int, first uint64, steps int, losses []float64) error {
	if len(losses) != steps*r.replicas {
		return fmt.Errorf("devices: run: %d losses, want steps·replicas = %d", len(losses), steps*r.replicas)
	}
	if len(r.parts) == 1 {
		return r.parts[0].failed(r.parts[0].runner.Run(program, first, steps, losses))
	}
	errs := make([]error, len(r.parts))
	var done sync.WaitGroup
	for i := range r.parts {
		done.Go(func() { errs[i] = r.parts[i].run(program, first, steps) })
	}
	done.Wait()
	if err := worst(errs); err != nil {
		return err
	}
	for _, p := range r.parts {
		n := p.end - p.first
		for s := range steps {
			copy(losses[s*r.replicas+p.first:], p.losses[s*n:(s+1)*n])
		}
	}
	return nil
}

// run runs the share of a device.
func (p *part) run(program int, first uint64, steps int) error {
	if n := steps * (p.end - p.first); len(p.losses) != n {
		p.losses = make([]float64, n)
	}
	err := p.runner.Run(program, first, steps, p.losses)
	if bad := (*graph.NonFiniteError)(nil); errors.As(err, &bad) {
		return &graph.NonFiniteError{Step: bad.Step, Replica: p.first + bad.Replica, Tensor: bad.Tensor}
	}
	return p.failed(err)
}

// failed is an error of the device's runner. A loss that is not finite is no failure of the device.
func (p *part) failed(err error) error {
	if err == nil || errors.As(err, new(*graph.NonFiniteError)) {
		return err
	}
	return &FailedError{Device: p.device.Device(), Err: err, device: p.device}
}

// worst is the failure of a device, or else the loss that was the first not to be finite: one device would have met it.
func worst(errs []error) error {
	var first *graph.NonFiniteError
	for _, err := range errs {
		var bad *graph.NonFiniteError
		switch {
		case err == nil:
		case !errors.As(err, &bad):
			return err
		case first == nil || bad.Step < first.Step:
			first = bad
		}
	}
	if first == nil {
		return nil
	}
	return first
}

// Read copies a tensor from the device of its replica.
func (r *runner) Read(tensor string, replica int, dst []float32) error {
	p, err := r.of(replica)
	if err != nil {
		return err
	}
	return p.failed(p.runner.Read(tensor, replica-p.first, dst))
}

// Write copies a tensor to the device of its replica, and a data set to every device.
func (r *runner) Write(tensor string, replica int, src []float32) error {
	p, err := r.of(replica)
	if err != nil {
		return err
	}
	if !r.shared[tensor] {
		return p.failed(p.runner.Write(tensor, replica-p.first, src))
	}
	for i := range r.parts {
		if err := r.parts[i].failed(r.parts[i].runner.Write(tensor, 0, src)); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) of(replica int) (*part, error) {
	for i, p := range r.parts {
		if p.first <= replica && replica < p.end {
			return &r.parts[i], nil
		}
	}
	return nil, fmt.Errorf("devices: replica %d of %d", replica, r.replicas)
}

// Close closes the runners of all devices.
func (r *runner) Close() error {
	var errs []error
	for _, p := range r.parts {
		errs = append(errs, p.runner.Close())
	}
	return errors.Join(errs...)
}

var _ graph.Runner = (*runner)(nil)
