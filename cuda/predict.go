package cuda

import (
	"math"
	"slices"

	"autoamp/graph"
)

// Prediction is the modelled cost of a training step of all replicas. Nothing in it is measured.
type Prediction struct {
	// Precision is the one that was asked for, or the one that Auto chose.
	Precision Precision
	Nodes     int     // launches of the step's CUDA graph; 1 where one block runs steps whole, many in one launch
	Bytes     float64 // that all launches read and write, every operand once
	Flops     float64 // that the matrix products execute
	// Ms is the time of the step in milliseconds. Low and High are the times of a card that is closer to its peaks, and of one
	// that is farther from them.
	Ms, Low, High float64
}

// Predict models the time of one step of a program on a card.
//
// The model is a roofline with launches. A kernel takes the time of its bytes or that of its instructions, and a product the time
// of its bytes or that of its tiles, whichever is longer; no launch is shorter than one block alone, and there is a gap between
// one launch and the next. A product is cut into tiles, one for each multiprocessor at a time, and cuBLAS chooses the tile that is
// fastest. A graph of steps takes as long as its longest chain of launches that wait for each other, or as the work of all
// launches, whichever is longer. Caches are left out: a model that fits into the L2 cache may be faster.
//
// A model that one block trains (see train.cu) takes the multiprocessor's cycles for the instructions of its products and of its
// passes over batch and weights, and the time of tensor cores on top, as if nothing else were issued meanwhile. The multiprocessors share
// the replicas out.
func Predict(p *graph.Program, replicas int, precision Precision, c Card) (*Prediction, error) {
	if precision == Auto {
		var err error
		if precision, err = choose(p, c); err != nil {
			return nil, err
		}
	}
	l, err := newPlan(p, precision)
	if err != nil {
		return nil, err
	}
	_, r, err := fastest(l, replicas, precision, c)
	return r, err
}

// fastest is the cost of the way to run a step that takes less time: one block, or for a block of nil the graph.
func fastest(l *plan, replicas int, precision Precision, c Card) (*oneBlock, *Prediction, error) {
	m, err := newModel(l, replicas, precision, c)
	if err != nil {
		return nil, nil, err
	}
	r := m.predict()
	b := l.oneBlock().within(precision, c.shared)
	if b == nil {
		return nil, r, nil
	}
	whole := &Prediction{Precision: precision, Nodes: 1, Bytes: float64(replicas) * l.momentBytes(b), Flops: r.Flops}
	whole.Ms, whole.Low, whole.High = typical.oneBlock(b, whole, m), quick.oneBlock(b, whole, m), slow.oneBlock(b, whole, m)
	if r.Ms < whole.Ms {
		return nil, r, nil
	}
	return b, whole, nil
}

// model is a graph of steps on a card.
type model struct {
	replicas  int
	precision Precision
	card      Card
	costs     [][]cost // of the nodes of one step
	after     [][]int  // the nodes that a node of the graph waits for
}

func newModel(l *plan, replicas int, precision Precision, c Card) (*model, error) {
	m := &model{replicas: replicas, precision: precision, card: c, after: branch(l.nodesOf(graphSteps)).after}
	for _, n := range l.nodes() {
		costs, err := l.costs(n)
		if err != nil {
			return nil, err
		}
		m.costs = append(m.costs, costs)
	}
	return m, nil
}

// predict is the cost of one step.
func (m *model) predict() *Prediction {
	r := &Prediction{Precision: m.precision, Ms: m.time(typical), Low: m.time(quick), High: m.time(slow)}
	for _, launch := range slices.Concat(m.costs...) {
		r.Nodes++
		r.Bytes += float64(m.replicas) * launch.bytes
		r.Flops += float64(m.replicas) * launch.product.flops()
	}
	return r
}

// time is the milliseconds of one step.
func (m *model) time(a assumptions) float64 {
	var work, longest float64
	ends := make([]float64, len(m.after))
	for i, after := range m.after {
		for _, j := range after {
			ends[i] = max(ends[i], ends[j])
		}
		for _, c := range m.costs[i%len(m.costs)] {
			w := a.work(c, m)
			work += w
			ends[i] += a.gap + max(a.least, w)
		}
		longest = max(longest, ends[i])
	}
	return max(work, longest) / float64(len(m.after)/len(m.costs))
}

// assumptions are what a card makes of its peaks. They are to be replaced by measurements when a card is at hand.
type assumptions struct {
	gap   float64 // ms from the end of a launch to the beginning of the next one within a graph
	least float64 // ms of a launch that has nearly nothing to do: one block gets its operands and puts its result away
	copy  float64 // share of the memory's peak
	cuda  float64 // share of the peak of CUDA cores in a product
	// tensor is the share of the peak of tensor cores. They run into the power limit before they reach it.
	tensor float64
	issue  float64 // share of the instructions that a multiprocessor can issue, four a cycle
	block  float64 // the same in the products of train.cu, one block on a multiprocessor
	sync   float64 // share of what mma.sync can do in such a block, whose warps wait for operands and for sums
}

