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
		Title: "Loss against iteration, three initialisations, three noise levels, ζ = m",
		Claim: "Normalised gradient descent on a mixture of Gaussians decreases the loss to near the energy of the noise from " +
			"every initialisation, slowest from a random one.",
		Minutes: reproduce.Minutes{Quick: 0.4, Paper: 1, Large: 1},
		Columns: descentColumns,
		Cells: func(p reproduce.Params) (cells []reproduce.Cell, err error) {
			for _, init := range initialisations() {
				for _, noise := range []float64{0.01, 0.02, 0.03} {
					d := descent{Init: init, Noise: noise, Zeta: literal}
					cells = append(cells, descentCell(cellName(d), d, p, 5))
				}
			}
			return cells, nil
		},
		Figures: lossFigures,
		Claims:  lossClaims,
	}
}

func lossFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	var panels []func(draw.Canvas)
	for _, noise := range reproduce.Distinct(r.Rows, "noise") {
		c := descentChart(reproduce.Where(r.Rows, "noise", noise), fmt.Sprintf("σ = %g, ζ = m", noise), "loss ½E‖y − ŷ‖²", "loss")
		c.Add(figure.Curve{Label: "noise", Points: plotter.XYs{{X: 0, Y: noiseFloor(noise)}, {X: 50, Y: noiseFloor(noise)}}, Pen: figure.Dash(figure.Grey)})
		panels = append(panels, c.Paint)
	}
	return []reproduce.Figure{{
		Name: "nguyen-fig2", Width: 7 * vg.Inch, Height: 9 * vg.Inch, Paint: figure.Column(reproduce.EqualShares(len(panels)), panels...),
		Caption: "Geometric mean over five seeds; dotted: the smallest and the largest of them. In the first iteration every unit is off, and the loss " +
			"is ½E‖y‖². Dashed: the energy of the noise, ½dσ².",
	}}, nil
}

// noiseFloor is ½E‖η‖², d = 784.
func noiseFloor(noise float64) float64 { return 784 * noise * noise / 2 }

// clusterEnergy is the loss that one cluster of ten adds while no unit covers it.
const clusterEnergy = 0.05

func lossClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	for _, noise := range reproduce.Distinct(r.Rows, "noise") {
		rows := reproduce.Where(r.Rows, "noise", noise)
		start := reproduce.Where(rows, "iteration", 0, "init", fromRandom) // one row for each seed: all starts have the same data
		claims = append(claims, reproduce.Equal(fmt.Sprintf("σ = %g: loss at the start, every unit off, beside ½(1 + dσ²)", noise),
			reproduce.Mean(start, "loss", ""), reproduce.ClosedForm(0.5+noiseFloor(noise)), 0.5, 0.0005))
		for _, init := range initialisations() {
			end := reproduce.Where(rows, "init", init, "iteration", 50)
			// Near: nearer than a quarter of what a cluster that no unit covers adds.
			claims = append(claims, reproduce.Equal(fmt.Sprintf("σ = %g, %s: loss at the end beside the noise's energy", noise, init),
				reproduce.Mean(end, "loss", ""), reproduce.ClosedForm(noiseFloor(noise)), 0.5, clusterEnergy/4))
		}
		for _, init := range []string{fromPerturbed, fromPrincipal} {
			claims = append(claims, reproduce.Above(fmt.Sprintf("σ = %g: iterations to half of the way, random less %s", noise, init),
				reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
					return halfway(rows, noise, fromRandom) - halfway(rows, noise, init)
				}),
				reproduce.ClosedForm(0), 10))
		}
	}
	return claims, nil
}

// halfway is the first iteration at which the loss of a seed has fallen half of the way to the noise's energy.
func halfway(rows []reproduce.Row, noise float64, init string) float64 {
	trace := reproduce.Where(rows, "init", init)
	for _, p := range trace {
		if p.Num("loss") < (trace[0].Num("loss")+noiseFloor(noise))/2 {
			return p.Num("iteration")
		}
	}
	return math.Inf(1)
}
