package report

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"autoamp/datasets/durable"
	"autoamp/train/config"
	"autoamp/train/figure"
	"autoamp/train/rundir"
)

// Figures draws the figures of a run directory from its files, and may be called again at any time:
//
//	loss.svg, .png      training loss against the step, with the theory's lines
//	weights.svg, .png   heat maps of the newest checkpoint's matrices
//	gdmin.svg, .png     spectrum, drift and error of alternating minimisation beside the ODE
//	mse_vs_p.svg, .png  test error and distance to a permutation against p, of a finished run with several p
//	sweep.csv           the numbers in it
//	report.html         the page of a finished run
//
// It returns the paths of the figures. A run without a checkpoint has no figures yet. Figures returns an error if a file
// of the run was changed since the run wrote it.
func Figures(dir string) ([]string, error) {
	return (&folder{path: dir, disk: durable.OS}).drawFigures(func(drawing) bool { return true })
}

// Draw is Figures on a disk that the caller names.
func Draw(disk durable.Disk, dir string) error {
	_, err := (&folder{path: dir, disk: disk}).drawFigures(func(drawing) bool { return true })
	return err
}

// DrawMissing draws the figures that are missing in a run directory.
func DrawMissing(disk durable.Disk, dir string) error {
	d := &folder{path: dir, disk: disk}
	_, err := d.drawFigures(d.missing)
	return err
}

// folder is the run directory that figures are drawn from and into.
type folder struct {
	path string
	disk durable.Disk
}

func (d *folder) file(name string) string { return filepath.Join(d.path, name) }

// drawing is files that are drawn together.
type drawing struct {
	files []string
	draw  func() error
}

// image is a drawing in both formats.
func image(name string, draw func() error) drawing {
	return drawing{[]string{name + "." + string(figure.SVG), name + "." + string(figure.PNG)}, draw}
}

// drawFigures draws the wanted figures for which the run directory has data, and returns their paths.
func (d *folder) drawFigures(wanted func(drawing) bool) ([]string, error) {
	c, err := rundir.Newest(d.path)
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
func (d *folder) missing(one drawing) bool {
	return slices.ContainsFunc(one.files, func(name string) bool { return !rundir.Exists(d.file(name)) })
}

// drawings lists the figures of a run whose newest checkpoint is c.
func (d *folder) drawings(c *rundir.Checkpoint) []drawing {
	if c.Config.IsListed() { // the figures are of seeds by p; autoamp sweep draws those of listed replicas
		return nil
	}
	list := []drawing{
		image("loss", func() error { return d.drawLoss(c.Config) }),
		image("weights", func() error { return plotWeights(d, c) }),
	}
	if c.Config.Alternating() {
		list = append(list, image("gdmin", func() error { return d.drawGDMin(c.Config) }))
	}
	if len(c.Config.Data.P) > 1 && rundir.Exists(d.file(rundir.SummaryFile)) {
		list = append(list,
			drawing{[]string{rundir.SweepFile}, func() error { return d.overP(c.Config, writeSweep) }},
			image("mse_vs_p", func() error { return d.overP(c.Config, plotSweep) }))
	}
	if rundir.Exists(d.file(rundir.SummaryFile)) {
		list = append(list, drawing{[]string{pageFile}, func() error { return d.drawPage(c) }})
	}
	return list
}

func (d *folder) drawLoss(c config.Config) error {
	predictions, err := rundir.ReadTheory(d.path, c)
	if err != nil {
		return err
	}
	rows, err := rundir.ReadMetrics(d.path)
	if err != nil {
		return err
	}
	return plotLoss(d, c, rows, predictions)
}

func (d *folder) drawGDMin(c config.Config) error {
	rows, err := rundir.ReadGDMin(d.path)
	if err != nil {
		return err
	}
	return plotGDMin(d, c, rows)
}

// overP draws the points of the summary.
func (d *folder) overP(c config.Config, draw func(*folder, config.Config, []rundir.Point) error) error {
	s, err := rundir.ReadSummary(d.path)
	if err != nil {
		return fmt.Errorf("train: summary: %w", err)
	}
	return draw(d, c, s.Points)
}
