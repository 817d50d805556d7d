package reproduce

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench"
	"autoamp/datasets"
	"autoamp/train/figure"
)

// rangamaniMNIST is the panel of reconstructed digits.
func rangamaniMNIST() *Experiment {
	return &Experiment{
		Name: "rangamani-mnist", Paper: rangamaniPaper,
		Title: "Reconstructions of MNIST digits by ReLU autoencoders with tied weights, one and two hidden layers",
		Claim: "Both nets, trained by RMSProp, reconstruct digits recognisably; the one with two hidden layers does so better. " +
			"(Sizes and digits of the paper are lost.)",
		Minutes: Minutes{1, 3, 3},
		Columns: []string{"net", "seed", "step", "train_mse", "test_mse", "background_mse", "variance"},
		Cells:   panelCells,
		Figures: panelFigures,
		Claims:  panelClaims,
	}
}

// panelNets are the hidden layers of the nets.
var panelNets = map[string][]int{"500": {500}, "500-250": {500, 250}}

// panelShown is the number of images that are kept with their reconstructions.
const panelShown = 2

func panelCells(p Params) (cells []Cell, err error) {
	images, test, err := panelImages()
	if err != nil {
		return nil, err
	}
	steps := 1000
	if p.Scale != Quick {
		steps = 6000
	}
	for _, net := range []string{"500", "500-250"} {
		s := bench.Panel{Hidden: panelNets[net], Steps: steps, Seed: p.Seed}
		cells = append(cells, Cell{Name: "net" + net, Settings: s, Run: func(ctx context.Context, env *Env) (*Output, error) {
			return panelRun(ctx, env, net, s, images, test)
		}})
	}
	return cells, nil
}

// panelImages are 6000 training images of 4 and 9, and the test images of those digits, in the range [0, 1].
func panelImages() (images, test *datasets.Table, err error) {
	dir, err := datasets.Directory()
	if err != nil {
		return nil, nil, err
	}
	l, err := datasets.Load("mnist", filepath.Join(dir, "mnist"))
	if errors.Is(err, datasets.ErrNotFetched) {
		return nil, nil, &NotRunError{"MNIST is not in " + dir + ": autoamp datasets fetch mnist"}
	}
	if err != nil {
		return nil, nil, err
	}
	images, test = l.Train.Select([]int{4, 9}).Table(), l.Test.Select([]int{4, 9}).Table()
	images.Data = images.Data[:min(len(images.Data), 6000*images.Cols)]
	return images, test, nil
}

func panelRun(ctx context.Context, env *Env, net string, s bench.Panel, images, test *datasets.Table) (*Output, error) {
	r, err := bench.RangamaniMNIST(ctx, env.Executor, s, images, test)
	if err != nil {
		return nil, err
	}
	out := &Output{Matrices: map[string]*mat.Dense{
		"inputs": dense(test.Data, panelShown, test.Cols), "outputs-" + net: dense(r.Reconstructions, panelShown, test.Cols),
	}}
	for _, row := range r.Rows {
		out.Rows = append(out.Rows, Row{
			"net": net, "seed": s.Seed, "step": row.Step, "train_mse": row.Train, "test_mse": row.Test, "background_mse": row.Background, "variance": variance(test),
		})
	}
	return out, nil
}

// dense is the first rows of a table.
func dense(data []float32, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for i := range rows * cols {
		m.Set(i/cols, i%cols, float64(data[i]))
	}
	return m
}

// variance is the mean over pixels of the variance over images: the error of the mean image.
func variance(t *datasets.Table) float64 {
	sums, squares, n := make([]float64, t.Cols), 0.0, float64(t.Len())
	for i, v := range t.Data {
		sums[i%t.Cols] += float64(v)
		squares += float64(v) * float64(v)
	}
	for _, s := range sums {
		squares -= s * s / n
	}
	return squares / float64(len(t.Data))
}

func panelFigures(r *Results) ([]Figure, error) {
	var rows []func(draw.Canvas)
	inputs, err := r.Matrix("inputs")
	if err != nil {
		return nil, err
	}
	titles := map[string]string{"500": "one hidden layer", "500-250": "two hidden layers"}
	for _, net := range []string{"500", "500-250"} {
		outputs, err := r.Matrix("outputs-" + net)
		if err != nil {
			return nil, err
		}
		var pictures []func(draw.Canvas)
		for i := range panelShown {
			pictures = append(pictures, greyImage("image", inputs.RawRowView(i)), greyImage(titles[net], outputs.RawRowView(i)))
		}
		rows = append(rows, figure.Row(alike(len(pictures)), pictures...))
	}
	return []Figure{{
		Name: "rangamani-mnist", Width: 8 * vg.Inch, Height: 4.6 * vg.Inch, Paint: figure.Column(alike(len(rows)), rows...),
		Caption: "Test images and their reconstructions: 500 units, and 500 and 250.",
	}}, nil
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

func panelClaims(r *Results) (claims []Claim, err error) {
	var errs, background []Estimate
	for _, net := range []string{"500", "500-250"} {
		rows := Where(r.Rows, "net", net)
		last := rows[len(rows)-1]
		errs, background = append(errs, Exact(last.Num("test_mse"))), append(background, Exact(last.Num("background_mse")))
		share := last.Num("test_mse") / last.Num("variance")
		name := strings.ReplaceAll(net, "-", " and ")
		claims = append(claims, Check(fmt.Sprintf("%s units: share of the test images' variance that is lost", name), Exact(share), Exact(0),
			"recognisable: below 0.2", share < 0.2))
	}
	return append(claims,
		Below("error on pixels without ink of 500 and 250 units, beside that of 500", background[1], background[0], 0),
		Below("test error of 500 and 250 units, beside that of 500", errs[1], errs[0], 0)), nil
}
