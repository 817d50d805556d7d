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

// Predict returns the theory for every p of a resolved Config, at the rate n/d that the
// rounding of n leaves.
func Predict(c config.Config) ([]*amp.Prediction, error) {
	if err := CheckInformation(c, math.Inf(1)); err != nil {
		return nil, err
	}
	if !Known(c) {
		return make([]*amp.Prediction, len(c.Data.P)), nil
	}
	rate := float64(c.Model.Code()) / float64(c.Model.Dim)
	var out []*amp.Prediction
	for _, p := range c.Data.P {
		t, err := amp.Predict(amp.Point{Data: c.Data.Name, P: p, MixtureMean: c.Data.MixtureMean, Rate: rate}, &amp.Settings{
			Dim: c.Model.Dim, Iterations: max(Iterations, c.Model.Iterations),
		})
		if err != nil {
			return nil, fmt.Errorf("train: theory at p = %g: %w", p, err)
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

// Expected returns the predicted error of a model at finite d, and as d → ∞. The prediction is the
// better of the Haar and the identity candidate; for a Haar encoder that is not trained it is the Haar
// candidate. finite is 0 where d is too small for the expansion in 1/d, amp.NewFiniteDim.
//
// For a data set the limit is the limit for independent coordinates with the same law. For a linear decoder it is the
// limit for Gaussian rows with the same spectrum.
//
// For rigamp the prediction is the error of RI-GAMP with the same number of iterations and the whole
// history. Its 1/d correction is not known, so Expected uses the denoiser's correction. That correction
// agrees within 2e-4 with untrained networks at d = 1000 (T = 2, p = 0.2 and 0.4, rates 0.5, 1 and 1.5).
// For deep the prediction is the denoiser's error, which that decoder does not beat. finite and limit are
// 0 where there is no theory.
func Expected(m config.ModelConfig, t *amp.Prediction) (finite, limit float64) {
	if t == nil {
		return 0, 0
	}
	linear, denoiser := finiteErrors(t)
	finite, limit = linear, t.Gaussian
	switch m.Name {
	case "shallow":
		if t.Bound != nil {
			limit = *t.Bound
		}
	case "denoiser", "deep":
		finite, limit = denoiser, t.Denoiser
	case "rigamp":
		limit = t.RIGAMP[min(m.Iterations, len(t.RIGAMP))-1]
		if finite = denoiser; finite > 0 {
			finite = math.Max(0, limit+denoiser-t.Denoiser)
		}
	}
	if m.Encoder == "trained" && t.Identity != nil {
		finite, limit = math.Min(finite, *t.Identity), math.Min(limit, *t.Identity)
	}
	return finite, limit
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