var (
	quick   = assumptions{gap: 1.5e-3, least: 1.5e-3, copy: 0.92, cuda: 0.95, tensor: 0.80, issue: 0.75, block: 0.92, sync: 1.0}
	typical = assumptions{gap: 2.0e-3, least: 2.0e-3, copy: 0.80, cuda: 0.88, tensor: 0.68, issue: 0.65, block: 0.82, sync: 0.9}
	slow    = assumptions{gap: 2.5e-3, least: 2.2e-3, copy: 0.65, cuda: 0.75, tensor: 0.55, issue: 0.50, block: 0.65, sync: 0.7}
)

// work is the milliseconds of a launch that has the card for itself.
func (a assumptions) work(c cost, m *model) float64 {
	bytes := float64(m.replicas) * c.bytes / (a.copy * m.card.memory * 1e6)
	if c.product != nil {
		return max(bytes, a.tiles(*c.product, m))
	}
	// One instruction is for the 32 threads of a warp.
	instructions := float64(m.replicas) * c.threads / 32 * c.each / (a.issue * 4 * m.card.sms * m.card.clock * 1e6)
	return max(bytes, instructions)
}

// tile is the part of a product that a multiprocessor computes at a time. A small tile reads its operands more often for each
// operation: share is the part of the peak that is left to it. CUTLASS's profiler shows such shares.
type tile struct{ rows, cols, share float64 }

var tileSizes = []tile{{128, 256, 1}, {128, 128, 1}, {128, 64, 0.85}, {64, 64, 0.7}, {64, 32, 0.5}, {32, 32, 0.35}}

// ramp is the inner size whose products take as long as the beginning and the end of a tile, in which nothing is multiplied.
const ramp = 48

// tiles is the milliseconds of a product's tiles, by the fastest choice of a tile.
func (a assumptions) tiles(p product, m *model) float64 {
	peak, share := m.card.fp32, a.cuda
	switch m.precision {
	case TF32:
		peak, share = m.card.tf32, a.tensor
	case Split:
		peak, share = m.card.bf16, a.tensor
	}
	best := math.Inf(1)
	for _, t := range tileSizes {
		waves := math.Ceil(float64(m.replicas) * math.Ceil(float64(p.m)/t.rows) * math.Ceil(float64(p.n)/t.cols) / m.card.sms)
		flops := 2 * t.rows * t.cols * (float64(p.k) + ramp)
		best = min(best, waves*flops*m.card.sms/(share*t.share*peak*1e9))
	}
	return best
}

// What train.cu issues, by nvcc's instructions for sm_90: the share of multiply-adds in the loops of its products, and the
// instructions for a number of the batch (64 draw it, 52 put the estimate away and compute the denoiser, its gradient and their sums), of
// the code, and of a weight (Adam, norms and projection). In products with the code a warp has so many instructions for a fragment of
// 16 × 16 numbers, which it splits in three, and for each eight columns that the fragment is multiplied with.
const (
	multiplyAdds = 0.87
	perDatum     = 64 + 52
	perCode      = 18
	perWeight    = 30
	perFragment  = 61
	perCodeBlock = 8
)

// warps is the number of warps of a scheduler: a block has eight, and a multiprocessor four schedulers with a tensor core each.
const warps = 2

// oneBlock is the milliseconds of a step of all replicas in train.cu.
func (a assumptions) oneBlock(b *oneBlock, r *Prediction, m *model) float64 {
	lanes := m.card.fp32 * 1e3 / (2 * m.card.sms * m.card.clock) // multiply-adds a cycle of a multiprocessor
	cycles := b.multiplyAdds() / multiplyAdds / lanes / a.block
	cycles += float64(b.batch*(perDatum*b.d+perCode*b.n)+2*perWeight*b.d*b.n) / (4 * 32) / a.issue
	fragments, blocks := b.fragments()
	cycles += warps * (perFragment*fragments + perCodeBlock*blocks) / a.issue
	tensor := a.sync * m.card.sync * m.card.bf16 * 1e3 / (2 * m.card.sms * m.card.clock) / 4 // multiply-adds a cycle of a tensor core
	cycles += warps * blocks * codeParts * fragment * fragment * codeBlock / tensor
	models := math.Ceil(float64(m.replicas) / m.card.sms)
	return max(models*cycles/(m.card.clock*1e6), r.Bytes/(a.copy*m.card.memory*1e6))
}

// codeParts is the number of bf16 that a factor of the code is split into.
const codeParts = 3

// multiplyAdds is the number of multiply-adds of a step on CUDA cores: one or two products of whole tiles, and a gradient whose inner
// index is the batch.
func (m *oneBlock) multiplyAdds() float64 {
	side, products, gradients := m.shape().side, 1, 0
	if m.encoder.m >= 0 {
		products, gradients = 2, 1
	}
	return float64(side * (ceil(m.batch, m.tile)*m.rows()*products*m.d + gradients*m.batch*side))
}

// fragments is what each warp multiplies on tensor cores in a step, whether it is needed or not: fragments of a weight and of the
// batch, and for each of them the blocks of the code.
func (m *oneBlock) fragments() (fragments, blocks float64) {
	s := m.shape()
	share := warps * 4 / ceil(s.side, fragment) // warps of a strip of 16 rows
	add := func(count, columns int) {
		fragments += float64(count)
		blocks += float64(count * (ceil(columns, codeBlock) / share))
	}
	for first := 0; first < m.batch; first += m.tile {
		add(ceil(m.n, fragment), m.rows())
		add(ceil(min(m.tile, m.batch-first), fragment), s.side)
	}
	return fragments, blocks
}
