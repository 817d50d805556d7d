package bench

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"autoamp/graph"
)

// DefaultSizes are the five sizes (d, b) of the speed table.
func DefaultSizes() [][2]int {
	return [][2]int{{100, 100}, {200, 128}, {784, 256}, {1024, 512}, {2048, 1024}}
}

// SuiteSettings configures the speed suite. Zero fields mean the stated default.
type SuiteSettings struct {
	// Model is denoiser or rigamp, that of eq. (22) with everything trained; PyTorch has no
	// hand-written step for rigamp. Empty means denoiser.
	Model string
	// Sizes lists (d, b). Nil means DefaultSizes.
	Sizes [][2]int
	// Threads lists numbers of threads. Nil means 1 and 2.
	Threads []int
	// Rounds is the number of turns that every contestant gets in a cell. Zero means 15.
	Rounds int
	// Patience ends a contestant's turns early, after at least three. Zero means 20 s.
	Patience time.Duration
	// Open returns autoamp's executor. Required.
	Open func(threads int) (graph.Executor, error)
	// Python lists the interpreters to look for torch in. Nil means python3 and
	// /usr/bin/python3, where Debian's python3-torch lives.
	Python []string
	// Logger receives a line for every cell. Nil means nobody.
	Logger *slog.Logger
}

func (s SuiteSettings) withDefaults() SuiteSettings {
	if s.Sizes == nil {
		s.Sizes = DefaultSizes()
	}
	if s.Threads == nil {
		s.Threads = []int{1, 2}
	}
	if s.Rounds == 0 {
		s.Rounds = 15
	}
	if s.Patience == 0 {
		s.Patience = 20 * time.Second
	}
	if s.Python == nil {
		s.Python = []string{"python3", "/usr/bin/python3"}
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// The contestants' names.
const (
	Autoamp     = "autoamp"
	TorchEager  = "torch eager"
	TorchHand   = "torch hand-written"
	TapeMachine = "gorgonia TapeMachine"
)

// Contestants lists them in the order of the table.
func Contestants() []string { return []string{Autoamp, TorchEager, TorchHand, TapeMachine} }

// SuiteResult is the table with everything needed to read it.
type SuiteResult struct {
	Date     time.Time         `json:"date"`
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Results  []Measurement     `json:"results"`
	Replicas []ReplicaResult   `json:"replicas"`
}

// Suite measures every contestant in every cell. In a cell they take turns, each time in
// another order. One that is missing or fails is reported as absent.
func Suite(ctx context.Context, s SuiteSettings) (*SuiteResult, error) {
	s = s.withDefaults()
	r := &SuiteResult{Date: time.Now().UTC().Truncate(time.Second), Machine: ThisMachine(), Versions: versions()}
	python, err := findTorch(ctx, s.Python)
	if err != nil {
		s.Logger.Warn("torch is absent", "err", err)
	}
	for _, threads := range s.Threads {
		for _, size := range s.Sizes {
			cell := Cell{Model: s.Model, Dim: size[0], Batch: size[1], Threads: threads}
			g := &game{rounds: s.Rounds, patience: s.Patience}
			for _, name := range Contestants() {
				g.players = append(g.players, &player{
					Measurement: Measurement{Cell: cell, Contestant: name},
					start:       func(ctx context.Context) (stepper, error) { return s.start(ctx, name, cell, python, r.Versions) },
				})
			}
			if err := g.play(ctx); err != nil {
				return nil, err
			}
			r.Results = append(r.Results, g.results()...)
			s.Logger.Info("measured", "dim", cell.Dim, "batch", cell.Batch, "threads", threads, "ms", g.summary())
		}
	}
	if (Cell{Model: s.Model}).model() == "denoiser" {
		r.Replicas, err = replicas(ctx, s)
		return r, err
	}
	return r, nil
}

// start is the table of contestants.
func (s SuiteSettings) start(ctx context.Context, name string, cell Cell, python string, versions map[string]string) (stepper, error) {
	switch name {
	case Autoamp:
		exec, err := s.Open(cell.Threads)
		if err != nil {
			return nil, err
		}
		versions["device with "+fmt.Sprint(cell.Threads)] = exec.Device()
		return load(cell.config(), exec)
	case TapeMachine:
		return newTapeMachine(cell.config(), cell.Threads)
	case TorchHand:
		if cell.model() != "denoiser" {
			return nil, fmt.Errorf("there is no hand-written step of %s", cell.model())
		}
	}
	if python == "" {
		return nil, errNoTorch
	}
	mode := map[string]string{TorchEager: "eager", TorchHand: "hand"}[name]
	t, err := startTorch(ctx, python, mode, cell)
	if err != nil {
		return nil, err
	}
	versions["torch"], versions["python"] = t.about.Torch, t.about.Python
	return t, nil
}
