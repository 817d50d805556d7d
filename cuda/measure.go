//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"time"

	"gorgonia.org/cu"

	"autoamp/graph"
)

// Speed measures the device, and the first program of a runner of this executor. The step is run instruction by instruction,
// so that passes of a few microseconds show the cost of their launch. Its weights change: the runner is of no use afterwards.
func (e *Executor) Speed(runner graph.Runner) (s Speed, err error) {
	r, ok := runner.(*Runner)
	if !ok {
		return s, fmt.Errorf("cuda: speed: a %T, not a runner on the GPU", runner)
	}
	err = r.do(func() error {
		c, err := newClock(r.stream)
		if err != nil {
			return err
		}
		err = errors.Join(r.measureCopy(c, &s), r.measureProduct(c, &s), r.measureStep(c, &s))
		return errors.Join(err, c.destroy())
	})
	return s, err
}

// clock measures time on the device.
type clock struct {
	stream     cu.Stream
	start, end cu.Event
}

func newClock(stream cu.Stream) (*clock, error) {
	c := &clock{stream: stream}
	var err error
	if c.start, err = cu.MakeEvent(cu.DefaultEvent); err != nil {
		return nil, checkCu(err, "make an event")
	}
	if c.end, err = cu.MakeEvent(cu.DefaultEvent); err != nil {
		return nil, errors.Join(checkCu(err, "make an event"), checkCu(cu.DestroyEvent(&c.start), "destroy an event"))
	}
	return c, nil
}

func (c *clock) destroy() error {
	return errors.Join(checkCu(cu.DestroyEvent(&c.start), "destroy an event"), checkCu(cu.DestroyEvent(&c.end), "destroy an event"))
}

// time is what the device needs for the work that f enqueues.
func (c *clock) time(f func() error) (time.Duration, error) {
	if err := checkCu(c.start.Record(c.stream), "record an event"); err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	if err := checkCu(c.end.Record(c.stream), "record an event"); err != nil {
		return 0, err
	}
	if err := checkCu(c.end.Synchronize(), "wait for an event"); err != nil {
		return 0, err
	}
	ms, err := c.start.Elapsed(c.end)
	return max(time.Duration(ms*float64(time.Millisecond)), 1), checkCu(err, "read the time of an event")
}

// best is the shortest of several times.
func (c *clock) best(f func() error) (time.Duration, error) {
	shortest := time.Duration(1<<63 - 1)
	for range 5 {
		d, err := c.time(f)
		if err != nil {
			return 0, err
		}
		shortest = min(shortest, d)
	}
	return shortest, nil
}

// rate is an amount in units of 10⁹ for each second.
func rate(amount float64, d time.Duration) float64 { return amount / d.Seconds() / 1e9 }

// measureCopy copies a 64-th of the device's memory, at most 1 GiB.
func (r *Runner) measureCopy(c *clock, s *Speed) error {
	total, err := r.e.device.TotalMem()
	if err != nil {
		return checkCu(err, "ask for the device's memory")
	}
	bytes := min(total/64, 1<<30)
	return withMemory(2*bytes, func(p cu.DevicePtr) error {
		d, err := c.best(func() error {
			return checkCu(cu.MemcpyDtoDAsync(p+cu.DevicePtr(bytes), p, bytes, r.stream), "copy on the device")
		})
		s.CopyGBs = rate(2*float64(bytes), d)
		return err
	})
}

// withMemory runs f with device memory of its own, set to zero.
func withMemory(bytes int64, f func(cu.DevicePtr) error) error {
	p, err := cu.MemAlloc(bytes)
	if err != nil {
		return checkCu(err, "allocate "+size(bytes)+" to measure with")
	}
	err = checkCu(cu.MemsetD32(p, 0, bytes/4), "clear memory")
	if err == nil {
		err = f(p)
	}
	return errors.Join(err, checkCu(cu.MemFree(p), "free device memory"))
}

// measureProduct multiplies square matrices, larger and larger ones until a product takes long enough.
func (r *Runner) measureProduct(c *clock, s *Speed) error {
	of, compute := float32Element, computeFloat32
	switch r.e.settings.Precision {
	case TF32:
		compute = computeTF32
	case Split:
		of = bfloat16Element
	}
	for n := 512; n <= 1<<14; n *= 2 {
		d, err := r.productTime(c, n, of, compute)
		if err != nil {
			return err
		}
		s.ProductGFLOPS = max(s.ProductGFLOPS, rate(2*float64(n)*float64(n)*float64(n), d))
		if d > 10*time.Millisecond {
			break
		}
	}
	return nil
}

func (r *Runner) productTime(c *clock, n int, of element, compute int) (d time.Duration, err error) {
	bytes := 4 * int64(n) * int64(n)
	err = withMemory(3*bytes, func(p cu.DevicePtr) error {
		at := func(i int64, of element) matrix { return matrix{data: uint64(p) + uint64(i*bytes), of: of, ld: n} }
		var err error
		d, err = c.best(func() error {
			return r.blas.gemm(false, true, n, n, n, at(0, of), at(1, of), false, at(2, float32Element), 1, compute)
		})
		return err
	})
	return d, err
}

// measureStep sums up the time of products and of everything else, over some steps.
func (r *Runner) measureStep(c *clock, s *Speed) error {
	l := r.programs[0]
	var products, passes time.Duration
	var flops, bytes float64
	for range 5 {
		for _, in := range l.pass {
			d, err := c.time(func() error { return l.launch(in) })
			if err != nil {
				return err
			}
			if work := l.flops(in); work > 0 {
				products, flops = products+d, flops+work
			} else {
				passes, bytes = passes+d, bytes+l.traffic(in)
			}
		}
		d, err := c.time(l.enqueueEnd)
		if err != nil {
			return err
		}
		passes += d
		for _, in := range l.steps {
			bytes += l.traffic(in)
		}
	}
	s.InProductsGFLOPS, s.PassesGBs = rate(flops, products), rate(bytes, passes)
	s.ProductsShare = float64(products) / float64(products+passes)
	return nil
}

// flops counts the floating-point operations that an instruction executes, if it is a product.
func (l *loaded) flops(in graph.Instr) float64 {
	terms, k := 1, 0
	switch op := in.Op.(type) {
	case graph.MatMul:
		if k = l.Buffers[in.In[0]].Cols(); op.TransA {
			k = l.Buffers[in.In[0]].Rows()
		}
	case productOp:
		if k = op.a.cols; op.TransA {
			k = op.a.rows
		}
		terms = len(op.terms())
	default:
		return 0
	}
	return 2 * float64(l.Buffers[in.Out[0]].Size()) * float64(k*terms*len(l.r.replicas))
}

// traffic is what an instruction reads and writes, in bytes.
func (l *loaded) traffic(in graph.Instr) float64 {
	floats := 0
	for _, buffers := range [][]int{in.In, in.Out} {
		for _, b := range buffers {
			if b >= 0 && l.Buffers[b].Kind != graph.Reduction {
				floats += l.Buffers[b].Size()
			}
		}
	}
	return 4 * float64(floats*len(l.r.replicas))
}
