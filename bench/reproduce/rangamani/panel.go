package rangamani

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train"
)

// panel is one net of the MNIST panel of Rangamani et al., with W of Hidden rows, trained by RMSProp: one hidden layer,
// ŷ = Wᵀ·ReLU(Wy + b), or with Rectified two layers of activations, ŷ = ReLU(Wᵀ·ReLU(Wy + b₁) + b₂).
type panel struct {
	// Hidden is the number of units of the first layer.
	Hidden    int  `json:"hidden"`
	Rectified bool `json:"rectified"`
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
	// Train is the mean over the batches since the row before.
	Train float64
}

// panelResult is a trained net.
type panelResult struct {
	panel
	Rows []panelRow
	// Train and Test are the errors per pixel at the end, on all training images and on held-out ones.
	Train, Test float64
	// Reconstructions are the outputs for the test images, row-major.
	Reconstructions []float32
}

// panelEvery is the number of steps between rows.
const panelEvery = 100

// train trains a net on images, an epoch after another in random order, and reconstructs other images.
//
// Source: Rangamani et al. 2018, section 5; sizes and digits of amp/THEORY.md §13.6.
func (p panel) train(ctx context.Context, env *reproduce.Env, images, test *datasets.Table) (*panelResult, error) {
	p = p.withDefaults()
	if images.Len() < p.Batch {
		return nil, fmt.Errorf("rangamani: %d images: a batch has %d", images.Len(), p.Batch)
	}
	net, err := p.load(ctx, env.Executor, images.Cols)
	if err != nil {
		return nil, err
	}
	defer net.Close()
	out, told := &panelResult{panel: p}, reproduce.Telling(env, p.Steps)
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
		loss = 2 * loss / float64(images.Cols)
		told.Step(loss)
		if sum += loss; step%panelEvery == 0 || step == p.Steps {
			n := (step-1)%panelEvery + 1
			out.Rows = append(out.Rows, panelRow{step, sum / float64(n)})
			sum = 0
		}
	}
	training, err := net.Reconstruct(images.Data)
	if err != nil {
		return nil, err
	}
	out.Train = kernels.SquaredError(training, images.Data) / float64(len(images.Data))
	if out.Reconstructions, err = net.Reconstruct(test.Data); err != nil {
		return nil, err
	}
	out.Test = kernels.SquaredError(out.Reconstructions, test.Data) / float64(len(test.Data))
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

// load compiles the net and starts its weights from N(0, 1/d).
func (p panel) load(ctx context.Context, exec graph.Executor, dim int) (*sparsecoding.Autoencoder, error) {
	net, err := sparsecoding.LoadFed(ctx, exec, train.Config{
		Model: sparsecoding.Tied(dim, p.Hidden, train.TiedConfig{Rectified: p.Rectified}), Batch: p.Batch,
		Optimizer: train.OptimizerConfig{Name: string(graph.RMSProp), LearningRate: p.LearningRate, Decay: p.Decay, Epsilon: p.Epsilon},
	})
	if err != nil {
		return nil, err
	}
	w := make([]float32, p.Hidden*dim)
	kernels.Normal(w, 0, float32(1/math.Sqrt(float64(dim))), kernels.Stream{Seed: p.Seed, Stream: datasets.Initialisation})
	if err := net.SetWeights(0, w); err != nil {
		net.Close()
		return nil, err
	}
	return net, nil
}
