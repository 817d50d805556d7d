package rangamani

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot/plotter"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// table1 is the gradient of the ReLU autoencoder near the dictionary, against the number of units.
func table1() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-table1", Paper: paperName,
		Title: "Mean gradient norm near the dictionary and h^{p−1}, for h units and support hᵖ",
		Claim: "Near the dictionary the expected gradient of the squared loss is small and falls with h, like h^{p−1}. " +
			"(The constants behind the paper's numbers are lost; these are the best of about 1700 settings.)",
		Minutes: reproduce.Minutes{Quick: 0.5, Paper: 1.5, Large: 1.5},
		Columns: []string{"h", "p", "seed", "dim", "samples", "support", "bias", "scale", "norm", "proxy_norm", "leading",
			"coherence_max", "coherence_mean", "true_positive", "false_positive", "paper_norm"},
		Cells:   table1Cells,
		Figures: table1Figures,
		Claims:  table1Claims,
	}
}

func table1Cells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	seeds := uint64(1)
	if p.Scale != reproduce.Quick {
		seeds = 5
	}
	for i, h := range table1H {
		var settings []setting
		for _, exponent := range table1P {
			for seed := range seeds {
				settings = append(settings, setting{H: h, P: exponent, Seed: p.Seed + seed})
			}
		}
		cells = append(cells, reproduce.Cell{Name: fmt.Sprintf("h%d", h), Settings: settings, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
			return table1Run(ctx, env, settings, table1Norms[i])
		}})
	}
	return cells, nil
}

func table1Run(ctx context.Context, env *reproduce.Env, settings []setting, paper [4]float64) (*reproduce.Output, error) {
	out := &reproduce.Output{}
	for _, s := range settings {
		r, err := s.gradient(ctx, env.Executor)
		if err != nil {
			return nil, err
		}
		row := reproduce.Row{
			"h": r.H, "p": r.P, "seed": r.Seed, "dim": r.Dim, "samples": r.Samples, "support": r.Support, "bias": r.Bias,
			"scale": r.Scale, "norm": r.Norm, "proxy_norm": r.Proxy, "leading": r.Leading,
			"coherence_max": r.Coherence.Max, "coherence_mean": r.Coherence.Mean,
			"true_positive": r.TruePositive, "false_positive": r.FalsePositive,
		}
		for j, p := range table1P {
			if p == r.P {
				row["paper_norm"] = paper[j]
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

func table1Figures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := figure.Chart{Title: "ReLU autoencoder near the dictionary", X: "h, number of units", Y: "mean norm of a column's gradient", LogX: true, LogY: true}
	for i, p := range table1P {
		rows := reproduce.Where(r.Rows, "p", p)
		var found, paper plotter.XYs
		for _, h := range reproduce.Distinct(rows, "h") {
			at := reproduce.Where(rows, "h", h)
			found = append(found, plotter.XY{X: h, Y: reproduce.Mean(at, "norm", "").Value})
			paper = append(paper, plotter.XY{X: h, Y: at[0].Num("paper_norm")})
		}
		c.Add(figure.Curve{Label: fmt.Sprintf("p = %g", p), Points: found, Pen: figure.Solid(figure.Colour(i))})
		c.Mark(figure.Marks{Label: fmt.Sprintf("paper, p = %g", p), Points: paper, Colour: figure.Colour(i)})
	}
	return []reproduce.Figure{{
		Name: "rangamani-table1", Paint: c.Paint,
		Caption: "Lines: measured. Discs: the paper's table. The jump at p = 0.1 is where ⌊hᵖ⌋ becomes 2.",
	}}, nil
}

func table1Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var mine, paper []float64
	var far float64
	for _, h := range reproduce.Distinct(r.Rows, "h") {
		for _, p := range reproduce.Distinct(r.Rows, "p") {
			rows := reproduce.Where(r.Rows, "h", h, "p", p)
			mine = append(mine, reproduce.Mean(rows, "norm", "").Value)
			paper = append(paper, rows[0].Num("paper_norm"))
			far = math.Max(far, math.Abs(rows[0].Num("scale")-printedScale[int(h)][p]))
		}
	}
	distance := logRMS(mine, paper)
	claims := []reproduce.Claim{
		reproduce.OldCheck("h^{p−1}, largest distance from the printed value", reproduce.Exact(far), reproduce.Exact(0), "rounds to the four printed decimals", far <= 5e-5),
		reproduce.OldCheck("gradient norms, root mean square of ln(found/paper)", reproduce.Exact(distance), reproduce.Exact(0), "at most 0.35", distance <= 0.35),
	}
	for _, p := range reproduce.Distinct(r.Rows, "p") {
		claims = append(claims, table1Trend(r, p))
	}
	return append(claims, table1Recovery(r)...), nil
}

// printedScale is the second entry of the paper's cells.
var printedScale = map[int]map[float64]float64{
	256:  {0.01: .0041, 0.02: .0044, 0.05: .0052, 0.1: .0068},
	512:  {0.01: .0021, 0.02: .0022, 0.05: .0027, 0.1: .0036},
	1024: {0.01: .0010, 0.02: .0011, 0.05: .0014, 0.1: .0020},
	2048: {0.01: .0005, 0.02: .0006, 0.05: .0007, 0.1: .0010},
	4096: {0.01: .0003, 0.02: .0003, 0.05: .0004, 0.1: .0006},
}

// table1Trend claims that the norm falls with h: at every step where the support stays 1, in the slope of its logarithm elsewhere.
func table1Trend(r *reproduce.Results, p float64) reproduce.Claim {
	rows := reproduce.Where(r.Rows, "p", p)
	var x, y []float64
	falls := true
	for i, h := range reproduce.Distinct(rows, "h") {
		x, y = append(x, math.Log(h)), append(y, math.Log(reproduce.Mean(reproduce.Where(rows, "h", h), "norm", "").Value))
		falls = falls && (i == 0 || y[i] < y[i-1])
	}
	_, slope := stat.LinearRegression(x, y, nil, false)
	text := fmt.Sprintf("p = %g: slope of ln(norm) against ln(h), beside p − 1", p)
	if len(reproduce.Distinct(rows, "support")) == 1 {
		return reproduce.OldCheck(text, reproduce.Exact(slope), reproduce.Exact(p-1), "falls at every step", falls)
	}
	return reproduce.OldCheck(text, reproduce.Exact(slope), reproduce.Exact(p-1), "below −0.5", slope < -0.5)
}

// table1Recovery claims that a large fraction of the support is active and hardly anything else; amp/THEORY.md §13.5.
func table1Recovery(r *reproduce.Results) []reproduce.Claim {
	low, most := math.Inf(1), 0.0
	for _, row := range r.Rows {
		low, most = math.Min(low, row.Num("true_positive")), math.Max(most, row.Num("false_positive"))
	}
	return []reproduce.Claim{
		reproduce.OldCheck("smallest share of the support that is active", reproduce.Exact(low), reproduce.Exact(1), "a large fraction: above 0.5", low > 0.5),
		reproduce.OldCheck("most units active outside the support, per sample", reproduce.Exact(most), reproduce.Exact(0), "below 0.5", most < 0.5),
	}
}
