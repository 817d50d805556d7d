package rangamani

import (
	"context"
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// lemmas is Lemmas 5.1 and 5.2: the proxy gradient beside the true one, and its coefficients.
func lemmas() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-lemmas", Paper: paperName,
		Title: "Lemmas 5.1 and 5.2: the proxy gradient, and its coefficients on W_i and A*_i, against the dimension",
		Claim: "Where the active units are the support, the gradient is the proxy gradient; that is α_iW_i − β_iA*_i + e_i with " +
			"α_i and β_i of order m₂·k/h, and β_i − α_i and e_i smaller, the more so the less coherent the dictionary.",
		Minutes: reproduce.Minutes{Quick: 0.1, Paper: 0.8, Large: 0.8},
		Columns: []string{"h", "dim", "lo", "hi", "samples", "seed", "support", "delta", "coherence", "bias", "sufficient", "true_positive", "exact",
			"norm", "proxy_norm", "difference", "alpha", "beta", "rest", "expected_alpha", "expected_beta"},
		Cells:   lemmaCells,
		Figures: lemmaFigures,
		Claims:  lemmaClaims,
	}
}

// The dimensions and supports. The coherence falls like 1/√dim.
var (
	lemmaDims     = []int{500, 2000, 8000}
	lemmaSupports = []int{1, 2, 3}
)

func lemmaCells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	h, seeds, samples := 64, 5, 2000
	if p.Scale != reproduce.Quick {
		h, seeds, samples = 128, 6, 8000
	}
	for _, dim := range lemmaDims {
		for _, seed := range p.Seeds(seeds) {
			var settings []recovery
			for _, k := range lemmaSupports {
				settings = append(settings, recovery{H: h, Dim: dim, Supports: []int{k}, Deltas: []float64{0.02}, Samples: samples, Seed: seed})
			}
			cells = append(cells, reproduce.CellOf(fmt.Sprintf("d%d-seed%d", dim, seed), settings, lemmaRows))
		}
	}
	return cells, nil
}

func lemmaRows(ctx context.Context, env *reproduce.Env, s recovery) ([]reproduce.Row, error) {
	s = s.withDefaults()
	r, err := s.proxy(ctx, env.Executor)
	if err != nil {
		return nil, err
	}
	sufficient := 0
	if r.Sufficient {
		sufficient = 1
	}
	alpha, beta := s.coefficients(r.Delta, r.Bias)
	return []reproduce.Row{{
		"h": s.H, "dim": s.Dim, "lo": s.Lo, "hi": s.Hi, "samples": s.Samples, "seed": s.Seed, "support": r.Support, "delta": r.Delta,
		"coherence": r.Coherence, "bias": r.Bias, "sufficient": sufficient, "true_positive": r.Found.TruePositive, "exact": r.Found.Exact,
		"norm": r.Norm, "proxy_norm": r.Proxy, "difference": r.Difference,
		"alpha": r.Alpha, "beta": r.Beta, "rest": r.Rest, "expected_alpha": alpha, "expected_beta": beta,
	}}, nil
}

func lemmaFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{Title: "Coefficients of the proxy gradient, in units of k/h", X: "d, dimension of the data", Y: "coefficient", LogX: true}
	for i, k := range reproduce.Distinct(r.Rows, "support") {
		rows := reproduce.Where(r.Rows, "support", k)
		for _, column := range []string{"alpha", "beta", "rest"} {
			var found plotter.XYs
			for _, dim := range reproduce.Distinct(rows, "dim") {
				found = append(found, plotter.XY{X: dim, Y: reproduce.Mean(reproduce.Where(rows, "dim", dim), column, "").Value})
			}
			c.Add(figure.Curve{Label: fmt.Sprintf("%s, k = %g", map[string]string{"alpha": "α", "beta": "β", "rest": "‖e‖"}[column], k), Points: found, Pen: figure.Solid(figure.Colour(i))})
		}
	}
	return []reproduce.Figure{{
		Name: "rangamani-lemmas", Width: 8 * vg.Inch, Height: 5 * vg.Inch, Paint: c.Paint,
		Caption: "β stays at m₂. α is less by 2εm₁ − ε², and the bias ε is proportional to k and to the coherence, which falls like 1/√d.",
	}}, nil
}
