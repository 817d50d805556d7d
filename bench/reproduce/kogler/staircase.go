package kogler

import (
	"fmt"

	. "autoamp/bench/reproduce"
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

func (f staircase) cells(p Params) ([]Cell, error) {
	r, err := f.at(p.Scale)
	if err != nil {
		return nil, err
	}
	return []Cell{Training{Name: "trained", Config: r.config(p, f.model, f.data), Trace: true}.Cell()}, nil
}

// figures draws every seed's test error.
func (f staircase) figures(r *Results, name, title, caption string) ([]Figure, error) {
	final, trace := finals(r)[0], Where(r.Rows, "kind", "trace")
	c := figure.Chart{
		Title: title, X: axisStep, Y: axisMSE, LogX: true, XMin: 1, XMax: final.Num("steps"), YMin: 0, YMax: 1.02,
	}
	for _, level := range []struct{ column, label string }{{"haar", "Haar candidate"}, {"identity", "identity candidate"}} {
		v := final.Num(level.column)
		c.Level(v, fmt.Sprintf("%s, %.4f", level.label, v), figure.Dash(figure.Grey))
	}
	for i, seed := range Distinct(trace, "seed") {
		points := Points(Where(trace, "seed", seed), "step", "test_mse")
		c.Add(figure.Curve{Points: points, Pen: figure.Pen{Colour: figure.Colour(i), Width: 1.2}})
	}
	return []Figure{{Name: name, Caption: caption, Paint: c.Paint}}, nil
}

// claims are plateau, drop and floor.
func (f staircase) claims(r *Results) ([]Claim, error) {
	rows := finals(r)
	haar, identity := rows[0].Num("haar"), rows[0].Num("identity")
	left := 0.0
	for _, row := range rows {
		if row.Num("drop") > 0 {
			left++
		}
	}
	seeds := float64(len(rows))
	claims := []Claim{
		Check("seeds that rest on a plateau and leave it", Exact(left), Exact(seeds), "all", left == seeds),
	}
	if left == seeds {
		// On the plateau rows of B still turn and the learning rate is high: training rests a few percent above its floor.
		claims = append(claims, Equal("level of the plateau, beside the Haar candidate's error", Mean(rows, "plateau", ""), Exact(haar),
			Tolerance{Relative: 0.06}))
	}
	claims = append(claims, Equal("final error, beside the identity candidate's", mse(rows), Exact(identity),
		Tolerance{Relative: 0.02, Absolute: 0.01}))
	plateau := Mean(rows, "plateau", "")
	return append(claims, Below("final error, beside three quarters of the plateau's", mse(rows), Exact(0.75*plateau.Value), 3)), nil
}
