//go:build gpu

package cuda

import (
	"math"

	"autoamp/graph"
	"autoamp/kernels"
)

// diagnose repeats a step whose loss was not finite, one instruction after the other and without its updates, and names
// the first tensor with a NaN or an infinity: a weight that was not finite before the step, or the first result that is
// not finite. The repeated step draws the same numbers, because draws are functions of the step's number, and it starts
// from the same weights, because a replica stands still after such a step.
func (r *Runner) diagnose(l *loaded, rep int, step uint64) (tensor string, err error) {
	for _, b := range l.Buffers {
		if b.Kind == graph.Weight || b.Kind == graph.Input {
			kept := r.memory.kept[b.Name]
			if bad, err := r.anyBad(kept.at+4*kept.stride()*int64(rep), b.Size()); bad || err != nil {
				return b.Name, err
			}
		}
	}
	if err := r.setSteps(l, step); err != nil {
		return "", err
	}
	for _, in := range l.pass {
		if err := l.launch(in); err != nil {
			return "", err
		}
		for _, b := range in.Out {
			if bad, err := l.isBad(b, rep); bad || err != nil {
				return l.Buffers[b].Name, err
			}
		}
	}
	return "loss", checkCu(r.stream.Synchronize(), "repeat a step")
}

// isBad reports whether a result of one replica holds a NaN or an infinity. It skips what is not float32, parts in bf16 and
// prepared parameters: what they were made of was checked before.
func (l *loaded) isBad(b, rep int) (bool, error) {
	if b < 0 || l.isPacked(b) {
		return false, nil
	}
	if l.Buffers[b].Kind == graph.Reduction {
		n := l.sums.count[b] * l.Buffers[b].Size()
		at := l.sumParts(b)
		return l.r.anyBad64(int64(at.data)-int64(l.r.base)+8*at.stride*int64(rep), n)
	}
	at := l.tensor(b)
	return l.r.anyBad(int64(at.data)-int64(l.r.base)+4*at.stride*int64(rep), l.Buffers[b].Size())
}

// isPacked reports whether a buffer holds parts in bf16 or prepared parameters.
func (l *loaded) isPacked(b int) bool {
	for _, in := range l.pass {
		switch in.Op.(type) {
		case splitOp, prepareOp:
			if in.Out[0] == b {
				return true
			}
		case signOp:
			if in.Out[1] == b {
				return true
			}
		}
	}
	return false
}

// anyBad looks for a NaN or an infinity among float32 on the device.
func (r *Runner) anyBad(at int64, n int) (bool, error) {
	for n > 0 {
		chunk := min(n, r.piece/4)
		if err := r.fromDevice(at, 4*chunk, "look for a NaN or an infinity"); err != nil {
			return false, err
		}
		if kernels.FirstNonFinite(view[float32](r.staging, 0, chunk)) >= 0 {
			return true, nil
		}
		n, at = n-chunk, at+int64(4*chunk)
	}
	return false, nil
}

// anyBad64 does the same among float64.
func (r *Runner) anyBad64(at int64, n int) (bool, error) {
	for n > 0 {
		chunk := min(n, r.piece/8)
		if err := r.fromDevice(at, 8*chunk, "look for a NaN or an infinity"); err != nil {
			return false, err
		}
		for _, x := range view[float64](r.staging, 0, chunk) {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return true, nil
			}
		}
		n, at = n-chunk, at+int64(8*chunk)
	}
	return false, nil
}
