package reproduce

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"

	"autoamp/datasets/durable"
	"autoamp/train/figure"
)

// draw draws all figures of a finished table. It goes on after a figure that fails.
func (r *runner) draw(results *Results) error {
	if r.e.Figures == nil || results == nil {
		return nil
	}
	figures, err := r.e.Figures(results)
	if err != nil {
		return fmt.Errorf("reproduce: %s: figures: %w", r.e.Name, err)
	}
	var errs []error
	for _, f := range figures {
		svg, err := r.drawOne(f)
		if err != nil {
			errs = append(errs, fmt.Errorf("reproduce: %s: %w", f.Name, err))
		}
		if svg != nil {
			r.outcome.Figures, r.outcome.svg = append(r.outcome.Figures, f), append(r.outcome.svg, svg)
		}
	}
	return errors.Join(errs...)
}

// drawOne writes a figure in every format, and returns its SVG if it could be rendered.
func (r *runner) drawOne(f Figure) (svg []byte, err error) {
	if f.Width == 0 {
		f.Width, f.Height = 8*vg.Inch, 4.6*vg.Inch
	}
	var errs []error
	for _, format := range []figure.Format{figure.SVG, figure.PNG, figure.PDF} {
		file, err := figure.Render(format, f.Width, f.Height, f.Paint)
		if err == nil {
			err = durable.WriteBytes(r.Disk, r.file(f.Name+"."+string(format)), file)
			if format == figure.SVG {
				svg = file
			}
		}
		errs = append(errs, err)
	}
	return svg, errors.Join(errs...)
}
