package cuda

import "autoamp/graph"

// A step of a small model is short: its launches take longer than their work, and cuBLAS has nothing to do. Where a program is
// the training of a shallow autoencoder whose weights fit into the shared memory of one multiprocessor, train.cu runs its steps
// whole, many in one launch, and replicas fill the device.

// largestOneBlock bounds d, n and the batch of such a model.
const largestOneBlock = 128

// oneBlock is a program as train.cu runs it: the buffers of the weights, and what their ops say.
type oneBlock struct {
	encoder, decoder, theta trained
	batch, d, n             int
	sample                  graph.Sample
	family                  graph.Family // 0: none
	tau                     float64
	tile                    int // rows of the batch that it has in shared memory at a time; 0 before within
}

// trained is a weight with its moments, as buffers; −1 where there are none.
type trained struct{ w, m, v int }

// oneBlock recognises the program. It is nil where train.cu does something else.
func (l *plan) oneBlock() *oneBlock {
	u := l.update
	if u == nil || u.Rule != graph.Adam || len(l.sums.norms) > 0 || len(l.decays) > 0 {
		return nil
	}
	r := recogniser{plan: l, rest: l.pass, ok: true}
	m := r.model()
	if !r.ok || len(r.rest) > 0 || max(m.d, m.n, m.batch) > largestOneBlock {
		return nil
	}
	for _, in := range l.projections {
		r.ok = r.ok && in.In[0] == m.encoder.w
	}
	if !r.ok {
		return nil
	}
	return &m
}

// recogniser takes the instructions of a pass one by one, as long as each is the one that train.cu runs there.
type recogniser struct {
	*plan
	rest  []graph.Instr
	ok    bool
	steps int
}

// is reports whether the next instruction has an op of this type.
func is[T graph.Kernel](r *recogniser) bool {
	if len(r.rest) == 0 {
		return false
	}
	_, same := r.rest[0].Op.(T)
	return same
}

// take takes the next instruction: an op that suits, which reads these buffers and writes so many.
func take[T graph.Kernel](r *recogniser, suits func(op T) bool, outs int, in ...int) (op T, out []int) {
	if !r.ok || !is[T](r) || len(r.rest[0].Out) != outs {
		r.ok = false
		return op, make([]int, outs)
	}
	next := r.rest[0]
	op, r.rest = next.Op.(T), r.rest[1:]
	for i, b := range in {
		r.ok = r.ok && i < len(next.In) && (b < 0 || next.In[i] == b)
	}
	r.ok = r.ok && (suits == nil || suits(op))
	return op, next.Out
}

// input is the k-th input of the next instruction.
func (r *recogniser) input(k int) int {
	if len(r.rest) == 0 || k >= len(r.rest[0].In) {
		r.ok = false
		return -1
	}
	return r.rest[0].In[k]
}

// multiplies suits products without accumulation.
func multiplies(transA, transB bool) func(op graph.MatMul) bool {
	return func(op graph.MatMul) bool { return op.TransA == transA && op.TransB == transB && !op.Accumulate }
}

// model takes the whole pass.
func (r *recogniser) model() oneBlock {
	var m oneBlock
	theta, prepared := -1, -1
	if is[prepareOp](r) {
		theta = r.input(0)
		_, out := take[prepareOp](r, nil, 1, theta)
		prepared = out[0]
	}
	var x []int
	m.sample, x = take[graph.Sample](r, nil, 1)
	encoder, w, inv := -1, -1, -1
	learns := is[graph.RowNormalize](r)
	if learns {
		w = r.input(0)
		_, out := take[graph.RowNormalize](r, nil, 2, w)
		encoder, inv = out[0], out[1]
	} else {
		encoder = r.input(1)
		w = encoder
	}
	_, z := take(r, multiplies(false, true), 1, x[0], encoder)
	sign, code := take[graph.SignSTE](r, nil, 1, z[0])
	decoder := r.input(1)
	_, u := take(r, multiplies(false, true), 1, code[0], decoder)
	du, dtheta := -1, -1
	if prepared >= 0 {
		op, out := take(r, func(op graph.DenoiseMSE) bool { return op.Backward && isSmooth(op.Family) }, 3, u[0], x[0], prepared)
		m.family, du, dtheta = op.Family, out[1], out[2]
	} else {
		_, out := take[graph.MSEGrad](r, nil, 2, u[0], x[0])
		du = out[0]
	}
	dw := -1
	if learns {
		_, ds := take(r, multiplies(false, false), 1, du, decoder)
		_, dz := take(r, func(op graph.SignGrad) bool { return op.Tau == sign.Tau }, 1, ds[0], z[0])
		_, db := take(r, multiplies(true, false), 1, dz[0], x[0])
		_, out := take[graph.RowNormalizeGrad](r, nil, 1, db[0], encoder, inv)
		dw = out[0]
	}
	_, da := take(r, multiplies(true, false), 1, du, code[0])
	if !r.ok {
		return m
	}
	m.tau, m.batch, m.d, m.n = sign.Tau, r.Buffers[x[0]].Rows(), r.Buffers[x[0]].Cols(), r.Buffers[w].Rows()
	m.encoder, m.decoder, m.theta = trained{w, -1, -1}, r.trained(decoder, da[0]), trained{-1, -1, -1}
	if learns {
		m.encoder = r.trained(w, dw)
	}
	if theta >= 0 {
		m.theta = r.trained(theta, dtheta)
	}
	r.ok = r.ok && r.steps == len(r.plan.steps)
	return m
}

