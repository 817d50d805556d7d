package hardphase

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/amp"
	"autoamp/bench/reproduce"
)

// Experiments lists the one experiment.
func Experiments() []*reproduce.Experiment {
	return []*reproduce.Experiment{{
		Name: "amp-hard-phase", Paper: "Beyond the papers",
		Title:   "Error and entropy of the code against the rate, sparse Rademacher data, p = 1, 0.7, 0.4: AMP's fixed point, the optimum, VAMP, enumeration",
		Claim:   "From the rate r_IT on the code of a Haar encoder determines the data, and AMP does not find them.",
		Minutes: reproduce.Minutes{Quick: 0.4, Paper: 2.5},
		Columns: []string{"kind", "p", "rate", "dim", "seed", "entropy", "mse", "mse_stderr"},
		Cells:   cells,
		Figures: figures,
		Claims:  claims,
	}}
}

// The kinds of rows.
const (
	enumerated = "enumeration" // the mean over encoders of a seed
	decoded    = "vamp"        // the mean over inputs of one encoder
)

// studied is a law with the dimensions that are enumerated and the rates; n = rate·dim is whole.
type studied struct {
	p      float64
	dims   []int
	rates  []float64
	effort int     // more encoders of a seed, where inputs are few
	below  float64 // a rate below r_IT
	above  float64 // a rate in the hard phase at which inputs are enumerated
	// vamp are the rates at which VAMP is run, the last one in the hard phase and away from AMP's own threshold: next to it, on matrices of
	// this size, VAMP does not converge on some inputs (p = 1, r = 1.2, d = 1000: 2 of 6 on the worst encoder of 8).
	vamp   []float64
	coarse bool // the extrapolation of the entropy in the hard phase is too coarse to tell its limit
}

// laws have r_IT = 1.1010, 2.1817, 1.6333 and AMP's own threshold at 1.3047, 2.5895, 1.9379.
func laws(s reproduce.Scale) []studied {
	dense := studied{p: 1, dims: []int{8, 12, 16}, rates: []float64{0.5, 0.75, 1, 1.25, 1.5}, effort: 4, below: 1, above: 1.25,
		vamp: []float64{0.75, 1, 1.15}}
	if s == reproduce.Paper {
		dense.dims, dense.effort = []int{8, 12, 16, 20}, 1
	}
	return []studied{
		dense,
		{p: 0.7, dims: []int{4, 8, 12}, rates: []float64{1, 1.5, 2, 2.25, 2.5}, effort: 1, below: 1.5, above: 2.5,
			vamp: []float64{1.5, 2, 2.25}},
		{p: 0.4, dims: []int{4, 8, 12}, rates: []float64{0.75, 1.25, 1.5, 1.75, 2}, effort: 1, below: 1.25, above: 1.75,
			vamp: []float64{1.25, 1.5, 1.75}, coarse: true},
	}
}

// size is what a scale can afford.
type size struct {
	seeds  int
	effort int // of enumeration: encoders of a seed at the largest dimension
	dim    int // of VAMP
	inputs int // of VAMP, for each encoder
}

var sizes = map[reproduce.Scale]size{
	reproduce.Quick: {seeds: 6, effort: 1, dim: 600, inputs: 6},
	reproduce.Paper: {seeds: 8, effort: 2, dim: 1000, inputs: 6},
}

func cells(p reproduce.Params) ([]reproduce.Cell, error) {
	size, ok := sizes[p.Scale]
	if !ok {
		return nil, &reproduce.NotRunError{Reason: "enumeration does not grow: choose quick or paper"}
	}
	var all []reproduce.Cell
	for _, law := range laws(p.Scale) {
		all = append(all, law.enumeration(p, size), law.decoding(p, size))
	}
	return all, nil
}

