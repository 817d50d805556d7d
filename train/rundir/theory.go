package rundir

import (
	"fmt"
	"path/filepath"

	"autoamp/amp"
	"autoamp/datasets/durable"
	"autoamp/train/config"
	"autoamp/train/theory"
)

// TheoryFile holds the predictions of a run on a data set. The predictions need the data; figures read this file instead.
const TheoryFile = "theory.json"

// storedTheory is theory.json.
type storedTheory struct {
	Predictions []*amp.Prediction `json:"predictions"` // by p
}

// WriteTheory writes theory.json.
func (d *Directory) WriteTheory(predictions []*amp.Prediction) error {
	if err := durable.WriteJSON(d.Disk, d.File(TheoryFile), storedTheory{predictions}); err != nil {
		return fmt.Errorf("train: theory: %w", err)
	}
	return nil
}

// ReadTheory returns the theory of the run of c in a directory. For a data set it reads theory.json; for a law it computes the
// theory.
func ReadTheory(dir string, c config.Config) ([]*amp.Prediction, error) {
	if !c.Data.IsSet() {
		return theory.Predict(c)
	}
	path := filepath.Join(dir, TheoryFile)
	var stored storedTheory
	err := durable.ReadJSON(path, maxStateBytes, &stored)
	if points := len(c.Points()); err == nil && len(stored.Predictions) != points {
		err = fmt.Errorf("%s: %d predictions for %d values of p", path, len(stored.Predictions), points)
	}
	if err != nil {
		return nil, fmt.Errorf("train: theory: %w", err)
	}
	return stored.Predictions, nil
}
