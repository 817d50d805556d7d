package config_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"autoamp/train/config"
)

// The temperatures of schedules whose rates are known: a cosine is at a half of its peak half-way, and at a quarter after two thirds.
func TestCoolings(t *testing.T) {
	t.Parallel()
	falling := config.ModelConfig{Tau: 0.04, TauFinal: 0.5}
	half := 0.04 * math.Sqrt(0.5)
	for name, c := range map[string]struct {
		config.Config
		want []config.Cooling
	}{
		"cosine":         {config.Config{Model: falling, Steps: 3000}, []config.Cooling{{From: 0, Tau: 0.04}, {From: 1500, Tau: half}, {From: 2000, Tau: 0.02}}},
		"warm-up":        {config.Config{Model: falling, Steps: 4000, Schedule: config.ScheduleConfig{WarmUp: 1000}}, []config.Cooling{{From: 0, Tau: 0.04}, {From: 2500, Tau: half}, {From: 3000, Tau: 0.02}}},
		"constant rate":  {config.Config{Model: falling, Steps: 3000, Schedule: config.ScheduleConfig{Shape: "constant"}}, []config.Cooling{{From: 0, Tau: 0.04}}},
		"drops":          {config.Config{Model: falling, Steps: 3000, Schedule: config.ScheduleConfig{Shape: "step", Every: 700, Factor: 0.3}}, []config.Cooling{{From: 0, Tau: 0.04}, {From: 700, Tau: half}, {From: 1400, Tau: 0.02}}},
		"one large drop": {config.Config{Model: falling, Steps: 3000, Schedule: config.ScheduleConfig{Shape: "step", Every: 700, Factor: 0.1}}, []config.Cooling{{From: 0, Tau: 0.04}, {From: 700, Tau: 0.02}}},
		"a given τ":      {config.Config{Model: config.ModelConfig{Tau: 0.04}, Steps: 3000}, []config.Cooling{{From: 0, Tau: 0.04}}},
		"no surrogate":   {config.Config{Model: config.ModelConfig{Encoder: "haar"}}, []config.Cooling{{From: 0, Tau: 0}}},
	} {
		if d := cmp.Diff(c.want, c.WithDefaults().Coolings(), cmpopts.EquateApprox(1e-12, 0)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

// The temperature follows the noise of the updates where E x⁴ < 3. One that is given stays, and so does that of a run of an earlier version.
func TestTemperature(t *testing.T) {
	t.Parallel()
	const spiked, mixture = "data: {name: sparse-rademacher, p: [0.2, 0.34]}\n", "data: {name: sparse-mixture, p: [0.95]}\n"
	for _, c := range []struct {
		text       string
		tau, final float64
	}{
		{"{}", 0.03, 1}, // sparse Gaussian data: E x⁴ = 3/p
		{"data: {name: sparse-rademacher, p: [0.2, 0.33]}", 0.03, 1},
		{spiked, 0.0274, 0.55}, // E x⁴ = 1/p
		{mixture, 0.0274, 0.55},
		{spiked + "steps: 80000", 0.0274, 0.275},
		{spiked + "steps: 100", 0.0274, 1},
		{spiked + "batch: 2048", 0.0137, 0.55},
		{spiked + "optimizer: {learning_rate: 0.012}", 0.0548, 0.55},
		{spiked + "model: {dim: 25}", 0.00685, 0.275},
		{spiked + "model: {dim: 400}", 0.0548, 1},
		{spiked + "model: {tau: 0.1}", 0.1, 1},
		{spiked + "model: {tau: 0.1, tau_final: 0.2}", 0.1, 0.2},
		{spiked + "optimizer: {name: sgd}", 0.03, 1},
		{spiked + "optimizer: {name: sgd}\nsteps: 160000", 0.03, 0.5},
		{spiked + "model: {name: deep}", 0.1, 1},
		{"data: {name: mnist}", 0.1, 1},
	} {
		parsed, err := config.Parse([]byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if m := parsed.WithDefaults().Model; m.Tau != c.tau || m.TauFinal != c.final {
			t.Errorf("%s: τ = %g, final %g: want %g, %g", c.text, m.Tau, m.TauFinal, c.tau, c.final)
		}
	}
	if m := (config.Config{}).Earlier().Model; m.Tau != 0.1 || m.TauFinal != 1 {
		t.Errorf("of an earlier version: τ = %g, final %g", m.Tau, m.TauFinal)
	}
}
