//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"math"
	"unsafe"

	"gorgonia.org/cu"

	"autoamp/graph"
)

// Runner runs loaded programs on the GPU. After a failure of the device every call returns that failure.
type Runner struct {
	e        *Executor
	replicas []graph.Replica
	programs []*loaded
	memory   *memory
	base     cu.DevicePtr
	stream   cu.Stream
	blas     *blasHandle
	staging  pinned
	piece    int // bytes of a tensor that are copied at a time
	broken   error
}

// address is the device's address of a place in the runner's memory.
func (r *Runner) address(at int64) uint64 { return uint64(r.base) + uint64(at) }

// Run runs a program; see graph.Runner. Run launches steps without waiting, until the ring of losses is
// full. Then it reads the losses.
func (r *Runner) Run(program int, first uint64, steps int, losses []float64) error {
	if program < 0 || program >= len(r.programs) {
		return fmt.Errorf("cuda: run: program %d of %d", program, len(r.programs))
	}
	n := len(r.replicas)
	if len(losses) != steps*n {
		return fmt.Errorf("cuda: run: %d losses, want steps·replicas = %d", len(losses), steps*n)
	}
	return r.do(func() error {
		for done := 0; done < steps; {
			chunk := min(steps-done, r.memory.capacity)
			if err := r.chunk(r.programs[program], first+uint64(done), losses[done*n:(done+chunk)*n]); err != nil {
				return err
			}
			done += chunk
		}
		return nil
	})
}

// do runs a function in the device's context and keeps the device's failure.
func (r *Runner) do(f func() error) error {
	if r.broken != nil {
		return r.broken
	}
	leave, err := r.e.enter()
	if err != nil {
		return err
	}
	defer leave()
	err = f()
	if failure := (*Error)(nil); errors.As(err, &failure) {
		r.broken = failure
	}
	return err
}

// chunk runs the steps that the losses are of.
func (r *Runner) chunk(l *loaded, first uint64, losses []float64) error {
	if err := r.setSteps(l, first); err != nil {
		return err
	}
	steps := len(losses) / len(r.replicas)
	if err := l.launchSteps(steps); err != nil {
		return err
	}
	if err := r.readLosses(first, losses); err != nil {
		return err
	}
	for s := range steps {
		for rep := range r.replicas {
			if loss := losses[s*len(r.replicas)+rep]; math.IsNaN(loss) || math.IsInf(loss, 0) {
				step := first + uint64(s)
				tensor, err := r.diagnose(l, rep, step)
				if err != nil {
					return err
				}
				return &graph.NonFiniteError{Step: step, Replica: rep, Tensor: tensor}
			}
		}
	}
	return nil
}

// launchSteps launches steps of a program.
func (l *loaded) launchSteps(steps int) error {
	if l.block != nil {
		return l.runSteps(steps)
	}
	for left := steps; left > 0; {
		next, count := l.one, 1
		if left >= graphSteps {
			next, count = l.many, graphSteps
		}
		if err := next.launch(l.r.stream); err != nil {
			return err
		}
		left -= count
	}
	return nil
}

// setSteps lets all replicas begin with a step of a program.
func (r *Runner) setSteps(l *loaded, step uint64) error {
	s := l.schedule()
	power1, power2 := l.powers.after(step, s.beta1, s.beta2)
	states := view[replicaState](r.staging, 0, len(r.replicas))
	for i, rep := range r.replicas {
		states[i] = replicaState{seed: rep.Seed, step: step, failed: notFailed, learningRate: rep.LearningRate, power1: power1, power2: power2}
	}
	return checkCu(cu.MemcpyHtoDAsync(cu.DevicePtr(r.address(r.memory.states)), r.staging.p, stateBytes*int64(len(states)), r.stream),
		"begin a run")
}

// readLosses waits for all steps and copies their losses out of the ring.
func (r *Runner) readLosses(first uint64, losses []float64) error {
	n := len(r.replicas)
	for len(losses) > 0 {
		slot := int(first % uint64(r.memory.capacity))
		steps := min(len(losses)/n, r.memory.capacity-slot)
		if err := r.fromDevice(r.memory.ring+8*int64(slot*n), 8*steps*n, "read the losses"); err != nil {
			return err
		}
		copy(losses, view[float64](r.staging, 0, steps*n))
		losses, first = losses[steps*n:], first+uint64(steps)
	}
	return nil
}

