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
func products(b *mat.Dense, a mat.Matrix) ([]wire.Message, error) {
	first, err := picture("weights/BtB", b.T(), b)
	if err != nil || a == nil {
		return []wire.Message{first}, err
	}
	second, err := picture("weights/AB", a, b)
	return []wire.Message{first, second}, err
}

// picture is the product of two matrices as a Summary.Value. Its colours have the same meaning at every step.
func picture(tag string, left mat.Matrix, b *mat.Dense) (wire.Message, error) {
	img := figure.Picture(shrunk(left, b), 1)
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		return nil, fmt.Errorf("%s: %w", tag, err)
	}
	return image(tag, img.Rect.Dx(), img.Rect.Dy(), file.Bytes()), nil
}

// shrunk is the product of two matrices, left (m, n) and b (n, d), as a matrix of at most mostPixels rows and columns: the numbers of
// largest size in its blocks. The product itself is there a strip of rows at a time.
func shrunk(left mat.Matrix, b *mat.Dense) *mat.Dense {
	rows, n := left.Dims()
	_, cols := b.Dims()
	block := (max(rows, cols) + mostPixels - 1) / mostPixels
	out := mat.NewDense((rows+block-1)/block, (cols+block-1)/block, nil)
	const strip = 64 // rows, as many as a block of gonum's product
	some, product := mat.NewDense(strip, n, nil), mat.NewDense(strip, cols, nil)
	for from := 0; from < rows; from += strip {
		k := min(strip, rows-from)
		for i := range k {
			mat.Row(some.RawRowView(i), from+i, left)
		}
		product.Mul(some, b)
		for i := range k {
			largest(out.RawRowView((from+i)/block), product.RawRowView(i), block)
		}
	}
	return out
}

// largest puts into dst the numbers of largest size of dst and of each block of row.
func largest(dst, row []float64, block int) {
	for j, v := range row {
		if math.Abs(v) > math.Abs(dst[j/block]) {
			dst[j/block] = v
		}
	}
}
