package config

import (
	"fmt"

	"autoamp/graph"
)

// ScheduleConfig is the learning rate as a function of the step.
type ScheduleConfig struct {
	// Shape is constant, cosine or step; default cosine.
	Shape string `yaml:"shape" json:"shape"`
	// WarmUp is the number of first steps, fewer than Steps, over which the rate rises linearly; default 0.
	WarmUp int `yaml:"warm_up,omitempty" json:"warm_up,omitempty"`
	// Final is the last rate relative to the peak, in [0, 1], for cosine; default 0.
	Final float64 `yaml:"final,omitempty" json:"final,omitempty"`
	// Every is the number of steps between drops, at least 1, for step; default a quarter of Steps.
	Every int `yaml:"every,omitempty" json:"every,omitempty"`
	// Factor is the rate's factor at a drop, in (0, 1), for step; default 0.3.
	Factor float64 `yaml:"factor,omitempty" json:"factor,omitempty"`
}

func shape(c Config) string { return c.Schedule.Shape }

// scheduleSettings is the learning rate as a function of the step.
var scheduleSettings = []Setting{
	{
		Key: "schedule.shape", Flag: Flag{Name: "schedule", Group: "training", Placeholder: "S"},
		Help: "constant, cosine or step.", Default: "cosine",
		only: []condition{optimised}, start: fixed(string(graph.Cosine)),
		bounds: []bound{oneOf(string(graph.Constant), string(graph.Cosine), string(graph.StepDown))},
	},
	{
		Key: "schedule.warm_up", Flag: Flag{Name: "warm-up", Group: "training", Placeholder: "N"},
		Help: "First steps, over which the rate rises.", Default: "0",
		only: []condition{optimised},
		bounds: []bound{told(func(c Config) bool { return c.Schedule.WarmUp >= 0 && c.Schedule.WarmUp < c.Steps },
			func(c Config) string { return fmt.Sprintf("must be at least 0 and less than steps, %d", c.Steps) },
			"must be at least 0 and less than steps")},
	},
	{
		Key: "schedule.final", Help: "Last rate relative to the peak.", Default: "0",
		only:   []condition{optimised, only("schedule.shape", shape, string(graph.Cosine))},
		bounds: []bound{number(func(x float64) bool { return x >= 0 && x <= 1 }, "must be in [0, 1]")},
	},
	{
		Key: "schedule.every", Help: "Steps between drops.", Default: "steps/4",
		only:  []condition{optimised, only("schedule.shape", shape, string(graph.StepDown))},
		start: func(c Config) any { return max(1, c.Steps/4) }, bounds: []bound{atLeast(1)},
	},
	{
		Key: "schedule.factor", Help: "Factor of the rate at a drop.", Default: "0.3",
		only:  []condition{optimised, only("schedule.shape", shape, string(graph.StepDown))},
		start: fixed(0.3), bounds: []bound{fraction},
	},
}
