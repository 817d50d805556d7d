package kogler

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

func (g grown) String() string {
	return fmt.Sprintf("%v: depth %d, width %dd, from the denoiser", g.deepCase, g.depth, g.width)
}

// less is the error of one kind less that of another, of the same seeds.
func (g grown) less(r *reproduce.Results, kind, other string) reproduce.Estimate {
	both := append(g.rows(r, kind), g.rows(r, other)...)
	return reproduce.PerSeed(both, func(rows []reproduce.Row) float64 {
		return mse(reproduce.Where(rows, "kind", kind)).Value - mse(reproduce.Where(rows, "kind", other)).Value
	})
}

// gain is how far the net ends below the denoiser.
func (g grown) gain(r *reproduce.Results) reproduce.Estimate {
	return g.less(r, denoiserKind, grownKind)
}

// flat claims that the net is at its end: half of the steps end within a quarter of the gain.
func (g grown) flat(r *reproduce.Results) reproduce.Claim {
	gain := g.gain(r).Value
	return reproduce.Equal(g.String()+", error after half of the steps less that at the end", g.less(r, halfKind, grownKind), reproduce.ClosedForm(0), gain, gain/4)
}

// ended says whether the net is at its end.
func (g grown) ended(r *reproduce.Results) bool { return g.flat(r).Outcome() == reproduce.Pass }

// growth claims that the net gains more than the one of the same shape at the smallest dimension: the gain is no effect of a small dimension.
// The reference has to be at its end; the net need not be, since more steps only add to its gain.
func (g grown) growth(r *reproduce.Results, structured float64) []reproduce.Claim {
	least := g
	for _, other := range grownNets[r.Scale] {
		if other.depth == g.depth && other.width == g.width && other.dim < least.dim {
			least = other
		}
	}
	if least == g || !least.ended(r) {
		return nil
	}
	text := fmt.Sprintf("%v, gain, beside the one at d = %d", g, least.dim)
	return []reproduce.Claim{reproduce.Above(text, g.gain(r), reproduce.Simulation(least.gain(r)), structured)}
}

// structured is what two more layers with the structure of eq. (22) gain on the denoiser, both with their best encoders.
func (c candidates) structured() float64 { return c.share.limit - c.shareLayers.limit }

// candidates are those of the case.
func (c deepCase) candidates(r *reproduce.Results) (candidates, error) {
	of := candidatesOf{"sparse-gaussian", c.p, c.rate, c.dim}
	return reproduce.Once(r, of, of.evaluate)
}

// drawnDepth is the depth of the nets that are drawn over the dimension.
const drawnDepth = 3

// grownClaims are the paper's sentence for every net that starts as the denoiser.
func grownClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var claims []reproduce.Claim
	for _, g := range grownNets[r.Scale] {
		c, err := g.candidates(r)
		if err != nil {
			return nil, err
		}
		claims = append(claims, g.claims(r, c)...)
	}
	return claims, nil
}

// claims say that the net does not end below the denoiser. A net that does deviates; what it gains is a part of what two more layers with the
// structure of eq. (22) gain. A net that is not at its end claims only what more steps cannot undo: that it is below already.
func (g grown) claims(r *reproduce.Results, c candidates) []reproduce.Claim {
	gain, structured, flat := g.gain(r), c.structured(), g.flat(r)
	less, text := gain.Times(-1), g.String()+", error less that of the denoiser that trains on alike"
	share := fmt.Sprintf("%.0f %% of what two more layers with the structure of eq. (22) gain, %.4f", 100*gain.Value/structured, structured)
	below := reproduce.Below(text+", below 0", less, reproduce.ClosedForm(0), structured)
	paper := reproduce.Above(text+", not below 0", less, reproduce.ClosedForm(0), structured)
	tests := append([]reproduce.Claim{below}, g.growth(r, structured)...)
	switch {
	case g.ended(r):
		part := reproduce.Below(g.String()+", gain over that of eq. (22)", gain.Times(1/structured), reproduce.ClosedForm(1), 1)
		return []reproduce.Claim{paper.Deviates("a net that starts as the denoiser ends below it, by "+share, append(tests, part)...), flat}
	case below.Outcome() == reproduce.Pass:
		paper.Text += " (still falling)"
		return []reproduce.Claim{paper.Deviates("a net that starts as the denoiser is below it, and still falling, by "+share, tests...)}
	}
	return nil
}

// grownFigures draw the errors of the nets of three layers against the dimension, with the denoiser and the theory.
func grownFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	nets := grownNets[r.Scale]
	if len(nets) == 0 {
		return nil, nil
	}
	chart := figure.Chart{
		Title: "Sparse Gaussian data, p = 0.2, r = 0.5: nets of three layers that start as the denoiser", X: "dimension d", Y: axisMSE,
		XMin: 40, XMax: 240, YMin: 0.48, YMax: 0.58, LogX: true,
	}
	limits, err := nets[0].candidates(r)
	if err != nil {
		return nil, err
	}
	chart.Level(limits.share.limit, "denoiser, d → ∞", figure.Dash(figure.Blue))
	chart.Level(limits.shareLayers.limit, "eq. (22), d → ∞", figure.Dot(figure.Orange))
	chart.Level(limits.bayesShare, "Bayes, d → ∞", figure.Dot(figure.Black))
	for _, kind := range []struct {
		kind, label string
		colour      color.Color
		shape       draw.GlyphDrawer
	}{
		{denoiserKind, "denoiser, trained as long", figure.Blue, draw.PyramidGlyph{}},
		{halfKind, "net, half of the steps", figure.Grey, draw.RingGlyph{}},
		{grownKind, "net", figure.Orange, draw.CircleGlyph{}},
	} {
		marks := trained(kind.label, reproduce.Where(r.Rows, "kind", kind.kind, "depth", drawnDepth), "dim", kind.colour)
		marks.Shape = kind.shape
		chart.Mark(marks)
	}
	return []reproduce.Figure{{
		Name: "kogler-deep-dimension", Paint: chart.Paint,
		Caption: "Means over seeds ± s.e. Every net starts as the denoiser of its seed, and both train on for as many steps at the same rate, τ = 0.3, rows on " +
			"the sphere. A net that has another error after half of the steps is not at its end.",
	}}, nil
}
