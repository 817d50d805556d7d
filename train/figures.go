package train

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"autoamp/datasets/durable"
	"autoamp/train/figure"
)

// Figures draws the figures of a run directory from its files, and may be called again at any time:
//
//	loss.svg, .png      training loss against the step, with the theory's lines
//	weights.svg, .png   heat maps of the newest checkpoint's matrices
//	gdmin.svg, .png     spectrum, drift and error of alternating minimisation beside the ODE
//	mse_vs_p.svg, .png  test error and distance to a permutation against p, of a finished run with several p
//	sweep.csv           the numbers in it
//
// It returns the paths of what it drew. A run without a checkpoint has no figures yet. Files that were changed since they
// were written are an error.
func Figures(dir string) ([]string, error) {
	return (&directory{path: dir, disk: durable.OS}).drawFigures(func(drawing) bool { return true })
}

// drawing is files that are drawn together.
type drawing struct {
	files []string
	draw  func() error
}

// image is a drawing in both formats.
func image(name string, draw func() error) drawing {
	return drawing{[]string{name + "." + string(figure.SVG), name + "." + string(figure.PNG)}, draw}
}

// drawFigures draws the wanted ones of the figures that the files of a run directory allow, and returns their paths.
func (d *directory) drawFigures(wanted func(drawing) bool) ([]string, error) {
	c, err := newest(d.path)
	if err != nil {
		return nil, err
	}
	var drawn []string
	var errs []error
	for _, one := range d.drawings(c) {
		if !wanted(one) {
			continue
		}
		if err := one.draw(); err != nil {
			errs = append(errs, err)
			continue
		}
		for _, name := range one.files {
			drawn = append(drawn, d.file(name))
		}
	}
	return drawn, errors.Join(errs...)
}

// missing reports whether a file of a drawing is not there.
func (d *directory) missing(one drawing) bool {
	return slices.ContainsFunc(one.files, func(name string) bool { return !exists(d.file(name)) })
}

// drawings lists the figures of a run whose newest checkpoint is c.
func (d *directory) drawings(c *checkpoint) []drawing {
	list := []drawing{
		image("loss", func() error { return d.drawLoss(c.config) }),
		image("weights", func() error { return plotWeights(d, c) }),
	}
	if c.config.alternating() {
		list = append(list, image("gdmin", func() error { return d.drawGDMin(c.config) }))
	}
	if len(c.config.Data.P) > 1 && exists(d.file(summaryFile)) {
		list = append(list,
			drawing{[]string{sweepFile}, func() error { return d.overP(c.config, writeSweep) }},
			image("mse_vs_p", func() error { return d.overP(c.config, plotSweep) }))
	}
	return list
}

func (d *directory) drawLoss(c Config) error {
	theory, err := d.predictions(c)
	if err != nil {
		return err
	}
	rows, err := ReadMetrics(d.path)
	if err != nil {
		return err
	}
	return plotLoss(d, c, rows, theory)
}

func (d *directory) drawGDMin(c Config) error {
	rows, err := ReadGDMin(d.path)
	if err != nil {
		return err
	}
	return plotGDMin(d, c, rows)
}

// overP draws the points of the summary.
func (d *directory) overP(c Config, draw func(*directory, Config, []Point) error) error {
	s, err := readSummary(d.path)
	if err != nil {
		return fmt.Errorf("train: summary: %w", err)
	}
	return draw(d, c, s.Points)
}

// readVerified returns the rows of a file of the run directory that its summary or, before there is one, its newest checkpoint
// knows.
func readVerified(dir, name string) ([]byte, error) {
	if s, err := readSummary(dir); err == nil {
		return s.Rows[name].read(filepath.Join(dir, name))
	}
	c, err := newest(dir)
	if err != nil {
		return nil, err
	}
	return c.readRows(name)
}
