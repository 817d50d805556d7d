package theory

import (
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/train/config"
)

// Known reports whether package amp has predictions for a run. It has none for codes of real numbers and for data
// of a dictionary model; their predictions are nil.
func Known(c config.Config) bool { return c.Model.Name != config.TiedModel && !c.Data.IsDictionary() }

// Predict returns the theory for every point of a resolved Config, its values of p, at the rate n/d that the
// rounding of n leaves.
func Predict(c config.Config) ([]*amp.Prediction, error) {
	if err := CheckInformation(c, math.Inf(1)); err != nil {
		return nil, err
	}
	if !Known(c) {
		return make([]*amp.Prediction, len(c.Points())), nil
	}
	rate := float64(c.Model.Code()) / float64(c.Model.Dim)
	var out []*amp.Prediction
	for _, at := range c.Points() {
		t, err := amp.Predict(amp.Point{Data: c.Data.Name, P: at.P, MixtureMean: at.MixtureMean, Rate: rate}, &amp.Settings{
			Dim: c.Model.Dim, Iterations: max(Iterations, c.Model.Iterations),
		})
		if err != nil {
			return nil, fmt.Errorf("train: theory at p = %g: %w", at.P, err)
		}
		out = append(out, t)
	}
	return out, nil
}

// Iterations is the least length of the list of RI-GAMP errors, package amp's default.
const Iterations = 5

// leastNonZero is the smallest allowed mean count of non-zero numbers behind a measured error. With fewer the count may
// be 0, and the measurement would give an error of 0 with a standard error of 0.
const leastNonZero = 10

// CheckInformation refuses a p so small that masks leave too few non-zero numbers to measure. It counts the
// numbers of a replica's final evaluation, or others if others is less.
func CheckInformation(c config.Config, others float64) error {
	numbers := math.Min(others, float64(c.Evaluation.FinalBatches)*math.Max(1, float64(c.Batch))*float64(c.Model.Dim))
	for _, p := range c.Data.P {
		if p < 1 && p*numbers < leastNonZero {
			return &config.Error{Field: "data.p", Value: p, Allowed: fmt.Sprintf("must be at least %.2g: of the %.0f numbers that are measured fewer than %d would not be zero",
				leastNonZero/numbers, numbers, leastNonZero)}
		}
	}
	return nil
}

// finiteErrors returns the errors of a Haar encoder with a linear decoder and with a denoiser at this d; 0 where an error
// is left out. For a data set the rows have the data set's spread of energies. Independent coordinates have such a spread
// too, to the order 1/d.
func finiteErrors(t *amp.Prediction) (linear, denoiser float64) {
	switch f := t.FiniteDim; {
	case t.Rows != nil:
		return t.Rows.Linear, t.Rows.Denoiser
	case f == nil:
		return 0, 0
	case f.Denoiser == nil:
		return f.Linear, 0
	default:
		return f.Linear, *f.Denoiser
	}
}
