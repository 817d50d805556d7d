package train

import (
	"context"
	"fmt"
	"math"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/kernels"
	"autoamp/train/config"
	"autoamp/train/internal/await"
	"autoamp/train/matrix"
)

// initialise writes the starting weights of every replica, a function of its seed and of the
// parameter's place in the model, and clears the optimizer's moments.
func initialise(ctx context.Context, runner graph.Runner, programs *Programs, replicas []graph.Replica, c Config) error {
	for _, seed := range seedsOf(replicas) {
		for i, param := range programs.Model.Params {
			values, err := await.Result(ctx, func() ([]float32, error) { return startOf(param, i, seed) })
			if err != nil {
				return fmt.Errorf("train: initialise %s: %w", param.Name, err)
			}
			if err := writeSeed(runner, param.Name, values, replicas, seed); err != nil {
				return err
			}
		}
		for _, b := range programs.Train.Tensors() {
			if b.Kind != graph.State {
				continue
			}
			if err := writeSeed(runner, b.Name, make([]float32, b.Size()), replicas, seed); err != nil {
				return err
			}
		}
	}
	if c.Model.InitFrom != "" {
		return startFrom(ctx, runner, programs, replicas, c)
	}
	switch {
	case c.Data.IsDictionary() || c.Model.Name == config.TiedModel:
		return writeTied(ctx, runner, replicas, c)
	case c.Model.Init == config.InitStateEvolution:
		return writeRIGAMP(ctx, runner, replicas, c)
	case c.Model.Init == config.InitLocalised:
		return localise(runner, c, len(replicas), func(int) bool { return true })
	}
	return nil
}

// localisation is the weight of a unit vector beside a random row of norm 1. From 1 and 2.5 training falls back to the Haar
// candidate's plateau within some hundred updates, at every p; from 10 it takes longer to leave the permutation.
const localisation = 5

// localise adds unit vectors to the rows of W, localisation times, in the replicas that are chosen: that of coordinate i mod d to row i.
// Above rate 1 the rows past d and those that they share a coordinate with are pairs (amp.PairedMSE), and a free decoder starts at
// what the rows say, since a pair would lose its spike before the decoder has learnt what it is for.
func localise(runner graph.Runner, c Config, replicas int, chosen func(replica int) bool) error {
	n, d := c.Model.Code(), c.Model.Dim
	w := make([]float32, n*d)
	for k := range replicas {
		if !chosen(k) {
			continue
		}
		if err := runner.Read(graph.EncoderWeight, k, w); err != nil {
			return fmt.Errorf("train: replica %d: read %s: %w", k, graph.EncoderWeight, err)
		}
		localiseRows(w, n, d)
		if err := runner.Write(graph.EncoderWeight, k, w); err != nil {
			return fmt.Errorf("train: replica %d: write %s: %w", k, graph.EncoderWeight, err)
		}
		if n <= d || c.Model.Tied {
			continue
		}
		if err := runner.Write(graph.DecoderWeight, k, decoderOf(w, n, d)); err != nil {
			return fmt.Errorf("train: replica %d: write %s: %w", k, graph.DecoderWeight, err)
		}
	}
	return nil
}

// localiseRows localises the n rows. The second row of a coordinate is its first with the random part reversed.
func localiseRows(w []float32, n, d int) {
	for i := range n {
		if d <= i && i < 2*d {
			for j := range d {
				w[i*d+j] = -w[(i-d)*d+j]
			}
			w[i*d+i%d] += localisation
		}
		w[i*d+i%d] += localisation
	}
}

// decoderOf is the (d, n) matrix of the rows of w with norm √(2/π), what a row alone tells, and 1/k where a coordinate has k > 1 rows.
func decoderOf(w []float32, n, d int) []float32 {
	a := make([]float32, d*n)
	for i := range n {
		row := w[i*d : (i+1)*d]
		scale := math.Sqrt(2 / math.Pi)
		if rows := (n - i%d + d - 1) / d; rows > 1 {
			scale = 1 / float64(rows)
		}
		scale /= math.Sqrt(kernels.Dot(row, row))
		for j, v := range row {
			a[j*n+i] = float32(scale * float64(v))
		}
	}
	return a
}

// startOf returns the starting value of the i-th parameter of a model.
func startOf(param graph.Param, i int, seed uint64) ([]float32, error) {
	shape := param.Node.Shape()
	dst := make([]float32, shape.TotalSize())
	switch param.Init.Kind {
	case "normal":
		stream := kernels.Stream{Seed: seed, Stream: datasets.Initialisation, Step: uint64(i)}
		kernels.Normal(dst, 0, float32(param.Init.Std), stream)
		return dst, nil
	case "haar":
		return datasets.Haar(shape[0], shape[1], seed)
	case "haar.transposed":
		return transposedHaar(shape[0], shape[1], seed)
	case "values":
		if len(param.Init.Values) == len(dst) {
			return param.Init.Values, nil
		}
		return nil, fmt.Errorf("%d values, want %d", len(param.Init.Values), len(dst))
	}
	return nil, fmt.Errorf("start %q is not known", param.Init.Kind)
}

// transposedHaar is the (rows, cols) transpose of the seed's Haar matrix of shape (cols, rows).
func transposedHaar(rows, cols int, seed uint64) ([]float32, error) {
	b, err := datasets.Haar(cols, rows, seed)
	if err != nil {
		return nil, err
	}
	return matrix.Transpose(matrix.New(cols, rows, b)).Data, nil
}

// writeSeed writes a tensor of every replica of one seed.
func writeSeed(runner graph.Runner, name string, values []float32, replicas []graph.Replica, seed uint64) error {
	for i, r := range replicas {
		if r.Seed != seed {
			continue
		}
		if err := runner.Write(name, i, values); err != nil {
			return fmt.Errorf("train: replica %d: write %s: %w", i, name, err)
		}
	}
	return nil
}

// seedsOf lists the seeds of the replicas, each once.
func seedsOf(replicas []graph.Replica) []uint64 {
	var seeds []uint64
	seen := map[uint64]bool{}
	for _, r := range replicas {
		if !seen[r.Seed] {
			seen[r.Seed] = true
			seeds = append(seeds, r.Seed)
		}
	}
	return seeds
}
