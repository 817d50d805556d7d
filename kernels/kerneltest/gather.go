package kerneltest

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"testing"

	"autoamp/graph"
	"autoamp/kernels"
)

// testGather checks batches drawn from a data set against their definition, number by number:
// replicas that share the data, with and without a mask, several steps, drawn and in order.
func testGather(t *testing.T, exec graph.Executor) {
	const steps, first = 3, 1<<33 + 5
	replicas := []graph.Replica{{Seed: 1, P: 1}, {Seed: 2, P: 0.3}, {Seed: 1 << 40, P: 0.3}}
	for _, size := range [][3]int{{1, 1, 1}, {17, 3, 5}, {64, 100, 33}, {3, 1000, 64}} { // b, rows, d
		for _, inOrder := range []bool{false, true} {
			b, rows, d := size[0], size[1], size[2]
			t.Run(fmt.Sprintf("b=%d/rows=%d/d=%d/in-order=%t", b, rows, d, inOrder), func(t *testing.T) {
				g := graph.Gather{Data: "rows", Rows: rows, Stream: 1, InOrder: inOrder}
				c := graph.Config{Model: "shallow", Batch: b, Code: 2, Dim: d, Encoder: "haar"}
				r := load(t, exec, replicas, compile(t, build(t, c), graph.Options{Gather: &g, Keep: []string{"x"}}))
				data := make([]float32, rows*d)
				kernels.Normal(data, 0, 1, kernels.Stream{Seed: 7})
				write(t, r, 0, values{"rows": data})
				if err := r.Run(0, first, steps, make([]float64, steps*len(replicas))); err != nil {
					t.Fatal(err)
				}
				for i, rep := range replicas {
					want := drawn(g, rep, data, b, d, first+steps-1)
					if got := read(t, r, i, "x", b*d); !slices.Equal(got, want) {
						t.Errorf("replica %d: batch\n%v, want\n%v", i, got, want)
					}
				}
			})
		}
	}
}

// testGatherNotFinite checks that a NaN in a data set is found in the batch that drew it, and not where nobody did.
func testGatherNotFinite(t *testing.T, exec graph.Executor) {
	const b, rows, d = 4, 8, 5
	c := graph.Config{Model: "shallow", Batch: b, Code: 2, Dim: d, Encoder: "haar"}
	g := graph.Gather{Data: "rows", Rows: rows, Stream: 1, InOrder: true}
	r := load(t, exec, []graph.Replica{{Seed: 1, P: 1}}, compile(t, build(t, c), graph.Options{Gather: &g}))
	at := draw(build(t, c), 2)
	delete(at, "x")
	write(t, r, 0, at)
	data := make([]float32, rows*d)
	data[6*d] = float32(math.NaN()) // in the second of two batches
	write(t, r, 0, values{"rows": data})
	loss := make([]float64, 1)
	if err := r.Run(0, 0, 1, loss); err != nil {
		t.Errorf("a batch without the NaN: %v", err)
	}
	var bad *graph.NonFiniteError
	if err := r.Run(0, 1, 1, loss); !errors.As(err, &bad) || bad.Step != 1 || bad.Tensor != "x" {
		t.Errorf("a batch with the NaN: error %v, want one that names x in step 1", err)
	}
}

// drawn is the batch of a step, from the words of Philox.
func drawn(g graph.Gather, rep graph.Replica, data []float32, b, d int, step uint64) []float32 {
	key := [2]uint32{uint32(rep.Seed), uint32(rep.Seed >> 32)}
	words := func(counter, stream uint32) [4]uint32 {
		return kernels.Philox([4]uint32{counter, stream, uint32(step), uint32(step >> 32)}, key)
	}
	x := make([]float32, 0, b*d)
	for i := range b {
		w := words(uint32(i), g.Stream|1<<31)
		k, _ := bits.Mul64(uint64(w[1])<<32|uint64(w[0]), uint64(g.Rows))
		if g.InOrder {
			k = (step%uint64(g.Rows)*uint64(b) + uint64(i)) % uint64(g.Rows)
		}
		for j := range d {
			e := i*d + j // lane e mod 16 of block ⌊e/32⌋, words 2 and 3 for its halves
			w := words(uint32(e/32*16+e%16), g.Stream)[2+e/16%2]
			mask := float32(0)
			if float64(w>>1) < math.Round(rep.P*(1<<31)) {
				mask = float32(1 / math.Sqrt(rep.P))
			}
			x = append(x, mask*data[int(k)*d+j])
		}
	}
	return x
}

// testHalves checks that the decoder alone, given the code, returns the bits of the whole model's
// output, and that the code is ±1. The code of tied is real numbers and is not checked for ±1.
func testHalves(t *testing.T, exec graph.Executor) {
	for _, c := range configs(t) {
		c.Batch, c.Code, c.Dim = 33, 18, 20
		whole := compile(t, build(t, c), graph.Options{Keep: []string{graph.Code, graph.Output}})
		decoder := compile(t, build(t, c), graph.Options{FromCode: true, Keep: []string{graph.Output}})
		r := load(t, exec, []graph.Replica{{Seed: 4}}, whole)
		half := load(t, exec, []graph.Replica{{Seed: 9}}, decoder)
		at := draw(build(t, c), 3)
		write(t, r, 0, at)
		x := at["x"]
		delete(at, "x")
		write(t, half, 0, at)
		loss := make([]float64, 1)
		if err := r.Run(0, 6, 1, loss); err != nil {
			t.Fatal(err)
		}
		code, want := read(t, r, 0, graph.Code, 33*18), read(t, r, 0, graph.Output, 33*20)
		if c.Model != "tied" && slices.ContainsFunc(code, func(z float32) bool { return z != 1 && z != -1 }) {
			t.Errorf("%+v: the code is %v", c, code)
		}
		write(t, half, 0, values{graph.Code: code, "x": x})
		halfLoss := make([]float64, 1)
		if err := half.Run(0, 0, 1, halfLoss); err != nil {
			t.Fatal(err)
		}
		if got := read(t, half, 0, graph.Output, 33*20); !slices.Equal(got, want) || halfLoss[0] != loss[0] {
			t.Errorf("%+v: the decoder alone returns other numbers, loss %v, want %v", c, halfLoss[0], loss[0])
		}
	}
}
