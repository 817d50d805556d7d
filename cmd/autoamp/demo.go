package main

import (
	"context"
	"errors"
	"fmt"

	"autoamp/bench/demo"
	"autoamp/train"
)

// demoCmd is autoamp demo, the target of make demo.
type demoCmd struct {
	deviceFlags
	Out string `complete:"dir" help:"Directory of the runs and of the figure. Default: ${default}." default:"runs/demo" placeholder:"DIR"`
}

// Run trains, prints the table and says where the figure is.
func (c *demoCmd) Run(ctx context.Context, a *app) error {
	exec, err := c.open()
	if err != nil {
		return err
	}
	defer a.release(exec)
	defer a.clear()
	runs, figure, err := demo.Run(ctx, demo.Settings{
		Executor: exec, Dir: c.Out, Logger: a.runLog(),
		Progress: func(r demo.Training) func(train.Progress) {
			return newProgress(a, r.Name).update
		},
	})
	a.clear()
	if errors.Is(err, context.Canceled) {
		return &interruptedError{err: err, resume: commandLine("demo", append([]string{"--out", c.Out}, c.args()...))}
	}
	if err != nil {
		return err
	}
	var results []result
	for _, r := range runs {
		results = append(results, result{r.Config, r.Summary})
	}
	writeResults(a.stdout, results)
	fmt.Fprintf(a.stdout, "\nfigure: %s\n", figure)
	return nil
}
