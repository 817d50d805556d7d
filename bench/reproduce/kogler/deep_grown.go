package kogler

import (
	"context"
	"errors"
	"fmt"
	"math"

	"autoamp/bench/reproduce"
	"autoamp/graph"
	"autoamp/train"
)

// grown is a net that starts as the trained denoiser itself, encoder and decoder (embed), and trains on. What it ends with below the
// denoiser is what a fully connected decoder gains. From random rows a net has to find the denoiser first: at d = 100 one of three layers
// has 0.583 after 20 000 steps, the denoiser 0.555.
type grown struct {
	deepCase
	depth, width, steps, seeds int
}

// The kinds of rows of a grown net, one of each for every seed. Denoiser is the denoiser that trains on alike, for as many steps at the
// same rate, start the net before its first step, half a net that trains for half of the steps, and grownKind the net.
const (
	denoiserKind = "denoiser"
	startKind    = "start"
	halfKind     = "half"
	grownKind    = "grown"
)

// grownBatches is the number of batches of a measured error. All errors of a seed are on the same ones, so that their differences have
// far smaller errors than they have.
const grownBatches = 1000

// A step of twice the dimension takes four times as long, and more steps are needed: a seed of the longest takes a quarter of an hour of CPU
// time.
var grownNets = map[reproduce.Scale][]grown{
	reproduce.Quick: {{deepLow, 3, 4, 12000, 3}}, // the same as at paper
	reproduce.Paper: {
		{deepCase{0.2, 0.5, 100}, 1, 4, 12000, 3}, {deepCase{0.2, 0.5, 100}, 3, 4, 96000, 3},
		{deepCase{0.2, 0.5, 200}, 3, 4, 24000, 5},
		{deepLow, 1, 4, 12000, 6}, {deepLow, 3, 4, 12000, 3}, {deepLow, 5, 4, 12000, 3},
	},
}

// learningRate of d = 50 is three tenths of the other nets': with theirs the first steps throw the denoiser away, and the net ends higher
// (0.5193 instead of 0.5166 after 6000 steps, one seed). It falls like 1/√d, as the entries do.
func (g grown) learningRate() float64 { return 0.0003 * math.Sqrt(50/float64(g.dim)) }

// cells are the trainings, one for each seed: a run that was interrupted begins the seed again.
func (g grown) cells(p reproduce.Params) (cells []reproduce.Cell) {
	from, denoiser := deepNet{g.deepCase, 0, 0, warmSteps, 1, hot}.training()
	to, net := deepNet{g.deepCase, g.depth, g.width, g.steps, 1, warm}.training()
	to.learningRate = g.learningRate()
	for _, seed := range p.Seeds(g.seeds) {
		one := reproduce.Params{Scale: p.Scale, Seed: seed}
		s := grownStart{from.config(one, denoiser, "sparse-gaussian").Earlier(), to.config(one, net, "sparse-gaussian").Earlier()}
		name := fmt.Sprintf("grown-depth%d-width%d-p%g-r%g-d%d-seed%d", g.depth, g.width, g.p, g.rate, g.dim, seed)
		settings := grownStart{reproduce.AsEarlier(s.Denoiser), reproduce.AsEarlier(s.Net)}
		cell := reproduce.Cell{Name: name, Settings: settings, Run: s.run}
		cells = append(cells, withColumn(withColumn(cell, "depth", g.depth), "width", g.width))
	}
	return cells
}

// rows are those of a kind in a table.
func (g grown) rows(r *reproduce.Results, kind string) []reproduce.Row {
	return reproduce.Where(r.Rows, "kind", kind, "p", g.p, "rate", g.rate, "dim", g.dim, "depth", g.depth, "width", g.width, "steps", g.steps)
}

// grownStart trains a denoiser of one seed, and from it a net and a denoiser alike.
type grownStart struct {
	Denoiser train.Config `json:"denoiser"`
	Net      train.Config `json:"net"`
}

func (g grownStart) run(ctx context.Context, env *reproduce.Env) (*reproduce.Output, error) {
	alike, half := g.Denoiser, g.Net
	alike.Steps, alike.Optimizer.LearningRate = g.Net.Steps, g.Net.Optimizer.LearningRate
	half.Steps = g.Net.Steps / 2
	told := reproduce.Telling(env, g.Denoiser.Steps+alike.Steps+half.Steps+g.Net.Steps)
	denoiser, err := train.NewStepper(ctx, env.Executor, g.Denoiser)
	if err != nil {
		return nil, err
	}
	defer denoiser.Close()
	if err := told.Steps(ctx, denoiser, g.Denoiser.Steps); err != nil {
		return nil, err
	}
	out := &reproduce.Output{}
	for _, c := range []struct {
		kind   string
		config train.Config
		steps  int
	}{{denoiserKind, alike, alike.Steps}, {startKind, g.Net, 0}, {halfKind, half, half.Steps}, {grownKind, g.Net, g.Net.Steps}} {
		row, err := g.trainOn(ctx, told, denoiser, c.config, c.steps)
		if err != nil {
			return nil, err
		}
		row["kind"], row["steps"] = c.kind, g.Net.Steps
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// trainOn trains a model that starts as the denoiser, for so many steps of its schedule, and measures it.
func (g grownStart) trainOn(ctx context.Context, told *reproduce.Told, denoiser *train.Stepper, c train.Config, steps int) (reproduce.Row, error) {
	s, err := train.NewStepper(ctx, told.Executor, c)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if err := errors.Join(giveEncoder(denoiser, s, 1), giveDecoder(denoiser, s, c.Model)); err != nil {
		return nil, err
	}
	if err := told.Steps(ctx, s, steps); err != nil {
		return nil, err
	}
	errs, err := reproduce.Test(ctx, s, grownBatches)
	if err != nil {
		return nil, err
	}
	mean, stderr := errs.Of(0)
	return reproduce.Row{
		"model": c.Model.Name, "data": c.Data.Name, "p": c.Data.P[0], "rate": c.Model.Rate, "dim": c.Model.Dim, "seed": c.Seeds[0],
		"batch": c.Batch, "learning_rate": c.Optimizer.LearningRate, "tau": c.Model.Tau, "step": steps,
		"test_mse": mean, "test_mse_stderr": stderr,
	}, nil
}

// giveDecoder gives a model the denoiser's decoder: a denoiser its weights, a net what they compute.
func giveDecoder(denoiser, to *train.Stepper, model train.ModelConfig) error {
	if model.Name == "deep" {
		return embed(denoiser, to, model, 0)
	}
	for _, name := range []string{graph.DecoderWeight, graph.DenoiserTheta} {
		w, err := denoiser.Tensor(name, 0)
		if err := errors.Join(err, to.Write(name, 0, w)); err != nil {
			return err
		}
	}
	return nil
}
