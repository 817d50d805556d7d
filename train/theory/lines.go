package theory

import (
	"math"

	"autoamp/amp"
	"autoamp/train/config"
)

// The names of the lines of the best candidate, as d → ∞ and at this d.
const (
	LimitLine  = "limit"
	FiniteLine = "finite_d"
)

// Line is a level that the error of a trained model is compared with.
type Line struct {
	Name  string  `json:"name"`  // limit, finite_d, haar, identity, envelope, bayes or shannon
	Label string  `json:"label"` // what it is, in words
	MSE   float64 `json:"mse"`
}

// Lines lists the levels for a model: what the best candidate that it can reach gives as d → ∞ and at this d, what the other
// candidates and time-sharing give, and the bounds for better decoders and codes. Levels that are not known are left out;
// time-sharing and Shannon's bound are known of a prediction that is Completed. There are none where t is nil.
func Lines(m config.ModelConfig, t *amp.Prediction) []Line {
	if t == nil {
		return nil
	}
	var out []Line
	add := func(name, label string, mse float64) {
		if mse > 0 {
			out = append(out, Line{name, label, mse})
		}
	}
	best := Best(m, t)
	add(LimitLine, "d → ∞, "+best.Name, best.Limit)
	add(FiniteLine, "theory at this d, "+best.Name, best.Finite)
	still := m
	still.Encoder = "haar"
	if haar := Best(still, t); haar.Name != best.Name {
		add("haar", "Haar encoder, d → ∞", haar.Limit)
	}
	if t.Identity != nil && best.Name != Identity {
		add("identity", "identity encoder", *t.Identity)
	}
	if t.TimeSharing != nil {
		add("envelope", "time-sharing", envelope(m, t.TimeSharing))
	}
	add("bayes", "Bayes-optimal decoder, Haar encoder", t.Bayes)
	if t.Shannon != nil {
		add("shannon", "Shannon: no code of this rate is better", *t.Shannon)
	}
	return out
}

// envelope is the error of time-sharing for a model's decoder; NaN for a linear one, which gains nothing by it.
func envelope(m config.ModelConfig, t *amp.TimeSharing) float64 {
	switch m.Name {
	case "denoiser", "deep":
		return t.Denoiser
	case "rigamp":
		return t.RIGAMP[max(1, min(m.Iterations, len(t.RIGAMP)))-1]
	}
	return math.NaN()
}

// Completed is a prediction with time-sharing and Shannon's bound, which take longer than the rest: up to a second. The
// prediction itself does not change. It is returned as it is where it has them, where there are none, and for a law for which
// they have no value.
func Completed(m config.ModelConfig, t *amp.Prediction) *amp.Prediction {
	if t == nil || t.TimeSharing != nil || t.Prior == nil || t.Rows != nil {
		return t
	}
	iterations := max(1, min(m.Iterations, len(t.RIGAMP)))
	limits, err := amp.NewLimits(t.Prior, &amp.Settings{Dim: m.Dim, Iterations: iterations})
	if err != nil {
		return t
	}
	complete := *t
	limits.Complete(&complete)
	return &complete
}
