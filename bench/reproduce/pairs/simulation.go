package pairs

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/bench/reproduce"
)

// simulation is one draw of pairs and of Haar rows.
type simulation struct {
	studied
	Dim  int    `json:"dim"`
	Seed uint64 `json:"seed"`
}

// draws are the simulations of a law.
func (s studied) draws(p reproduce.Params, dims [2]int) []simulation {
	var all []simulation
	for _, d := range dims {
		for _, seed := range p.Seeds(s.Seeds) {
			all = append(all, simulation{s, d, seed})
		}
	}
	return all
}

// simulate is a row: the errors of both encoders on the same draws of the law.
func simulate(ctx context.Context, _ *reproduce.Env, s simulation) ([]reproduce.Row, error) {
	best, ok := amp.BestServingPairs(s.prior(), rate)
	if !ok {
		return nil, errors.New("pairs: no theory for " + s.Data)
	}
	r := rand.New(rand.NewPCG(s.Seed, uint64(s.Dim)))
	haar, err := amp.Haar(s.Dim, s.Dim, r)
	if err != nil {
		return nil, err
	}
	paired := int(math.Round(best.Share * float64(s.Dim)))
	rows, _, err := pairedRows(s.Dim, paired, best.Spike, r)
	if err != nil {
		return nil, err
	}
	above, err := s.decoded(ctx, haar, 0)
	if err != nil {
		return nil, err
	}
	below, err := s.decoded(ctx, rows, paired)
	if err != nil {
		return nil, err
	}
	return []reproduce.Row{{
		"kind": simulated, "data": s.Data, "p": s.P, "dim": s.Dim, "seed": s.Seed, "share": best.Share, "spike": best.Spike,
		"haar_mse": above, "pairs_mse": below,
	}}, nil
}

// decoded is the error of the best linear decoder behind these rows. The decoder is the least-squares one of other draws; with n codes and N draws
// its error is the best decoder's times 1 + n/(N − n − 1) for independent noise, which is taken out.
func (s simulation) decoded(ctx context.Context, rows *mat.Dense, paired int) (float64, error) {
	r := rand.New(rand.NewPCG(s.Seed, uint64(s.Dim)+1))
	x, y := s.draw(rows, paired, r)
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var gram mat.SymDense
	var cross, decoder, found mat.Dense
	gram.SymOuterK(1, y.T())
	cross.Mul(y.T(), x)
	var factor mat.Cholesky
	if !factor.Factorize(&gram) {
		return 0, errors.New("pairs: the codes depend on each other: more draws are needed")
	}
	if err := factor.SolveTo(&decoder, &cross); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	x, y = s.draw(rows, paired, r)
	found.Mul(y, &decoder)
	found.Sub(x, &found)
	norm := mat.Norm(&found, 2)
	draws, codes := float64(s.Draws), float64(s.Dim)
	return norm * norm / (draws * codes) * (draws - codes - 1) / (draws - 1), nil
}

// draw draws inputs (draws, d) and their codes. The energy of the coordinates that are not paired, which is random at finite d, is set to its
// mean: a code of them does not tell it. That of the paired ones is set to its mean over all draws, to be rid of its chance.
func (s simulation) draw(rows *mat.Dense, paired int, r *rand.Rand) (x, y *mat.Dense) {
	law := s.prior()
	x, y = mat.NewDense(s.Draws, s.Dim, nil), new(mat.Dense)
	for k := range s.Draws {
		row := x.RawRowView(k)
		for j := range row {
			row[j] = law.Sample(r)
		}
		others := row[paired:]
		if norm := floats.Norm(others, 2); norm > 0 {
			floats.Scale(math.Sqrt(float64(len(others)))/norm, others)
		}
	}
	if paired > 0 {
		own := x.Slice(0, s.Draws, 0, paired).(*mat.Dense) // a view
		own.Scale(math.Sqrt(float64(s.Draws*paired))/mat.Norm(own, 2), own)
	}
	y.Mul(x, rows.T())
	y.Apply(func(_, _ int, v float64) float64 { return math.Copysign(1, v) }, y)
	return x, y
}
