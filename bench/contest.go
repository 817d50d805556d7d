package bench

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"autoamp/train"
	"autoamp/train/machine"
)

// Cell is one place of the table: a model, its size, and a number of threads or of replicas. The
// code is as long as the data (r = 1).
type Cell struct {
	// Model is denoiser or rigamp. Empty means denoiser.
	Model string `json:"model,omitempty"`
	Dim   int    `json:"dim"`
	Batch int    `json:"batch"`
	// P is the share of the data that is not zero. Zero means 0.4.
	P       float64 `json:"p,omitempty"`
	Threads int     `json:"threads,omitempty"` // on a CPU
	// Replicas is the number of models that step side by side. Zero means one.
	Replicas int `json:"replicas,omitempty"`
}

func (c Cell) p() float64 { return cmp.Or(c.P, 0.4) }

func (c Cell) model() string {
	if c.Model == "" {
		return "denoiser"
	}
	return c.Model
}

// config is the model that everybody trains. The peers do not project rows.
func (c Cell) config() train.Config {
	return train.Config{
		Model: train.ModelConfig{Name: c.model(), Dim: c.Dim},
		Data:  train.DataConfig{Name: "sparse-gaussian", P: []float64{c.p()}},
		Batch: c.Batch, Seeds: Seeds(1, max(1, c.Replicas)),
	}.Earlier()
}

// Measurement is one contestant in one cell.
type Measurement struct {
	Cell
	Contestant string `json:"contestant"`
	// Version is the version of the contestant, and for autoamp the device.
	Version string `json:"version,omitempty"`
	// BLAS is the kernels of a peer's products, and who chose them.
	BLAS  string `json:"blas,omitempty"`
	Ms    Spread `json:"ms_per_step"` // over turns
	Turns int    `json:"turns"`
	Steps int    `json:"steps_per_turn"`
	// Ratio is the contestant's median over autoamp's in the same cell.
	Ratio float64 `json:"ratio"`
	// Faults is the median number of page faults of a step, each of which is a page of memory that the system clears and gives. Nil
	// where they are not counted.
	Faults *float64 `json:"page_faults_per_step,omitempty"`
	// Absent is the reason for a missing measurement; empty where there is one.
	Absent string `json:"absent,omitempty"`
}

// contestant is a program that is measured in a cell.
type contestant struct {
	Measurement
	start func(context.Context) (stepper, error)
	stepper
	times  []float64
	faults []float64 // of a step, by turn
	spent  time.Duration
}

// contest is one cell: contestants take turns, each round in another order.
type contest struct {
	rounds      int
	patience    time.Duration // ends the turns of a contestant early, after at least three
	warmUp      time.Duration // the longest start of a turn that does not count, see steady
	contestants []*contestant
}

func (c *contest) run(ctx context.Context) error {
	defer c.close()
	for _, p := range c.contestants {
		if err := p.prepare(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			p.Absent = err.Error()
		}
	}
	for round := range c.rounds {
		for i := range c.contestants {
			if err := rest(ctx); err != nil {
				return err
			}
			c.turn(c.contestants[(round+i)%len(c.contestants)])
		}
	}
	return nil
}

// rest waits until the threads of the turn before sleep. OpenBLAS's wait busily for 2²⁶ cycles after a product, in the next one's time:
// a step of autoamp at d = 200 on two threads took 0.56 ms instead of 0.35.
func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(4 * chunk):
		return nil
	}
}

// prepare starts a contestant and finds how many steps make a turn.
func (p *contestant) prepare(ctx context.Context) error {
	s, err := p.start(ctx)
	if err != nil {
		return err
	}
	p.stepper = s
	if p.Steps, err = calibrate(ctx, p.stepper, 2*chunk); err != nil {
		return err
	}
	return p.settle(ctx)
}

// settling is the time that a contestant has before its first turn. A turn is a run, and in its first eight runs autoamp tries two ways to
// share out a model that does not fill its threads (kernels/cpu/pace.go).
const settling = time.Second

// settle runs a contestant for a while, or once if a turn takes longer.
func (p *contestant) settle(ctx context.Context) error {
	for began := time.Now(); time.Since(began) < settling && ctx.Err() == nil; {
		if _, err := clock(p.stepper, p.Steps); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (c *contest) turn(p *contestant) {
	if p.Absent != "" || len(p.times) >= 3 && p.spent > c.patience {
		return
	}
	began := time.Now()
	before, counted := machine.PageFaults()
	ms, runs, err := steady(p.stepper, p.Steps, c.warmUp)
	if err != nil {
		p.Absent = err.Error()
		return
	}
	if peer, ok := p.stepper.(interface{ pageFaults() float64 }); ok {
		p.faults = append(p.faults, peer.pageFaults())
	} else if after, _ := machine.PageFaults(); counted {
		p.faults = append(p.faults, float64(after-before)/float64(runs*p.Steps))
	}
	p.times = append(p.times, ms)
	p.spent += time.Since(began)
}

func (c *contest) results() []Measurement {
	var out []Measurement
	own := math.NaN()
	for _, p := range c.contestants {
		m := p.Measurement
		if m.Absent == "" {
			m.Ms, m.Turns = spread(p.times), len(p.times)
			if len(p.faults) > 0 {
				faults := spread(p.faults).Median
				m.Faults = &faults
			}
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

// summary is the medians in the order of the contestants, for the log.
func (c *contest) summary() string {
	out := ""
	for _, m := range c.results() {
		out += fmt.Sprintf(" %s", milliseconds(m))
	}
	return out[1:]
}

func (c *contest) close() {
	for _, p := range c.contestants {
		if p.stepper != nil {
			p.stepper.Close()
		}
	}
}
