package reproduce

import (
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"time"

	"autoamp/bench"
	"autoamp/datasets/durable"
	"autoamp/graph/devices"
)

// cost is cost.json: how long the cells took, and on which machine. No result depends on it.
type cost struct {
	Machine bench.Machine      `json:"machine"` // of the newest cell, as are Device and Version
	Device  string             `json:"device"`
	Version string             `json:"version"`
	Seconds map[string]float64 `json:"seconds"`     // by key of a cell, in its last session
	CPU     map[string]float64 `json:"cpu_seconds"` // the same, of computing on all cores
}

// maxJSON bounds the files that are read as JSON, in bytes.
const maxJSON = 64 << 20

// readCost reads cost.json. The cost is empty if the file does not exist, or if it cannot be read; the second case is a
// warning.
func readCost(path string, log *slog.Logger) *cost {
	c := &cost{}
	if err := durable.ReadJSON(path, maxJSON, c); err != nil {
		c = &cost{}
		if !errors.Is(err, fs.ErrNotExist) {
			log.Warn("the times of the cells that are done are lost; no result depends on them", "error", err)
		}
	}
	if c.Seconds == nil || c.CPU == nil {
		c.Seconds, c.CPU = map[string]float64{}, map[string]float64{}
	}
	return c
}

func (c *cost) add(key string, took, cpu time.Duration, s Settings) {
	c.Machine, c.Version = bench.ThisMachine(), s.Version
	if len(s.Devices) > 0 {
		c.Device = devices.New(s.Devices...).Device()
	}
	// Cells that are computed at the same time share what the process has computed.
	cpu /= time.Duration(max(1, len(s.Devices)))
	c.Seconds[key], c.CPU[key] = took.Round(time.Millisecond).Seconds(), cpu.Round(time.Millisecond).Seconds()
}

// keep drops the times of all cells but the given ones: those of an older recipe.
func (c *cost) keep(keys []string) {
	old := func(key string, _ float64) bool { return !slices.Contains(keys, key) }
	maps.DeleteFunc(c.Seconds, old)
	maps.DeleteFunc(c.CPU, old)
}

// total is a sum over cells, in seconds.
func total(seconds map[string]float64) float64 {
	sum := 0.0
	for _, s := range seconds {
		sum += s
	}
	return sum
}
