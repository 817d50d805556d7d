//go:build gpu

package cuda

import (
	"fmt"
	"strings"
	"testing"

	"autoamp/graph"
	"autoamp/kernels"
)

// TestNormal compares the draws of initial weights and noise with the CPU's: values within 4 ulp.
func TestNormal(t *testing.T) {
	r := newRig(t)
	for _, n := range lengths {
		const stream, step, std = 6, 1<<32 + 3, 0.7
		states, s := r.replicas(step)
		x := r.empty(n)
		r.launch("Normal", ceil(n, 2048), [2]int{256, 1}, x, int64(n), float32(std), uint32(stream), states)
		for i, got := range r.read(x, n) {
			want := make([]float32, n)
			kernels.Normal(want, 0, std, kernels.Stream{Seed: s[i].seed, Stream: stream, Step: step})
			r.same("Normal", got, want, 4*ulp, 0)
		}
	}
}

// TestSampleCodes covers supports of one, of a whole row, and of more entries than a warp has lanes.
func TestSampleCodes(t *testing.T) {
	r := newRig(t)
	for _, s := range [][3]int{{1, 1, 1}, {17, 3, 2}, {9, 40, 1}, {8, 40, 40}, {100, 33, 33}, {21, 500, 97}, {3, 64, 32}} {
		for _, signed := range []bool{false, true} {
			rows, cols, law := s[0], s[1], kernels.CodeLaw{Support: s[2], Lo: 0.5, Hi: 1.7, Signed: signed}
			const stream, step = 3, 1<<40 + 1
			states, seeds := r.replicas(step)
			x := r.empty(rows * cols)
			r.launch("SampleCodes", ceil(rows, 8), [2]int{256, 1}, x, int32(rows), int32(cols), int32(law.Support), float32(law.Lo),
				float32(law.Hi-law.Lo), number(signed), uint32(stream), states)
			for i, got := range r.read(x, rows*cols) {
				want := make([]float32, rows*cols)
				kernels.SampleCodes(want, cols, 0, law, kernels.Stream{Seed: seeds[i].seed, Stream: stream, Step: step})
				r.same(fmt.Sprint("codes ", s), got, want, 0, 0)
			}
		}
	}
}

// TestGather draws from a data set that both replicas share, one of them without a mask.
func TestGather(t *testing.T) {
	r := newRig(t)
	for _, s := range [][3]int{{1, 1, 1}, {17, 5, 3}, {64, 33, 100}, {33, 1, 7}, {3, 2049, 1000}, {300, 784, 50}} { // batch, cols, rows
		for _, inOrder := range []bool{false, true} {
			batch, cols, rows := s[0], s[1], s[2]
			const stream, step = 4, 1<<33 + 9
			states, seeds := r.replicas(step)
			data := numbers(rows*cols, 1, false)
			sparsity := []float64{1, 0.3}
			var laws []lawConstants
			for _, p := range sparsity {
				limit, scale, mean := kernels.Law{Kind: kernels.SparseRademacher, P: p}.Constants()
				laws = append(laws, lawConstants{limit, scale, mean})
			}
			from, x, n := r.tensor(data), r.empty(batch*cols), batch*cols
			from.stride = 0
			var table []byte
			for _, law := range laws {
				table = append(append(table, r.encode(law.limit)...), r.encode([]float32{law.scale, law.mean})...)
			}
			r.launch("Gather", ceil(n, 2048), [2]int{256, 1}, x, from, int64(rows), int32(batch), int32(cols), number(inOrder), uint32(stream),
				states, r.place(table))
			for i, got := range r.read(x, n) {
				want := make([]float32, n)
				draw := kernels.Draw{Rows: rows, Cols: cols, Batch: batch, InOrder: inOrder}
				kernels.Gather(want, data, 0, draw, sparsity[i], kernels.Stream{Seed: seeds[i].seed, Stream: stream, Step: step})
				r.same(fmt.Sprintf("gather %v, p = %g", s, sparsity[i]), got, want, 0, 0)
			}
		}
	}
}

// gatherProgram is a plan that draws a batch of 10 from a data set. The plan has the data set's name and its kind of buffer.
func gatherProgram(t *testing.T, rows int, kind graph.Kind) *plan {
	t.Helper()
	data := graph.Buffer{Name: "rows", Kind: kind, Shape: []int{rows, 64}}
	x := graph.Buffer{Name: "x", Kind: graph.Kept, Shape: []int{10, 64}}
	loss := graph.Buffer{Name: "loss", Kind: graph.Reduction, Shape: []int{1}}
	l, err := newPlan(&graph.Program{Buffers: []graph.Buffer{data, x, loss}, Loss: 2, Instrs: []graph.Instr{
		{Op: graph.Gather{Data: "rows", Rows: rows}, In: []int{0}, Out: []int{1}}, {Op: graph.Dot{}, In: []int{1, 1}, Out: []int{2}},
	}}, FP32)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestDataIsShared checks that replicas have one data set, and batches of their own.
func TestDataIsShared(t *testing.T) {
	const rows = 4096
	l := gatherProgram(t, rows, graph.Data)
	one, err := newMemory([]*plan{l}, 1)
	if err != nil {
		t.Fatal(err)
	}
	three, err := newMemory([]*plan{l}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if more := three.keptBytes - one.keptBytes; more != 2*4*10*64 {
		t.Errorf("two more replicas take %d bytes more, want those of two batches, %d", more, 2*4*10*64)
	}
	if got := three.kept["rows"].stride(); got != 0 {
		t.Errorf("the data sets of two replicas lie %d numbers apart", got)
	}
	for want, other := range map[string]*plan{
		"is a data set in one program": gatherProgram(t, rows, graph.Input), "elements in two programs": gatherProgram(t, 5, graph.Data),
	} {
		if _, err := newMemory([]*plan{l, other}, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
