package kogler

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/figure"
)

// images is a figure of the error against the rate on whitened and masked images: Figures 3, 6 and 11.
//
// The code of an image does not tell its norm. Behind a Haar encoder the linear decoder's error is
//
//	E‖x‖²/d − (1 − R_Gauss)·(E‖x‖)²/d = (1 − ζ)·[1 − κ·(1 − R_Gauss)],   κ = (E‖x‖)²/E‖x‖²,
//
// with κ = 1 for the theory's data, because their norms concentrate, for rows that are scaled to one norm, and for a decoder that
// knows the norms, whatever the rows are. Whitened images of one class have κ near 0.9.
type images map[reproduce.Scale][]imageGrid

// imageGrid is a recipe for one class. Its dim is that of the images.
type imageGrid struct {
	imageClass
	model train.ModelConfig
	norms []string // what happens to the norms of rows
	recipe
}

// cells are the trainings of all grids, by p and rate.
func (f images) cells(p reproduce.Params) ([]reproduce.Cell, error) {
	cells, _, err := f.cellsAndLoaders(p)
	return cells, err
}

// cellsAndLoaders are the trainings and what loads the images of each class, once for all cells.
func (f images) cellsAndLoaders(p reproduce.Params) (cells []reproduce.Cell, loaders map[imageClass]imageLoader, err error) {
	grids, ok := f[p.Scale]
	if !ok {
		return nil, nil, noGrid(p.Scale)
	}
	loaders = map[imageClass]imageLoader{}
	for _, g := range grids {
		if loaders[g.imageClass] == nil {
			loaders[g.imageClass] = g.imageClass.once()
		}
		for _, t := range g.trainings(p) {
			cells = append(cells, t.cell(loaders[g.imageClass]))
		}
	}
	return cells, loaders, nil
}

func (g imageGrid) trainings(p reproduce.Params) []imageTraining {
	var out []imageTraining
	for _, share := range g.p {
		for _, rate := range g.rates {
			t := imageTraining{
				Images: g.imageClass, Model: g.model, P: share, Steps: g.steps, Batch: g.batch, LearningRate: g.learningRate, Norms: g.norms, Seeds: p.Seeds(g.seeds),
			}
			t.Model.Rate = rate
			out = append(out, t)
		}
	}
	return out
}

// besideHaar adds, for every grid, the same behind a Haar encoder, at r = 1 with rows of one norm too. Only the scale α of the decoder is
// trained, from 0.5. The rate is such that Adam's momentum, which carries α past its optimum, has been forgotten at the end: α that is
// 1 % off moves the error on held-out automobiles, which have other norms, by 0.0014 at r = 1. That is also why it has five seeds.
func besideHaar(grids ...imageGrid) []imageGrid {
	for _, g := range slices.Clone(grids) {
		g.model = train.ModelConfig{Name: "shallow", Encoder: "haar", Tied: true}
		if slices.Contains(g.rates, 1) {
			g.norms = allNorms
		}
		g.steps, g.batch, g.seeds, g.learningRate = 100, 64, 5, 0.05
		grids = append(grids, g)
	}
	return grids
}

// linearOnImages is the linear decoder's error on images with a share zeta of directions without variance.
func linearOnImages(rate, zeta, kappa float64) float64 {
	return 1 - zeta - kappa*(1-zeta-amp.DegenerateRGauss(rate, zeta))
}

// imagePoint is the rows at one class, p and rate.
type imagePoint struct {
	class    string
	p, rate  float64
	zeta     float64
	identity float64 // the error of the identity encoder, the least over rates of at most this one
	rows     []reproduce.Row
}

// imagePoints groups rows, in their order.
func imagePoints(rows []reproduce.Row) []*imagePoint {
	var out []*imagePoint
	for _, row := range rows {
		at := imagePoint{class: row.Text("class"), p: row.Num("p"), rate: row.Num("rate")}
		i := slices.IndexFunc(out, func(o *imagePoint) bool { return o.class == at.class && o.p == at.p && o.rate == at.rate })
		if i < 0 {
			at.zeta, at.identity = row.Num("zeta"), row.Num("identity")
			out, i = append(out, &at), len(out)
		}
		out[i].rows = append(out[i].rows, row)
	}
	return out
}

// trained and haar are the rows of all seeds with a trained encoder and with a Haar encoder; norms is one of the constants.
func (o *imagePoint) trained(norms string) []reproduce.Row { return o.behind("trained", norms) }
func (o *imagePoint) haar(norms string) []reproduce.Row    { return o.behind("haar", norms) }

func (o *imagePoint) behind(encoder, norms string) []reproduce.Row {
	return reproduce.Where(o.rows, "encoder", encoder, "norms", norms)
}

func (o *imagePoint) String() string { return fmt.Sprintf("%s, r = %.3g", o.class, o.rate) }

// gauss is the paper's line: R_Gauss(r), and (1 − ζ)·R_Gauss(r/(1 − ζ)) with directions without variance.
func (o *imagePoint) gauss() float64 { return linearOnImages(o.rate, o.zeta, 1) }

// kappa is κ of the rows as they are.
func (o *imagePoint) kappa() float64 { return reproduce.Pick(o.haar(normsUnknown)).Num("norm_factor") }

