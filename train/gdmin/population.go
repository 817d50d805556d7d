package gdmin

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train/config"
)

// maskObjective is the population objective of amp/THEORY.md §4.4, averaged over masks where p < 1. It computes the same
// results as amp's OptimalDecoder, PopulationRisk and PopulationGradient; the tests compare the two. It shares the masked
// rows and their products among the three, and it leaves masked columns out of every product: a step costs O(p·n²d) per
// mask. Matrices are transposed, (d, n) and (n, n), so that masking copies whole rows.
//
// All processors work on the masks, in groups. The sums of the groups are added in order, so that results do not depend
// on the number of processors.
type maskObjective struct {
	replica graph.Replica
	sparse  bool
	design  string // config.GDMinConfig.Design
	masks   int
	n, d    int
	gain    float64        // √(2/(πp))
	views   []*maskedRows  // of the last fit
	mse     float64        // of the last fit
	parts   []*maskPartial // by group
}

// maskGroups is the number of groups of masks. More processors than groups have no use.
const maskGroups = 8

// maskPartial is a group's share of the sums over masks.
type maskPartial struct {
	kernel   *mat.Dense // (n, n), upper triangle of E Q_m
	rows     *mat.Dense // (d, n), E B̂_mᵀ
	gradient *mat.Dense // (d, n)
	slopes   kernels.Matrix64
	product  kernels.Matrix64
	radial   []float64 // (n)
}

func newMaskObjective(c config.Config, rep graph.Replica) *maskObjective {
	o := &maskObjective{
		replica: rep, sparse: c.Sparse() && rep.P < 1, design: c.GDMin.Design, masks: c.GDMin.Masks, n: c.Model.Code(), d: c.Model.Dim,
		gain: math.Sqrt(2 / (math.Pi * rep.P)),
	}
	if !o.sparse {
		o.masks = 1
	}
	for range o.masks {
		o.views = append(o.views, newMaskedRows(o.n, o.d))
	}
	for range min(maskGroups, o.masks) {
		o.parts = append(o.parts, &maskPartial{
			kernel: mat.NewDense(o.n, o.n, nil), rows: mat.NewDense(o.d, o.n, nil), gradient: mat.NewDense(o.d, o.n, nil),
			slopes: matrix64(o.n, o.n), product: matrix64(o.d, o.n), radial: make([]float64, o.n),
		})
	}
	return o
}

func matrix64(rows, cols int) kernels.Matrix64 {
	return kernels.Matrix64{Data: make([]float64, rows*cols), Stride: cols}
}

// draw returns the masks of a step, or of a block of fresh masks, as a function of seed, stream and step.
func (o *maskObjective) draw(stream uint32, step uint64) []amp.Mask {
	if !o.sparse {
		return []amp.Mask{{Weight: 1}}
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], o.replica.Seed)
	binary.LittleEndian.PutUint64(key[8:], step)
	binary.LittleEndian.PutUint32(key[16:], stream)
	r := rand.New(rand.NewChaCha8(key))
	if o.design == config.Balanced {
		return balancedMasks(o.d, o.masks, o.replica.P, r)
	}
	masks, err := amp.SampleMasks(o.d, o.masks, o.replica.P, r)
	if err != nil {
		panic(fmt.Sprintf("train: masks of a valid configuration: %v", err))
	}
	return masks
}

// fit solves for the optimal decoder √(2/(πp))·(E B̂_m)ᵀ(E Q_m)⁻¹ on the masks of a step.
func (o *maskObjective) fit(b *mat.Dense, step uint64) (*mat.Dense, float64, error) {
	masks := o.draw(datasets.Training, step)
	columns := mat.DenseCopyOf(b.T())
	o.eachGroup(func(part *maskPartial, from, to int) {
		part.kernel.Zero()
		part.rows.Zero()
		for k := from; k < to; k++ {
			o.views[k].mask(columns, masks[k])
			o.views[k].addTo(part)
		}
	})
	kernel, rows := o.parts[0].kernel, o.parts[0].rows
	for _, part := range o.parts[1:] {
		kernel.Add(kernel, part.kernel)
		rows.Add(rows, part.rows)
	}
	a, err := solveDecoder(mat.NewSymDense(o.n, kernel.RawMatrix().Data), mat.DenseCopyOf(rows.T()))
	if err != nil {
		return nil, 0, err
	}
	a.Scale(o.gain, a)
	captured := floats.Dot(rows.RawMatrix().Data, a.RawMatrix().Data)
	o.mse = 1 - o.gain*captured/float64(o.d)
	return a, o.mse, nil
}

