package train

import (
	"fmt"
	"math"

	"autoamp/amp"
)

// predictions returns the theory for every p of a resolved Config, at the rate n/d that the
// rounding of n leaves.
func predictions(c Config) ([]*amp.Prediction, error) {
	rate := float64(c.Model.Code()) / float64(c.Model.Dim)
	var out []*amp.Prediction
	for _, p := range c.Data.P {
		t, err := amp.Predict(c.Data.Name, p, c.Data.MixtureMean, rate, &amp.Settings{Dim: c.Model.Dim})
		if err != nil {
			return nil, fmt.Errorf("train: theory at p = %g: %w", p, err)
		}
		out = append(out, t)
	}
	return out, nil
}

// expected returns what a model should reach at finite d, and as d → ∞: the better of the Haar
// and the identity candidate. A Haar encoder that is not trained stays the Haar candidate.
func expected(m ModelConfig, t *amp.Prediction) (finite, limit float64) {
	finite, limit = t.FiniteDim.Linear, t.Gaussian
	if m.Name == "denoiser" {
		finite, limit = t.FiniteDim.Denoiser, t.Denoiser
	}
	if m.Encoder == "trained" && t.Identity != nil {
		finite, limit = math.Min(finite, *t.Identity), math.Min(limit, *t.Identity)
	}
	return finite, limit
}
