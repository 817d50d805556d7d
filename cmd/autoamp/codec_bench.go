package main

import (
	"context"

	"autoamp/bench/search"
)

// codecCmd is autoamp codec.
type codecCmd struct {
	Bench codecBenchCmd `cmd:"" help:"Bits, errors, recall and speed of every decoder on the rows of an array, beside scalar quantisation."`
}

// codecBenchCmd is autoamp codec bench.
type codecBenchCmd struct {
	File     string    `complete:"file" arg:"" help:"FILE.npy, FILE.npz or FILE.npz:NAME: a vector in each row."`
	Rotation string    `complete:"haar,hadamard" default:"hadamard" help:"hadamard or haar. Default: ${default}." placeholder:"KIND"`
	Rates    []float64 `name:"rate" default:"1" help:"Bits of code per coordinate, one or several. Default: ${default}." placeholder:"R,..."`
	Seed     uint64    `default:"1" help:"Seed of the rotation. Default: ${default}." placeholder:"S"`
	Law      string    `complete:"@laws" default:"auto" help:"Law of a coordinate, as of encode. Default: ${default}." placeholder:"NAME,..."`
	Norms    bool      `help:"Store the norm of each row, 8 bits."`
	Factors  bool      `help:"Store how well each row agrees with its code, 8 bits, and add the unbiased linear decoder."`
	Rows     int       `default:"10000" help:"Rows to search, at most. Default: ${default}." placeholder:"N"`
	Queries  int       `default:"100" help:"Rows to search for, at most. Default: ${default}." placeholder:"N"`
	Python   []string  `complete:"file" help:"Interpreters to look for SciPy in. Default: python3, /usr/bin/python3." placeholder:"FILE,..."`
	Out      string    `complete:"dir" help:"Write codec.md and codec.json to this directory too." placeholder:"DIR"`
	JSON     bool      `name:"json" help:"Print one JSON object."`
}

// Run measures.
func (c *codecBenchCmd) Run(ctx context.Context, a *app) error {
	if c.Rows < 20 || c.Queries < 1 {
		return usagef("--rows = %d, --queries = %d: must be at least 20 and 1", c.Rows, c.Queries)
	}
	s := search.Settings{Rates: c.Rates, Rows: c.Rows, Queries: c.Queries, Python: c.Python, Logger: a.log}
	for _, rate := range c.Rates {
		e := encodeCmd{rotationFlags: rotationFlags{Rotation: c.Rotation, Rate: &rate, Seed: &c.Seed, Law: c.Law, Norms: c.Norms, Factors: c.Factors}}
		var err error
		if s.Encoding, err = e.encoding(); err != nil {
			return err
		}
	}
	if c.Out != "" {
		if err := makeOut(c.Out); err != nil {
			return err
		}
	}
	rows, err := openArray(ctx, c.File)
	if err != nil {
		return err
	}
	defer rows.Close()
	r, err := search.Run(ctx, rows, s)
	if err != nil {
		return err
	}
	return writeTables(a, r, c.Out, "codec", c.JSON)
}