// isSmooth reports whether a family is one of family.cuh.
func isSmooth(f graph.Family) bool {
	_, _, spline := f.Knots()
	return !spline
}

// trained takes the update of a weight by a gradient.
func (r *recogniser) trained(w, gradient int) trained {
	for _, in := range r.plan.steps {
		if in.In[0] == w && in.In[1] == gradient {
			r.steps++
			return trained{w, in.In[2], in.In[3]}
		}
	}
	r.ok = false
	return trained{}
}

// blockShape is a kernel of train.cu and how its threads share matrices, as its Shape says.
type blockShape struct {
	kernel          string
	side, pitch     int // rows and columns of the largest weight, and numbers from one row to the next
	threads         int // of a column of threads; one that has so many rows of a tile:
	most, rowsOfFew int
}

// blockShapes are ordered by size.
var blockShapes = [...]blockShape{
	{"Train64", 64, 68, 16, 4, 2},
	{"Train100", 100, 100, 10, 10, 5},
	{"Train128", largestOneBlock, 132, 16, 3, 3},
}

// shape is the one that is made for a model's size.
func (m *oneBlock) shape() blockShape {
	for _, s := range blockShapes {
		if max(m.d, m.n) <= s.side {
			return s
		}
	}
	return blockShapes[len(blockShapes)-1]
}

// rows is the number of rows that a tile takes up, and that the products of a tile have: what all threads have.
func (m *oneBlock) rows() int {
	s := m.shape()
	if m.tile <= s.threads*s.rowsOfFew {
		return s.threads * s.rowsOfFew
	}
	return s.threads * s.most
}

// fragment is the number of rows and columns that tensor cores multiply at a time, codeBlock that of columns of the code. The code has
// rows and columns of whole fragments, and eight columns more.
const fragment, codeBlock = 16, 8

func up(n, to int) int { return ceil(n, to) * to }

// sharedBytes is the shared memory of a model: two weights and a tile of each of x, u and the code, a bf16. From x on there is room for
// a gradient.
func (m *oneBlock) sharedBytes() int {
	s := m.shape()
	tile := 4*s.pitch*2*m.rows() + 2*up(m.rows(), fragment)*(up(s.side, fragment)+codeBlock)
	return 4*s.pitch*2*s.side + max(tile, 4*s.pitch*s.side)
}

// staticShared is more than the shared memory that train.cu has besides a model.
const staticShared = 4 << 10

// within is the model with its batch in the fewest tiles, of nearly one size, that a block with so many bytes of shared memory
// holds. It is nil where the block does not hold it, or the precision of products is another one than theirs, and for nil.
func (m *oneBlock) within(precision Precision, shared int) *oneBlock {
	if m == nil || precision != FP32 {
		return nil
	}
	s, tiled := m.shape(), *m
	for _, rows := range []int{s.threads * s.most, s.threads * s.rowsOfFew} {
		tiled.tile = ceil(m.batch, ceil(m.batch, rows))
		if tiled.sharedBytes()+staticShared <= shared {
			return &tiled
		}
	}
	return nil
}
