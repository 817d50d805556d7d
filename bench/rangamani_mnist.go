package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train"
)

// Panel is one net of the MNIST panel of Rangamani et al.: a ReLU autoencoder whose decoder weights are the transposes of the
// encoder's, with one or two hidden layers, trained by RMSProp. With two, a ReLU is between the layers of the decoder as well: a
// linear decoder of k units can do no better than k principal components, which one hidden layer nearly does.
type Panel struct {
	// Hidden are the sizes of the hidden layers, one or two; the last is the code. Empty means [500].
	Hidden []int `json:"hidden"`
	// Steps and Batch are the number of updates and of images in each. Zeros mean 3000 and 100.
	Steps int `json:"steps"`
	Batch int `json:"batch"`
	// LearningRate, Decay and Epsilon are those of RMSProp: v ← ρv + (1−ρ)g², θ ← θ − ηg/√(v + ε). Zeros mean 0.001, 0.9
	// and 1e-10.
	LearningRate float64 `json:"learning_rate"`
	Decay        float64 `json:"decay"`
	Epsilon      float64 `json:"epsilon"`
	Seed         uint64  `json:"seed"`
}

func (p Panel) withDefaults() Panel {
	if len(p.Hidden) == 0 {
		p.Hidden = []int{500}
	}
	orElse(&p.Steps, 3000)
	orElse(&p.Batch, 100)
	orElse(&p.LearningRate, 0.001)
	orElse(&p.Decay, 0.9)
	orElse(&p.Epsilon, 1e-10)
	return p
}

// PanelRow is the error of a net at a step, per pixel of range [0, 1].
type PanelRow struct {
	Step int
	// Train is the mean over the batches since the row before, Test that on other images; NaN but at the end.
	Train, Test float64
}

// PanelResult is a trained net.
type PanelResult struct {
	Panel
	Rows []PanelRow
	// Reconstructions are the outputs for the test images, row-major.
	Reconstructions []float32
}

// panelEvery is the number of steps between rows.
const panelEvery = 100

