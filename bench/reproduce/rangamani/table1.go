package rangamani

import (
	"context"
	"fmt"

	"gonum.org/v1/plot/plotter"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// table1 is the gradient of the ReLU autoencoder near the dictionary, against the number of units.
func table1() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-table1", Paper: paperName,
		Title: "Mean gradient norm near the dictionary and h^{p−1}, for h units and support hᵖ",
		Claim: "Near the dictionary the expected gradient of the squared loss is small and falls with h, like h^{p−1}. " +
			"(The constants behind the paper's numbers are lost: two of them are fitted on half of its table and tested on the other half.)",
		Minutes: reproduce.Minutes{Quick: 0.8, Paper: 1.5, Large: 1.5},
		Columns: []string{"role", "h", "p", "prefactor", "hi", "seed", "dim", "samples", "support", "bias", "scale", "norm", "proxy_norm", "difference",
			"coherence_max", "coherence_mean", "true_positive", "expected_true_positive", "false_positive", "paper_norm"},
		Cells:   table1Cells,
		Figures: table1Figures,
		Claims:  table1Claims,
	}
}

// The grid of Table 1 of Rangamani et al., and its gradient norms, by h and p. They were printed without the constants of
// the experiment.
var (
	table1H     = []int{256, 512, 1024, 2048, 4096}
	table1P     = []float64{0.01, 0.02, 0.05, 0.1}
	table1Norms = [5][4]float64{
		{.0137, .0138, .0126, .0095},
		{.0058, .0058, .0054, .0071},
		{.0025, .0024, .0026, .0079},
		{.0011, .0012, .0025, .0031},
		{.0006, .0012, .0013, .0026},
	}
	// table1Scales is the second entry of the paper's cells.
	table1Scales = [5][4]float64{
		{.0041, .0044, .0052, .0068},
		{.0021, .0022, .0027, .0036},
		{.0010, .0011, .0014, .0020},
		{.0005, .0006, .0007, .0010},
		{.0003, .0003, .0004, .0006},
	}
)

// The roles of a row of Table 1.
const (
	roleTable = "table" // the table itself, at the constants of setting's defaults
	roleFit   = "fit"   // a candidate for the constants, of one seed and fewer samples
)

// proxyH is the largest h at which the proxy gradient is measured too.
const proxyH = 1024

func table1Cells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	seeds := 3
	if p.Scale != reproduce.Quick {
		seeds = 8
	}
	for _, h := range table1H {
		for _, seed := range p.Seeds(seeds) {
			var settings []setting
			for _, exponent := range table1P {
				settings = append(settings, setting{H: h, P: exponent, Seed: seed})
			}
			cells = append(cells, reproduce.CellOf(fmt.Sprintf("h%d-seed%d", h, seed), settings, table1Run))
		}
	}
	return append(cells, fitCells(p)...), nil
}

// table1Run measures a row of the paper's table.
func table1Run(ctx context.Context, env *reproduce.Env, s setting) ([]reproduce.Row, error) {
	r, err := s.gradient(ctx, env.Executor, s.H <= proxyH)
	if err != nil {
		return nil, err
	}
	return []reproduce.Row{{
		"role": roleTable, "h": r.H, "p": r.P, "prefactor": r.Prefactor, "hi": r.Hi, "seed": r.Seed, "dim": r.Dim, "samples": r.Samples,
		"support": r.Support, "bias": r.Bias, "scale": amp.SparseCodingScale(r.H, r.P), "norm": r.Norm,
		"proxy_norm": r.Proxy, "difference": r.Difference,
		"coherence_max": r.Coherence.Max, "coherence_mean": r.Coherence.Mean,
		"true_positive": r.TruePositive, "expected_true_positive": r.expectedTruePositive(), "false_positive": r.FalsePositive, "paper_norm": table1Norm(r.H, r.P),
	}}, nil
}

func table1Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{Title: "ReLU autoencoder near the dictionary", X: "h, number of units", Y: "mean norm of a column's gradient", LogX: true, LogY: true}
	for i, p := range table1P {
		rows := reproduce.Where(r.Rows, "role", roleTable, "p", p)
		var found, paper plotter.XYs
		for _, h := range reproduce.Distinct(rows, "h") {
			of := reproduce.Where(rows, "h", h)
			found = append(found, plotter.XY{X: h, Y: reproduce.Mean(of, "norm", "").Value})
			paper = append(paper, plotter.XY{X: h, Y: of[0].Num("paper_norm")})
		}
		c.Add(figure.Curve{Label: fmt.Sprintf("p = %g", p), Points: found, Pen: figure.Solid(figure.Colour(i))})
		c.Mark(figure.Marks{Label: fmt.Sprintf("paper, p = %g", p), Points: paper, Colour: figure.Colour(i)})
	}
	return []reproduce.Figure{{
		Name: "rangamani-table1", Paint: c.Paint,
		Caption: "Lines: measured. Discs: the paper's table. The jump at p = 0.1 is where ⌊hᵖ⌋ becomes 2. Theorem 3.1 does not apply at " +
			"these constants: about 40 % of the support is off.",
	}}, nil
}
