package bench

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"time"

	"autoamp/graph"
	"autoamp/train"
)

// Cell is one place of the table: a model, its size and a number of threads. The code is as long
// as the data (r = 1).
type Cell struct {
	// Model is denoiser or rigamp. Empty means denoiser.
	Model   string `json:"model,omitempty"`
	Dim     int    `json:"dim"`
	Batch   int    `json:"batch"`
	Threads int    `json:"threads"`
}

func (c Cell) model() string {
	if c.Model == "" {
		return "denoiser"
	}
	return c.Model
}

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

// Measurement is one contestant in one cell.
type Measurement struct {
	Cell
	Contestant string `json:"contestant"`
	Ms         Spread `json:"ms_per_step"` // over turns
	Turns      int    `json:"turns"`
	Steps      int    `json:"steps_per_turn"`
	// Ratio is the contestant's median over autoamp's in the same cell.
	Ratio float64 `json:"ratio"`
	// Absent says why there is no measurement; empty where there is one.
	Absent string `json:"absent,omitempty"`
}

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
			g := &game{settings: s, cell: cell, python: python, versions: r.Versions}
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

// player is a contestant in a cell.
type player struct {
	Measurement
	stepper
	times []float64
	spent time.Duration
}

// game is one cell.
type game struct {
	settings SuiteSettings
	cell     Cell
	python   string
	versions map[string]string
	players  []*player
}

func (g *game) play(ctx context.Context) error {
	defer g.close()
	for _, name := range Contestants() {
		p := &player{Measurement: Measurement{Cell: g.cell, Contestant: name}}
		g.players = append(g.players, p)
		if err := g.prepare(ctx, p); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			p.Absent = err.Error()
		}
	}
	for round := range g.settings.Rounds {
		for i := range g.players {
			if err := ctx.Err(); err != nil {
				return err
			}
			g.turn(g.players[(round+i)%len(g.players)])
		}
	}
	return nil
}

// prepare starts a contestant and finds how many steps make a turn.
func (g *game) prepare(ctx context.Context, p *player) error {
	s, err := g.start(ctx, p.Contestant)
	if err != nil {
		return err
	}
	p.stepper = s
	p.Steps, err = calibrate(ctx, p.stepper, 2*chunk)
	return err
}

// start is the table of contestants.
func (g *game) start(ctx context.Context, name string) (stepper, error) {
	switch name {
	case Autoamp:
		exec, err := g.settings.Open(g.cell.Threads)
		if err != nil {
			return nil, err
		}
		g.versions["device with "+fmt.Sprint(g.cell.Threads)] = exec.Device()
		return load(g.config(), exec)
	case TapeMachine:
		return newTapeMachine(g.config(), g.cell.Threads)
	case TorchHand:
		if g.cell.model() != "denoiser" {
			return nil, fmt.Errorf("there is no hand-written step of %s", g.cell.model())
		}
	}
	if g.python == "" {
		return nil, errNoTorch
	}
	mode := map[string]string{TorchEager: "eager", TorchHand: "hand"}[name]
	t, err := startTorch(ctx, g.python, mode, g.cell)
	if err != nil {
		return nil, err
	}
	g.versions["torch"], g.versions["python"] = t.about.Torch, t.about.Python
	return t, nil
}

// config is the model that everybody trains.
func (g *game) config() train.Config {
	return train.Config{
		Model: train.ModelConfig{Name: g.cell.model(), Dim: g.cell.Dim},
		Data:  train.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}},
		Batch: g.cell.Batch,
	}.WithDefaults()
}

func (g *game) turn(p *player) {
	if p.Absent != "" || len(p.times) >= 3 && p.spent > g.settings.Patience {
		return
	}
	ms, err := clock(p.stepper, p.Steps)
	if err != nil {
		p.Absent = err.Error()
		return
	}
	p.times = append(p.times, ms)
	p.spent += time.Duration(ms * float64(p.Steps) * float64(time.Millisecond))
}

func (g *game) results() []Measurement {
	var out []Measurement
	own := math.NaN()
	for _, p := range g.players {
		m := p.Measurement
		if m.Absent == "" {
			m.Ms, m.Turns = spread(p.times), len(p.times)
			if m.Contestant == Autoamp {
				own = m.Ms.Median
			}
			if !math.IsNaN(own) {
				m.Ratio = m.Ms.Median / own
			}
		}
		out = append(out, m)
	}
	return out
}

// summary is the medians in the order of Contestants, for the log.
func (g *game) summary() string {
	out := ""
	for _, m := range g.results() {
		out += fmt.Sprintf(" %s", milliseconds(m))
	}
	return out[1:]
}

func (g *game) close() {
	for _, p := range g.players {
		if p.stepper != nil {
			p.stepper.Close()
		}
	}
}
