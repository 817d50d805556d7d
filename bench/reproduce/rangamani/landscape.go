package rangamani

import (
	"context"
	"math"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train"
)

// landscapeBatch is the number of samples that go through the executor at a time.
const landscapeBatch = 500

// landscape evaluates loss and gradient of a setting. The caller closes it.
type landscape struct {
	*sparsecoding.Autoencoder
	samples, atoms int
}

// newLandscape is the landscape of the loss ½E‖y − ŷ‖² of units with the bias −bias, over samples of the source. Its gradient
// is the true one, or the proxy's, which flows through the units of the support.
func newLandscape(ctx context.Context, exec graph.Executor, source *datasets.Bilinear, bias float64, samples int, proxy bool) (*landscape, error) {
	a, err := sparsecoding.Load(ctx, exec, train.Config{
		Model: sparsecoding.Tied(source.Dim(), source.Atoms, train.TiedConfig{Bias: "fixed", BiasStart: -bias, Proxy: proxy}),
		Batch: min(landscapeBatch, samples), Seeds: []uint64{source.Seed}, Optimizer: sparsecoding.PlainGradient(),
		Data: train.DataConfig{Name: datasets.NonNegativeCodes, DictionaryConfig: train.DictionaryConfig{
			Atoms: source.Atoms, Support: source.Law.Support, Lo: float64(source.Law.Lo), Hi: float64(source.Law.Hi),
		}},
	}, source.Dictionary)
	if err != nil {
		return nil, err
	}
	return &landscape{a, samples, source.Atoms}, nil
}

// at returns the loss and the expected gradient at W, (h, n). It draws the same samples at every point.
func (l *landscape) at(ctx context.Context, w []float32) (loss float64, gradient []float64, err error) {
	l.Rewind()
	return l.MeanGradient(ctx, w, max(1, l.samples/landscapeBatch))
}

// norm is the loss and the mean over columns of ‖E∇_{W_i}L‖ at W.
func (l *landscape) norm(ctx context.Context, w []float32) (loss, norm float64, err error) {
	loss, gradient, err := l.at(ctx, w)
	if err != nil {
		return 0, 0, err
	}
	return loss, meanRowNorm(gradient, l.atoms), nil
}

// meanRowNorm is the mean over rows of their Euclidean norms.
func meanRowNorm(a []float64, rows int) float64 {
	cols, sum := len(a)/rows, 0.0
	for i := range rows {
		var squares float64
		for _, v := range a[i*cols : (i+1)*cols] {
			squares += v * v
		}
		sum += math.Sqrt(squares)
	}
	return sum / float64(rows)
}
