package rangamani

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train"
)

// panel is one net of the MNIST panel of Rangamani et al.: a ReLU autoencoder whose decoder weights are the transposes of the
// encoder's, with one or two hidden layers, trained by RMSProp. With two, a ReLU is between the layers of the decoder as well: a
// linear decoder of k units can do no better than k principal components, which one hidden layer nearly does.
type panel struct {
	// Hidden are the sizes of the hidden layers, one or two; the last is the code. Empty means [500].
	Hidden []int `json:"hidden"`
	// Steps and Batch are the number of updates and of images in each. Zeros mean 3000 and 100.
	Steps int `json:"steps"`
	Batch int `json:"batch"`
	// LearningRate, Decay and Epsilon are η, ρ and ε of RMSProp: v ← ρv + (1−ρ)g², θ ← θ − ηg/√(v + ε). Zeros mean 0.001, 0.9
	// and 1e-10.
	LearningRate float64 `json:"learning_rate"`
	Decay        float64 `json:"decay"`
	Epsilon      float64 `json:"epsilon"`
	Seed         uint64  `json:"seed"`
}

func (p panel) withDefaults() panel {
	if len(p.Hidden) == 0 {
		p.Hidden = []int{500}
	}
	p.Steps = cmp.Or(p.Steps, 3000)
	p.Batch = cmp.Or(p.Batch, 100)
	p.LearningRate = cmp.Or(p.LearningRate, 0.001)
	p.Decay = cmp.Or(p.Decay, 0.9)
	p.Epsilon = cmp.Or(p.Epsilon, 1e-10)
	return p
}

// panelRow is the error of a net at a step, per pixel of range [0, 1].
type panelRow struct {
	Step int
	// Train is the mean over the batches since the row before, Test the error on other images, NaN before the
	// last row.
	Train, Test float64
}

// panelResult is a trained net.
type panelResult struct {
	panel
	Rows []panelRow
	// Reconstructions are the outputs for the test images, row-major.
	Reconstructions []float32
}

// panelEvery is the number of steps between rows.
const panelEvery = 100

// train trains a net on images, an epoch after another in random order, and reconstructs other images.
//
// Source: Rangamani et al. 2018, section 5; sizes and digits of amp/THEORY.md §13.6.
func (p panel) train(ctx context.Context, exec graph.Executor, images, test *datasets.Table) (*panelResult, error) {
	p = p.withDefaults()
	if len(p.Hidden) > 2 || images.Len() < p.Batch {
		return nil, fmt.Errorf("bench: %d hidden layers, %d images: at most two layers, and a batch of images, %d", len(p.Hidden), images.Len(), p.Batch)
	}
	net, err := p.load(ctx, exec, images.Cols)
	if err != nil {
		return nil, err
	}
	defer net.Close()
	out := &panelResult{panel: p}
	draw := shuffled(images, p.Batch, p.Seed)
	var sum float64
	for step := 1; step <= p.Steps; step++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := net.Feed(draw()); err != nil {
			return nil, err
		}
		loss, err := net.Step()
		if err != nil {
			return nil, err
		}
		if sum += 2 * loss / float64(images.Cols); step%panelEvery == 0 || step == p.Steps {
			n := (step-1)%panelEvery + 1
			out.Rows = append(out.Rows, panelRow{step, sum / float64(n), math.NaN()})
			sum = 0
		}
	}
	if out.Reconstructions, err = net.Reconstruct(test.Data); err != nil {
		return nil, err
	}
	out.Rows[len(out.Rows)-1].Test = kernels.SquaredError(out.Reconstructions, test.Data) / float64(len(test.Data))
	return out, nil
}

// shuffled returns a function that draws batch after batch, each image once in an epoch, in a random order. The last images of
// an epoch that fill no batch are left out.
func shuffled(images *datasets.Table, batch int, seed uint64) func() []float32 {
	random := rand.New(rand.NewPCG(seed, 0))
	out, order := make([]float32, batch*images.Cols), []int(nil)
	return func() []float32 {
		if len(order) < batch {
			order = random.Perm(images.Len())
		}
		for i, k := range order[:batch] {
			copy(out[i*images.Cols:(i+1)*images.Cols], images.Data[k*images.Cols:])
		}
		order = order[batch:]
		return out
	}
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

// load compiles the net and starts its weights.
func (p panel) load(ctx context.Context, exec graph.Executor, dim int) (*sparsecoding.Autoencoder, error) {
	model := sparsecoding.Tied(dim, p.Hidden[len(p.Hidden)-1], train.TiedConfig{Mirrored: len(p.Hidden) > 1})
	if model.Depth = len(p.Hidden); model.Depth > 1 {
		model.Width = p.Hidden[0]
	}
	net, err := sparsecoding.LoadFed(ctx, exec, train.Config{
		Model: model, Batch: p.Batch,
		Optimizer: train.OptimizerConfig{Name: string(graph.RMSProp), LearningRate: p.LearningRate, Decay: p.Decay, Epsilon: p.Epsilon},
	})
	if err != nil {
		return nil, err
	}
	inputs := dim
	for l, units := range p.Hidden {
		w := make([]float32, units*inputs)
		kernels.Normal(w, 0, float32(1/math.Sqrt(float64(inputs))), kernels.Stream{Seed: p.Seed, Stream: datasets.Initialisation, Step: uint64(l)})
		if err := net.SetWeights(l, w); err != nil {
			net.Close()
			return nil, err
		}
		inputs = units
	}
	return net, nil
}
