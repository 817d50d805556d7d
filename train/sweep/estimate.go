package sweep

import (
	"fmt"
	"slices"

	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/config"
)

// The speeds behind estimates: a core of a current server (bench/results/avx512/speed.md), with vector kernels.
const (
	flopsPerSecond  = 1e11
	passesPerSecond = 4e8 // elements of batch·(n + d), through all elementwise passes of a step
)

// Seconds is the estimated time of a training of one replica on one core: its updates, evaluations and trials of starts. It
// knows nothing of the machine; compare it with other estimates, or with what has been measured.
func Seconds(c train.Config) float64 {
	b, d, n := float64(c.Batch), float64(c.Model.Dim), float64(c.Model.Code())
	if c.Alternating() { // a Cholesky factorisation and products of n, d and masks at every step
		masks := max(1, float64(c.GDMin.Masks))
		return float64(c.Steps) * masks * (n*n*n/3 + 4*n*n*d) / flopsPerSecond
	}
	layers := 1.0
	switch c.Model.Name {
	case "rigamp":
		layers = float64(max(1, c.Model.Iterations))
	case "deep":
		layers = 1 + float64(c.Model.Depth)*float64(c.Model.Width)/n
	}
	forward := 4*b*n*d*layers/flopsPerSecond + b*(n+d)*layers/passesPerSecond
	evaluations := float64(c.Evaluation.FinalBatches) + float64(c.Evaluation.Batches)*float64(c.Steps)/float64(max(1, c.Evaluation.Every))
	updates := float64(c.Steps)
	if c.Model.Init == config.InitBest {
		updates += 2 * float64(c.TrialSteps())
	}
	return 2.5*forward*updates + forward*evaluations
}

// processBytes is the memory of a worker without a program: measured, for a binary with vector kernels.
const processBytes = 36 << 20

// heapOfWeight is the memory for each weight of the encoder beside the program's, in bytes, where starts are made and results measured:
// measured at d = 1024.
const heapOfWeight = 36

// MaxBytes is the memory of a worker at the program that takes most, with at most a number of cells, on one core: its tensors and its
// data set, for the shape with the largest matrices or, if that is another one, the largest batch.
func (g *Grid) MaxBytes(replicas int) (int64, error) {
	size := func(s *Shape) int { return s.Config.Model.Dim * s.Config.Model.Code() }
	batch := func(s *Shape) int { return s.Config.Batch * (s.Config.Model.Dim + s.Config.Model.Code()) }
	var most int64
	for _, by := range []func(*Shape) int{size, batch} {
		shape := slices.MaxFunc(g.Shapes, func(a, b *Shape) int { return by(a) - by(b) })
		bytes, err := shape.bytes(g.largest(shape, replicas))
		if err != nil {
			return 0, err
		}
		most = max(most, bytes)
	}
	return processBytes + most, nil
}

// largest is the number of cells of the largest program of a shape.
func (g *Grid) largest(shape *Shape, replicas int) int {
	most := 1
	for _, of := range g.groups(replicas) {
		if g.Shapes[of.shape] == shape {
			most = max(most, len(of.cells))
		}
	}
	return most
}

// bytes is the memory of a program of a shape.
func (s *Shape) bytes(replicas int) (int64, error) {
	c := s.Config
	if c.Alternating() { // encoder, decoder, gradient and one product for each
		return int64(replicas) * 8 * 6 * int64(c.Model.Dim) * int64(c.Model.Code()), nil
	}
	programs, err := train.Compile(c)
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	bytes := train.PeakBytes(c, programs, replicas) + heapOfWeight*int64(c.Model.Dim)*int64(c.Model.Code())
	for _, of := range []*graph.Program{programs.Train, programs.Evaluate} {
		for _, b := range of.Buffers {
			if b.Kind == graph.Data {
				bytes += 4 * int64(b.Size())
			}
		}
	}
	return bytes, nil
}
