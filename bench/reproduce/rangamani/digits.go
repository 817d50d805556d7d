package rangamani

import (
	"errors"
	"math"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/kernels"
	"autoamp/train"
)

// panelShown is the number of images of each digit that are kept with their reconstructions.
const panelShown = 2

// panelImages are 6000 training images of 4 and 9, and the test images of those digits, in the range [0, 1].
type panelImages struct {
	training, test *datasets.Table
	trainingLabels []byte
	testLabels     []byte
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
	return p, nil
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

// principalError is the error per number of the images' projections on their own k principal components, not centred: the
// least that a linear decoder of k numbers can have on them, whatever the encoder.
func principalError(images *datasets.Table, k int) (float64, error) {
	v, err := train.Principal(images.Data, k, images.Cols)
	if err != nil {
		return 0, err
	}
	codes := sparsecoding.Products(images.Data, v, images.Cols)
	return (kernels.SumSquares(images.Data) - kernels.SumSquares(codes)) / float64(len(images.Data)), nil
}

// recognised is the share of pictures whose nearest neighbour among labelled images, in Euclidean distance, has their label.
func recognised(pictures []float32, labels []uint8, images *datasets.Table, known []uint8) float64 {
	cols, count, neighbours := images.Cols, len(labels), images.Len()
	products := sparsecoding.Products(pictures, images.Data, cols)
	norms := make([]float64, neighbours)
	for j := range norms {
		norms[j] = kernels.SumSquares(images.Data[j*cols : (j+1)*cols])
	}
	right := 0
	for i, label := range labels {
		nearest, best := 0, math.Inf(1)
		for j, norm := range norms {
			if distance := norm - 2*float64(products[i*neighbours+j]); distance < best {
				nearest, best = j, distance
			}
		}
		if known[nearest] == label {
			right++
		}
	}
	return float64(right) / float64(count)
}
