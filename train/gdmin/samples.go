package gdmin

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train/config"
	"autoamp/train/matrix"
)

// sampleObjective is the error on a large batch of fresh samples x (N, d), y = sign(Bx). The decoder is their least squares
// solution, and the gradient is the straight-through gradient. Its surrogate (1/τ)(1 − tanh²(z/τ)) tends to the derivative
// 2δ(z) of sign as τ → 0. So the straight-through gradient tends to the population's gradient.
type sampleObjective struct {
	law     kernels.Law
	seed    uint64
	samples int
	n, d    int
	tau     float64
	last    *sampleBatch
}

// sampleBatch is data and code.
type sampleBatch struct {
	x, z, y *mat.Dense // (N, d), (N, n), (N, n)
	energy  float64    // ‖x‖²/N
}

func sampleLaw(c config.Config, rep graph.Replica) (kernels.Law, error) {
	return datasets.NewLaw(c.Data.Name, rep.P, rep.Mean)
}

func newSampleObjective(c config.Config, law kernels.Law, seed uint64) *sampleObjective {
	return &sampleObjective{
		law: law, seed: seed, samples: c.GDMin.Samples, n: c.Model.Code(), d: c.Model.Dim, tau: c.Model.Tau,
	}
}

// batch draws samples as a function of seed, stream and step, and encodes them.
func (o *sampleObjective) batch(b *mat.Dense, stream uint32, step uint64) *sampleBatch {
	narrow := make([]float32, o.samples*max(o.n, o.d))
	values := narrow[:o.samples*o.d]
	kernels.Sample(values, 0, o.law, kernels.Stream{Seed: o.seed, Stream: stream, Step: step})
	s := &sampleBatch{x: matrix.Widened(o.samples, o.d, values), z: mat.NewDense(o.samples, o.n, nil)}
	s.energy = floats.Dot(s.x.RawMatrix().Data, s.x.RawMatrix().Data) / float64(o.samples)
	s.z.Mul(s.x, b.T())
	values = narrow[:o.samples*o.n]
	for i, v := range s.z.RawMatrix().Data {
		values[i] = float32(v)
	}
	coins := kernels.Stream{Seed: o.seed, Stream: coinStream + stream, Step: step}
	kernels.Sign(values, values, 0, coins)
	s.y = matrix.Widened(o.samples, o.n, values)
	return s
}

// coinStream begins the streams of coins at sign(0), one for each stream of data.
const coinStream = 65

// fit solves the normal equations (YᵀY/N)·Aᵀ = YᵀX/N.
func (o *sampleObjective) fit(b *mat.Dense, step uint64) (*mat.Dense, float64, error) {
	s := o.batch(b, datasets.Training, step)
	o.last = s
	q := mat.NewSymDense(o.n, nil)
	q.SymOuterK(1/float64(o.samples), s.y.T())
	var cross mat.Dense
	cross.Mul(s.y.T(), s.x)
	cross.Scale(1/float64(o.samples), &cross)
	a, err := solveDecoder(q, &cross)
	if err != nil {
		return nil, 0, err
	}
	captured := 0.0
	for i := range o.n {
		for j, v := range cross.RawRowView(i) {
			captured += v * a.At(j, i)
		}
	}
	return a, (s.energy - captured) / float64(o.d), nil
}

// gradient returns the gradient of d·MSE, through the surrogate, tangent to the rows' spheres.
func (o *sampleObjective) gradient(b, a *mat.Dense) *mat.Dense {
	s := o.last
	residual := o.residual(s, a)
	var dz, g mat.Dense
	dz.Mul(residual, a)
	z := s.z.RawMatrix().Data
	for i := range z {
		t := math.Tanh(z[i] / o.tau)
		dz.RawMatrix().Data[i] *= 2 * (1 - t*t) / (o.tau * float64(o.samples))
	}
	g.Mul(dz.T(), s.x)
	for i := range o.n {
		row, unit := g.RawRowView(i), b.RawRowView(i)
		floats.AddScaled(row, -floats.Dot(row, unit), unit)
	}
	return &g
}

// residual is YAᵀ − X.
func (o *sampleObjective) residual(s *sampleBatch, a *mat.Dense) *mat.Dense {
	r := mat.DenseCopyOf(s.x)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, s.y.RawMatrix(), a.RawMatrix(), -1, r.RawMatrix())
	return r
}

// test returns the MSE on batches that no decoder was fitted to.
func (o *sampleObjective) test(b, a *mat.Dense, first uint64, count int) []float64 {
	out := make([]float64, count)
	for k := range out {
		data := o.residual(o.batch(b, datasets.Evaluation, first+uint64(k)), a).RawMatrix().Data
		out[k] = floats.Dot(data, data) / float64(o.samples*o.d)
	}
	return out
}
