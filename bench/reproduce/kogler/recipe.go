package kogler

import (
	"fmt"

	"autoamp/bench/reproduce"
	"autoamp/train"
)

// recipe is how a figure trains at one scale.
type recipe struct {
	dim, steps, batch, seeds int
	learningRate             float64 // 0 means the model's default
	epsilon                  float64 // of Adam; 0 means its default
	project                  bool    // train.OptimizerConfig.Project
	p, rates                 []float64
	near                     []float64   // of a transition: the p around it
	grid                     []gridPoint // of a transition: what near lacks for a grid of 0.02 around the critical p
	more                     gridPoint   // of a transition: further seeds at a contested p where seeds differ
	descent                  []float64   // of a transition: the p of runs of stochastic gradient descent with free rows; nil for none
	early                    []float64   // of a transition: the p of runs with half of the steps, which show that its place is one of time; nil for none
}

// gridPoint is a p with its own number of seeds. Seeds differ where rows are on their way, and the nearer the candidates are to each other
// the more of them a claim needs.
type gridPoint struct {
	p     float64
	seeds int
}

// taken is the number of seeds that a p near a transition has without further ones.
func (r recipe) taken(p float64) int {
	for _, point := range r.grid {
		if point.p == p {
			return point.seeds
		}
	}
	return r.seeds
}

// recipes are a figure's recipes by scale.
type recipes map[reproduce.Scale]recipe

// at is the recipe of a scale.
func (all recipes) at(s reproduce.Scale) (recipe, error) {
	r, ok := all[s]
	if !ok {
		return r, noGrid(s)
	}
	return r, nil
}

// noGrid is the error of a scale that a figure does not have.
func noGrid(s reproduce.Scale) error {
	return &reproduce.NotRunError{Reason: fmt.Sprintf("there is no grid at scale %s: choose quick or paper", s)}
}

// config is the training of a model on data at one rate, for all p and seeds of the recipe.
func (r recipe) config(p reproduce.Params, model train.ModelConfig, data string) train.Config {
	model.Dim = r.dim
	c := train.Config{
		Model: model, Data: train.DataConfig{Name: data, P: r.p}, Steps: r.steps, Batch: r.batch,
		Seeds: p.Seeds(r.seeds), Optimizer: train.OptimizerConfig{LearningRate: r.learningRate, Epsilon: r.epsilon},
	}
	if model.Encoder != "haar" { // which has no norms that could grow
		c.Optimizer.Project = &r.project
	}
	return c
}

// lowRate is a recipe and a model with the settings that find time-sharing at rates far below r* (amp/THEORY.md §6.2): with the
// rows of B kept on the sphere and τ = 0.3, columns of B empty within 6000 steps at d = 400. At τ = 0.1, which is the paper's, and with
// free rows none has emptied by then, and twice the steps are not enough (measured).
func (r recipe) lowRate(model train.ModelConfig) (recipe, train.ModelConfig) {
	r.project, r.learningRate, model.Tau = true, 0.01, 0.3
	return r, model
}

// perRate is one training for each rate of a recipe, called label-r0.5 and so on.
func (r recipe) perRate(p reproduce.Params, label string, model train.ModelConfig, data string) []reproduce.Training {
	var out []reproduce.Training
	for _, rate := range r.rates {
		model.Rate = rate
		out = append(out, reproduce.Training{Name: fmt.Sprintf("%s-r%g", label, rate), Config: r.config(p, model, data)})
	}
	return out
}

// cellsOf declares trainings as cells.
func cellsOf(trainings []reproduce.Training) []reproduce.Cell {
	var cells []reproduce.Cell
	for _, t := range trainings {
		cells = append(cells, t.Cell())
	}
	return cells
}
