package gdmin

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train/config"
)

// maskObjective is the population objective of amp/THEORY.md §4.4, averaged over masks where p < 1. It computes the same
// results as amp's OptimalDecoder, PopulationRisk and PopulationGradient; the tests compare the two. It shares the masked
// rows and their products among the three, and it leaves masked columns out of every product: a step costs O(p·n²d) per
// mask.
//
// All processors work on the masks, in groups. The sums of the groups are added in order, so that results do not depend
// on the number of processors.
type maskObjective struct {
	replica graph.Replica
	sparse  bool
	masks   int
	n, d    int
	gain    float64        // √(2/(πp))
	views   []*maskedRows  // of the last fit
	mse     float64        // of the last fit
	parts   []*maskPartial // by group
}

// maskGroups is the number of groups of masks. More processors than groups have no use.
const maskGroups = 8

// maskedRows is B̂_m for one mask.
type maskedRows struct {
	keep   []int          // the columns that are not masked
	unit   blas64.General // (n, len(keep)), rows normalised; a row that vanishes stays zero
	norms  []float64      // of the rows before that
	gram   blas64.General // (n, n), B̂_mB̂_mᵀ, upper triangle
	weight float64
}

// maskPartial is a group's share of the sums over masks.
type maskPartial struct {
	kernel   *mat.Dense // (n, n), upper triangle of E Q_m
	rows     *mat.Dense // (n, d), E B̂_m
	gradient *mat.Dense // (n, d)
	weights  blas64.General
	product  []float64
}

func newMaskObjective(c config.Config, rep graph.Replica) *maskObjective {
	o := &maskObjective{
		replica: rep, sparse: c.Sparse() && rep.P < 1, masks: c.GDMin.Masks, n: c.Model.Code(), d: c.Model.Dim,
		gain: math.Sqrt(2 / (math.Pi * rep.P)),
	}
	if !o.sparse {
		o.masks = 1
	}
	for range min(maskGroups, o.masks) {
		o.parts = append(o.parts, &maskPartial{
			kernel: mat.NewDense(o.n, o.n, nil), rows: mat.NewDense(o.n, o.d, nil), gradient: mat.NewDense(o.n, o.d, nil),
			weights: general(o.n, o.n, make([]float64, o.n*o.n)), product: make([]float64, o.n*o.d),
		})
	}
	return o
}

func general(rows, cols int, data []float64) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: max(1, cols), Data: data}
}

// draw returns masks as a function of seed, stream and step.
func (o *maskObjective) draw(stream uint32, step uint64, count int) []amp.Mask {
	if !o.sparse {
		return []amp.Mask{{Weight: 1}}
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], o.replica.Seed)
	binary.LittleEndian.PutUint64(key[8:], step)
	binary.LittleEndian.PutUint32(key[16:], stream)
	masks, err := amp.SampleMasks(o.d, count, o.replica.P, rand.New(rand.NewChaCha8(key)))
	if err != nil {
		panic(fmt.Sprintf("train: masks of a valid configuration: %v", err))
	}
	return masks
}

