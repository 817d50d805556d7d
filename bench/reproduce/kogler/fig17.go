package kogler

import (
	"context"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
	"autoamp/train/program"
)

// figure17 is the block diagram of the decoder of eq. (22), beside the list of the tensors that the model trains.
func figure17() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-fig17", Paper: paperName,
		Title:   "Block diagram of the three-layer decoder (22)",
		Claim:   "y → V1 → f1 → x̂¹; (W1·x̂¹, y) → ⊕ → g1 → ẑ²; (V2·ẑ², x̂¹) → ⊕ → f2 → x̂².",
		Minutes: reproduce.Minutes{Quick: 0.01, Paper: 0.01, Large: 0.01},
		Columns: []string{"tensor", "shape", "dim", "code"},
		Cells: func(reproduce.Params) ([]reproduce.Cell, error) {
			settings := train.Config{Model: fig17Model}.WithDefaults().Model.AtOneTemperature()
			return []reproduce.Cell{{Name: "model", Settings: settings, Run: fig17Rows}}, nil
		},
		Figures: func(*reproduce.Results) ([]reproduce.Figure, error) {
			return []reproduce.Figure{{
				Name: "kogler-fig17", Width: 10 * vg.Inch, Height: 2.7 * vg.Inch, Paint: paintFig17,
				Caption: "A circle adds β times what comes from the left and γ times what comes along the arc; β and γ are trained. " +
					"V₁ and V₂ map codes to data, W₁ data to codes; f₁, g₁ and f₂ are scalar functions.",
			}}, nil
		},
		Claims: fig17Claims,
	}
}

var fig17Model = train.ModelConfig{Name: "rigamp", Dim: 8, Rate: 0.5, Iterations: 2}

// fig17Rows lists the tensors that the model trains.
func fig17Rows(context.Context, *reproduce.Env) (*reproduce.Output, error) {
	c := train.Config{Model: fig17Model}.WithDefaults()
	model, err := program.Model(c)
	if err != nil {
		return nil, err
	}
	out := &reproduce.Output{}
	for _, p := range model.Params {
		out.Rows = append(out.Rows, reproduce.Row{
			"tensor": p.Name, "shape": fmt.Sprint(p.Node.Shape()), "dim": c.Model.Dim, "code": c.Model.Code(),
		})
	}
	return out, nil
}

// fig17Claims count: one tensor for each block of the diagram, and no other. The effect of a block is a tensor.
func fig17Claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	count := func(text string, rows []reproduce.Row, want float64) reproduce.Claim {
		return reproduce.Equal(text, reproduce.Exact(float64(len(rows))), reproduce.ClosedForm(want), 1, 0)
	}
	var claims []reproduce.Claim
	for _, block := range fig17Blocks {
		rows := reproduce.Where(r.Rows, "tensor", block.tensor)
		text := block.text + ": tensors " + block.tensor
		if block.shape != "" {
			rows, text = reproduce.Where(rows, "shape", block.shape), text+" of shape "+block.shape
		}
		claims = append(claims, count(text, rows, 1))
	}
	return append(claims, count("tensors that are trained, the blocks' and no other", r.Rows, float64(len(fig17Blocks)))), nil
}

// fig17Blocks are the trained blocks of eq. (22) at d = 8 and n = 4.
var fig17Blocks = []struct{ tensor, text, shape string }{
	{"encoder.weight", "B maps data to codes", "(4, 8)"},
	{"decoder.v1.weight", "V1 maps codes to data", "(8, 4)"},
	{"decoder.w1.weight", "W1 maps data to codes", "(4, 8)"},
	{"decoder.v2.weight", "V2 maps codes to data", "(8, 4)"},
	{"decoder.f1.theta", "f1 is a trained function of a scalar", ""},
	{"decoder.g1.theta", "g1 is a trained function of a scalar", ""},
	{"decoder.f2.theta", "f2 is a trained function of a scalar", ""},
	{"decoder.g1.merge1", "⊕ before g1 has two trained weights", "(2)"},
	{"decoder.f2.merge1", "⊕ before f2 has two trained weights", "(2)"},
}

// paintFig17 draws the blocks along a line, with the two skip connections as arcs above it.
func paintFig17(dc draw.Canvas) {
	d := figure.Diagram{
		Blocks: []figure.Block{
			{Kind: figure.Vector, Text: "y"},
			{Kind: figure.Matrix, Text: "V₁"}, {Kind: figure.Function, Text: "f₁"}, {Kind: figure.Vector, Text: "x¹", Hat: true},
			{Kind: figure.Matrix, Text: "W₁"}, {Kind: figure.Sum, Text: "+", Note: "β₁ from the left"},
			{Kind: figure.Function, Text: "g₁"}, {Kind: figure.Vector, Text: "z²", Hat: true},
			{Kind: figure.Matrix, Text: "V₂"}, {Kind: figure.Sum, Text: "+", Note: "β₂ from the left"},
			{Kind: figure.Function, Text: "f₂"}, {Kind: figure.Vector, Text: "x²", Hat: true},
		},
		Arcs:     []figure.Arc{{From: 0, To: 5, Level: 1, Text: "γ₁"}, {From: 3, To: 9, Level: 2, Text: "γ₂"}},
		Captions: []figure.Caption{{From: 1, To: 3, Text: "layer 1, data"}, {From: 4, To: 7, Text: "layer 2, codes"}, {From: 8, To: 11, Text: "layer 3, data"}},
	}
	d.Paint(dc)
}
