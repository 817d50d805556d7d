package bench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
)

// Panel is one net of the MNIST panel of Rangamani et al.: a ReLU autoencoder whose decoder weights are the transposes of the
// encoder's, with one or two hidden layers, trained by RMSProp.
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
	// Train is the mean over the batches since the row before, Test that on other images, and Background the part of it
	// that is from pixels without ink, how much of the picture is speckled; both NaN but at the end.
	Train, Test, Background float64
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
			out.Rows = append(out.Rows, PanelRow{step, sum / float64(n), math.NaN(), math.NaN()})
			sum = 0
		}
	}
	if out.Reconstructions, err = net.reconstruct(p, test.Data); err != nil {
		return nil, err
	}
	last := &out.Rows[len(out.Rows)-1]
	last.Test, last.Background = panelErrors(out.Reconstructions, test.Data)
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

// panelErrors are the error per pixel, and what pixels without ink contribute to it.
func panelErrors(outputs, images []float32) (all, background float64) {
	for i, x := range images {
		e := float64(outputs[i]-x) * float64(outputs[i]-x) / float64(len(images))
		all += e
		if x == 0 {
			background += e
		}
	}
	return all, background
}

// load compiles the net and starts its weights.
func (p Panel) load(exec graph.Executor, dim int) (*tied, error) {
	t, err := loadTied(exec, graph.Config{
		Batch: p.Batch, Dim: dim, Code: p.Hidden[len(p.Hidden)-1], Width: p.Hidden[0], Depth: len(p.Hidden),
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
		kernels.Gemm(ws, false, true, rows, units, inputs, 1, h, inputs, w, inputs, 0, next, units)
		kernels.Bias(next, next, b)
		kernels.ReLU(next, next)
		h, inputs, weights = next, units, append(weights, w)
	}
	for l := len(weights) - 1; l >= 0; l-- {
		outputs := len(weights[l]) / inputs
		next := make([]float32, rows*outputs)
		kernels.Gemm(ws, false, false, rows, outputs, inputs, 1, h, inputs, weights[l], outputs, 0, next, outputs)
		h, inputs = next, outputs
	}
	return h, nil
}
