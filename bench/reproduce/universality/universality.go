package universality

import (
	"context"
	"fmt"
	"math"

	"autoamp/bench/reproduce"
	"autoamp/train/codec/inference"
	"autoamp/train/codec/rotation"
)

// Experiments lists the one experiment.
func Experiments() []*reproduce.Experiment {
	return []*reproduce.Experiment{{
		Name: "amp-universality", Paper: "Beyond the papers",
		Title: "Error of codes by a Hadamard rotation beside a Haar matrix and the theory, rows of independent numbers and structured ones",
		Claim: "Three rounds of random signs and Walsh–Hadamard transforms have the error of a Haar encoder, with every law, rate and decoder. " +
			"One round has not, on rows with the transform's own structure.",
		Minutes: reproduce.Minutes{Quick: 0.2, Paper: 0.9},
		Columns: []string{"rows", "law", "rate", "dim", "encoder", "rounds", "seed", "decoder", "mse"},
		Cells:   cells,
		Figures: figures,
		Claims:  claims,
	}}
}

// The encoders. A Haar matrix has 0 rounds.
const (
	haar     = "haar"
	hadamard = "hadamard"
	rounds   = 3 // of the codec's rotations
)

// rates are those of rows of independent numbers; structured rows have rate 1, where one round is a rotation of all coordinates.
var rates = []float64{0.5, 1, 1.5}

// size is what a scale can afford.
type size struct {
	dim        int // a power of two
	seeds      int // of encoders, for rows of independent numbers
	structured int // the same for structured rows: those of one encoder are alike, and do not average
	rows       int // for each encoder
}

var sizes = map[reproduce.Scale]size{
	reproduce.Quick: {dim: 512, seeds: 16, structured: 24, rows: 64},
	reproduce.Paper: {dim: 1024, seeds: 16, structured: 24, rows: 96},
}

func cells(p reproduce.Params) ([]reproduce.Cell, error) {
	size, ok := sizes[p.Scale]
	if !ok {
		return nil, &reproduce.NotRunError{Reason: "a Haar matrix of d = 4096 takes minutes for every seed: choose quick or paper"}
	}
	var all []reproduce.Cell
	for _, rate := range rates {
		all = append(all, group{independent(), rate, []int{0, rounds}, p.Seeds(size.seeds), size}.cell(fmt.Sprintf("independent-r%g", rate)))
	}
	return append(all, group{structured(), 1, []int{0, 1, 2, rounds}, p.Seeds(size.structured), size}.cell("structured")), nil
}

// group is a cell's work: kinds of rows at a rate, behind Hadamard rotations with each number of rounds; 0 rounds are a Haar matrix.
type group struct {
	kinds  []kind
	rate   float64
	rounds []int
	seeds  []uint64
	size   size
}

// cell has the same rows behind all encoders of a seed.
func (g group) cell(name string) reproduce.Cell {
	var names []string
	for _, k := range g.kinds {
		names = append(names, k.name+", "+k.law.String())
	}
	return reproduce.Cell{
		Name:     name,
		Settings: map[string]any{"rows": g.size.rows, "dim": g.size.dim, "kinds": names, "rate": g.rate, "rounds": g.rounds, "seeds": g.seeds},
		Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
			out, told := &reproduce.Output{}, reproduce.Telling(env, len(g.seeds)*len(g.rounds)*len(g.kinds))
			for _, seed := range g.seeds {
				for _, count := range g.rounds {
					rows, err := g.behind(ctx, told, count, seed)
					if err != nil {
						return nil, err
					}
					out.Rows = append(out.Rows, rows...)
				}
			}
			return out, nil
		},
	}
}

// behind are the rows of one encoder.
func (g group) behind(ctx context.Context, told *reproduce.Told, rounds int, seed uint64) ([]reproduce.Row, error) {
	b, err := encoder(g.size.dim, g.rate, rounds, seed)
	if err != nil {
		return nil, err
	}
	var all []reproduce.Row
	for _, k := range g.kinds {
		rows, err := k.decoded(ctx, b, rounds, g.size.rows)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
		told.Step()
	}
	return all, nil
}

// encoder is a rotation of d numbers; 0 rounds are a Haar matrix.
func encoder(d int, rate float64, rounds int, seed uint64) (*rotation.Rotation, error) {
	spec := rotation.Spec{Kind: rotation.Haar, Bits: int(math.Round(rate * float64(d))), Dim: d, Seed: seed}
	if rounds == 0 {
		return rotation.New(spec)
	}
	spec.Kind = rotation.Hadamard
	return rotation.NewRounds(spec, rounds)
}

// decoded are the rows of an encoder, one for each decoder: the mean errors of as many rows of the kind.
func (k kind) decoded(ctx context.Context, b *rotation.Rotation, rounds, count int) ([]reproduce.Row, error) {
	n, d := b.Dims()
	x := k.sample(count, d, b.Spec().Seed)
	codes := b.Codes(x)
	estimate := make([]float32, len(x))
	var rows []reproduce.Row
	for _, m := range k.decoders {
		decoder, err := inference.New(b, k.law.Prior(), inference.Settings{Method: m})
		if err != nil {
			return nil, err
		}
		if _, err := decoder.Batch(ctx, estimate, codes, 1); err != nil {
			return nil, err
		}
		rows = append(rows, reproduce.Row{
			"rows": k.name, "law": k.law.String(), "rate": float64(n) / float64(d), "dim": d, "encoder": b.Spec().Kind.String(), "rounds": rounds,
			"seed": b.Spec().Seed, "decoder": m.String(), "mse": meanError(x, estimate),
		})
	}
	return rows, nil
}
