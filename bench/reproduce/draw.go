package reproduce

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"

	"autoamp/datasets/durable"
	"autoamp/train/figure"
)

// figures draws a table. Rows are what was read from a file: numbers in them that nothing can draw are an error.
func (e *Experiment) figures(r *Results) (all []Figure, err error) {
	if e.Figures == nil || len(r.Rows) == 0 {
		return nil, nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
		if err != nil {
			err = fmt.Errorf("reproduce: %s: figures: %w", e.Name, err)
		}
	}()
	return e.Figures(r)
}

// Render returns the figure as a file.
func (f Figure) Render(format figure.Format) ([]byte, error) {
	if f.Width == 0 {
		f.Width, f.Height = 8*vg.Inch, 4.6*vg.Inch
	}
	return figure.Render(format, f.Width, f.Height, f.Paint)
}

// draw draws all figures of a finished table. It goes on after a figure that fails.
func (r *runner) draw(results *Results) error {
	if results == nil {
		return nil
	}
	figures, err := r.e.figures(results)
	if err != nil {
		return err
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
	var errs []error
	for _, format := range []figure.Format{figure.SVG, figure.PNG, figure.PDF} {
		file, err := f.Render(format)
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
