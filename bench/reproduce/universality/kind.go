package universality

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"autoamp/kernels"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/law"
)

// kind is a way to draw rows, with the law of a coordinate that their decoders are told.
type kind struct {
	name     string
	law      law.Law
	decoders []inference.Method
	fill     func(row []float32, r *rand.Rand)
	// judged is the decoder whose error shows the structure. One round confines the noise of Bᵀy to the share of the coordinates that
	// hold the row, if confined.
	judged   inference.Method
	confined bool
}

const independentRows = "independent"

// independent are rows of independent numbers of each law. Sparse Rademacher data of p = 0.4 are away from AMP's own threshold
// at r = 1.5, next to which errors are far from their limit at these d (train/codec/README.md).
func independent() []kind {
	var all []kind
	for _, l := range []law.Law{
		{Name: "gaussian", P: 1}, {Name: "sparse-gaussian", P: 0.4}, {Name: "sparse-rademacher", P: 0.4}, {Name: "sparse-laplace", P: 0.5},
		{Name: "sparse-mixture", P: 0.5, Mean: 1}, {Name: "sparse-uniform", P: 0.3},
	} {
		prior := l.Prior()
		all = append(all, kind{name: independentRows, law: l, decoders: inference.Methods(), fill: func(row []float32, r *rand.Rand) {
			for j := range row {
				row[j] = float32(prior.Sample(r))
			}
		}})
	}
	return all
}

// share is the part of the coordinates that a block or a comb holds.
const share = 0.25

// structured are rows that look like rows of the Walsh–Hadamard transform: whether a sparse row's numbers lie side by side, or in
// every fourth place, makes no difference to a Haar encoder.
func structured() []kind {
	decoders := []inference.Method{inference.Linear, inference.Denoiser, inference.VAMP}
	gaussian := law.Law{Name: "sparse-gaussian", P: share}
	half := law.Law{Name: "sparse-rademacher", P: 0.5}
	few := law.Law{Name: "sparse-rademacher", P: 1. / 64} // the linear decoder knows none
	return []kind{
		{"block", gaussian, decoders, block, inference.VAMP, true},
		{"comb", gaussian, decoders, comb, inference.VAMP, true},
		{"two Walsh functions", half, decoders, walsh, inference.Denoiser, true},
		{"one number", few, decoders[:1], one, inference.Linear, false},
	}
}

// block is zero outside of the first quarter, as a row that was padded.
func block(row []float32, r *rand.Rand) {
	for j := range len(row) / 4 {
		row[j] = float32(r.NormFloat64())
	}
}

// comb has every fourth number.
func comb(row []float32, r *rand.Rand) {
	for j := 0; j < len(row); j += 4 {
		row[j] = float32(r.NormFloat64())
	}
}

// walsh is the sum of two different Walsh functions with random signs, so that it is 0 on half of the coordinates.
func walsh(row []float32, r *rand.Rand) {
	d := len(row)
	first := r.IntN(d)
	second := (first + 1 + r.IntN(d-1)) % d
	a, b := sign(r), sign(r)
	for j := range row {
		row[j] = a*walshFunction(first, j) + b*walshFunction(second, j)
	}
}

// walshFunction is entry (i, j) of the transform, ±1.
func walshFunction(i, j int) float32 { return float32(1 - 2*(bits.OnesCount(uint(i&j))&1)) }

// one has a single number.
func one(row []float32, r *rand.Rand) { row[r.IntN(len(row))] = sign(r) }

func sign(r *rand.Rand) float32 { return float32(1 - 2*r.IntN(2)) }

// sample draws rows (count, d), each scaled to a mean square of 1: a code does not know it.
func (k kind) sample(count, d int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, uint64(d)))
	x := make([]float32, count*d)
	for i := range count {
		row := x[i*d:][:d]
		energy := 0.0
		for energy == 0 {
			k.fill(row, r)
			energy = kernels.Dot(row, row)
		}
		kernels.Scale(row, row, float32(math.Sqrt(float64(d)/energy)))
	}
	return x
}

func meanError(x, estimate []float32) float64 {
	return kernels.SquaredError(x, estimate) / float64(len(x))
}
