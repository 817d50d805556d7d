package rotation

import (
	"math"
	"math/bits"
	"slices"

	"autoamp/kernels"
)

// hadamard is the fast rotation, with m = max(n, d):
//
//	B = √max(1, r) · D₀·P · R₃·R₂·R₁ · E
//
// E (m, d) appends zeros, P (n, m) takes n rows at random, D₀ is diagonal with random signs. A round R is H·D on a window of the
// vector: D has random signs, H is the orthonormal Walsh–Hadamard transform of the window. Where m is a power of two the window is
// all of it. Otherwise a round has two windows, of the largest power of two below m, at the two ends, so that they overlap.
//
// For r > 1 the padding makes B an n-dimensional rotation restricted to d columns: its columns are orthogonal, as those of a
// Haar encoder are. Independent rotations one above the other would not have the flat spectrum of the theory unless r is whole.
//
// Source: Ailon and Chazelle 2009, "The fast Johnson–Lindenstrauss transform"; three rounds: Andoni and others 2015, "Practical and
// optimal LSH for angular distance".
type hadamard struct {
	n, d, m int
	windows []window
	picked  []int32   // rows that P takes, in order; nil for all of them
	last    []float32 // √max(1, r)·D₀ (n)
}

// rounds is the number of rounds of New, maxRounds the largest of NewRounds.
const (
	rounds    = 3
	maxRounds = 16
)

// window is one half of a round.
type window struct {
	start int
	signs []float32 // D/√length
}

func newHadamard(s Spec, rounds int) *hadamard {
	h := &hadamard{n: s.Bits, d: s.Dim, m: max(s.Bits, s.Dim)}
	length := 1 << (bits.Len(uint(h.m)) - 1)
	for round := range rounds {
		h.windows = append(h.windows, newWindow(0, length, s.Seed, 2*round))
		if length < h.m {
			h.windows = append(h.windows, newWindow(h.m-length, length, s.Seed, 2*round+1))
		}
	}
	h.last = make([]float32, h.n)
	fillSigns(h.last, math.Sqrt(math.Max(1, float64(h.n)/float64(h.d))), s.Seed, lastStream)
	if h.n < h.m {
		h.picked = pick(h.n, h.m, s.Seed)
	}
	return h
}

func newWindow(start, length int, seed uint64, number int) window {
	w := window{start, make([]float32, length)}
	fillSigns(w.signs, 1/math.Sqrt(float64(length)), seed, uint32(number))
	return w
}

// The streams of a rotation's random words; the windows have the numbers below.
const (
	lastStream = 1<<16 + iota
	pickStream
)

// words returns the random words of a counter.
func words(seed uint64, stream uint32, counter int) [4]uint32 {
	return kernels.Philox([4]uint32{uint32(counter), stream, 0, 0}, [2]uint32{uint32(seed), uint32(seed >> 32)})
}

// fillSigns writes ±size: the sign of element i is bit i mod 128 of counter i/128.
func fillSigns(dst []float32, size float64, seed uint64, stream uint32) {
	var w [4]uint32
	for i := range dst {
		if i%128 == 0 {
			w = words(seed, stream, i/128)
		}
		dst[i] = float32(size)
		if w[i/32%4]>>(i%32)&1 == 1 {
			dst[i] = -dst[i]
		}
	}
}

// pick draws n of the numbers below m, in order, by the first n steps of a shuffle.
func pick(n, m int, seed uint64) []int32 {
	all := make([]int32, m)
	for i := range all {
		all[i] = int32(i)
	}
	for i := range n {
		w := words(seed, pickStream, i)
		k, _ := bits.Mul64(uint64(w[1])<<32|uint64(w[0]), uint64(m-i))
		all[i], all[i+int(k)] = all[i+int(k)], all[i]
	}
	slices.Sort(all[:n])
	return all[:n:n]
}

func (h *hadamard) newWorker() Worker { return &hadamardWorker{h, make([]float32, h.m)} }

// hadamardWorker has room for a row of length m.
type hadamardWorker struct {
	*hadamard

	room []float32
}

func (w *hadamardWorker) Forward(dst, x []float32) {
	for ; len(x) > 0; dst, x = dst[w.n:], x[w.d:] {
		w.forward(dst[:w.n], x[:w.d])
	}
}

func (w *hadamardWorker) forward(dst, x []float32) {
	v := dst
	if w.picked != nil {
		v = w.room
	}
	clear(v[copy(v, x):])
	for _, round := range w.windows {
		part := v[round.start:][:len(round.signs)]
		kernels.Mul(part, part, round.signs)
		kernels.Hadamard(part)
	}
	for i, from := range w.picked {
		dst[i] = v[from]
	}
	kernels.Mul(dst, dst, w.last)
}

func (w *hadamardWorker) Back(dst, z []float32) {
	for ; len(z) > 0; dst, z = dst[w.d:], z[w.n:] {
		w.back(dst[:w.d], z[:w.n])
	}
}

func (w *hadamardWorker) back(dst, z []float32) {
	v := dst
	if w.d < w.m {
		v = w.room
	}
	if w.picked == nil {
		kernels.Mul(v, z, w.last)
	} else {
		clear(v)
		for i, to := range w.picked {
			v[to] = z[i] * w.last[i]
		}
	}
	for _, round := range slices.Backward(w.windows) {
		part := v[round.start:][:len(round.signs)]
		kernels.Hadamard(part)
		kernels.Mul(part, part, round.signs)
	}
	if w.d < w.m {
		copy(dst, v)
	}
}
