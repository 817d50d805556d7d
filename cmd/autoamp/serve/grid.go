package serve

import "fmt"

// grid is how rows of a file lie: a row for each replica at each step.
type grid struct {
	steps    []int // ascending
	replicas int
}

// newGrid finds the steps of rows. A row that is not where it belongs, which key tells by its step and replica, counts as damage.
// The rows of the grid are the first steps times replicas.
func newGrid[Row any](v view[Row], name string, key func(Row) (step, replica int)) (grid, view[Row]) {
	var g grid
	for i, row := range v.rows {
		step, replica := key(row)
		if i == 0 || replica == 0 && (g.replicas == 0 || i%g.replicas == 0) && step > g.steps[len(g.steps)-1] {
			if i > 0 && g.replicas == 0 {
				g.replicas = i
			}
			g.steps = append(g.steps, step)
		}
		place, at := i, 0 // in the first step, while the number of replicas is not known
		if g.replicas > 0 {
			place, at = i%g.replicas, i/g.replicas
		}
		if at != len(g.steps)-1 || step != g.steps[at] || replica != place {
			v.state, v.reason = damaged, fmt.Sprintf("%s: line %d: replica %d at step %d does not follow from the line before it", name, i+2, replica, step)
			v.rows = v.rows[:i]
			break
		}
	}
	if g.replicas == 0 {
		g.replicas = len(v.rows)
	}
	g.steps = g.steps[:len(v.rows)/max(1, g.replicas)] // the newest may have rows to come
	return g, v
}

// ends are the last steps of buckets.
func (g grid) ends(list []bucket) []int {
	out := make([]int, 0, len(list))
	for _, b := range list {
		out = append(out, g.steps[b.end-1])
	}
	return out
}
