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
	Seconds map[string]float64 `json:"seconds"` // by key of a cell, in its last session
}

// readCost reads cost.json; one that is not there or cannot be read is empty.
func readCost(path string) *cost {
	c := &cost{}
	if data, err := os.ReadFile(path); err != nil || json.Unmarshal(data, c) != nil {
		c = &cost{}
	}
	if c.Seconds == nil {
		c.Seconds = map[string]float64{}
	}
	return c
}

func (c *cost) add(key string, took time.Duration, s Settings) {
	c.Machine, c.Version = bench.ThisMachine(), s.Version
	if s.Executor != nil {
		c.Device = s.Executor.Device()
	}
	c.Seconds[key] = took.Round(time.Millisecond).Seconds()
}

// total is the time of all cells, in seconds.
func (c *cost) total() float64 {
	sum := 0.0
	if c != nil {
		for _, s := range c.Seconds {
			sum += s
		}
	}
	return sum
}
