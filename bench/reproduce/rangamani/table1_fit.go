package rangamani

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"autoamp/bench/reproduce"
)

// The candidates for the two constants that are fitted: c of the bias and the largest amplitude. The other constants are those of
// setting's defaults.
var (
	fitPrefactors = []float64{0.4, 0.6, 0.8}
	fitHi         = []float64{2, 3, 4}
)

// fitSamples is the number of samples of a candidate at h. More would not move a mean over h columns.
func fitSamples(h int) int { return max(1500, 3*h/2) }

// fitSeeds is the number of seeds of a candidate.
const fitSeeds = 3

// fitCells measure the whole table at every candidate.
func fitCells(p reproduce.Params) (cells []reproduce.Cell) {
	for _, c := range fitPrefactors {
		for _, hi := range fitHi {
			var settings []setting
			for _, seed := range p.Seeds(fitSeeds) {
				for _, h := range table1H {
					for _, exponent := range table1P {
						settings = append(settings, setting{H: h, P: exponent, Hi: hi, Prefactor: c, Samples: fitSamples(h), Seed: seed})
					}
				}
			}
			cells = append(cells, reproduce.CellOf(fmt.Sprintf("fit-c%g-hi%g", c, hi), settings, fitRun))
		}
	}
	return cells
}

func fitRun(ctx context.Context, env *reproduce.Env, s setting) ([]reproduce.Row, error) {
	norm, err := s.gradientNorm(ctx, env.Executor)
	if err != nil {
		return nil, err
	}
	return []reproduce.Row{{
		"role": roleFit, "h": s.H, "p": s.P, "prefactor": s.Prefactor, "hi": s.Hi, "seed": s.Seed, "samples": s.Samples, "norm": norm,
		"paper_norm": table1Norm(s.H, s.P),
	}}, nil
}

// table1Norm is the paper's entry.
func table1Norm(h int, p float64) float64 {
	return table1Norms[slices.Index(table1H, h)][slices.Index(table1P, p)]
}

// half splits the entries of the table like a chessboard, so that both halves have every h and every p.
func half(rows []reproduce.Row, which int) (out []reproduce.Row) {
	for _, row := range rows {
		if (slices.Index(table1H, int(row.Num("h")))+slices.Index(table1P, row.Num("p")))%2 == which {
			out = append(out, row)
		}
	}
	return out
}

// distance is the log-RMS of the rows from the paper's entries.
func distance(rows []reproduce.Row) float64 {
	var mine, paper []float64
	for _, row := range rows {
		mine, paper = append(mine, row.Num("norm")), append(paper, row.Num("paper_norm"))
	}
	return logRMS(mine, paper)
}

// candidate is the constants of some rows.
type candidate struct{ prefactor, hi float64 }

// fitted is the candidate that is nearest to the paper on a half of the table, over all seeds, with its rows on the other half.
func fitted(rows []reproduce.Row, which int) (best candidate, others []reproduce.Row) {
	least := math.Inf(1)
	for _, c := range fitPrefactors {
		for _, hi := range fitHi {
			of := reproduce.Where(rows, "role", roleFit, "prefactor", c, "hi", hi)
			if d := distance(half(of, which)); d < least {
				least, best, others = d, candidate{c, hi}, half(of, 1-which)
			}
		}
	}
	return best, others
}

// lawDistance is the log-RMS from the paper, on both halves, of a law a·f(h, p) whose factor is fitted on the other half each time.
func lawDistance(law func(h int, p float64) float64) float64 {
	var logs [2][]float64
	for i, h := range table1H {
		for j, p := range table1P {
			logs[(i+j)%2] = append(logs[(i+j)%2], math.Log(table1Norms[i][j]/law(h, p)))
		}
	}
	var sum float64
	for which, other := range [2]int{1, 0} {
		factor := stat.Mean(logs[other], nil)
		for _, l := range logs[which] {
			sum += (l - factor) * (l - factor)
		}
	}
	return math.Sqrt(sum / float64(len(logs[0])+len(logs[1])))
}
