package report

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/datasets/durable"
	"autoamp/train/figure"
)

// saveFigure writes a figure as name.svg and name.png of the run directory.
func (d *folder) saveFigure(name string, w, h vg.Length, paint func(draw.Canvas)) error {
	for _, format := range []figure.Format{figure.SVG, figure.PNG} {
		file, err := figure.Render(format, w, h, paint)
		if err == nil {
			err = durable.WriteBytes(d.disk, d.file(name+"."+string(format)), file)
		}
		if err != nil {
			return fmt.Errorf("train: figure %s: %w", name, err)
		}
	}
	return nil
}