// transfer is the largest number of bytes in one copy of a part of a tensor.
const transfer = 8 << 20

// stagingBytes is the size of the pinned memory between host and device. Losses, states and tensors pass through it; tensors
// pass piece by piece.
func (r *Runner) stagingBytes() int {
	r.piece = 1 << 16
	for _, s := range r.memory.kept {
		r.piece = max(r.piece, min(4*padded(s.size), transfer))
	}
	return max(r.piece, 8*len(r.replicas)*r.memory.capacity, int(stateBytes)*len(r.replicas))
}

// fromDevice copies bytes to the beginning of the staging memory and waits for them.
func (r *Runner) fromDevice(at int64, bytes int, op string) error {
	err := checkCu(cu.MemcpyDtoHAsync(r.staging.p, cu.DevicePtr(r.address(at)), int64(bytes), r.stream), op)
	if err != nil {
		return err
	}
	return checkCu(r.stream.Synchronize(), op)
}

// r2d copies numbers to the device.
func r2d[T byte | float32](r *Runner, at int64, src []T) error {
	width := int(unsafe.Sizeof(src[:1:1][0]))
	for len(src) > 0 {
		n := min(len(src), r.piece/width)
		copy(view[T](r.staging, 0, n), src)
		err := checkCu(cu.MemcpyHtoDAsync(cu.DevicePtr(r.address(at)), r.staging.p, int64(n*width), r.stream), "copy to the device")
		if err == nil {
			err = checkCu(r.stream.Synchronize(), "copy to the device")
		}
		if err != nil {
			return err
		}
		src, at = src[n:], at+int64(n*width)
	}
	return nil
}

// d2r copies numbers from the device.
func d2r(r *Runner, dst []float32, at int64) error {
	for len(dst) > 0 {
		n := min(len(dst), r.piece/4)
		if err := r.fromDevice(at, 4*n, "copy from the device"); err != nil {
			return err
		}
		copy(dst, view[float32](r.staging, 0, n))
		dst, at = dst[n:], at+int64(4*n)
	}
	return nil
}

// Read copies a tensor; see graph.Runner.
func (r *Runner) Read(tensor string, replica int, dst []float32) error {
	at, err := r.find(tensor, replica, len(dst))
	if err != nil {
		return err
	}
	return r.do(func() error { return d2r(r, dst, at) })
}

// Write replaces a tensor; see graph.Runner.
func (r *Runner) Write(tensor string, replica int, src []float32) error {
	at, err := r.find(tensor, replica, len(src))
	if err != nil {
		return err
	}
	return r.do(func() error { return r2d(r, at, src) })
}

func (r *Runner) find(tensor string, replica, size int) (at int64, err error) {
	if replica < 0 || replica >= len(r.replicas) {
		return 0, fmt.Errorf("cuda: replica %d of %d", replica, len(r.replicas))
	}
	s, ok := r.memory.kept[tensor]
	if !ok {
		return 0, fmt.Errorf("cuda: no tensor %q", tensor)
	}
	if s.size != size {
		return 0, fmt.Errorf("cuda: tensor %q has %d elements, not %d", tensor, s.size, size)
	}
	return s.at + 4*s.stride()*int64(replica), nil
}

// Close gives the memory back. A second Close does nothing. After a failure of the device Close reports nil, since an
// earlier call has reported it.
func (r *Runner) Close() error {
	if r.e == nil {
		return nil
	}
	leave, err := r.e.enter()
	if err == nil {
		defer leave()
		err = r.release()
	}
	broken := r.broken
	*r = Runner{}
	if broken != nil {
		return nil
	}
	return err
}

// release gives back everything that acquire and prepare took. Either of them may have stopped half-way.
func (r *Runner) release() error {
	var errs []error
	for _, l := range r.programs {
		errs = append(errs, l.one.destroy(), l.many.destroy())
	}
	if r.blas != nil {
		errs = append(errs, r.blas.destroy())
	}
	if r.stream != (cu.Stream{}) {
		errs = append(errs, checkCu(r.stream.Destroy(), "destroy a stream"))
	}
	errs = append(errs, r.staging.free())
	if r.base != 0 {
		errs = append(errs, checkCu(cu.MemFree(r.base), "free device memory"))
	}
	return errors.Join(errs...)
}

var _ graph.Runner = (*Runner)(nil)
