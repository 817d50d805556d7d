package main

import (
	"fmt"

	"autoamp/train/report"
)

// plotCmd is autoamp plot.
type plotCmd struct {
	Dir string `complete:"dir" arg:"" name:"run" help:"Run directory."`
}

// Help is shown by autoamp plot --help.
func (c *plotCmd) Help() string {
	return `Figures, sweep.csv and report.html are drawn from the run's files, which are checked. A run that is not finished is drawn up to its
newest checkpoint.`
}

// Run draws the figures and lists them.
func (c *plotCmd) Run(a *app) error {
	if err := refuseReproduction(c.Dir); err != nil {
		return err
	}
	drawn, err := report.Figures(c.Dir)
	for _, path := range drawn {
		fmt.Fprintln(a.stdout, path)
	}
	return err
}
