package rangamani

import (
	"cmp"
	"context"
	"math"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/train"
	"autoamp/train/config"
)

// orthogonal is the ReLU autoencoder beside a square orthogonal dictionary, h = n, where every code is found without error.
type orthogonal struct {
	// Dim is h = n. Zero means 64.
	Dim int `json:"dim"`
	// Support is k, Bias the ε of the units.
	Support int     `json:"support"`
	Bias    float64 `json:"bias"`
	// Lo and Hi bound the amplitudes. Zeros mean 1 and 3.
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
	// Samples is how many samples the expectations are taken over. Zero means 4000.
	Samples int `json:"samples"`
	// Steps and Batch are the updates of a training and the samples in each. Zeros mean 2000 and 500.
	Steps int    `json:"steps"`
	Batch int    `json:"batch"`
	Seed  uint64 `json:"seed"`
}

func (o orthogonal) withDefaults() orthogonal {
	o.Dim = cmp.Or(o.Dim, 64)
	o.Lo = cmp.Or(o.Lo, 1)
	o.Hi = cmp.Or(o.Hi, 3)
	o.Samples = cmp.Or(o.Samples, 4000)
	o.Steps = cmp.Or(o.Steps, 2000)
	o.Batch = cmp.Or(o.Batch, 500)
	return o
}

// orthogonalRow is the loss ½E‖y − ŷ‖² at the dictionary, its curvature on random lines, and where gradient descent ends.
type orthogonalRow struct {
	// Loss is at the dictionary, Curvature the second derivative along random unit columns, the mean over lines.
	Loss, Curvature float64
	// The losses at the ends of trainings from A* + ½·(random unit columns) and from random unit columns, and the distances
	// √(‖W − A*‖²/h) there, after the best matching.
	NearLoss, NearDistance, RandomLoss, RandomDistance float64
}

// orthogonalStep is the distance of the points behind a curvature from the dictionary, orthogonalLines the number of lines.
const (
	orthogonalStep  = 0.02
	orthogonalLines = 5
)

// measure evaluates the loss around the dictionary and trains.
func (o orthogonal) measure(ctx context.Context, env *reproduce.Env) (*orthogonalRow, error) {
	o = o.withDefaults()
	told := reproduce.Telling(env, 2*o.Steps)
	source, err := o.source()
	if err != nil {
		return nil, err
	}
	l, err := newLandscape(ctx, env.Executor, source, o.Bias, o.Samples, false)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	row := &orthogonalRow{}
	if row.Loss, row.Curvature, err = o.around(ctx, l, source.Dictionary); err != nil {
		return nil, err
	}
	near := sparsecoding.Moved(source.Dictionary, 0.5, sparsecoding.UnitRows(o.Dim, o.Dim, o.Seed, sparsecoding.Displacement))
	if row.NearLoss, row.NearDistance, err = o.descend(ctx, told, l, source, near); err != nil {
		return nil, err
	}
	random := sparsecoding.UnitRows(o.Dim, o.Dim, o.Seed, sparsecoding.RandomStart)
	row.RandomLoss, row.RandomDistance, err = o.descend(ctx, told, l, source, random)
	return row, err
}

func (o orthogonal) source() (*datasets.Bilinear, error) {
	dictionary, err := datasets.Haar(o.Dim, o.Dim, o.Seed)
	if err != nil {
		return nil, err
	}
	law, err := datasets.NewCodeLaw(datasets.NonNegativeCodes, o.Dim, o.Support, o.Lo, o.Hi)
	return &datasets.Bilinear{Dictionary: dictionary, Atoms: o.Dim, Law: law, Seed: o.Seed}, err
}

// around is the loss at the dictionary and its second difference.
func (o orthogonal) around(ctx context.Context, l *landscape, dictionary []float32) (loss, curvature float64, err error) {
	if loss, _, err = l.at(ctx, dictionary); err != nil {
		return 0, 0, err
	}
	for line := range orthogonalLines {
		towards := sparsecoding.UnitRows(o.Dim, o.Dim, o.Seed, sparsecoding.Direction(line))
		for _, t := range []float64{-orthogonalStep, orthogonalStep} {
			beside, _, err := l.at(ctx, sparsecoding.Moved(dictionary, t, towards))
			if err != nil {
				return 0, 0, err
			}
			curvature += (beside - loss) / (orthogonalStep * orthogonalStep * orthogonalLines)
		}
	}
	return loss, curvature, nil
}

// descend is gradient descent on fresh samples, and the loss at its end over the samples of the landscape. A step is a 32nd of the
// inverse curvature of a column: random starts diverge at larger ones, and with a bias the noise of the samples stays in W.
func (o orthogonal) descend(ctx context.Context, told *reproduce.Told, l *landscape, source *datasets.Bilinear, w []float32) (loss, distance float64, err error) {
	zeta := float64(o.Dim) / (32 * float64(o.Support) * secondMoment(o.Lo, o.Hi))
	net, err := sparsecoding.Load(ctx, told.Executor, train.Config{
		Model: sparsecoding.Tied(o.Dim, o.Dim, train.TiedConfig{Bias: "fixed", BiasStart: -o.Bias}), Batch: o.Batch, Seeds: []uint64{o.Seed + 1000},
		Optimizer: train.OptimizerConfig{Name: "sgd", LearningRate: config.RateOnHalfSquare(zeta, o.Dim)},
		Data: train.DataConfig{Name: datasets.NonNegativeCodes, DictionaryConfig: train.DictionaryConfig{
			Atoms: o.Dim, Support: o.Support, Lo: o.Lo, Hi: o.Hi,
		}},
	}, source.Dictionary)
	if err != nil {
		return 0, 0, err
	}
	defer net.Close()
	if err := net.SetWeights(0, w); err != nil {
		return 0, 0, err
	}
	for range o.Steps {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		loss, err := net.Step()
		if err != nil {
			return 0, 0, err
		}
		told.Step(2 * loss / float64(o.Dim))
	}
	end, err := net.Weights()
	if err != nil {
		return 0, 0, err
	}
	loss, _, err = l.at(ctx, end)
	return loss, math.Sqrt(sparsecoding.Distance2(end, source.Dictionary, o.Dim) / float64(o.Dim)), err
}

// scaledLoss is the loss at s·A*, ½k·E(x − s(sx − ε)₊)², for biases below s·Lo: every unit of the support is active and no other.
func (o orthogonal) scaledLoss(s float64) float64 {
	m1, m2 := (o.Lo+o.Hi)/2, secondMoment(o.Lo, o.Hi)
	u, v := 1-s*s, s*o.Bias // x − s(sx − ε) = u·x + v
	return float64(o.Support) / 2 * (u*u*m2 + 2*u*v*m1 + v*v)
}

// bestScale is the s of least scaledLoss, which is convex around it, by ternary search.
func (o orthogonal) bestScale() float64 {
	low, high := 1.0, 1.5
	for range 100 {
		a, b := low+(high-low)/3, high-(high-low)/3
		if o.scaledLoss(a) < o.scaledLoss(b) {
			high = b
		} else {
			low = a
		}
	}
	return (low + high) / 2
}

// curvature is the second derivative of the loss at the dictionary without a bias, along random unit columns, the average over
// them: k·m₂·(3/2 + (k/2 + 2)/n).
//
// Source: amp/THEORY.md §13.7.
func (o orthogonal) curvature() float64 {
	k := float64(o.Support)
	return k * secondMoment(o.Lo, o.Hi) * (1.5 + (k/2+2)/float64(o.Dim))
}
