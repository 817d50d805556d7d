package kogler

import (
	"fmt"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// staircase is a figure of the error against the step where the identity is the better candidate: training rests on the Haar
// candidate's plateau and then drops to the identity's error: Figures 2, 8, 10 and 16.
type staircase struct {
	model train.ModelConfig
	data  string
	recipes
}

func (f staircase) cells(p reproduce.Params) ([]reproduce.Cell, error) {
	r, err := f.at(p.Scale)
	if err != nil {
		return nil, err
	}
	return []reproduce.Cell{reproduce.Training{Name: "trained", Config: r.config(p, f.model, f.data), Trace: true}.Cell()}, nil
}

// figures draws every seed's test error.
func (f staircase) figures(r *reproduce.Results, name, title, caption string) ([]reproduce.Figure, error) {
	final, trace := finals(r)[0], reproduce.Where(r.Rows, "kind", "trace")
	c := figure.Chart{
		Title: title, X: axisStep, Y: axisMSE, LogX: true, XMin: 1, XMax: final.Num("steps"), YMin: 0, YMax: 1.02,
	}
	for _, level := range []struct{ column, label string }{{"haar", "Haar candidate"}, {"identity", "identity candidate"}} {
		v := final.Num(level.column)
		c.Level(v, fmt.Sprintf("%s, %.4f", level.label, v), figure.Dash(figure.Grey))
	}
	for i, seed := range reproduce.Distinct(trace, "seed") {
		points := reproduce.Points(reproduce.Where(trace, "seed", seed), "step", "test_mse")
		c.Add(figure.Curve{Points: points, Pen: figure.Pen{Colour: figure.Colour(i), Width: 1.2}})
	}
	return []reproduce.Figure{{Name: name, Caption: caption, Paint: c.Paint}}, nil
}

// claims are plateau, drop and floor.
func (f staircase) claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	rows := finals(r)
	haar, identity := rows[0].Num("haar"), rows[0].Num("identity")
	left := 0.0
	for _, row := range rows {
		if row.Num("drop") > 0 {
			left++
		}
	}
	seeds := float64(len(rows))
	claims := []reproduce.Claim{
		reproduce.OldCheck("seeds that rest on a plateau and leave it", reproduce.Exact(left), reproduce.Exact(seeds), "all", left == seeds),
	}
	if left == seeds {
		// On the plateau rows of B still turn and the learning rate is high: training rests a few percent above its floor.
		claims = append(claims, reproduce.OldEqual("level of the plateau, beside the Haar candidate's error", reproduce.Mean(rows, "plateau", ""), reproduce.Exact(haar),
			reproduce.OldTolerance{Relative: 0.06}))
	}
	claims = append(claims, reproduce.OldEqual("final error, beside the identity candidate's", mse(rows), reproduce.Exact(identity),
		reproduce.OldTolerance{Relative: 0.02, Absolute: 0.01}))
	plateau := reproduce.Mean(rows, "plateau", "")
	return append(claims, reproduce.OldBelow("final error, beside three quarters of the plateau's", mse(rows), reproduce.Exact(0.75*plateau.Value), 3)), nil
}
