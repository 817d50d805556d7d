package reproduce

import (
	"errors"
	"fmt"

	"autoamp/amp"
	"autoamp/train"
)

// perRate is one training for each rate of a recipe, called label-r0.5 and so on.
func (r recipe) perRate(seed uint64, label string, model train.ModelConfig, data string) []Training {
	var out []Training
	for _, rate := range r.rates {
		model.Rate = rate
		out = append(out, Training{Name: fmt.Sprintf("%s-r%g", label, rate), Config: r.config(seed, model, data)})
	}
	return out
}

// cellsOf declares trainings as cells.
func cellsOf(trainings []Training) []Cell {
	var cells []Cell
	for _, t := range trainings {
		cells = append(cells, t.Cell())
	}
	return cells
}

// linearAt is the linear decoder's error behind a Haar encoder at a row's p, rate and dimension.
func linearAt(row Row) (Estimate, error) {
	t, err := amp.Predict(amp.Point{Data: row.Text("data"), P: row.Num("p"), MixtureMean: 1, Rate: row.Num("rate")}, &amp.Settings{Dim: int(row.Num("dim"))})
	if err != nil {
		return Estimate{}, err
	}
	if t.FiniteDim == nil {
		return Estimate{}, errors.New("bench: reproduce: " + t.FiniteDimNote)
	}
	return Exact(t.FiniteDim.Linear), nil
}