// normCost is what the linear decoder loses where it does not know the norms.
func (o *imagePoint) normCost() float64 { return linearOnImages(o.rate, o.zeta, o.kappa()) - o.gauss() }

// trainMSE and heldMSE are means over seeds.
func trainMSE(rows []reproduce.Row) reproduce.Estimate { return reproduce.Mean(rows, "train_mse", "") }
func heldMSE(rows []reproduce.Row) reproduce.Estimate  { return reproduce.Mean(rows, "held_mse", "") }

// behindHaar is the error of a Haar encoder at this d, which spends bits on directions without variance too. Where rows have one norm
// the correction of amp.FiniteDimension is what is left for m₄ = 1.
func (o *imagePoint) behindHaar(kappa float64) float64 {
	d := reproduce.Pick(o.rows).Num("dim")
	return (1 - o.zeta) * (1 - kappa*(1-amp.RGauss(o.rate))*(1+1/(2*d*math.Max(1, o.rate))))
}

// onLine is the paper's claim as it stands: the error is on its line. The effect is the distance to the identity candidate.
func (o *imagePoint) onLine() reproduce.Claim {
	without := "where the decoder gets the norms in 8 bits"
	if len(o.haar(normsEqual)) > 0 {
		without += " or where all rows have one norm"
	}
	why := fmt.Sprintf("a code of signs does not tell a row's norm: behind a Haar encoder, κ = %.3f costs %.3f, and nothing %s. "+
		"There a trained encoder is near the paper's line, at most a quarter of the norms' cost away", o.kappa(), o.normCost(), without)
	return reproduce.Equal(o.String()+": trained error, beside the paper's line", trainMSE(o.trained(normsUnknown)), reproduce.ClosedForm(o.gauss()),
		o.identity-o.gauss(), lineMargin).Deviates(why, append(o.haarClaims(), o.trainedClaims()...)...)
}

// withoutCost are the ways to be rid of the norms, in words.
var withoutCost = map[string]string{normsKnown: "norms known", normsEqual: "rows of one norm"}

// haarClaims test the cost of the norms where nothing is learned: it is there without norms, and with norms it is not, on training
// images as on others. The effect is the cost.
func (o *imagePoint) haarClaims() []reproduce.Claim {
	cost := o.behindHaar(o.kappa()) - o.behindHaar(1)
	var claims []reproduce.Claim
	for _, norms := range []string{normsUnknown, normsKnown, normsEqual} {
		rows := o.haar(norms)
		if len(rows) == 0 {
			continue
		}
		text := cmp.Or(withoutCost[norms], "norms unknown")
		theory := func(column string) reproduce.Reference {
			return reproduce.ClosedForm(o.behindHaar(rows[0].Num(column)))
		}
		claims = append(claims,
			reproduce.Equal("Haar encoder, "+text+", beside the theory", trainMSE(rows), theory("norm_factor"), cost, lineMargin),
			reproduce.Equal("Haar encoder, "+text+", held-out images, beside the theory", heldMSE(rows), theory("held_norm_factor"), cost, lineMargin))
	}
	return claims
}

// trainedClaims test the same behind the trained encoder: without the cost the error is near the line. Theory has no number for what
// is left, by which training has not ended or has learned its images by heart; a quarter of the cost is allowed. With the cost the error is
// above the line by no more than the cost and that quarter. It may be by less: where the images of large norms share directions, training
// learns those directions and with them something of the norms (MNIST, r = 0.5).
func (o *imagePoint) trainedClaims() []reproduce.Claim {
	cost := o.normCost()
	claims := []reproduce.Claim{reproduce.Below("trained, norms unknown, above the paper's line by less than the norms' cost and a quarter of it",
		trainMSE(o.trained(normsUnknown)), reproduce.ClosedForm(o.gauss()+cost+cost/4), cost+cost/4)}
	for _, norms := range []string{normsKnown, normsEqual} {
		if rows := o.trained(norms); len(rows) > 0 {
			claims = append(claims, reproduce.Equal("trained, "+withoutCost[norms]+", beside the paper's line, of the norms' cost at most a quarter away",
				trainMSE(rows), reproduce.ClosedForm(o.gauss()), cost, cost/4))
		}
	}
	return claims
}

// lineMargin is what the theory leaves open of a Haar encoder on images: κ is that of other masks.
const lineMargin = 5e-4

// onImages are errors on images against the rate.
func onImages(label, column string, rows []reproduce.Row, colour color.Color, shape draw.GlyphDrawer) figure.Marks {
	m := figure.Marks{Label: label, Colour: colour, Shape: shape}
	for _, rate := range reproduce.Distinct(rows, "rate") {
		e := reproduce.Mean(reproduce.Where(rows, "rate", rate), column, "")
		m.Points, m.Errors = append(m.Points, plotter.XY{X: rate, Y: e.Value}), append(m.Errors, e.Stderr)
	}
	return m
}

// linearCurve is linearOnImages against the rate; kappa = 1 is the Gaussian limit.
func linearCurve(label string, zeta, kappa, top float64, pen figure.Pen) figure.Curve {
	c := figure.Curve{Label: label, Pen: pen}
	for _, rate := range ladder(0.01, top, 150) {
		c.Points = append(c.Points, plotter.XY{X: rate, Y: linearOnImages(rate, zeta, kappa)})
	}
	return c
}
