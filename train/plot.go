package train

import (
	"fmt"
	"os"
	"path/filepath"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"autoamp/train/figure"
)

// saveFigure writes a figure as dir/name.svg and dir/name.png.
func saveFigure(dir, name string, w, h vg.Length, paint func(draw.Canvas)) error {
	err := os.MkdirAll(dir, 0o777)
	for _, format := range []figure.Format{figure.SVG, figure.PNG} {
		var file []byte
		if err == nil {
			file, err = figure.Render(format, w, h, paint)
		}
		if err == nil {
			err = writeBytes(filepath.Join(dir, name+"."+string(format)), file)
		}
	}
	if err != nil {
		return fmt.Errorf("train: figure %s: %w", name, err)
	}
	return nil
}
