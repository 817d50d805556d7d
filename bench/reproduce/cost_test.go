package reproduce

import (
	"testing"
	"time"
)

// The cost of an experiment has the cells of its newest recipe alone.
func TestCostKeepsTheRecipesCells(t *testing.T) {
	t.Parallel()
	c := &cost{Seconds: map[string]float64{"old-1": 7, "a-2": 1}, CPU: map[string]float64{"old-1": 9, "a-2": 2}}
	c.add("b-3", 4*time.Second, 5*time.Second, Settings{})
	c.keep([]string{"a-2", "b-3", "c-4"})
	if total(c.Seconds) != 5 || total(c.CPU) != 7 || len(c.Seconds) != 2 || len(c.CPU) != 2 {
		t.Errorf("%v, %v", c.Seconds, c.CPU)
	}
}
