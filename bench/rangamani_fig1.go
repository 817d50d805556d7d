package bench

import (
	"context"

	"autoamp/graph"
)

// LandscapeRow is loss and gradient at one point W = A* + t·ΔW of a line through the dictionary.
type LandscapeRow struct {
	SparseCoding
	// T is the distance t from the dictionary in units of ΔW, whose columns are random unit vectors.
	T float64
	// Loss is L = ½E‖y − ŷ‖², Norm the mean over columns of ‖E∇_{W_i}L‖.
	Loss, Norm float64
}

// LandscapeT are the distances at which the figures are evaluated.
var LandscapeT = []float64{0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2}

// LandscapeFigures are the settings of Figures 1 and 2 (loss and gradient), 3 and 4, 5 and 6 of Rangamani et al. The
// paper's h and p are lost; these show what its text describes (amp/THEORY.md §13.4). In the last the bias exceeds every
// pre-activation near the dictionary.
func LandscapeFigures(seed uint64) []SparseCoding {
	return []SparseCoding{
		{H: 256, P: 0.01, Dim: 100, Prefactor: 0.1, Samples: 6000, Seed: seed},
		{H: 256, P: 0.1, Dim: 100, Prefactor: 0.1, Samples: 6000, Seed: seed},
		{H: 256, P: 0.5, Dim: 100, Prefactor: 0.6, Samples: 6000, Seed: seed},
	}
}

// RangamaniLandscape evaluates a setting along a line, with the bias fixed.
//
// Source: Rangamani et al. 2018, Figures 1 to 6.
func RangamaniLandscape(ctx context.Context, exec graph.Executor, s SparseCoding, ts []float64) ([]LandscapeRow, error) {
	s = s.withDefaults()
	l, err := s.landscape(exec, false)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	direction := unitRows(s.H, s.Dim, s.Seed, displacement)
	var rows []LandscapeRow
	for _, t := range ts {
		row := LandscapeRow{SparseCoding: s, T: t}
		if row.Loss, row.Norm, err = l.at(ctx, moved(l.source.Dictionary, t, direction)); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
