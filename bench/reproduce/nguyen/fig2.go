package nguyen

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// figure2 is the loss against the iteration, for three initialisations and three noise levels.
func figure2() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "nguyen-fig2", Paper: paperName,
		Title: "Loss against iteration, three initialisations, three noise levels; ζ = m and ζ = m/5",
		Claim: "Normalised gradient descent on a mixture of Gaussians decreases the loss to near the energy of the noise from " +
			"every initialisation, slowest from a random one.",
		Minutes: reproduce.Minutes{Quick: 1.5, Paper: 4, Large: 4},
		Columns: descentColumns,
		Cells: func(p reproduce.Params) ([]reproduce.Cell, error) {
			seeds := 5
			if p.Scale == reproduce.Quick {
				seeds = 2
			}
			return descentCells(p, []float64{0.01, 0.02, 0.03}, seeds), nil
		},
		Figures: lossFigures,
		Claims:  lossClaims,
	}
}

func lossFigures(r *reproduce.Results) (figures []reproduce.Figure, err error) {
	for _, zeta := range stepSizes {
		var panels []func(draw.Canvas)
		for _, noise := range reproduce.Distinct(r.Rows, "noise") {
			rows := reproduce.Where(r.Rows, "zeta", zeta, "noise", noise)
			c := descentChart(rows, fmt.Sprintf("σ = %g, ζ = %g", noise, zeta), "loss ½E‖y − ŷ‖²", "loss")
			c.Add(figure.Curve{Label: "noise", Points: plotter.XYs{{X: 0, Y: noiseFloor(noise)}, {X: 50, Y: noiseFloor(noise)}}, Pen: figure.Dash(figure.Grey)})
			panels = append(panels, c.Paint)
		}
		figures = append(figures, reproduce.Figure{
			Name: fmt.Sprintf("nguyen-fig2-zeta%g", zeta), Width: 7 * vg.Inch, Height: 9 * vg.Inch, Paint: figure.Column(reproduce.EqualShares(len(panels)), panels...),
			Caption: "Median over seeds. In the first iteration every unit is off.",
		})
	}
	return figures, nil
}

// noiseFloor is ½E‖η‖², d = 784.
func noiseFloor(noise float64) float64 { return 784 * noise * noise / 2 }

func lossClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, noise := range reproduce.Distinct(r.Rows, "noise") {
		start := reproduce.Where(r.Rows, "noise", noise, "iteration", 0)
		claims = append(claims, reproduce.OldEqual(fmt.Sprintf("σ = %g: loss at the start, every unit off, beside ½E‖y‖²", noise),
			reproduce.Mean(start, "loss", ""), reproduce.Exact(0.5+noiseFloor(noise)), reproduce.OldTolerance{Relative: 0.005}))
		for _, init := range initialisations() {
			rows := reproduce.Where(r.Rows, "noise", noise, "zeta", 10, "init", init)
			// Units that share a cluster leave one uncovered for some seeds: at most a cluster of ten, 0.05.
			claims = append(claims, reproduce.OldEqual(fmt.Sprintf("σ = %g, ζ = m, %s: loss at the end beside the noise's energy", noise, init),
				reproduce.OldMedian(reproduce.Where(rows, "iteration", 50), "loss"), reproduce.Exact(noiseFloor(noise)), reproduce.OldTolerance{Absolute: 0.05}))
		}
		random, perturbed := halfway(r, noise, fromRandom), halfway(r, noise, fromPerturbed)
		claims = append(claims, reproduce.OldAbove(fmt.Sprintf("σ = %g, ζ = m: iterations to half of the way, random against perturbed", noise),
			reproduce.Exact(random), reproduce.Exact(perturbed), 0))
	}
	return claims, nil
}

// halfway is the first iteration at which the median loss has fallen half of the way to the noise's energy.
func halfway(r *reproduce.Results, noise float64, init string) float64 {
	points := medians(reproduce.Where(r.Rows, "noise", noise, "zeta", 10, "init", init), "loss")
	for _, p := range points {
		if p.Y < (points[0].Y+noiseFloor(noise))/2 {
			return p.X
		}
	}
	return math.Inf(1)
}
