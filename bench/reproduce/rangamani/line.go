package rangamani

import (
	"context"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/graph"
)

// lineRow is loss and gradient at one point W = A* + t·ΔW of a line through the dictionary.
type lineRow struct {
	// Direction numbers the lines of a setting. The columns of ΔW are random unit vectors.
	Direction int
	T         float64
	// Loss is L = ½E‖y − ŷ‖², Norm the mean over columns of ‖E∇_{W_i}L‖.
	Loss, Norm float64
}

// lineT are the distances at which the figures are evaluated, on both sides of the dictionary.
var lineT = []float64{-2, -1.5, -1.25, -1, -0.8, -0.6, -0.5, -0.4, -0.3, -0.2, -0.1, -0.05, 0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2}

// lines evaluates loss and gradient along several lines, with the bias fixed and the same samples at every point.
//
// Source: Rangamani et al. 2018, Figures 1 to 6.
func (s setting) lines(ctx context.Context, exec graph.Executor, directions int, ts []float64) ([]lineRow, error) {
	s = s.withDefaults()
	source, err := s.source()
	if err != nil {
		return nil, err
	}
	l, err := newLandscape(ctx, exec, source, s.bias(), s.Samples, false)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	var rows []lineRow
	for d := range directions {
		towards := sparsecoding.UnitRows(s.H, s.Dim, s.Seed, sparsecoding.Direction(d))
		for _, t := range ts {
			row := lineRow{Direction: d, T: t}
			if row.Loss, row.Norm, err = l.norm(ctx, sparsecoding.Moved(source.Dictionary, t, towards)); err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}
