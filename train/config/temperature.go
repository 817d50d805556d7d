package config

import (
	"math"
	"slices"
	"strconv"

	"autoamp/amp"
	"autoamp/graph"
)

// The defaults of the temperature. Where E x⁴ ≥ 3 training keeps a Haar encoder, whose gradients a smaller τ only makes noisier. Below 3 rows
// with a spike are better, and the surrogate's bias shrinks their small entries once the noise of Adam's updates, which keeps them up, is small
// beside τ: at a constant τ once the learning rate η is below 1.8·τ² (kogler-tau). So τ is proportional to √η there, and follows it down.
// The noise also grows with d and falls with the batch: the largest τ that keeps the entries was found to be proportional to d up to some
// 100, and to batch^(−1/4). τ stops at a share of its first value, for the sake of the gradients. After that updates shrink the entries; what is
// left of their sum falls like the cube of the share and grows like the number of steps: the share is proportional to steps^(−1/3).
const (
	adamTemperature  = 0.5 // τ/√η at d = 100 and batch 128
	otherTemperature = 0.03
	paperTemperature = 0.1
	lastTemperature  = 0.55 // relative to the first one, at d = 100 after the default number of steps
)

// temperature is the default of model.tau.
func temperature(c Config) float64 {
	switch {
	case !fromLaw(c):
		return paperTemperature
	case optimizer(c) == "adam" && spiky(c):
		noise := c.Optimizer.LearningRate * math.Sqrt(128/float64(c.Batch))
		tau := adamTemperature * math.Sqrt(noise) * math.Min(c.size(), math.Sqrt(c.size()))
		if tau > 0 && tau < math.Inf(1) { // else another setting is out of bounds
			return threeDigits(tau)
		}
	}
	return otherTemperature
}

// finalTemperature is the default of model.tau_final. A temperature that was chosen stays.
func finalTemperature(c Config) float64 {
	if !spiky(c) || c.Model.Tau != temperature(c) {
		return 1
	}
	final := math.Cbrt(float64(defaultSteps(c)) / float64(c.Steps))
	if optimizer(c) == "adam" {
		final *= lastTemperature * math.Sqrt(c.size())
	}
	return math.Max(leastFinal, math.Min(1, threeDigits(final)))
}

// leastFinal bounds the number of temperatures.
const leastFinal = 1e-3

// size is the dimension in hundreds.
func (c Config) size() float64 { return float64(c.Model.Dim) / 100 }

// spiky reports training on a law with E x⁴ < 3 at some p.
func spiky(c Config) bool {
	return fromLaw(c) && slices.ContainsFunc(c.Points(), func(at Point) bool {
		prior, err := amp.NewPrior(c.Data.Name, at.P, at.MixtureMean)
		return err == nil && prior.FourthMoment() < 3
	})
}

// WithTemperature returns a resolved configuration with the defaults of the temperature that go with its replicas. given has the settings that
// it was resolved from: what they say of the temperature stays.
func (c Config) WithTemperature(given Config) Config {
	c.Model.Tau, c.Model.TauFinal = given.Model.Tau, given.Model.TauFinal
	for _, s := range temperatureSettings {
		s.complete(&c, s.start)
	}
	return c
}

// AtOneTemperature leaves a constant temperature's end out, for which earlier versions had no setting, so that hashes of settings stay the same.
func (m ModelConfig) AtOneTemperature() ModelConfig {
	if m.TauFinal == 1 {
		m.TauFinal = 0
	}
	return m
}

// threeDigits rounds a default, so that it can be typed again.
func threeDigits(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return rounded
}

// Cooling is a temperature τ of the surrogate gradient and the first step at which it is taken.
type Cooling struct {
	From uint64
	Tau  float64
}

// Coolings lists the temperatures of a resolved configuration in the order of its steps, the first one model.tau from step 0 on. After the
// warm-up τ is proportional to the root of the learning rate, in levels of a factor of at most √2, down to model.tau_final times model.tau.
func (c Config) Coolings() []Cooling {
	all := []Cooling{{0, c.Model.Tau}}
	final, schedule := c.Model.TauFinal, c.Update().Schedule
	if final == 0 || final == 1 { // 0 in a configuration without a surrogate
		return all
	}
	levels := int(math.Ceil(-2*math.Log2(final) - 1e-9))
	for k := range levels {
		share := math.Pow(final, float64(k+1)/float64(levels))
		from := reaches(schedule, share*share, uint64(c.Steps))
		if from == uint64(c.Steps) {
			break
		}
		if from == all[len(all)-1].From { // a drop of several levels
			all = all[:len(all)-1]
		}
		all = append(all, Cooling{from, c.Model.Tau * share})
	}
	return all
}

// reaches is the first step after the warm-up at which the rate is at most a share of its peak, or steps if there is none.
func reaches(schedule graph.Schedule, share float64, steps uint64) uint64 {
	low, high := schedule.WarmUp, steps
	for low < high {
		middle := (low + high) / 2
		if schedule.At(middle) <= share*(1+1e-9) { // cosines may differ in the last digit between processors
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// ofSurrogate are the conditions of a surrogate gradient.
var ofSurrogate = []condition{
	where(func(c Config) bool { return !isTied(c) }, "the tied model has no sign; leave it out"),
	where(func(c Config) bool { return c.Model.Encoder == "trained" }, "has no effect with model.encoder: haar; leave it out"),
}

// temperatureSettings are the temperature of the surrogate gradient along a run.
var temperatureSettings = []Setting{
	{
		Key: "model.tau", Flag: Flag{Name: "tau", Group: "model", Placeholder: "T"},
		Help:    "Temperature of the surrogate gradient of sign.",
		Default: "0.1; for shallow and denoiser on a law 0.03; with adam where E x⁴ < 3 0.5·√η·(128/batch)^(1/4)·d/100, for d > 100 √(d/100)",
		only: append(ofSurrogate[:2:2], where(func(c Config) bool { return !c.Alternating() || c.GDMin.Objective == Samples },
			"applies to gdmin.objective: samples only; leave it out")),
		start: func(c Config) any { return temperature(c) }, earlier: fixed(paperTemperature), bounds: []bound{positive},
	},
	{
		Key: "model.tau_final", Flag: Flag{Name: "tau-final", Group: "model", Placeholder: "F"},
		Help:    "Last temperature relative to the first: it follows the root of the learning rate down to there.",
		Default: "1; where E x⁴ < 3 and model.tau is its default (10000/steps)^(1/3), for sgd 20000, for adam times 0.55·√(d/100), at most 1",
		only:    append(ofSurrogate[:2:2], optimised),
		start:   func(c Config) any { return finalTemperature(c) }, earlier: fixed(1.0),
		bounds: []bound{number(func(x float64) bool { return x >= leastFinal && x <= 1 }, "must be in [0.001, 1]")},
	},
}
