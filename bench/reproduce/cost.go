package reproduce

import (
	"encoding/json"
	"os"
	"time"

	"autoamp/bench"
)

// cost is cost.json: what the cells took, where. Nothing that a result depends on.
type cost struct {
	Machine bench.Machine      `json:"machine"` // of the newest cell, as are Device and Version
	Device  string             `json:"device"`
	Version string             `json:"version"`
	Seconds map[string]float64 `json:"seconds"`     // by key of a cell, in its last session
	CPU     map[string]float64 `json:"cpu_seconds"` // the same, of computing on all cores
}

// readCost reads cost.json; one that is not there or cannot be read is empty.
func readCost(path string) *cost {
	c := &cost{}
	if data, err := os.ReadFile(path); err != nil || json.Unmarshal(data, c) != nil {
		c = &cost{}
	}
	if c.Seconds == nil || c.CPU == nil {
		c.Seconds, c.CPU = map[string]float64{}, map[string]float64{}
	}
	return c
}

func (c *cost) add(key string, took, cpu time.Duration, s Settings) {
	c.Machine, c.Version = bench.ThisMachine(), s.Version
	if s.Executor != nil {
		c.Device = s.Executor.Device()
	}
	c.Seconds[key], c.CPU[key] = took.Round(time.Millisecond).Seconds(), cpu.Round(time.Millisecond).Seconds()
}

// total is a sum over cells, in seconds.
func total(seconds map[string]float64) float64 {
	sum := 0.0
	for _, s := range seconds {
		sum += s
	}
	return sum
}
