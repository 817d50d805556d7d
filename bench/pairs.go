package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// StepPairs is the speed of the same training step in two programs, which took turns. Its JSON is a contract with scripts.
type StepPairs struct {
	Pairs   int        `json:"pairs"`
	Ratio   Quartiles  `json:"ratio"`   // of a pair: Against's time over This's; above 1 where This is faster
	This    StepInTurn `json:"this"`    // the program that compares
	Against StepInTurn `json:"against"` // the other program
}

// Quartiles is a median with the quartiles beside it.
type Quartiles struct {
	Median float64 `json:"median"`
	P25    float64 `json:"p25"`
	P75    float64 `json:"p75"`
}

// StepInTurn is one of the programs of StepPairs.
type StepInTurn struct {
	Program string     `json:"program"`
	Ms      Spread     `json:"ms_per_step"` // over turns, of the median of each
	Last    StepResult `json:"last"`        // of the last turn
	times   []float64
}

// Pair lets two programs take turns, each pair of turns in the other order, because a shared machine is faster in one minute than in
// the next. A turn is a process of its own: it runs the program with args, which print a StepResult as JSON, as bench step does.
// After each pair it calls progress.
func Pair(ctx context.Context, this, against string, args []string, pairs int, progress func(done, total int)) (*StepPairs, error) {
	r := &StepPairs{Pairs: pairs, This: StepInTurn{Program: this}, Against: StepInTurn{Program: against}}
	order := []*StepInTurn{&r.Against, &r.This}
	for done := range pairs {
		for _, p := range order {
			if err := p.turn(ctx, args); err != nil {
				return nil, err
			}
		}
		slices.Reverse(order)
		progress(done+1, pairs)
	}
	r.This.Ms, r.Against.Ms = spread(r.This.times), spread(r.Against.times)
	r.Ratio = ratios(r.Against.times, r.This.times)
	return r, nil
}

// turn runs the program once.
func (p *StepInTurn) turn(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, p.Program, args...)
	cmd.WaitDelay = 5 * time.Second // for children of a killed program that hold its standard error
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		p.Last = StepResult{}
		err = json.Unmarshal(out, &p.Last)
	}
	if err == nil && p.Last.MsPerStep <= 0 {
		err = errors.New("its answer has no ms_per_step above 0")
	}
	if err != nil {
		return fmt.Errorf("bench: %s: %w", p.Program, withStderr(err))
	}
	p.times = append(p.times, p.Last.MsPerStep)
	return nil
}

// withStderr adds to the error of a program the first line that it wrote on its standard error.
func withStderr(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) || len(exit.Stderr) == 0 {
		return err
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
	return fmt.Errorf("%w: %s", err, line)
}

// ratios is above over below, pair by pair.
func ratios(above, below []float64) Quartiles {
	each := make([]float64, len(above))
	for i := range each {
		each[i] = above[i] / below[i]
	}
	slices.Sort(each)
	return Quartiles{Median: quantile(each, 0.5), P25: quantile(each, 0.25), P75: quantile(each, 0.75)}
}
