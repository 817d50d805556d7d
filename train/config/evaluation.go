package config

import "math"

// MaxBatches bounds the batches of an evaluation.
const MaxBatches = 1 << 20

// EvaluationConfig is the measurement of the test error: its interval and its amount of fresh data.
type EvaluationConfig struct {
	// Every is the number of steps between rows of metrics, at least 1; default steps/200.
	// The first powers of two, up to Every, and the last step have rows too.
	Every int `yaml:"every" json:"every"`
	// Batches is the number of batches of fresh data for a row, at least 2; default 4. For gd-min it is the number of
	// masks, default 30, or of batches of samples, default 2; the decoder was fitted on other ones.
	Batches int `yaml:"batches" json:"batches"`
	// FinalBatches is the number of batches for the final test error, at least 2. Default for a
	// data set: one pass over the held-out rows. Default otherwise: 2²⁶ numbers in all, for a
	// relative standard error near 3e-4, but at most Steps batches, and at least 16. For gd-min 200
	// masks, or 8 batches of samples.
	FinalBatches int `yaml:"final_batches" json:"final_batches"`
}

// CheckpointConfig is the interval of checkpoints. The run is always saved at its end.
type CheckpointConfig struct {
	// Every is the number of steps between checkpoints, at least 1; default steps/10.
	Every int `yaml:"every" json:"every"`
	// Keep is the number of newest checkpoints that are kept, at least 1; default 2.
	Keep int `yaml:"keep" json:"keep"`
}

// finalBatches balances two wishes: the energy ‖x‖²/d alone gives the mean over N samples the
// relative standard error √((m₄−1)/(N·d)), 3e-4 at N·d = 2²⁶ and m₄ = 7.5 (SG, p = 0.4); and a
// short run should not spend its time on evaluation.
func (c Config) finalBatches() int {
	numbers := math.Max(1, float64(c.Batch)*float64(c.Model.Dim))
	return max(16, min(int(math.Ceil((1<<26)/numbers)), c.Steps))
}

// evaluationSettings is the measurement of the test error.
var evaluationSettings = []Setting{
	{
		Key: "evaluation.every", Flag: Flag{Name: "eval-every", Group: "training", Placeholder: "N"},
		Help: "Steps between rows of metrics.", Default: "steps/200",
		start: func(c Config) any {
			if c.Alternating() {
				return max(1, c.Steps/50)
			}
			return max(1, c.Steps/200)
		},
		bounds: []bound{atLeast(1)},
	},
	{
		Key: "evaluation.batches", Help: "Batches of fresh data for a row; for gd-min masks.",
		Default: "4, for gd-min 30 masks or 2 batches of samples",
		start: func(c Config) any {
			switch {
			case !c.Alternating():
				return 4
			case c.GDMin.Objective == Samples:
				return 2
			}
			return 30
		},
		bounds: []bound{atLeast(2), atMost(MaxBatches, "2²⁰")},
	},
	{
		Key: "evaluation.final_batches", Help: "Batches for the final test error; for gd-min masks.",
		Default: "2²⁶ numbers, or one pass over the held-out rows; for gd-min 200 masks or 8 batches of samples",
		start: func(c Config) any {
			switch {
			case c.Alternating() && c.GDMin.Objective == Samples:
				return 8
			case c.Alternating():
				return 200
			case c.Data.IsSet(): // one pass over the held-out rows, counted when they are opened
				return 0
			}
			return c.finalBatches()
		},
		bounds: []bound{
			must(func(_ Config, v any) bool { return v.(int) == 0 || v.(int) >= 2 }, "must be at least 2"), atMost(MaxBatches, "2²⁰"),
		},
	},
}

// checkpointSettings is how often the run is saved.
var checkpointSettings = []Setting{
	{
		Key: "checkpoint.every", Flag: Flag{Name: "save-every", Group: "training", Placeholder: "N"},
		Help: "Steps between checkpoints.", Default: "steps/10",
		start: func(c Config) any { return max(1, c.Steps/10) }, bounds: []bound{atLeast(1)},
	},
	{
		Key: "checkpoint.keep", Help: "Checkpoints that are kept, the newest.", Default: "2",
		start: fixed(2), bounds: []bound{atLeast(1)},
	},
}

// tensorboardSettings is what is written for another program to show.
var tensorboardSettings = []Setting{
	{
		Key: "tensorboard", Flag: Flag{Name: "tensorboard", Group: "training", Negatable: true},
		Help: "Write event files for TensorBoard beside metrics.csv.",
	},
}
