package kogler

import (
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/bench/reproduce"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/figure"
)

// Names of schedules of the temperature. The last three start at the chain.
const (
	constantTau     = "constant"
	longTau         = "constant-long"
	annealedTau     = "annealed"
	aheadTau        = "annealed-long"
	chainHot        = "chain"
	chainAnnealed   = "chain-annealed"
	chainSmallSteps = "chain-small-steps"
)

// temperatures are the constant ones, the paper's among them.
var temperatures = []float64{0.2, paperTau, 0.05, 0.02}

const (
	paperTau   = 0.1
	haarP      = 0.3   // below 1/3, where the Haar encoder is stable
	coldest    = 0.005 // the last temperature of the annealed runs
	chainP     = 0.64  // where the candidates cross, all but
	chainStart = 0.4   // ε
)

// tau: the paper says that refining τ does not affect the end result. At a constant τ it does not, given the steps; with τ falling along the
// run training ends below both of the paper's candidates, near the spiked encoder (amp.SpikedMSE).
//
// At the identity a bit y_i whose x_i is zero is decided by what the other entries of the row, small as they are, add up to. The
// surrogate at temperature τ weighs these events with 1/τ and has a bias of relative size z/τ, which shrinks the small entries:
// at τ = 0.1 to nothing, so that the bits of zeros are lost. With τ well below their size the entries grow along the true gradient,
// and the bits of zeros code the other coordinates. Their size is that of the steps' noise. So a training at τ = 0.05 or 0.02 is at the
// spiked encoder while the learning rate is high, and leaves it for the identity when the rate has fallen: at d = 64 below some 0.0046 and
// 0.0007, which go like τ².
//
// The annealed run has τ = 1 for a third of its steps, since a large τ leaves the Haar encoder two to three times as fast as 0.1, and
// then falls from 0.04 to 0.005 while the learning rate is still high. Its τ falls hardly faster than it must: with four times the steps it
// leaves too (0.347 ± 0.003 at d = 64, p = 0.64). aheadTau has four times the steps and a τ that falls sooner, and stays.
func tau() *reproduce.Experiment {
	return &reproduce.Experiment{
		Name: "kogler-tau", Paper: paperName,
		Title:   "Error against p at r = 1, sparse Rademacher data, linear decoder, for several temperatures τ of the surrogate gradient; trainings from the chain",
		Claim:   "Refining τ does not affect the end result.",
		Minutes: reproduce.Minutes{Quick: 0.5, Paper: 7},
		Columns: tauColumns,
		Cells:   tauCells,
		Figures: tauFigures,
		Claims:  tauClaims,
	}
}

// tauSize is a set of trainings at one dimension.
type tauSize struct {
	dim, steps, seeds int
	learningRate      float64
	constant          []float64 // p of the trainings at constant τ, the paper's or a larger one; at a smaller one it is haarP
	annealed          []float64 // p of the annealed trainings
	chain             bool      // whether there are trainings from the chain
	// paperSteps are the least steps at the paper's temperature, which takes long to come to its end, and below it; 0 means as many as at 0.2.
	paperSteps int
	// long are the steps at a constant τ below the paper's and p = chainP: training takes as long as it takes to find the spiked encoder, and then
	// until the rate is low enough to leave it.
	long map[float64]int
	// short says that the steps are too few to end at the spiked encoder: then training is only claimed to be below both candidates.
	short bool
}

// tauSizes are the dimensions of a scale. The learning rate falls like 1/d, since the angles of d entries add up, and rate × steps to
// leave the Haar encoder grows a little faster than d (amp/THEORY.md §4.3): at d = 200 the steps that two cores manage are a quarter
// of what d = 64 has.
var tauSizes = map[reproduce.Scale][]tauSize{
	reproduce.Quick: {{dim: 64, steps: 9000, seeds: 4, learningRate: 0.007,
		constant: []float64{0.3, 0.56, 0.64}, annealed: []float64{0.3, 0.5, 0.56, 0.64, 0.72, 0.8}, chain: true, paperSteps: 24000,
		long: map[float64]int{0.05: 24000}}},
	reproduce.Paper: {
		{dim: 100, steps: 16000, seeds: 5, learningRate: 0.0045,
			constant: []float64{0.3, 0.56, 0.64}, annealed: []float64{0.3, 0.5, 0.56, 0.64, 0.72, 0.8}, chain: true, paperSteps: 40000,
			long: map[float64]int{0.05: 80000, 0.02: 185000}},
		{dim: 200, steps: 32000, seeds: 3, learningRate: 0.0022, annealed: []float64{0.56, 0.64}, short: true},
	},
}

func tauCells(p reproduce.Params) ([]reproduce.Cell, error) {
	sizes, ok := tauSizes[p.Scale]
	if !ok {
		return nil, &reproduce.NotRunError{Reason: "there are no trainings at this scale: choose quick or paper"}
	}
	var cells []reproduce.Cell
	for _, size := range sizes {
		for _, t := range size.trainings(p) {
			cells = append(cells, t.cell())
		}
	}
	return cells, nil
}

// trainings lists the tempered trainings of a size.
func (s tauSize) trainings(p reproduce.Params) []tempered {
	var all []tempered
	if len(s.constant) > 0 {
		for _, tau := range temperatures {
			all = append(all, s.atConstant(p, tau)...)
		}
	}
	n := s.steps / 18
	all = append(all, tempered{Schedule: annealedTau, Config: s.config(p, s.annealed), Stages: []stage{
		{6 * n, 1}, {3 * n, 0.04}, {3 * n, 0.03}, {2 * n, 0.02}, {2 * n, 0.01}, {s.steps - 16*n, coldest},
	}})
	if s.chain {
		all = append(append(all, s.ahead(p)), s.fromChain(p)...)
	}
	return all
}