// enumeration is a cell for all rates, dimensions and seeds of a law. A smaller dimension takes eight times as many encoders.
func (s studied) enumeration(p reproduce.Params, size size) reproduce.Cell {
	return reproduce.Cell{
		Name:     fmt.Sprintf("enumeration-p%g", s.p),
		Settings: map[string]any{"p": s.p, "dims": s.dims, "rates": s.rates, "seeds": p.Seeds(size.seeds), "effort": s.effort * size.effort},
		Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
			out, told := &reproduce.Output{}, reproduce.Telling(env, len(s.rates)*len(s.dims)*size.seeds)
			for _, rate := range s.rates {
				for i, d := range s.dims {
					encoders := s.effort * size.effort << (3 * (len(s.dims) - 1 - i))
					for _, seed := range p.Seeds(size.seeds) {
						row, err := s.enumerated(ctx, rate, d, encoders, seed)
						if err != nil {
							return nil, err
						}
						out.Rows = append(out.Rows, row)
						told.Step()
					}
				}
			}
			return out, nil
		},
	}
}

// enumerated is a row: the mean over encoders.
func (s studied) enumerated(ctx context.Context, rate float64, d, encoders int, seed uint64) (reproduce.Row, error) {
	r := rand.New(rand.NewPCG(seed, uint64(d)))
	var mean exact
	for range encoders {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, err := enumerate(s.p, int(math.Round(rate*float64(d))), d, r)
		if err != nil {
			return nil, err
		}
		mean.entropy += e.entropy / float64(encoders)
		mean.mse += e.mse / float64(encoders)
	}
	return reproduce.Row{"kind": enumerated, "p": s.p, "rate": rate, "dim": d, "seed": seed, "entropy": mean.entropy, "mse": mean.mse}, nil
}

// decoding is a cell for all rates and seeds of a law.
func (s studied) decoding(p reproduce.Params, size size) reproduce.Cell {
	return reproduce.Cell{
		Name:     fmt.Sprintf("vamp-p%g", s.p),
		Settings: map[string]any{"p": s.p, "dim": size.dim, "inputs": size.inputs, "rates": s.vamp, "seeds": p.Seeds(size.seeds)},
		Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
			out, told := &reproduce.Output{}, reproduce.Telling(env, len(s.vamp)*size.seeds)
			for _, rate := range s.vamp {
				for _, seed := range p.Seeds(size.seeds) {
					row, err := s.decoded(ctx, rate, size, seed)
					if err != nil {
						return nil, err
					}
					out.Rows = append(out.Rows, row)
					told.Step()
				}
			}
			return out, nil
		},
	}
}

// decoded is a row: VAMP on a Haar encoder and several inputs.
func (s studied) decoded(ctx context.Context, rate float64, size size, seed uint64) (reproduce.Row, error) {
	law, r := amp.SparseRademacher{P: s.p}, rand.New(rand.NewPCG(seed, 0))
	n := int(math.Round(rate * float64(size.dim)))
	b, err := amp.Haar(n, size.dim, r)
	if err != nil {
		return nil, err
	}
	dense, err := amp.NewDense(b)
	if err != nil {
		return nil, err
	}
	encoder, err := amp.NewFlat(dense)
	if err != nil {
		return nil, err
	}
	mean := 0.0
	for range size.inputs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		mse, err := decode(encoder, law, r)
		if err != nil {
			return nil, err
		}
		mean += mse / float64(size.inputs)
	}
	return reproduce.Row{"kind": decoded, "p": s.p, "rate": rate, "dim": size.dim, "seed": seed, "mse": mean}, nil
}

// decode draws an input and returns VAMP's error. The input has exactly pd coordinates that are not zero, as nearly: the energy of
// x, whose chance would be most of the error's, is then the same for all.
func decode(encoder *amp.Flat, law amp.SparseRademacher, r *rand.Rand) (float64, error) {
	n, d := encoder.Dims()
	x, y := make([]float64, d), make([]float64, n)
	for _, j := range r.Perm(d)[:int(math.Round(law.P*float64(d)))] {
		x[j] = math.Copysign(1/math.Sqrt(law.P), r.Float64()-0.5)
	}
	encoder.Apply(y, x)
	for i, z := range y {
		y[i] = math.Copysign(1, z)
	}
	result, err := amp.VAMP(encoder, y, law, nil)
	if err != nil {
		return 0, err
	}
	mse := 0.0
	for j, v := range result.Estimate {
		mse += (v - x[j]) * (v - x[j]) / float64(d)
	}
	return mse, nil
}
