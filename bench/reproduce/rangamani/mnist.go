package rangamani

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/bench/reproduce"
	"autoamp/datasets"
	"autoamp/train/figure"
)

// digits is the panel of reconstructed digits.
func digits() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "rangamani-mnist", Paper: paperName,
		Title: "Reconstructions of MNIST digits by ReLU autoencoders with tied weights, one and two hidden layers",
		Claim: "Both nets, trained by RMSProp, reconstruct digits recognisably; the one with two hidden layers does so better. " +
			"(Sizes and digits of the paper are lost: 4 and 9, and 16 numbers for an image in both nets.)",
		Minutes: reproduce.Minutes{Quick: 0.6, Paper: 3, Large: 3},
		Columns: []string{"net", "seed", "step", "train_mse", "test_mse", "variance", "principal_mse", "recognised", "images_recognised"},
		Cells:   panelCells,
		Figures: panelFigures,
		Claims:  panelClaims,
	}
}

// panelCode is the number of units of the code. Where it is larger than about 60, one hidden layer loses nothing that could be
// seen, and two hidden layers have nothing to gain.
const panelCode = 16

// panelNets are the nets by the names of their cells.
var panelNets = []struct {
	name, title string
	hidden      []int
}{
	{"16", "one hidden layer", []int{panelCode}},
	{"300-16", "two hidden layers", []int{300, panelCode}},
}

// panelShown is the number of images of each digit that are kept with their reconstructions.
const panelShown = 2

// panelImages are 6000 training images of 4 and 9, and the test images of those digits, in the range [0, 1].
type panelImages struct {
	training, test *datasets.Table
	trainingLabels []byte
	testLabels     []byte
	// measure computes the three numbers below, once, for the cells that run.
	measure                  func() error
	variance, principalError float64
	recognised               float64 // share of the test images themselves
}

func panelCells(p reproduce.Params) (cells []reproduce.Cell, err error) {
	images, err := loadPanelImages()
	if err != nil {
		return nil, err
	}
	steps, seeds := 3000, 3
	if p.Scale != reproduce.Quick {
		steps = 12000
	}
	for _, net := range panelNets {
		var settings []panel
		for _, seed := range p.Seeds(seeds) {
			settings = append(settings, panel{Hidden: net.hidden, Steps: steps, Seed: seed})
		}
		cells = append(cells, reproduce.Cell{Name: "net" + net.name, Settings: settings, Run: func(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
			return panelRun(ctx, env, net.name, settings, images)
		}})
	}
	return cells, nil
}

func loadPanelImages() (*panelImages, error) {
	dir, err := datasets.Directory()
	if err != nil {
		return nil, err
	}
	l, err := datasets.Load("mnist", filepath.Join(dir, "mnist"))
	if errors.Is(err, datasets.ErrNotFetched) {
		return nil, &reproduce.NotRunError{Reason: "MNIST is not in " + dir + ": autoamp datasets fetch mnist"}
	}
	if err != nil {
		return nil, err
	}
	training, test := l.Train.Select([]int{4, 9}), l.Test.Select([]int{4, 9})
	p := &panelImages{training: training.Table(), test: test.Table(), testLabels: test.Labels}
	count := min(training.Len(), 6000)
	p.training.Data, p.trainingLabels = p.training.Data[:count*p.training.Cols], training.Labels[:count]
	p.measure = sync.OnceValue(func() (err error) {
		p.variance, p.recognised = variance(p.test), recognised(p.test.Data, p.testLabels, p.training, p.trainingLabels)
		p.principalError, err = principalError(p.test, panelCode)
		return err
	})
	return p, nil
}

func panelRun(ctx context.Context, env *reproduce.Env, net string, settings []panel, images *panelImages) (*reproduce.Output, error) {
	if err := images.measure(); err != nil {
		return nil, err
	}
	out := &reproduce.Output{Matrices: map[string]*mat.Dense{"inputs": images.shown(images.test.Data)}}
	for i, s := range settings {
		r, err := s.train(ctx, env.Executor, images.training, images.test)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			out.Matrices["outputs-"+net] = images.shown(r.Reconstructions)
		}
		for _, row := range r.Rows {
			out.Rows = append(out.Rows, reproduce.Row{
				"net": net, "seed": s.Seed, "step": row.Step, "train_mse": row.Train, "test_mse": row.Test,
				"variance": images.variance, "principal_mse": images.principalError, "images_recognised": images.recognised,
			})
		}
		out.Rows[len(out.Rows)-1]["recognised"] = recognised(r.Reconstructions, images.testLabels, images.training, images.trainingLabels)
	}
	return out, nil
}

// shown are the first test pictures of each digit.
func (p *panelImages) shown(pictures []float32) *mat.Dense {
	cols := p.test.Cols
	m, next := mat.NewDense(2*panelShown, cols, nil), 0
	for _, digit := range []byte{4, 9} {
		count := 0
		for i := 0; count < panelShown; i++ {
			if p.testLabels[i] != digit {
				continue
			}
			for j, v := range pictures[i*cols : (i+1)*cols] {
				m.Set(next, j, float64(v))
			}
			count, next = count+1, next+1
		}
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

func panelFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	inputs, err := r.Matrix("inputs")
	if err != nil {
		return nil, err
	}
	rows := []func(draw.Canvas){pictures("image", inputs)}
	for _, net := range panelNets {
		outputs, err := r.Matrix("outputs-" + net.name)
		if err != nil {
			return nil, err
		}
		rows = append(rows, pictures(net.title, outputs))
	}
	return []reproduce.Figure{{
		Name: "rangamani-mnist", Width: 8 * vg.Inch, Height: 6.4 * vg.Inch, Paint: figure.Column(reproduce.EqualShares(len(rows)), rows...),
		Caption: "Test images and their reconstructions from 16 numbers: by 16 units, and by 300 and 16.",
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

func panelClaims(r *reproduce.Results) ([]reproduce.Claim, error) {
	steps := reproduce.Distinct(r.Rows, "step")
	ends := reproduce.Where(r.Rows, "step", steps[len(steps)-1])
	var claims []reproduce.Claim
	var errs, recognised []reproduce.Estimate
	for _, net := range panelNets {
		rows := reproduce.Where(ends, "net", net.name)
		errs = append(errs, reproduce.Mean(rows, "test_mse", ""))
		recognised = append(recognised, reproduce.Mean(rows, "recognised", ""))
		claims = append(claims, reproduce.OldAbove(fmt.Sprintf("%s: share of reconstructions whose nearest training image has their digit (of the images %.3f)",
			net.title, rows[0].Num("images_recognised")), reproduce.Mean(rows, "recognised", ""), reproduce.Exact(0.9), 3))
	}
	return append(claims,
		reproduce.OldAbove("that share with two hidden layers, beside that with one", recognised[1], recognised[0], 3),
		reproduce.OldBelow("test error per pixel of two hidden layers, beside that of one", errs[1], errs[0], 3),
		reproduce.OldBelow(fmt.Sprintf("test error of two hidden layers, beside the least of any linear decoder of %d numbers", panelCode),
			errs[1], reproduce.Exact(ends[0].Num("principal_mse")), 3)), nil
}
