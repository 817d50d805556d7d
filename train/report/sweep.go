package report

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/datasets/durable"
	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/rundir"
	"autoamp/train/theory"
)

// plotSweep draws mse_vs_p.svg and mse_vs_p.png: the test error at every p, with its standard
// error, and the theory's curve at this d and in the limit; below it, the distance of the encoder to the
// nearest signed permutation, which drops where the identity becomes the better candidate.
func plotSweep(d *folder, c config.Config, points []rundir.Point) error {
	finite, limit, err := theoryCurve(c, points)
	if err != nil {
		return err
	}
	trained := "trained ± standard error"
	if n := len(c.Seeds); n > 1 {
		trained = fmt.Sprintf("trained, mean of %d seeds ± standard error", n)
	}
	errors := figure.Chart{Title: title(c), Y: "MSE per coordinate"}
	errors.Add(
		figure.Curve{Label: "theory, d → ∞", Points: limit, Pen: figure.Pen{Colour: figure.Grey, Dashes: figure.Dashed, Width: 1}},
		figure.Curve{Label: fmt.Sprintf("theory, d = %d", c.Model.Dim), Points: finite, Pen: figure.Solid(figure.Blue)},
	)
	mse, distance := figure.Marks{Label: trained, Colour: figure.Vermilion}, figure.Marks{Colour: figure.Green}
	for _, pt := range points {
		mse.Points, mse.Errors = append(mse.Points, plotter.XY{X: pt.P, Y: pt.TestMSE}), append(mse.Errors, pt.TestMSEStderr)
		distance.Points = append(distance.Points, plotter.XY{X: pt.P, Y: pt.Permutation})
		distance.Errors = append(distance.Errors, pt.PermutationStderr)
	}
	errors.Mark(mse)
	below := distanceChart(distance)
	return d.saveFigure("mse_vs_p", 7.6*vg.Inch, 7.5*vg.Inch, figure.Stack([]float64{1.7, 1}, &errors, below))
}

// distanceChart is the lower panel, with the room and the axis of the upper one.
func distanceChart(distance figure.Marks) *figure.Chart {
	joined := slices.Clone(distance.Points)
	sortByX(joined)
	below := &figure.Chart{
		X: "p, probability of a non-zero coordinate", Y: "distance to a signed permutation",
		XMin: joined[0].X, XMax: joined[len(joined)-1].X, YMax: math.Sqrt2,
	}
	below.Add(figure.Curve{Label: "trained", Points: joined, Pen: figure.Pen{Colour: distance.Colour, Width: 0.8}})
	below.Mark(distance)
	return below
}

// sweepHeader names the columns of sweep.csv.
var sweepHeader = []string{
	"p", "test_mse", "test_mse_stderr", "finite_d", "limit", "permutation", "permutation_stderr", "candidate",
}

// writeSweep writes sweep.csv, the numbers behind mse_vs_p: a row for every p.
func writeSweep(d *folder, _ config.Config, points []rundir.Point) error {
	return durable.WriteFile(d.disk, d.file(rundir.SweepFile), func(w io.Writer) error {
		out := csv.NewWriter(w)
		rows := [][]string{sweepHeader}
		for _, pt := range points {
			rows = append(rows, []string{
				rundir.Decimal(pt.P), rundir.Decimal(pt.TestMSE), rundir.Decimal(pt.TestMSEStderr), known(pt.Expected), rundir.Decimal(pt.Limit),
				rundir.Decimal(pt.Permutation), rundir.Decimal(pt.PermutationStderr), pt.Candidate,
			})
		}
		return out.WriteAll(rows)
	})
}

// known is a theory's number, empty where there is none.
func known(x float64) string {
	if x == 0 {
		return ""
	}
	return rundir.Decimal(x)
}

func sortByX(points plotter.XYs) {
	slices.SortFunc(points, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
}

// theoryCurve returns the expected error over the range of p, at d, where it is known, and in the limit.
func theoryCurve(c config.Config, measured []rundir.Point) (finite, limit plotter.XYs, err error) {
	if !theory.Known(c) {
		return nil, nil, nil
	}
	if c.Data.IsSet() { // known where it was computed
		for _, pt := range measured {
			finite = append(finite, plotter.XY{X: pt.P, Y: pt.Expected})
			limit = append(limit, plotter.XY{X: pt.P, Y: pt.Limit})
		}
		sortByX(finite)
		sortByX(limit)
		return finite, limit, nil
	}
	const points = 80
	low, high := c.Data.P[0], c.Data.P[0]
	for _, p := range c.Data.P {
		low, high = min(low, p), max(high, p)
	}
	c.Data.P = nil
	for i := range points + 1 {
		c.Data.P = append(c.Data.P, low+(high-low)*float64(i)/points)
	}
	predictions, err := theory.Predict(c)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range predictions {
		best := theory.Best(c.Model, t)
		if best.Finite > 0 { // else d is too small for the expansion in 1/d
			finite = append(finite, plotter.XY{X: c.Data.P[i], Y: best.Finite})
		}
		limit = append(limit, plotter.XY{X: c.Data.P[i], Y: best.Limit})
	}
	return finite, limit, nil
}
