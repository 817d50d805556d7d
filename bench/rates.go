package bench

import (
	"context"
	"fmt"
	"slices"

	"autoamp/graph"
)

// ceilingMeter is an executor that can measure the best rates of its device: the bytes per second,
// read and written, of a large copy on the device, and the operations per second of a large product
// by the device's library in the arithmetic that the executor's products use.
type ceilingMeter interface {
	Ceilings(ctx context.Context) (copyBytes, productFlops float64, err error)
}

// flopCounter is an executor whose products do not take 2·m·n·k operations each. Flops counts the operations of a program's
// products.
type flopCounter interface {
	Flops(p *graph.Program) float64
}

// Ceilings is the best rates of a device.
type Ceilings struct {
	CopyGBs       float64 `json:"copy_gb_per_s"` // read and written
	ProductTFLOPS float64 `json:"product_tflops"`
}

// ceilings measures a device; zeros where the executor cannot.
func ceilings(ctx context.Context, exec graph.Executor) (Ceilings, error) {
	meter, ok := exec.(ceilingMeter)
	if !ok {
		return Ceilings{}, nil
	}
	bytes, flops, err := meter.Ceilings(ctx)
	return Ceilings{CopyGBs: bytes / 1e9, ProductTFLOPS: flops / 1e12}, err
}

// executedFlops counts the operations of one step's products as the executor does them.
func executedFlops(exec graph.Executor, p *graph.Program) float64 {
	if counter, ok := exec.(flopCounter); ok {
		return counter.Flops(p)
	}
	return p.Flops()
}

// work is the arithmetic and the traffic of one step of all replicas.
type work struct {
	flops       float64 // executed in products
	bytes       float64 // moved by all instructions, each once
	elementwise float64 // bytes moved by instructions other than products
}

func workOf(exec graph.Executor, p *graph.Program, replicas int) work {
	r := float64(replicas)
	return work{
		flops: r * executedFlops(exec, p), bytes: r * p.Traffic(), elementwise: r * withoutProducts(p).Traffic(),
	}
}

// Rates is the rates that follow from the time of a step. Zero is unknown.
type Rates struct {
	TFLOPS float64 `json:"tflops,omitempty"`   // of the products executed, over the whole step's time
	GBs    float64 `json:"gb_per_s,omitempty"` // the bytes that all instructions move, over the time of the whole step
	// ProductTFLOPS is the rate of the products in the step's time without the elementwise passes.
	// ProductShare is its share of the rate of a large product.
	ProductTFLOPS float64 `json:"product_tflops,omitempty"`
	ProductShare  float64 `json:"product_share,omitempty"`
	// ElementwiseMs is the time of the step without its products. ElementwiseGBs is the rate at which that step
	// moves bytes. CopyShare is its share of the rate of a large copy.
	ElementwiseMs  float64 `json:"elementwise_ms,omitempty"`
	ElementwiseGBs float64 `json:"elementwise_gb_per_s,omitempty"`
	CopyShare      float64 `json:"copy_share,omitempty"`
}

// rates divides work by the milliseconds of a step and of its elementwise passes, 0 if unknown.
func (w work) rates(ms, elementwiseMs float64, c Ceilings) Rates {
	r := Rates{TFLOPS: w.flops / ms / 1e9, GBs: w.bytes / ms / 1e6}
	if elementwiseMs > 0 {
		r.ElementwiseMs, r.ElementwiseGBs = elementwiseMs, w.elementwise/elementwiseMs/1e6
	}
	if elementwiseMs > 0 && ms > elementwiseMs {
		r.ProductTFLOPS = w.flops / (ms - elementwiseMs) / 1e9
	}
	if c.CopyGBs > 0 {
		r.CopyShare = r.ElementwiseGBs / c.CopyGBs
	}
	if c.ProductTFLOPS > 0 {
		r.ProductShare = r.ProductTFLOPS / c.ProductTFLOPS
	}
	return r
}

// withoutProducts is a step without matrix products. The caller writes each product to an input
// "product.i", and the instructions that used a product read that input. All other instructions
// stay as they are.
func withoutProducts(p *graph.Program) *graph.Program {
	q := *p
	q.Buffers, q.Instrs = slices.Clone(p.Buffers), nil
	inputs := map[int]int{} // product → its input, until the buffer is written again
	for _, in := range p.Instrs {
		if _, product := in.Op.(graph.MatMul); product {
			out := q.Buffers[in.Out[0]]
			inputs[in.Out[0]] = len(q.Buffers)
			q.Buffers = append(q.Buffers, graph.Buffer{Name: fmt.Sprintf("product.%d", len(q.Buffers)), Shape: out.Shape, Kind: graph.Input})
			continue
		}
		read := slices.Clone(in.In)
		for i, b := range read {
			if input, ok := inputs[b]; ok {
				read[i] = input
			}
		}
		in.In = read
		for _, b := range in.Out {
			delete(inputs, b)
		}
		q.Instrs = append(q.Instrs, in)
	}
	return &q
}
