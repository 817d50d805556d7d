package pairs

import (
	"fmt"

	"autoamp/amp"
	"autoamp/bench/reproduce"
)

// Experiments lists the one experiment.
func Experiments() []*reproduce.Experiment {
	return []*reproduce.Experiment{{
		Name: "amp-pairs", Paper: "Beyond the papers",
		Title: "Error against p at r = 1, sparse Rademacher and sparse Gaussian data, linear decoder: pairs of rows beside Haar rows, by theory and " +
			"simulation, and trainings that start at either",
		Claim:   "With a linear decoder the Haar encoder is not the best one for sparse data: pairs of rows are below R_Gauss, on sparse Gaussian data for p below 0.45.",
		Minutes: reproduce.Minutes{Quick: 0.3, Paper: 0.6},
		Columns: []string{
			"kind", "data", "p", "dim", "seed", "share", "spike", "haar_mse", "pairs_mse",
			"start", "batch", "steps", "learning_rate", "start_mse", "test_mse", "test_mse_stderr",
		},
		Cells:   cells,
		Figures: figures,
		Claims:  claims,
	}}
}

// The kinds of rows.
const (
	simulated = "simulation" // one draw of pairs and one of Haar rows, with least-squares decoders
	trained   = "training"
)

// rate is the rate of everything here.
const rate = 1

// size is what a scale can afford.
type size struct {
	laws      []studied
	dims      [2]int // of the simulations. At d = 64 and p = 0.1 3 % of the inputs are 0 on all coordinates that are not paired
	trainings []training
}

// studied is a law that is simulated. The smaller the gain, the more draws and seeds tell it.
type studied struct {
	Data  string  `json:"data"`
	P     float64 `json:"p"`
	Draws int     `json:"draws"` // for the decoder, and as many for its error
	Seeds int     `json:"seeds"`
}

// The names of laws.
const (
	rademacher = "sparse-rademacher"
	gaussian   = "sparse-gaussian"
)

var sizes = map[reproduce.Scale]size{
	reproduce.Quick: {dims: [2]int{128, 256}, trainings: trainings(128, 5000), laws: []studied{
		{rademacher, 0.1, 2000, 3}, {rademacher, 0.2, 2000, 3}, {rademacher, 0.3, 2000, 3}, {gaussian, 0.1, 3000, 6}, {gaussian, 0.3, 4000, 8},
	}},
	reproduce.Paper: {dims: [2]int{128, 256}, trainings: trainings(200, 6000), laws: []studied{
		{rademacher, 0.1, 3000, 4}, {rademacher, 0.2, 3000, 4}, {rademacher, 0.3, 3000, 4}, {gaussian, 0.1, 4000, 6}, {gaussian, 0.3, 8000, 8},
	}},
}

// priorOf is the law of that name.
func priorOf(name string, p float64) amp.Prior {
	if name == gaussian {
		return amp.SparseGaussian{P: p}
	}
	return amp.SparseRademacher{P: p}
}

func (s studied) prior() amp.Prior { return priorOf(s.Data, s.P) }

func cells(p reproduce.Params) ([]reproduce.Cell, error) {
	size, ok := sizes[p.Scale]
	if !ok {
		return nil, &reproduce.NotRunError{Reason: "the theory is met at small d: choose quick or paper"}
	}
	var all []reproduce.Cell
	for _, law := range size.laws {
		all = append(all, reproduce.CellOf(fmt.Sprintf("%s-p%g", law.Data, law.P), law.draws(p, size.dims), simulate))
	}
	for _, t := range size.trainings {
		t.Config.Seeds = p.Seeds(t.seeds)
		all = append(all, t.cell())
	}
	return all, nil
}