// RangamaniMNIST trains a net on images, an epoch after another in random order, and reconstructs other images.
//
// Source: Rangamani et al. 2018, section 5; sizes and digits of theory.md §13.6.
func RangamaniMNIST(ctx context.Context, exec graph.Executor, p Panel, images, test *datasets.Table) (*PanelResult, error) {
	p = p.withDefaults()
	if len(p.Hidden) > 2 || images.Len() < p.Batch {
		return nil, fmt.Errorf("bench: %d hidden layers, %d images: at most two layers, and a batch of images, %d", len(p.Hidden), images.Len(), p.Batch)
	}
	net, err := p.load(exec, images.Cols)
	if err != nil {
		return nil, err
	}
	defer net.Close()
	out := &PanelResult{Panel: p}
	draw := shuffled(images, p.Batch, p.Seed)
	var sum float64
	for step := 1; step <= p.Steps; step++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := net.Write("x", 0, draw()); err != nil {
			return nil, err
		}
		loss, err := net.step()
		if err != nil {
			return nil, err
		}
		if sum += 2 * loss / float64(images.Cols); step%panelEvery == 0 || step == p.Steps {
			n := (step-1)%panelEvery + 1
			out.Rows = append(out.Rows, PanelRow{step, sum / float64(n), math.NaN()})
			sum = 0
		}
	}
	if out.Reconstructions, err = net.reconstruct(p, test.Data); err != nil {
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

// PrincipalError is the error per number of the images' projections on their own k principal components, not centred: the
// least that a linear decoder of k numbers can have on them, whatever the encoder.
func PrincipalError(images *datasets.Table, k int) (float64, error) {
	v, err := train.Principal(images.Data, k, images.Cols)
	if err != nil {
		return 0, err
	}
	codes := make([]float32, images.Len()*k)
	kernels.Gemm(kernels.NewWorkspace(kernels.BestLevel()), kernels.Product{
		M: images.Len(), N: k, K: images.Cols, Alpha: 1,
		A: kernels.Matrix{Data: images.Data, Stride: images.Cols},
		B: kernels.Matrix{Data: v, Stride: images.Cols, Trans: true},
		C: kernels.Matrix{Data: codes, Stride: k},
	})
	return (kernels.SumSquares(images.Data) - kernels.SumSquares(codes)) / float64(len(images.Data)), nil
}

// Recognised is the share of pictures whose nearest neighbour among labelled images, in Euclidean distance, has their label.
func Recognised(pictures []float32, labels []uint8, images *datasets.Table, known []uint8) float64 {
	cols, count, neighbours := images.Cols, len(labels), images.Len()
	products := make([]float32, count*neighbours)
	kernels.Gemm(kernels.NewWorkspace(kernels.BestLevel()), kernels.Product{
		M: count, N: neighbours, K: cols, Alpha: 1,
		A: kernels.Matrix{Data: pictures, Stride: cols},
		B: kernels.Matrix{Data: images.Data, Stride: cols, Trans: true},
		C: kernels.Matrix{Data: products, Stride: neighbours},
	})
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
func (p Panel) load(exec graph.Executor, dim int) (*tied, error) {
	t, err := loadTied(exec, graph.Config{
		Batch: p.Batch, Dim: dim, Code: p.Hidden[len(p.Hidden)-1], Width: p.Hidden[0], Depth: len(p.Hidden), Mirrored: len(p.Hidden) > 1,
	}, tiedStep{Zeta: p.LearningRate, Update: graph.Update{
		Rule: graph.RMSProp, Beta2: p.Decay, Epsilon: p.Epsilon, Schedule: graph.Schedule{Shape: graph.Constant},
	}})
	if err != nil {
		return nil, err
	}
	inputs := dim
	for l, units := range p.Hidden {
		w := make([]float32, units*inputs)
		kernels.Normal(w, 0, float32(1/math.Sqrt(float64(inputs))), kernels.Stream{Seed: p.Seed, Stream: datasets.Initialisation, Step: uint64(l)})
		if err := t.Write(graph.LayerName(l, graph.EncoderWeight), 0, w); err != nil {
			t.Close()
			return nil, err
		}
		inputs = units
	}
	return t, nil
}

// reconstruct runs the net forward on the rows of y.
func (t *tied) reconstruct(p Panel, y []float32) ([]float32, error) {
	ws := kernels.NewWorkspace(kernels.BestLevel())
	rows, h, inputs := len(y)/t.dim, y, t.dim
	var weights [][]float32
	for l, units := range p.Hidden {
		w, err := t.read(graph.LayerName(l, graph.EncoderWeight))
		if err != nil {
			return nil, err
		}
		b, err := t.read(graph.LayerName(l, graph.EncoderBias))
		if err != nil {
			return nil, err
		}
		next := make([]float32, rows*units)
		kernels.Gemm(ws, kernels.Product{
			M: rows, N: units, K: inputs, Alpha: 1,
			A: kernels.Matrix{Data: h, Stride: inputs},
			B: kernels.Matrix{Data: w, Stride: inputs, Trans: true},
			C: kernels.Matrix{Data: next, Stride: units},
		})
		kernels.Bias(next, next, b)
		kernels.ReLU(next, next)
		h, inputs, weights = next, units, append(weights, w)
	}
	for l := len(weights) - 1; l >= 0; l-- {
		outputs := len(weights[l]) / inputs
		next := make([]float32, rows*outputs)
		kernels.Gemm(ws, kernels.Product{
			M: rows, N: outputs, K: inputs, Alpha: 1,
			A: kernels.Matrix{Data: h, Stride: inputs},
			B: kernels.Matrix{Data: weights[l], Stride: outputs},
			C: kernels.Matrix{Data: next, Stride: outputs},
		})
		if l > 0 {
			kernels.ReLU(next, next)
		}
		h, inputs = next, outputs
	}
	return h, nil
}
