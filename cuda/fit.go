//go:build gpu

package cuda

import (
	"fmt"
	"strings"

	"autoamp/graph"
)

// tooBig is the error of a run that does not fit in memory. Its hint gives sizes that fit.
func (e *Executor) tooBig(needed, free int64, replicas int, programs []*graph.Program) error {
	err := &Error{
		Op:   fmt.Sprintf("allocate %s on device %d", size(needed), e.settings.Ordinal),
		Code: fmt.Sprintf("%s (%s free)", outOfMemory, size(max(free, 0))),
	}
	need := func(replicas int, scaled []*graph.Program) int64 {
		bytes, failed := e.need(replicas, scaled)
		if failed != nil {
			return needed
		}
		return bytes
	}
	var fits []string
	try := func(name string, now int, need func(n int) int64) {
		if n := largest(now, func(n int) bool { return need(n) <= free }); n > 0 {
			fits = append(fits, fmt.Sprintf("%s %d", name, n))
		}
	}
	batch, dim := shape(programs[0])
	try("--replicas", replicas, func(n int) int64 { return need(n, programs) })
	try("--batch", batch, func(n int) int64 { return need(replicas, scale(programs, batch, n, dim, dim)) })
	try("--dim", dim, func(n int) int64 { return need(replicas, scale(programs, batch, batch, dim, n)) })
	err.Hint = "not even one model of one number fits; see with nvidia-smi who else uses the device"
	if len(fits) > 0 {
		err.Hint = strings.Join(fits, " or ") + " would fit"
	}
	return err
}

// need is the memory of programs in bytes.
func (e *Executor) need(replicas int, programs []*graph.Program) (int64, error) {
	precision, err := e.precisionOf(programs)
	if err != nil {
		return 0, err
	}
	var plans []*plan
	for _, p := range programs {
		l, err := planOf(p, precision)
		if err != nil {
			return 0, err
		}
		plans = append(plans, l)
	}
	m, err := newMemory(plans, replicas)
	if err != nil {
		return 0, err
	}
	return m.bytes, nil
}

// largest is the largest good number below now, or 0 if there is none. If a number is good, all smaller numbers are good.
func largest(now int, good func(int) bool) int {
	lo, hi := 0, now
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; good(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// shape is the batch and the dimension of a program: the shape of its data "x".
func shape(p *graph.Program) (batch, dim int) {
	for _, b := range p.Buffers {
		if b.Name == "x" {
			return b.Rows(), b.Cols()
		}
	}
	return 1, 1
}

// scale returns the shapes that programs would have with another batch, and with another dimension at the same rate.
// The rows of activations are samples, and every other size above a few numbers grows with the dimension. The result
// is an estimate: a weight's gradient counts as an activation if its number of rows equals the number of samples.
func scale(programs []*graph.Program, batch, newBatch, dim, newDim int) []*graph.Program {
	var out []*graph.Program
	for _, p := range programs {
		q := *p
		q.Buffers = nil
		for _, b := range p.Buffers {
			s := append([]int(nil), b.Shape...)
			for i := range s {
				switch {
				case i == 0 && len(s) > 1 && s[i] == batch && (b.Kind == graph.Temp || b.Kind == graph.Input || b.Kind == graph.Kept):
					s[i] = newBatch
				case i == 0 && b.Kind == graph.Data: // a data set keeps its rows
				case s[i] > 16:
					s[i] = max(1, int(float64(s[i])*float64(newDim)/float64(dim)))
				}
			}
			b.Shape = s
			q.Buffers = append(q.Buffers, b)
		}
		out = append(out, &q)
	}
	return out
}
