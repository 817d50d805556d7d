package bench

import (
	"context"
	"fmt"
	"math"
	"time"

	"autoamp/train"
)

// Cell is one place of the table: a model, its size, and a number of threads or of replicas. The
// code is as long as the data (r = 1).
type Cell struct {
	// Model is denoiser or rigamp. Empty means denoiser.
	Model   string `json:"model,omitempty"`
	Dim     int    `json:"dim"`
	Batch   int    `json:"batch"`
	Threads int    `json:"threads,omitempty"` // on a CPU
	// Replicas is how many models step side by side. Zero means one.
	Replicas int `json:"replicas,omitempty"`
}

func (c Cell) model() string {
	if c.Model == "" {
		return "denoiser"
	}
	return c.Model
}

// config is the model that everybody trains.
func (c Cell) config() train.Config {
	return train.Config{
		Model: train.ModelConfig{Name: c.model(), Dim: c.Dim},
		Data:  train.DataConfig{Name: "sparse-gaussian", P: []float64{0.4}},
		Batch: c.Batch, Seeds: Seeds(1, max(1, c.Replicas)),
	}.WithDefaults()
}

// Measurement is one contestant in one cell.
type Measurement struct {
	Cell
	Contestant string `json:"contestant"`
	// Version is that of the contestant; for autoamp, what it runs on.
	Version string `json:"version,omitempty"`
	Ms      Spread `json:"ms_per_step"` // over turns
	Turns   int    `json:"turns"`
	Steps   int    `json:"steps_per_turn"`
	// Ratio is the contestant's median over autoamp's in the same cell.
	Ratio float64 `json:"ratio"`
	// Absent says why there is no measurement; empty where there is one.
	Absent string `json:"absent,omitempty"`
}

// player is a contestant in a cell.
type player struct {
	Measurement
	start func(context.Context) (stepper, error)
	stepper
	times []float64
	spent time.Duration
}

// game is one cell: its players take turns, each round in another order.
type game struct {
	rounds   int
	patience time.Duration // ends a player's turns early, after at least three
	players  []*player
}

func (g *game) play(ctx context.Context) error {
	defer g.close()
	for _, p := range g.players {
		if err := p.prepare(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			p.Absent = err.Error()
		}
	}
	for round := range g.rounds {
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
func (p *player) prepare(ctx context.Context) error {
	s, err := p.start(ctx)
	if err != nil {
		return err
	}
	p.stepper = s
	p.Steps, err = calibrate(ctx, p.stepper, 2*chunk)
	return err
}

func (g *game) turn(p *player) {
	if p.Absent != "" || len(p.times) >= 3 && p.spent > g.patience {
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

// summary is the medians in the order of the players, for the log.
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
