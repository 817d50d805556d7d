package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/plot/plotter"

	"autoamp/amp"
	"autoamp/datasets"
	"autoamp/train"
	"autoamp/train/figure"
)

// images is a figure of the error against the rate on whitened and masked images of one class: Figures 3, 6 and 11.
//
// The error is that on the training images, which are masked afresh at every presentation: the theory is about whitened data,
// and a map made from one class whitens other images less well.
//
// The code of an image does not tell its norm. Behind a Haar encoder the linear decoder's error is exactly
//
//	E‖x‖²/d − (1 − R_Gauss)·(E‖x‖)²/d = (1 − ζ)·[1 − κ·(1 − R_Gauss)],   κ = (E‖x‖)²/E‖x‖²,
//
// with κ = 1 for the theory's data, whose norms concentrate. Whitened images of one class have κ near 0.9; a cell measures it.
type images struct {
	model train.ModelConfig
	data  train.DataConfig
	recipes
}

var imageColumns = append(slices.Clone(TrainingColumns), "norm_factor")

// cells are trainings at every rate, all p side by side, and the norms.
func (f images) cells(p Params) ([]Cell, error) {
	r, err := f.at(p.Scale)
	if err != nil {
		return nil, err
	}
	var cells []Cell
	for _, t := range r.perRate(p.Seed, f.data.Name, f.model, f.data.Name) {
		t.Config.Data = f.data
		t.Config.Data.P = r.p
		t.Config.Model.Dim = r.dim
		t.Config.Evaluation.Every = r.steps / 5 // of which train_mse is the mean: a batch of images has outliers
		cells = append(cells, t.Cell())
	}
	settings := map[string]any{"data": f.data, "p": r.p, "seed": p.Seed}
	return append(cells, Cell{Name: "norms", Settings: settings, Run: func(ctx context.Context, _ *Env) (*Output, error) {
		return f.norms(ctx, r.p, p.Seed)
	}}), nil
}

// norms measures κ of the masked training images.
func (f images) norms(ctx context.Context, ps []float64, seed uint64) (*Output, error) {
	class, err := datasets.Class(f.data.Name, f.data.Class)
	if err != nil {
		return nil, err
	}
	set, err := datasets.Images(ctx, datasets.ImageSettings{
		Name: f.data.Name, Channel: f.data.Channel, Classes: []int{class}, Augment: true, Whiten: true, Seed: 1, // SetConfig's default
	})
	if err != nil {
		return nil, notFetched(err, f.data.Name)
	}
	out := &Output{}
	for _, p := range ps {
		r := rand.New(rand.NewPCG(seed, 0))
		var norms, squares float64
		for i := range set.Train.Len() {
			square := 0.0
			for _, v := range set.Train.Data[i*set.Train.Cols : (i+1)*set.Train.Cols] {
				if r.Float64() < p {
					square += float64(v) * float64(v) / p
				}
			}
			norms, squares = norms+math.Sqrt(square), squares+square
		}
		out.Rows = append(out.Rows, Row{"kind": "norms", "data": f.data.Name, "p": p, "norm_factor": norms * norms / (squares * float64(set.Train.Len()))})
	}
	return out, nil
}

// normFactor is κ at p.
func normFactor(r *Results, p float64) float64 {
	return Pick(r.Rows, "kind", "norms", "p", p).Num("norm_factor")
}

// linearOnImages is the linear decoder's error on images with a share zeta of directions without variance.
func linearOnImages(rate, zeta, kappa float64) float64 {
	return 1 - zeta - kappa*(1-zeta-amp.DegenerateRGauss(rate, zeta))
}

// onImages are the errors on training images against the rate.
func onImages(label string, rows []Row) figure.Marks {
	m := figure.Marks{Label: label, Colour: figure.Vermilion}
	for _, row := range rows {
		m.Points = append(m.Points, plotter.XY{X: row.Num("rate"), Y: row.Num("train_mse")})
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

// linearClaims are those of Figures 3 and 11: the Gaussian limit but for the spread of norms, and never below the limit.
func linearClaims(r *Results, zeta float64) []Claim {
	var claims []Claim
	for _, row := range finals(r) {
		rate, found := row.Num("rate"), Exact(row.Num("train_mse"))
		kappa := normFactor(r, row.Num("p"))
		claims = append(claims,
			Equal(fmt.Sprintf("r = %.3g: trained error, beside the Gaussian limit with the norms' κ = %.3f", rate, kappa), found,
				Exact(linearOnImages(rate, zeta, kappa)), Tolerance{Relative: 0.05}),
			Above(fmt.Sprintf("r = %.3g: trained error, beside the Gaussian limit less 1 %%", rate), found, Exact(0.99*linearOnImages(rate, zeta, 1)), 0))
	}
	return claims
}