// fit solves for the optimal decoder √(2/(πp))·(E B̂_m)ᵀ(E Q_m)⁻¹ on the masks of a step.
func (o *maskObjective) fit(b *mat.Dense, step uint64) (*mat.Dense, float64, error) {
	masks := o.draw(datasets.Training, step, o.masks)
	o.views = make([]*maskedRows, len(masks))
	o.eachGroup(func(part *maskPartial, from, to int) {
		part.kernel.Zero()
		part.rows.Zero()
		for k := from; k < to; k++ {
			o.views[k] = newMaskedRows(b, masks[k])
			o.views[k].addTo(part)
		}
	})
	kernel, rows := o.parts[0].kernel, o.parts[0].rows
	for _, part := range o.parts[1:] {
		kernel.Add(kernel, part.kernel)
		rows.Add(rows, part.rows)
	}
	a, err := solveDecoder(mat.NewSymDense(o.n, kernel.RawMatrix().Data), rows)
	if err != nil {
		return nil, 0, err
	}
	a.Scale(o.gain, a)
	captured := 0.0
	for i := range o.n {
		for j, v := range rows.RawRowView(i) {
			captured += v * a.At(j, i)
		}
	}
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

// newMaskedRows masks and normalises unit rows, and multiplies them with each other.
func newMaskedRows(b *mat.Dense, m amp.Mask) *maskedRows {
	n, d := b.Dims()
	v := &maskedRows{norms: make([]float64, n), weight: m.Weight, gram: general(n, n, make([]float64, n*n))}
	for j := range d {
		if m.Keep == nil || m.Keep[j] {
			v.keep = append(v.keep, j)
		}
	}
	k := len(v.keep)
	v.unit = general(n, k, make([]float64, n*max(1, k)))
	if k == 0 {
		return v
	}
	for i := range n {
		src, dst := b.RawRowView(i), v.unit.Data[i*k:(i+1)*k]
		for at, j := range v.keep {
			dst[at] = src[j]
		}
		if v.norms[i] = floats.Norm(dst, 2); v.norms[i] > 0 {
			for at := range dst {
				dst[at] /= v.norms[i] // not times 1/norm: a row with one entry left must become exactly ±1
			}
		}
	}
	blas64.Syrk(blas.NoTrans, 1, v.unit, 0, blas64.Symmetric{N: n, Stride: n, Data: v.gram.Data, Uplo: blas.Upper})
	return v
}

// addTo adds the mask's kernel (2/π)·arcsin(B̂_mB̂_mᵀ), diagonal 1, and its rows.
func (v *maskedRows) addTo(part *maskPartial) {
	n := len(v.norms)
	scale := v.weight * 2 / math.Pi
	for i := range n {
		gram, kernel := v.gram.Data[i*n:(i+1)*n], part.kernel.RawRowView(i)
		kernel[i] += v.weight
		for j := i + 1; j < n; j++ {
			kernel[j] += scale * math.Asin(math.Max(-1, math.Min(1, gram[j])))
		}
		rows := part.rows.RawRowView(i)
		for at, j := range v.keep {
			rows[j] += v.weight * v.unit.Data[i*len(v.keep)+at]
		}
	}
}

// gradient returns the gradient of F on the masks of the last fit, amp/THEORY.md §4.4.
func (o *maskObjective) gradient(_, a *mat.Dense) *mat.Dense {
	var gram mat.SymDense
	gram.SymOuterK(1, a.T())
	decoder := mat.DenseCopyOf(a.T())
	o.eachGroup(func(part *maskPartial, from, to int) {
		part.gradient.Zero()
		for k := from; k < to; k++ {
			o.views[k].addGradient(part, &gram, decoder, o.gain)
		}
	})
	g := o.parts[0].gradient
	for _, part := range o.parts[1:] {
		g.Add(g, part.gradient)
	}
	return g
}

// addGradient adds D_m⁻¹·Tan(2·W_m·B̂_m − 2·gain·Aᵀ)∘mask with W_ij = (2/π)(AᵀA)_ij/√(1 − M_ij²) off the diagonal; aT is Aᵀ.
func (v *maskedRows) addGradient(part *maskPartial, gram *mat.SymDense, aT *mat.Dense, gain float64) {
	n, k := len(v.norms), len(v.keep)
	if k == 0 {
		return
	}
	w := part.weights
	for i := range n {
		w.Data[i*n+i] = 0
		for j := i + 1; j < n; j++ {
			c, slope := v.gram.Data[i*n+j], 0.0
			if 1-c*c > 1e-13 {
				slope = 2 / math.Pi / math.Sqrt(1-c*c) * gram.At(i, j)
			}
			w.Data[i*n+j], w.Data[j*n+i] = slope, slope
		}
	}
	g := general(n, k, part.product[:n*k])
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 2, w, v.unit, 0, g)
	for i := range n {
		if v.norms[i] == 0 {
			continue
		}
		row, unit, target := g.Data[i*k:(i+1)*k], v.unit.Data[i*k:(i+1)*k], aT.RawRowView(i)
		for at, j := range v.keep {
			row[at] -= 2 * gain * target[j]
		}
		floats.AddScaled(row, -floats.Dot(row, unit), unit)
		dst, scale := part.gradient.RawRowView(i), v.weight/v.norms[i]
		for at, j := range v.keep {
			dst[j] += scale * row[at]
		}
	}
}

// test returns the MSE on count masks that no decoder was fitted to, one by one; p = 1 has one exact value.
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
	out := make([]float64, count)
	parallel(count, func(k int) {
		masks := o.draw(datasets.Evaluation, first+uint64(k), 1) // by number: count may depend on the clock
		v := newMaskedRows(b, masks[0])
		out[k] = v.risk(&gram, a, o.gain)
		if o.sparse {
			out[k] += (1 - o.mse) * (float64(len(v.keep))/(o.replica.P*float64(o.d)) - 1)
		}
	})
	return out
}

// risk is 1 + (1/d)·[tr(AᵀA·Q_m) − 2·gain·tr(A·B̂_m)]; gram is AᵀA.
func (v *maskedRows) risk(gram *mat.SymDense, a *mat.Dense, gain float64) float64 {
	n, d := len(v.norms), 0
	if d, _ = a.Dims(); len(v.keep) == 0 {
		return 1 + mat.Trace(gram)/float64(d)
	}
	energy, captured := 0.0, 0.0
	for i := range n {
		energy += gram.At(i, i)
		for j := i + 1; j < n; j++ {
			energy += 4 / math.Pi * math.Asin(math.Max(-1, math.Min(1, v.gram.Data[i*n+j]))) * gram.At(i, j)
		}
		for at, j := range v.keep {
			captured += a.At(j, i) * v.unit.Data[i*len(v.keep)+at]
		}
	}
	return 1 + (energy-2*gain*captured)/float64(d)
}
