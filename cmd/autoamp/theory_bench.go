package main

import (
	"context"
	"encoding/json"

	"autoamp/amp"
	"autoamp/bench"
)

// benchTheoryCmd is autoamp bench theory.
type benchTheoryCmd struct {
	P           float64  `name:"p" default:"0.4" help:"Probability of a coordinate not to be zero. Default: ${default}." placeholder:"P"`
	Rate        float64  `default:"1" help:"Bits of code per coordinate. Default: ${default}." placeholder:"R"`
	Repetitions int      `default:"21" help:"Timings behind a median. Default: ${default}." placeholder:"N"`
	Points      int      `default:"100" help:"Points of the Bayes curve. Default: ${default}." placeholder:"N"`
	Samples     int      `default:"1000000" help:"Samples that the peer draws for an expectation. Default: ${default}." placeholder:"N"`
	Python      []string `complete:"file" help:"Interpreters to look for numpy in. Default: python3,/usr/bin/python3." placeholder:"PYTHON,..."`
	JSON        bool     `name:"json" help:"Print one JSON object instead of the table."`
}

// Run measures and prints the table.
func (c *benchTheoryCmd) Run(ctx context.Context, a *app) error {
	for _, count := range []struct {
		flag  string
		value int
	}{{"repetitions", c.Repetitions}, {"points", c.Points}, {"samples", c.Samples}} {
		if count.value < 1 {
			return usagef("--%s = %d: must be at least 1", count.flag, count.value)
		}
	}
	if _, err := amp.Predict(amp.Point{Data: "sparse-mixture", P: c.P, MixtureMean: 1, Rate: c.Rate}, nil); err != nil { // the strictest of the laws
		return err
	}
	r, err := bench.TheorySpeedTable(ctx, bench.TheorySpeedSettings{
		P: c.P, Rate: c.Rate, Repetitions: c.Repetitions, CurvePoints: c.Points, Samples: c.Samples,
		Python: c.Python, Logger: a.log,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(r)
	}
	return r.Markdown(a.stdout)
}
