package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"autoamp/train/config"
	"autoamp/train/sweep/cells"
)

// The largest number of cells that train side by side. A GPU has room for many small models; on a core of a CPU they take as
// long as one after another, and fewer at a time are divided more evenly among workers.
const (
	CPUReplicas = 8
	GPUReplicas = 256
)

// group is cells of one shape that train side by side.
type group struct {
	shape int
	cells []int // in Grid.Cells
}

// Jobs groups the cells into programs of at most a number of cells each. A combination that is there twice is computed once.
func (g *Grid) Jobs(replicas int) []*cells.Job {
	groups := g.groups(replicas)
	jobs := make([]*cells.Job, len(groups))
	for i, of := range groups {
		jobs[i] = g.job(of)
	}
	return jobs
}

// groups divides the cells of each shape into groups of equal size, in the order of their first cells.
func (g *Grid) groups(replicas int) []group {
	counts := make([]int, len(g.Shapes))
	seen := make(map[string]bool, len(g.Cells))
	for i := range g.Cells {
		if c := &g.Cells[i]; !seen[c.Key] {
			seen[c.Key] = true
			counts[c.Shape]++
		}
	}
	clear(seen)
	var groups []group
	open := make([]int, len(g.Shapes)) // the newest group of a shape, from 1
	sizes := make([]int, len(g.Shapes))
	for shape, n := range counts {
		most := g.most(shape, replicas)
		parts := (n + most - 1) / most
		sizes[shape] = (n + parts - 1) / max(parts, 1)
	}
	for i := range g.Cells {
		c := &g.Cells[i]
		if seen[c.Key] {
			continue
		}
		seen[c.Key] = true
		if at := open[c.Shape]; at == 0 || len(groups[at-1].cells) == sizes[c.Shape] {
			groups = append(groups, group{shape: c.Shape})
			open[c.Shape] = len(groups)
		}
		of := &groups[open[c.Shape]-1]
		of.cells = append(of.cells, i)
	}
	return groups
}

// most is the largest number of cells of a shape in a program. Alternating minimisation and the models of sparse coding have one
// learning rate or start for all replicas of a run.
func (g *Grid) most(shape, replicas int) int {
	if c := g.Shapes[shape].Config; c.Alternating() || c.Model.Name == config.TiedModel {
		return 1
	}
	return max(1, replicas)
}

// job is a group as a job of the engine.
func (g *Grid) job(of group) *cells.Job {
	job := &cells.Job{Seconds: float64(len(of.cells)) * Seconds(g.Shapes[of.shape].Config)}
	for _, i := range of.cells {
		job.Cells = append(job.Cells, g.Cells[i].Key)
	}
	job.ID = g.name(of.cells)
	job.Name = g.Label(&g.Cells[of.cells[0]])
	if more := len(of.cells) - 1; more > 0 {
		job.Name += fmt.Sprintf(" and %d more", more)
	}
	job.Run = (&training{grid: g, group: of, seconds: job.Seconds}).run
	return job
}

// name is a hash of some cells.
func (g *Grid) name(some []int) string {
	sum := sha256.New()
	for _, i := range some {
		_, _ = io.WriteString(sum, g.Cells[i].Key+"\n") // a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil)[:keyBytes])
}
