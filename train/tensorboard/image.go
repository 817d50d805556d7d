package tensorboard

import (
	"bytes"
	"fmt"
	"image/png"
	"math"

	"gonum.org/v1/gonum/mat"

	"autoamp/train/figure"
	"autoamp/train/internal/wire"
)

// mostPixels bounds the sides of a picture. Of a larger matrix a pixel is a block, painted as its largest number.
const mostPixels = 256

// products are pictures of BᵀB and AB.
func products(b, a *mat.Dense) ([]wire.Message, error) {
	var gram, coded mat.Dense
	gram.Mul(b.T(), b)
	first, err := picture("weights/BtB", &gram)
	if err != nil || a == nil {
		return []wire.Message{first}, err
	}
	coded.Mul(a, b)
	second, err := picture("weights/AB", &coded)
	return []wire.Message{first, second}, err
}

// picture is a matrix as a Summary.Value. Its colours have the same meaning at every step.
func picture(tag string, m *mat.Dense) (wire.Message, error) {
	small := shrunk(m)
	img := figure.Picture(small, 1)
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		return nil, fmt.Errorf("%s: %w", tag, err)
	}
	return image(tag, img.Rect.Dx(), img.Rect.Dy(), file.Bytes()), nil
}

// shrunk is a matrix of at most mostPixels rows and columns, of the numbers of largest size in the blocks of m.
func shrunk(m *mat.Dense) *mat.Dense {
	rows, cols := m.Dims()
	block := (max(rows, cols) + mostPixels - 1) / mostPixels
	out := mat.NewDense((rows+block-1)/block, (cols+block-1)/block, nil)
	for i := range rows {
		for j := range cols {
			if v := m.At(i, j); math.Abs(v) > math.Abs(out.At(i/block, j/block)) {
				out.Set(i/block, j/block, v)
			}
		}
	}
	return out
}
