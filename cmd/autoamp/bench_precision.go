package main

import (
	"context"
	"errors"

	"autoamp/bench"
	"autoamp/graph"
)

// benchPrecisionCmd is autoamp bench precision.
type benchPrecisionCmd struct {
	Out        string   `complete:"dir" help:"Directory for precision.md and precision.json; it may exist." placeholder:"DIR"`
	Device     string   `complete:"@devices" default:"gpu" help:"gpu or gpu:N. Default: ${default}." placeholder:"D"`
	Precisions []string `enum:"fp32,tf32,split" default:"fp32,tf32,split" help:"What to compare. Default: ${default}." placeholder:"P,..."`
	Sizes      []string `complete:"-" help:"Sizes to train, as DIMxBATCH. Default: 200x256,1024x512." placeholder:"DxB,..."`
	Product    string   `complete:"-" default:"1024x512" help:"Size of the products that are compared with float64, as DIMxBATCH. Default: ${default}." placeholder:"DxB"`
	Steps      int      `help:"Optimizer updates. Default: as train's." placeholder:"N"`
	Seeds      int      `default:"4" help:"Models of each size. Default: ${default}." placeholder:"N"`
	JSON       bool     `name:"json" help:"Print one JSON object instead of the tables."`
}

// Run measures and writes the tables. It also writes the rows of an interrupted comparison.
func (c *benchPrecisionCmd) Run(ctx context.Context, a *app) error {
	s, err := c.settings()
	if err != nil {
		return err
	}
	s.Logger = a.log
	if c.Out != "" {
		if err := makeOut(c.Out); err != nil {
			return err
		}
	}
	r, err := bench.Precision(ctx, s)
	if len(r.Rows) == 0 {
		return err
	}
	return errors.Join(writeTables(a, r, c.Out, "precision", c.JSON), err)
}

func (c *benchPrecisionCmd) settings() (bench.PrecisionSettings, error) {
	s := bench.PrecisionSettings{
		Precisions: c.Precisions, Steps: c.Steps, Seeds: c.Seeds,
		Open: func(precision string) (graph.Executor, error) { return openPrecision(c.Device, precision) },
	}
	if c.Steps < 0 {
		return s, usagef("--steps = %d: must be at least 1", c.Steps)
	}
	if c.Seeds < 1 {
		return s, usagef("--seeds = %d: must be at least 1", c.Seeds)
	}
	for _, size := range c.Sizes {
		d, b, ok := parseSize(size)
		if !ok {
			return s, usagef("--sizes = %q: must be like 100x100, dimension and batch", size)
		}
		s.Sizes = append(s.Sizes, [2]int{d, b})
	}
	d, b, ok := parseSize(c.Product)
	if !ok {
		return s, usagef("--product = %q: must be like 100x100, dimension and batch", c.Product)
	}
	s.Product = [2]int{d, b}
	flags := deviceFlags{Device: c.Device, Precision: "fp32"}
	return s, flags.Validate()
}
