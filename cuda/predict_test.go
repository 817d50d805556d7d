package cuda

import (
	"math"
	"testing"

	"autoamp/train"
)

// program compiles the training step of the speed suite: the denoiser on a sparse Gaussian law.
func program(t *testing.T, c train.Config) *train.Programs {
	t.Helper()
	p, err := train.Compile(c.Earlier())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// h200 is the card of the predictions that are known.
func h200(t *testing.T) Card {
	t.Helper()
	card, known := CardOf("gpu:0: NVIDIA H200, 139.8 GiB, cuBLAS 12.4.5, fp32")
	if !known || card.Name != "h200" {
		t.Fatalf("card %+v", card)
	}
	return card
}

// graphOf is the graph of a step on an H200.
func graphOf(t *testing.T, c train.Config, replicas int, precision Precision) *model {
	t.Helper()
	l, err := newPlan(program(t, c).Train, precision)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newModel(l, replicas, precision, h200(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestCostByHand counts nodes, bytes and operations of a step by hand.
func TestCostByHand(t *testing.T) {
	const d, n, b, theta, prepared = 30, 21, 10, 6, 24 // prepared: a Denoiser, 12 float32 and 6 float64
	c := train.Config{Model: train.ModelConfig{Dim: d, Rate: 0.7}, Batch: b}
	const (
		sums   = 8 * (1 + theta) // of the loss and of θ's gradient, in one part
		ops    = 4*b*d + 4*(n*d+n*d+n) + 4*(2*b*n) + 4*(theta+prepared) + 4*(3*b*d+prepared) + sums + 4*(3*b*n) + 4*(3*n*d+n)
		end    = 2*sums + 4*7*2*n*d + 4*6*theta + 8*theta // Finish; Adam, which reads θ's gradient as a sum
		matmul = 3*(b*d+n*d+b*n) + 2*(b*n+d*n+b*d)
		// What the split precision adds: five matrices in two parts, and the code in one, instead of in float32. Rows
		// of parts are padded from 30 to 32 and from 21 to 24 numbers.
		split = 4*(b*d+b*32) + 4*(n*d+n*32) + 4*(d*n+d*24) + 4*(b*d+b*32) + 4*(b*n+b*24) + 2*b*24 - 4*b*n
		// x·Bᵀ, duᵀ·y, dzᵀ·x, y·Aᵀ and du·A, each with its number of terms
		halves = 3*(2*(b*d+n*d)+4*b*n) + 2*(2*(b*d+b*n)+4*d*n) + 3*(2*(b*n+b*d)+4*n*d) + 2*(2*(b*n+d*n)+4*b*d) + 3*(2*(b*d+d*n)+4*b*n)
	)
	for precision, want := range map[Precision]Prediction{
		FP32:  {Nodes: 14, Bytes: ops + end + 4*matmul, Flops: 5 * 2 * b * n * d},
		TF32:  {Nodes: 14, Bytes: ops + end + 4*matmul, Flops: 5 * 2 * b * n * d},
		Split: {Nodes: 27, Bytes: ops + end + split + halves, Flops: 13 * 2 * b * n * d},
	} {
		for _, replicas := range []int{1, 3} {
			got := graphOf(t, c, replicas, precision).predict()
			r := float64(replicas)
			if got.Nodes != want.Nodes || got.Bytes != r*want.Bytes || got.Flops != r*want.Flops {
				t.Errorf("%s, %d replicas: %d nodes, %g bytes, %g operations; want %d, %g, %g", precision, replicas,
					got.Nodes, got.Bytes, got.Flops, want.Nodes, r*want.Bytes, r*want.Flops)
			}
		}
	}
}

// TestPredictH200 compares times with those that a reading of the SASS and of the card's data led an expert to expect, by a model
// of his own, in milliseconds. He knew a step whose launches run one after another, without a launch for θ. With branches a step
// is faster.
func TestPredictH200(t *testing.T) {
	for _, c := range []struct {
		dim, batch, replicas int
		precision            Precision
		low, high            float64
	}{
		{100, 100, 1, FP32, 0.040, 0.060},
		{100, 100, 1, Split, 0.080, 0.105},
		{200, 128, 1, FP32, 0.045, 0.065},
		{100, 100, 64, FP32, 0.065, 0.090},
		{100, 100, 64, Split, 0.100, 0.130},
		{100, 100, 512, TF32, 0.250, 0.330},
		{100, 100, 512, Split, 0.400, 0.500},
		{784, 256, 1, FP32, 0.110, 0.160},
		{4096, 4096, 1, FP32, 12.3, 14.4},
		{4096, 4096, 1, TF32, 2.3, 2.8},
		{4096, 4096, 1, Split, 3.3, 3.9},
		{16384, 4096, 1, FP32, 190, 230},
		{16384, 4096, 1, Split, 48, 56},
		{32768, 4096, 1, TF32, 140, 170},
	} {
		m := graphOf(t, train.Config{Model: train.ModelConfig{Dim: c.dim}, Batch: c.batch}, c.replicas, c.precision)
		got := m.predict()
		m.costs = m.costs[1:]
		m.after = make([][]int, len(m.costs))
		for i := range m.after[1:] {
			m.after[i+1] = []int{i}
		}
		chain := m.time(typical)
		if chain < c.low || chain > c.high || got.Ms > chain || got.Ms < chain/2 || got.Low > got.Ms || got.Ms > got.High {
			t.Errorf("d = %d, batch %d × %d, %s: %.4g ms, with branches %.4g (%.4g to %.4g), expected %g to %g", c.dim, c.batch, c.replicas,
				c.precision, chain, got.Ms, got.Low, got.High, c.low, c.high)
		}
	}
}

// TestAuto chooses split for large models where tensor cores are many times faster than CUDA cores, which on an RTX 4090 they
// are not.
func TestAuto(t *testing.T) {
	for _, c := range []struct {
		card       string
		dim, batch int
		want       Precision
	}{
		{"h200", 100, 100, FP32}, {"h200", 1024, 512, Split}, {"h200", 4096, 4096, Split},
		{"a100", 100, 100, FP32}, {"a100", 784, 256, Split}, {"rtx4090", 100, 100, FP32}, {"rtx4090", 4096, 4096, FP32},
	} {
		card, _ := ParseCard(c.card)
		p := program(t, train.Config{Model: train.ModelConfig{Dim: c.dim}, Batch: c.batch}).Train
		got, err := Predict(p, 1, Auto, card)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Predict(p, 1, c.want, card)
		if err != nil || *got != *want || got.Precision != c.want {
			t.Errorf("%s, d = %d: %+v, want %+v, error %v", c.card, c.dim, got, want, err)
		}
		other, err := Predict(p, 1, map[Precision]Precision{FP32: Split, Split: FP32}[c.want], card)
		if err != nil || c.want == Split && other.Low <= got.Ms {
			t.Errorf("%s, d = %d: %g ms in %s, %g to %g in %s, error %v", c.card, c.dim, got.Ms, got.Precision, other.Low, other.High, other.Precision, err)
		}
	}
}

// TestNothingBeatsTheCard checks that no product is faster than the card's peak and no step faster than its memory.
func TestNothingBeatsTheCard(t *testing.T) {
	for _, card := range Cards() {
		for precision, peak := range map[Precision]float64{FP32: card.fp32, TF32: card.tf32, Split: card.bf16} {
			for _, dim := range []int{100, 1024, 16384} {
				p := program(t, train.Config{Model: train.ModelConfig{Dim: dim}, Batch: 1024})
				got, err := Predict(p.Train, 3, precision, card)
				if err != nil {
					t.Fatal(err)
				}
				if got.Flops/got.Low > peak*1e9 || got.Bytes/got.Low > card.memory*1e6 {
					t.Errorf("%s, %s, d = %d: %g ms for %g operations and %g bytes", card.Name, precision, dim, got.Low, got.Flops, got.Bytes)
				}
			}
		}
	}
}

// TestOneBlockByHand counts the cycles of a model that one block trains, and the waves of many.
func TestOneBlockByHand(t *testing.T) {
	p := program(t, train.Config{Model: train.ModelConfig{Dim: 100}, Batch: 100}).Train
	// Three products, 128 multiply-adds a cycle, 87 of 100 instructions; passes over 10,000 numbers of the batch and of the code, and
	// 20,000 weights.
	const products, passes = 3 * 100 * 100 * 100 / 128.0 / 0.87, (10000*(64+52) + 10000*18 + 20000*30) / 128.0
	// Two products with the code: two warps of a scheduler have 7 fragments each of 16 × 16, with 13 times eight columns, three times. Of
	// 989.4 Tflop/s at 1.98 GHz a tensor core has 473 multiply-adds a cycle, and with mma.sync 298.
	const issued, multiplied = 2 * 2 * 7 * (61 + 13*8), 2 * 2 * 7 * 13 * 3 * 16 * 16 * 8 / 297.6
	for replicas, waves := range map[int]float64{1: 1, 132: 1, 264: 2, 512: 4} {
		got, err := Predict(p, replicas, FP32, h200(t))
		if err != nil {
			t.Fatal(err)
		}
		want := waves * (products/0.82 + (passes+issued)/0.65 + multiplied/0.9) / 1.98e6
		if math.Abs(got.Ms/want-1) > 0.01 || got.Nodes != 1 || got.Bytes != float64(replicas*16*(2*100*100+6)) || got.Flops != float64(replicas*10e6) {
			t.Errorf("%d replicas: %+v, want %g ms", replicas, got, want)
		}
	}
	card, _ := ParseCard("rtx4090")
	if got, err := Predict(p, 512, FP32, card); err != nil || got.Nodes != 14 {
		t.Errorf("183 KiB in one block of an RTX 4090: %+v, error %v", got, err)
	}
	large := program(t, train.Config{Model: train.ModelConfig{Dim: 128}, Batch: 128}).Train
	if got, err := Predict(large, 1, FP32, h200(t)); err != nil || got.Nodes != 14 {
		t.Errorf("one model alone, which leaves 131 multiprocessors idle: %+v, error %v", got, err)
	}
}

// TestTiles divides batches into the fewest tiles that a card's shared memory holds, each of nearly one size.
func TestTiles(t *testing.T) {
	for _, c := range []struct {
		card              string
		dim, batch        int
		tile, rows, bytes int
	}{
		{"h200", 64, 100, 50, 64, 4*68*(2*64+2*64) + 2*72*64},
		{"h200", 100, 100, 100, 100, 4*100*(2*100+2*100) + 2*120*112},
		{"h200", 100, 128, 64, 100, 4*100*(2*100+2*100) + 2*120*112},
		{"h200", 65, 50, 50, 50, 4*100*(2*100+2*50) + 2*120*64},
		{"h200", 101, 128, 43, 48, 4 * 132 * (2*128 + 128)}, // a gradient is larger than a tile
		{"a100", 100, 100, 50, 50, 4*100*(2*100+2*50) + 2*120*64},
		{"a100", 128, 1, 0, 0, 0},
		{"rtx4090", 64, 128, 64, 64, 4*68*(2*64+2*64) + 2*72*64},
		{"rtx4090", 100, 1, 0, 0, 0},
	} {
		card, _ := ParseCard(c.card)
		l, err := newPlan(program(t, train.Config{Model: train.ModelConfig{Dim: c.dim}, Batch: c.batch}).Train, FP32)
		if err != nil {
			t.Fatal(err)
		}
		m := l.oneBlock().within(FP32, card.shared)
		if m == nil && c.tile == 0 {
			continue
		}
		if m == nil || m.tile != c.tile || m.rows() != c.rows || m.sharedBytes() != c.bytes {
			t.Errorf("%s, d = %d, batch %d: %+v, want tiles of %d in %d rows and %d bytes", c.card, c.dim, c.batch, m, c.tile, c.rows, c.bytes)
		}
		if l.oneBlock().within(Split, card.shared) != nil {
			t.Error("one block has no split products")
		}
	}
}

// TestUnknownCard has no constants for other devices.
func TestUnknownCard(t *testing.T) {
	for _, name := range []string{"", "h300", "H200"} {
		if card, known := ParseCard(name); known {
			t.Errorf("%q is %+v", name, card)
		}
	}
	if card, known := CardOf("gpu:0: Emulated GPU, 8.0 GiB, cuBLAS 11.0.0, fp32"); known {
		t.Errorf("the emulated device is %+v", card)
	}
}