// solveDecoder returns (Q⁻¹R)ᵀ for Q (n, n) and R (n, d). It uses the upper triangle of Q.
func solveDecoder(q *mat.SymDense, r *mat.Dense) (*mat.Dense, error) {
	n := q.SymmetricDim()
	for i := range n {
		for j := i + 1; j < n; j++ {
			if math.Abs(q.At(i, j)) > 1-1e-7 { // arcsin rounds a correlation of ±1 to here
				return nil, fmt.Errorf("%w: rows %d and %d of B are parallel", amp.ErrSingular, i, j)
			}
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(q) {
		return nil, fmt.Errorf("%w: the Cholesky factorisation fails", amp.ErrSingular)
	}
	var transposed mat.Dense
	if err := chol.SolveTo(&transposed, r); err != nil {
		return nil, fmt.Errorf("%w: %w", amp.ErrSingular, err)
	}
	return mat.DenseCopyOf(transposed.T()), nil
}

// eachGroup calls work for every group of masks at once.
func (o *maskObjective) eachGroup(work func(part *maskPartial, from, to int)) {
	groups := len(o.parts)
	parallel(groups, func(g int) { work(o.parts[g], g*o.masks/groups, (g+1)*o.masks/groups) })
}

// parallel calls work(0), …, work(count−1) on all processors.
func parallel(count int, work func(int)) {
	var group sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range count {
		free <- struct{}{}
		group.Go(func() {
			work(i)
			<-free
		})
	}
	group.Wait()
}

// gradient returns the gradient of F on the masks of the last fit, amp/THEORY.md §4.4.
func (o *maskObjective) gradient(_, a *mat.Dense) *mat.Dense {
	var gram mat.SymDense
	gram.SymOuterK(1, a.T())
	o.eachGroup(func(part *maskPartial, from, to int) {
		part.gradient.Zero()
		for k := from; k < to; k++ {
			o.views[k].addGradient(part, &gram, a, o.gain)
		}
	})
	g := o.parts[0].gradient
	for _, part := range o.parts[1:] {
		g.Add(g, part.gradient)
	}
	return mat.DenseCopyOf(g.T())
}

// test returns the MSE on the masks first, first+1, … that no decoder was fitted to, one by one; p = 1 has one exact value.
// Masks are drawn in blocks of o.masks, so that balanced ones balance: a multiple of it is the best count.
//
// Most of the difference between masks comes from their size: with κ = size/(pd), the MSE is near 1 − 2c√κ + c with
// c = 1 − MSE. The term c·(κ − 1) has mean 0 and takes this difference away. c is from the fit and does not depend on
// these masks.
func (o *maskObjective) test(b, a *mat.Dense, first uint64, count int) []float64 {
	if !o.sparse {
		count = 1
	}
	var gram mat.SymDense
	gram.SymOuterK(1, a.T())
	columns := mat.DenseCopyOf(b.T())
	out := make([]float64, count)
	groups := min(maskGroups, count)
	parallel(groups, func(g int) {
		v, block := newMaskedRows(o.n, o.d), maskBlock{objective: o}
		for k := g * count / groups; k < (g+1)*count/groups; k++ {
			v.mask(columns, block.at(first+uint64(k)))
			out[k] = v.risk(&gram, a, o.gain)
			if o.sparse {
				out[k] += (1 - o.mse) * (float64(len(v.keep))/(o.replica.P*float64(o.d)) - 1)
			}
		}
	})
	return out
}

// maskBlock finds fresh masks by their number. It keeps the block that it drew last.
type maskBlock struct {
	objective *maskObjective
	number    uint64
	masks     []amp.Mask
}

// at returns a fresh mask.
func (m *maskBlock) at(number uint64) amp.Mask {
	size := uint64(m.objective.masks)
	if block := number / size; m.masks == nil || block != m.number {
		m.number, m.masks = block, m.objective.draw(datasets.Evaluation, block)
	}
	return m.masks[number%size]
}
