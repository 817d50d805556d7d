package rangamani

import (
	"context"
	"fmt"
	"image"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/train/figure"
)

// digits is the panel of reconstructed digits.
func digits() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-mnist", Paper: paperName,
		Title: "Reconstructions of MNIST digits by ReLU autoencoders with tied weights, one and two layers of activations",
		Claim: "Both nets, trained by RMSProp, reconstruct held-out digits recognisably; the one with two layers of activations, the " +
			"second on the output, does so better at equal width. (Sizes and digits of the paper are lost: 4 and 9, several widths.)",
		Minutes: reproduce.Minutes{Quick: 0.4, Paper: 3, Large: 3},
		Columns: []string{"role", "net", "hidden", "seed", "step", "train_mse", "test_mse", "recognised"},
		Cells:   panelCells,
		Figures: panelFigures,
		Claims:  panelClaims,
	}
}

// The roles of a row of the panel.
const (
	roleNet    = "net"    // a net at a step of its training; at the last step with its errors
	roleImages = "images" // the images themselves, and the mean image's error
	rolePCA    = "pca"    // the projection of the images on as many principal components as a net has units
)

// panelNets are the nets by their names in the table.
var panelNets = []struct {
	name, title string
	rectified   bool
}{
	{"one", "one layer", false},
	{"two", "two layers", true},
}

// panelWidths are the numbers of units of the first layer.
func panelWidths(s reproduce.Scale) []int {
	if s == reproduce.Quick {
		return []int{16, 64}
	}
	return []int{16, 64, 256}
}

func panelCells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	load := sync.OnceValues(loadPanelImages)
	steps, seeds := 3000, 5
	if p.Scale != reproduce.Quick {
		steps = 6000
	}
	widths := panelWidths(p.Scale)
	for _, hidden := range widths {
		for _, net := range panelNets {
			for _, seed := range p.Seeds(seeds) {
				s := panel{Hidden: hidden, Rectified: net.rectified, Steps: steps, Seed: seed}
				cells = append(cells, reproduce.Cell{
					Name: fmt.Sprintf("%s-%d-seed%d", net.name, hidden, seed), Settings: s,
					Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
						images, err := load()
						if err != nil {
							return nil, err
						}
						return panelRun(ctx, env, net.name, s, images, seed == p.Seed)
					},
				})
			}
		}
	}
	return append(cells, reproduce.Cell{Name: "images", Settings: widths, Run: func(context.Context, *reproduce.Env) (*reproduce.Output, error) {
		images, err := load()
		if err != nil {
			return nil, err
		}
		return images.rows(widths)
	}}), nil
}

// panelRun trains a net and reconstructs the test images.
func panelRun(ctx context.Context, env *reproduce.Env, net string, s panel, images *panelImages, show bool) (*reproduce.Output, error) {
	r, err := s.train(ctx, env, images.training, images.test)
	if err != nil {
		return nil, err
	}
	out := &reproduce.Output{}
	if show {
		out.Matrices = map[string]*mat.Dense{panelMatrix(net, s.Hidden): images.shown(r.Reconstructions)}
	}
	for _, row := range r.Rows {
		out.Rows = append(out.Rows, reproduce.Row{"role": roleNet, "net": net, "hidden": s.Hidden, "seed": s.Seed, "step": row.Step, "train_mse": row.Train})
	}
	last := out.Rows[len(out.Rows)-1]
	last["train_mse"], last["test_mse"] = r.Train, r.Test
	last["recognised"] = recognised(r.Reconstructions, images.testLabels, images.training, images.trainingLabels)
	return out, nil
}

// panelMatrix is the name of the matrix of a net's pictures.
func panelMatrix(net string, hidden int) string { return fmt.Sprintf("%s-%d", net, hidden) }

// rows are what the nets are compared with.
func (p *panelImages) rows(widths []int) (*reproduce.Output, error) {
	out := &reproduce.Output{Matrices: map[string]*mat.Dense{"inputs": p.shown(p.test.Data)}, Rows: []reproduce.Row{{
		"role": roleImages, "train_mse": variance(p.training), "test_mse": variance(p.test),
		"recognised": recognised(p.test.Data, p.testLabels, p.training, p.trainingLabels),
	}}}
	for _, hidden := range widths {
		e, err := principalError(p.test, hidden)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, reproduce.Row{"role": rolePCA, "hidden": hidden, "test_mse": e})
	}
	return out, nil
}

func panelFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	inputs, err := r.Matrix("inputs")
	if err != nil {
		return nil, err
	}
	rows := []func(draw.Canvas){pictures("image", inputs)}
	for _, hidden := range reproduce.Distinct(reproduce.Where(r.Rows, "role", roleNet), "hidden") {
		for _, net := range panelNets {
			outputs, err := r.Matrix(panelMatrix(net.name, int(hidden)))
			if err != nil {
				return nil, err
			}
			rows = append(rows, pictures(fmt.Sprintf("%s, %g units", net.title, hidden), outputs))
		}
	}
	return []reproduce.Figure{{
		Name: "rangamani-mnist", Width: 8 * vg.Inch, Height: vg.Length(len(rows)) * 2 * vg.Inch, Paint: figure.Column(reproduce.EqualShares(len(rows)), rows...),
		Caption: "Held-out images and their reconstructions.",
	}}, nil
}

// pictures is a row of images with the same title.
func pictures(title string, m *mat.Dense) func(draw.Canvas) {
	var row []func(draw.Canvas)
	for i := range m.RawMatrix().Rows {
		row = append(row, greyImage(title, m.RawRowView(i)))
	}
	return figure.Row(reproduce.EqualShares(len(row)), row...)
}

// greyImage paints a square grey image, its values cut to [0, 1], dark on light.
func greyImage(title string, pixels []float64) func(draw.Canvas) {
	const zoom = 8
	side := 1
	for side*side < len(pixels) {
		side++
	}
	img := image.NewGray(image.Rect(0, 0, zoom*side, zoom*side))
	for i := range img.Pix {
		x, y := i%img.Stride/zoom, i/img.Stride/zoom
		img.Pix[i] = 255 - uint8(255*min(max(pixels[y*side+x], 0), 1))
	}
	return func(dc draw.Canvas) {
		p := figure.New(title, "", "")
		p.HideAxes()
		p.Add(plotter.NewImage(img, 0, 0, 1, 1))
		p.Draw(dc)
	}
}

func panelClaims(r *reproduce.Results) (claims []reproduce.Claim, err error) {
	images := reproduce.Pick(r.Rows, "role", roleImages)
	nets := reproduce.Where(r.Rows, "role", roleNet)
	for _, hidden := range reproduce.Distinct(nets, "hidden") {
		of := panelEnds(reproduce.Where(nets, "hidden", hidden))
		name := fmt.Sprintf("%g units: ", hidden)
		for _, net := range panelNets {
			claims = append(claims, recognisedClaim(name+net.title, reproduce.Mean(reproduce.Where(of, "net", net.name), "recognised", ""), images.Num("recognised")))
		}
		pca := reproduce.Pick(r.Rows, "role", rolePCA, "hidden", hidden).Num("test_mse")
		claims = append(claims, panelErrorClaims(name, of, images.Num("test_mse"), pca)...)
	}
	return claims, nil
}

// panelEnds are the rows of the last step.
func panelEnds(rows []reproduce.Row) (ends []reproduce.Row) {
	for _, row := range rows {
		if row.Text("test_mse") != "" {
			ends = append(ends, row)
		}
	}
	return ends
}

// recognisedClaim says that a reconstruction can be told to be its digit nearly as often as the image itself. By chance it is in
// half of the cases; nine tenths of the way from there to the images' share is the least.
func recognisedClaim(text string, found reproduce.Estimate, images float64) reproduce.Claim {
	const chance = 0.5
	return reproduce.Above(fmt.Sprintf("%s: share of reconstructions whose nearest training image has their digit (of the images %.3f)", text, images),
		found, reproduce.ClosedForm(chance+0.9*(images-chance)), images-chance)
}

// panelErrorClaims compare the errors of both nets, on the same images and from the same starts, so that the difference is of each
// seed. No linear decoder of as many units is better than the principal components of the images themselves.
func panelErrorClaims(name string, rows []reproduce.Row, variance, pca float64) (claims []reproduce.Claim) {
	of := func(rows []reproduce.Row, net, column string) float64 {
		return reproduce.Pick(rows, "net", net).Num(column)
	}
	for _, set := range []struct{ title, column string }{{"held-out", "test_mse"}, {"training", "train_mse"}} {
		one := reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 { return of(rows, "one", set.column) })
		claims = append(claims, reproduce.Below(fmt.Sprintf("%serror on %s images, two layers minus one", name, set.title),
			reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 { return of(rows, "two", set.column) - of(rows, "one", set.column) }),
			reproduce.ClosedForm(0), one.Value))
	}
	one := reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 { return of(rows, "one", "test_mse") })
	return append(claims,
		reproduce.Above(name+"held-out error of one layer, beside the principal components' of the images", one, reproduce.ClosedForm(pca), variance-pca))
}
