package kogler

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"autoamp/bench/reproduce"
	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/matrix"
)

// tempered is a training of the shallow autoencoder on sparse Rademacher data at r = 1 along a sequence of temperatures τ of the
// surrogate gradient. The learning rate falls as a cosine over all of it, or stays.
type tempered struct {
	// Schedule names the sequence: constant, annealed, or for an encoder that starts near the chain "chain, …".
	Schedule string       `json:"schedule"`
	Stages   []stage      `json:"stages"`
	Chain    float64      `json:"chain,omitempty"` // ε of the encoder at the start; 0 for random rows
	Config   train.Config `json:"config"`
}

// stage is a number of steps at one temperature.
type stage struct {
	Steps int     `json:"steps"`
	Tau   float64 `json:"tau"`
}

// tauColumns are the columns of kogler-tau. start_mse is the error before the first step. antisymmetry is that of the encoder
// off its permutation, link the strength of a chain's first link.
var tauColumns = []string{
	"schedule", "tau", "p", "dim", "seed", "batch", "steps", "learning_rate",
	"start_mse", "test_mse", "test_mse_stderr", "permutation_rows", "antisymmetry", "link",
}

// tauBatches is the number of batches of a measured error: at d = 64 and batch 128 a standard error of about 2e-4.
const tauBatches = 1000

// name is the cell's.
func (t tempered) name() string {
	return fmt.Sprintf("%s-tau%g-d%d", t.Schedule, t.Stages[len(t.Stages)-1].Tau, t.Config.Model.Dim)
}

func (t tempered) cell() reproduce.Cell {
	t.Config = t.Config.Earlier()
	settings := t
	settings.Config = reproduce.AsEarlier(t.Config)
	return reproduce.Cell{Name: t.name(), Settings: settings, Run: t.run}
}

// run goes through the stages: a Stepper for each, which continues the one before.
func (t tempered) run(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
	told := reproduce.Telling(env, t.Config.Steps)
	var s *train.Stepper
	var start reproduce.TestErrors
	defer func() {
		if s != nil {
			s.Close()
		}
	}()
	for i, stage := range t.Stages {
		next, err := t.stepper(ctx, env, stage)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			if start, err = t.begin(ctx, next); err != nil {
				return nil, errors.Join(err, next.Close())
			}
		} else if err := errors.Join(next.Continue(s), s.Close()); err != nil {
			return nil, errors.Join(err, next.Close())
		}
		s = next
		if err := told.Steps(ctx, s, stage.Steps); err != nil {
			return nil, err
		}
	}
	return t.rows(ctx, s, start)
}

// stepper is a stage's: only the temperature differs.
func (t tempered) stepper(ctx context.Context, env *reproduce.Env, at stage) (*train.Stepper, error) {
	c := t.Config
	c.Model.Tau = at.Tau
	return train.NewStepper(ctx, env.Executor, c)
}

// begin writes the chain, if the encoder starts there, and measures the errors at the start.
func (t tempered) begin(ctx context.Context, s *train.Stepper) (reproduce.TestErrors, error) {
	if t.Chain > 0 {
		for replica := range t.Config.Replicas() {
			b, a := chainWeights(t.Config.Model.Dim, t.Chain, t.Config.Data.P[replica/len(t.Config.Seeds)])
			if err := errors.Join(s.Write(graph.EncoderWeight, replica, b), s.Write(graph.DecoderWeight, replica, a)); err != nil {
				return nil, err
			}
		}
	}
	return reproduce.Test(ctx, s, tauBatches)
}

// chainWeights are the rows e_i + ε·e_{i+1} + ε²·e_{i+2} + … on a ring and their best decoder, x̂_i = √p·(y_i − q·y_{i+1})/(1 − q²)
// (amp.ChainMSE).
func chainWeights(d int, epsilon, p float64) (encoder, decoder []float32) {
	encoder, decoder = make([]float32, d*d), make([]float32, d*d)
	norm := math.Sqrt(1 - epsilon*epsilon)
	for i := range d {
		for k, v := 0, norm; k < d && v > 1e-7; k, v = k+1, v*epsilon {
			encoder[i*d+(i+k)%d] = float32(v)
		}
		scale := math.Sqrt(p) / (p * (2 - p))
		decoder[i*d+i], decoder[i*d+(i+1)%d] = float32(scale), float32(-scale*(1-p))
	}
	return encoder, decoder
}

// rows are the trained models.
func (t tempered) rows(ctx context.Context, s *train.Stepper, start reproduce.TestErrors) (*reproduce.Output, error) {
	end, err := reproduce.Test(ctx, s, tauBatches)
	if err != nil {
		return nil, err
	}
	c, out := t.Config, &reproduce.Output{}
	for replica, r := range c.Replicas() {
		w, err := s.Tensor(graph.EncoderWeight, replica)
		if err != nil {
			return nil, err
		}
		b := matrix.UnitRows(matrix.Widened(c.Model.Dim, c.Model.Dim, w))
		structure, err := train.MeasureStructure(b, nil)
		if err != nil {
			return nil, err
		}
		before, _ := start.Of(replica)
		after, stderr := end.Of(replica)
		row := reproduce.Row{
			"schedule": t.Schedule, "tau": t.Stages[len(t.Stages)-1].Tau, "p": r.P, "dim": c.Model.Dim, "seed": r.Seed,
			"batch": c.Batch, "steps": c.Steps, "learning_rate": c.Optimizer.LearningRate, "start_mse": before,
			"test_mse": after, "test_mse_stderr": stderr, "permutation_rows": structure.PermutationRows,
			"antisymmetry": antisymmetry(b),
		}
		if t.Chain > 0 {
			row["link"] = link(b)
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// antisymmetry is that of the rest Δ of an encoder, once its largest entries are on the diagonal and positive and are taken away:
// −ΣΔ_ik·Δ_ki/ΣΔ_ik². It is 1 for an antisymmetric rest, −1 for a symmetric one, near 0 for a random one. NaN if two rows have their
// largest entry in the same column.
func antisymmetry(b *mat.Dense) float64 {
	d, _ := b.Dims()
	rowOf, spikeOf := make(map[int]int, d), make([]int, d)
	for i := range d {
		for j := range d {
			if math.Abs(b.At(i, j)) > math.Abs(b.At(i, spikeOf[i])) {
				spikeOf[i] = j
			}
		}
		rowOf[spikeOf[i]] = i
	}
	if len(rowOf) < d {
		return math.NaN()
	}
	rest := mat.NewDense(d, d, nil) // rest_ik: what row i has in the column of row k's largest entry
	for i := range d {
		for j := range d {
			if j != spikeOf[i] {
				rest.Set(i, rowOf[j], math.Copysign(b.At(i, j), b.At(i, j)*b.At(i, spikeOf[i])))
			}
		}
	}
	var crossed mat.Dense
	crossed.MulElem(rest, rest.T())
	return -mat.Sum(&crossed) / (mat.Norm(rest, 2) * mat.Norm(rest, 2))
}

// link is the mean of B_{i,i+1}/B_ii on a ring: ε in the chain.
func link(b *mat.Dense) float64 {
	d, _ := b.Dims()
	sum := 0.0
	for i := range d {
		sum += b.At(i, (i+1)%d) / b.At(i, i) / float64(d)
	}
	return sum
}
