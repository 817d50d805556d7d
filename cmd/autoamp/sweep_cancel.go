package main

import (
	"context"
	"fmt"

	"autoamp/train/sweep"
	"autoamp/train/sweep/cells"
	"autoamp/train/sweep/slurm"
)

// sweepCancelCmd is autoamp sweep cancel.
type sweepCancelCmd struct {
	Dir string `complete:"dir" arg:"" help:"Directory of the sweep."`
}

// Run asks the launcher, or workers without one, to save and end. Slurm ends its own.
func (c *sweepCancelCmd) Run(ctx context.Context, a *app) error {
	if slurm.Used(c.Dir) {
		tasks, err := slurm.Cancel(ctx, c.Dir)
		if err != nil {
			return err
		}
		if tasks > 0 || !sweep.Is(c.Dir) {
			fmt.Fprintf(a.stdout, "cancelled %s at Slurm; those that run save and end\n", plural(tasks, "task"))
			return nil
		}
	}
	crew, err := openCrew(c.Dir)
	if err != nil {
		return err
	}
	me := cells.ThisHolder("", -1)
	held, err := crew.Claims(me).List()
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	stopped, elsewhere := 0, 0
	for _, h := range held {
		if alive, known := h.Alive(me); !known || !alive {
			elsewhere++
			continue
		}
		if err := interruptProcess(h.PID); err != nil {
			return fmt.Errorf("sweep: process %d: %w", h.PID, err)
		}
		stopped++
	}
	switch {
	case stopped == 0 && elsewhere == 0:
		fmt.Fprintln(a.stdout, "nobody is at it")
	case elsewhere > 0:
		return fmt.Errorf("sweep: asked %s here to save and end; %d more on other machines: cancel there", plural(stopped, "worker"), elsewhere)
	default:
		fmt.Fprintf(a.stdout, "asked %s to save and end\n", plural(stopped, "worker"))
	}
	return nil
}
