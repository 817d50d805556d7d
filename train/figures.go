package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Figures draws the figures of a run directory from its files, and may be called again at any
// time:
//
//	loss.svg, .png      training loss against the step, with the theory's lines
//	weights.svg, .png   heat maps of the newest checkpoint's matrices
//	gdmin.svg, .png     spectrum, drift and error of alternating minimisation beside the ODE
//	mse_vs_p.svg, .png  test error and distance to a permutation against p, of a finished run with several p
//	sweep.csv           the numbers in it
func Figures(dir string) error {
	c, err := Load((&directory{path: dir}).file(configFile))
	if err != nil {
		return err
	}
	c = c.WithDefaults()
	if err := c.Validate(); err != nil {
		return err
	}
	d := &directory{path: dir}
	points, err := d.readPoints()
	if err != nil {
		return err
	}
	return d.drawFigures(c, points)
}

// drawFigures draws what the files of a run directory allow; points are those of the summary,
// nil before there is one.
func (d *directory) drawFigures(c Config, points []Point) error {
	theory, err := d.predictions(c)
	if err != nil {
		return err
	}
	rows, err := ReadMetrics(d.file(metricsFile))
	if err != nil {
		return err
	}
	errs := []error{plotLoss(d.path, c, rows, theory)}
	checkpoints, err := listCheckpoints(d.file(checkpointFolder))
	errs = append(errs, err)
	if n := len(checkpoints); n > 0 {
		errs = append(errs, plotWeights(d.path, checkpoints[n-1], c))
	}
	if c.alternating() {
		trace, err := ReadGDMin(d.file(gdminFile), 0)
		errs = append(errs, err, plotGDMin(d.path, c, trace))
	}
	if len(c.Data.P) > 1 && len(points) > 0 {
		errs = append(errs, writeSweep(d.file(sweepFile), points), plotSweep(d.path, c, points))
	}
	return errors.Join(errs...)
}

// readPoints returns the points of summary.json, nil if the run has none yet.
func (d *directory) readPoints() ([]Point, error) {
	data, err := os.ReadFile(d.file(summaryFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var s Summary
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", d.file(summaryFile), err)
	}
	return s.Points, nil
}