// ahead is the annealed training with four times the steps and a τ that falls sooner.
func (s tauSize) ahead(p reproduce.Params) tempered {
	c := s.config(p, []float64{chainP})
	c.Steps, c.Seeds = 4*s.steps, p.Seeds(reproduce.LeastSeeds)
	n := c.Steps / 18
	return tempered{Schedule: aheadTau, Config: c, Stages: []stage{{6 * n, 1}, {3 * n, 0.03}, {3 * n, 0.02}, {2 * n, 0.01}, {c.Steps - 14*n, coldest}}}
}

// atConstant are the trainings at one temperature.
func (s tauSize) atConstant(p reproduce.Params, tau float64) []tempered {
	c := s.config(p, s.constant)
	if tau < paperTau {
		c.Data.P, c.Seeds = []float64{haarP}, p.Seeds(reproduce.LeastSeeds)
	}
	if tau <= paperTau {
		c.Steps = max(s.steps, s.paperSteps)
	}
	all := []tempered{{Schedule: constantTau, Stages: []stage{{c.Steps, tau}}, Config: c}}
	if steps := s.long[tau]; steps > 0 {
		c = s.config(p, []float64{chainP})
		c.Steps, c.Seeds = steps, p.Seeds(reproduce.LeastSeeds)
		all = append(all, tempered{Schedule: longTau, Stages: []stage{{steps, tau}}, Config: c})
	}
	return all
}

// fromChain are the trainings that start at the chain: at the paper's temperature, annealed, and annealed with steps so small that
// their noise moves little.
func (s tauSize) fromChain(p reproduce.Params) []tempered {
	slow := s.config(p, []float64{chainP})
	slow.Steps, slow.Optimizer.LearningRate = 4000, 0.4*s.learningRate
	still := slow
	still.Optimizer.LearningRate, still.Schedule.Shape = slow.Optimizer.LearningRate/30, "constant"
	return []tempered{
		{Schedule: chainHot, Chain: chainStart, Config: slow, Stages: []stage{{4000, paperTau}}},
		{Schedule: chainAnnealed, Chain: chainStart, Config: slow, Stages: []stage{{2000, 0.02}, {1000, 0.01}, {1000, coldest}}},
		{Schedule: chainSmallSteps, Chain: chainStart, Config: still, Stages: []stage{{4000, coldest}}},
	}
}

// config is a training of all p and seeds at r = 1.
func (s tauSize) config(p reproduce.Params, ps []float64) train.Config {
	project := true
	return train.Config{
		Model: train.ModelConfig{Name: "shallow", Dim: s.dim}, Data: train.DataConfig{Name: "sparse-rademacher", P: ps},
		Steps: s.steps, Batch: 128, Seeds: p.Seeds(s.seeds),
		Optimizer: train.OptimizerConfig{LearningRate: s.learningRate, Project: &project}, Schedule: config.ScheduleConfig{Shape: "cosine"},
	}
}

// tauFigures draws the trained errors at every schedule over the theory's encoders.
func tauFigures(r *reproduce.Results) ([]reproduce.Figure, error) {
	c := &figure.Chart{Title: "Sparse Rademacher data, r = 1, linear decoder", X: axisP, Y: axisMSE, XMin: 0.2, XMax: 1, YMin: 0, YMax: 0.5}
	theory, err := predict(r, "sparse-rademacher", ladder(0.2, 1, 160), []float64{1})
	if err != nil {
		return nil, err
	}
	c.Add(curve("Haar", theory, overP, figure.Dash(figure.Blue), gaussian),
		curve("identity", theory, overP, figure.Pen{Colour: figure.Orange, Dashes: figure.DashDot}, identity),
		curve("spiked", theory, overP, figure.Solid(figure.Black), spiked),
		curve("chain", theory, overP, figure.Dot(figure.Grey), chain))
	first := reproduce.Where(r.Rows, "dim", tauSizes[r.Scale][0].dim)
	for i, tau := range temperatures {
		rows := append(reproduce.Where(first, "schedule", constantTau, "tau", tau), reproduce.Where(first, "schedule", longTau, "tau", tau)...)
		c.Mark(trained(fmt.Sprintf("τ = %g", tau), rows, "p", figure.Colour(i+1)))
	}
	c.Mark(trained("annealed", reproduce.Where(first, "schedule", annealedTau), "p", figure.Black))
	return []reproduce.Figure{{
		Name: "kogler-tau", Paint: c.Paint,
		Caption: "Trained errors, mean over seeds ± s.e., and four encoders at d → ∞. Time-sharing gains nothing for a linear decoder: its " +
			"envelope at r = 1 is the Haar encoder's error. Annealed training ends near the spiked encoder, below both of the paper's candidates.",
	}}, nil
}

// spiked and chain are errors that the paper does not have.
func spiked(t *amp.Prediction) *float64 { return ofRademacher(t, spikedAt) }
func chain(t *amp.Prediction) *float64  { return ofRademacher(t, chainAt) }

func ofRademacher(t *amp.Prediction, at func(p float64) float64) *float64 {
	v := at(t.P)
	return &v
}

// spikedAt, chainAt and betterAt are errors on sparse Rademacher data at r = 1: of two encoders, and of the better one of the paper's
// candidates.
func spikedAt(p float64) float64 {
	mse, _, _ := amp.SpikedMSE(amp.SparseRademacher{P: p}, 1)
	return mse
}

func chainAt(p float64) float64 {
	mse, _ := amp.ChainMSE(amp.SparseRademacher{P: p}, 1)
	return mse
}

func betterAt(p float64) float64 { return math.Min(amp.RGauss(1), 1-p) }
