package main

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"autoamp/bench"
	"autoamp/graph"
	"autoamp/train"
)

// runGPU measures the GPU's table. An interrupted suite writes the rows that it has.
func (c *benchSuiteCmd) runGPU(ctx context.Context, a *app) error {
	settings, err := c.gpuSettings()
	if err != nil {
		return err
	}
	exec, err := openPrecision(c.Device, "fp32") // a device that is not there is no row but an error
	if err != nil {
		return err
	}
	a.release(exec)
	settings.Logger = a.log
	if c.Out != "" { // what was measured stays, if this process is killed
		settings.Row = func(r *bench.GPUResult) {
			if err := writeReport(c.Out, "speed", r); err != nil {
				a.log.Warn("the table so far was not written", "err", err)
			}
		}
	}
	r, err := bench.GPU(ctx, settings)
	if len(r.Rows) == 0 {
		return err
	}
	return errors.Join(writeTables(a, r, c.Out, "speed", c.JSON), err)
}

func (c *benchSuiteCmd) gpuSettings() (bench.GPUSettings, error) {
	s := bench.GPUSettings{
		Precisions: c.Precisions, Contestants: c.Contestants, Rounds: c.Rounds, Python: c.Python, PeerDevice: c.PeerDevice,
		Open: func(precision string) (graph.Executor, error) { return openPrecision(c.Device, precision) },
	}
	if c.Model != "denoiser" {
		return s, usagef("--model = %s: the GPU's table is of the denoiser; leave it out", c.Model)
	}
	var err error
	if s.Predict, err = c.predictors(); err != nil {
		return s, err
	}
	for _, name := range c.Contestants {
		if !slices.Contains(bench.GPUContestants(), name) {
			return s, usagef("--contestants = %q: must be of %s", name, strings.Join(bench.GPUContestants(), "; "))
		}
	}
	for _, size := range c.Sizes {
		cell, ok := parseCell(size)
		if !ok {
			return s, usagef("--sizes = %q: must be like 100x100 or 100x100x64: dimension, batch and models", size)
		}
		s.Cells = append(s.Cells, cell)
	}
	if c.Device == "cpu" {
		return s, nil
	}
	flags := deviceFlags{Device: c.Device, Precision: "fp32"}
	return s, flags.Validate()
}

// openPrecision opens a GPU.
func openPrecision(device, precision string) (graph.Executor, error) {
	flags := deviceFlags{Device: device, Precision: precision}
	return flags.open()
}

// parseCell reads "100x128" or "100x128x64".
func parseCell(s string) (bench.Cell, bool) {
	fields := strings.SplitN(s, "x", 3)
	c := bench.Cell{}
	ok := true
	if len(fields) == 3 {
		n, err := strconv.Atoi(fields[2])
		ok, c.Replicas = err == nil && n >= 1 && n <= train.MaxReplicas, n
	}
	dim, batch, valid := parseSize(strings.Join(fields[:min(2, len(fields))], "x"))
	c.Dim, c.Batch = dim, batch
	return c, ok && valid
}
