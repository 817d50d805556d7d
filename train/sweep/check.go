package sweep

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"autoamp/datasets"
	"autoamp/graph"
	"autoamp/train"
	"autoamp/train/config"
	"autoamp/train/sweep/cells"
	"autoamp/train/theory"
)

// mostErrors bounds the errors of cells that are listed.
const mostErrors = 20

// check validates every cell and returns what is wrong, each thing once, with the first cell that has it.
func (e *expansion) check() []error {
	bad := e.badShapes()
	if len(bad) == 0 {
		return nil
	}
	type problem struct {
		first *Cell
		cells int
	}
	problems := map[string]*problem{}
	var order []string
	for i := range e.Cells {
		c := &e.Cells[i]
		if !bad[c.Shape] {
			continue
		}
		for _, err := range problemsOf(e.Config(c)) {
			if problems[err.Error()] == nil {
				problems[err.Error()] = &problem{first: c}
				order = append(order, err.Error())
			}
			problems[err.Error()].cells++
		}
	}
	var errs []error
	for _, message := range order[:min(len(order), mostErrors)] {
		p := problems[message]
		others := ""
		if p.cells > 1 {
			others = fmt.Sprintf(", and %d more", p.cells-1)
		}
		errs = append(errs, fmt.Errorf("%s (the cell %s%s)", strings.TrimPrefix(message, "train: "), e.Label(p.first), others))
	}
	if more := len(order) - mostErrors; more > 0 {
		errs = append(errs, fmt.Errorf("and %d errors more", more))
	}
	return errs
}

// badShapes validates the cells of each shape together, which is faster than one by one, and returns the shapes with a cell
// that is not valid.
func (e *expansion) badShapes() map[int]bool {
	replicas := map[int][]graph.Replica{}
	seen := map[Cell]bool{}
	for _, c := range e.Cells {
		c.Replica.Seed = 1
		if !seen[c] {
			seen[c] = true
			replicas[c.Shape] = append(replicas[c.Shape], c.Replica)
		}
	}
	wrong := make([]bool, len(e.Shapes))
	var checks sync.WaitGroup
	for part := range slices.Chunk(slices.Collect(maps.Keys(replicas)), 1+len(replicas)/runtime.GOMAXPROCS(0)) {
		checks.Go(func() {
			for _, i := range part {
				wrong[i] = e.badShape(i, replicas[i])
			}
		})
	}
	checks.Wait()
	bad := map[int]bool{}
	for i, is := range wrong {
		if is {
			bad[i] = true
		}
	}
	return bad
}

// badShape reports whether one of the replicas of a shape is not valid.
func (e *expansion) badShape(shape int, replicas []graph.Replica) bool {
	for part := range slices.Chunk(replicas, train.MaxReplicas) {
		c := e.Config(&Cell{Shape: shape, Replica: part[0]})
		if len(part) > 1 && c.Alternating() || len(part) > 1 && valid(c.SideBySide(part)) != nil || valid(c) != nil {
			return true
		}
	}
	return false
}

// valid returns the first thing that keeps a cell from training.
func valid(c train.Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return theory.CheckInformation(c, math.Inf(1))
}

// problemsOf are all things that keep a cell from training.
func problemsOf(c train.Config) []error {
	problems := c.Problems()
	if len(problems) > 0 {
		return problems
	}
	if err := theory.CheckInformation(c, math.Inf(1)); err != nil {
		return []error{err}
	}
	return nil
}

// CheckData returns what is wrong with the files of data that some jobs need, each file once; nil if nothing is. Images are judged by
// the jobs themselves.
func (g *Grid) CheckData(jobs []*cells.Job) error {
	needed := map[string]bool{}
	for _, job := range jobs {
		for _, key := range job.Cells {
			needed[key] = true
		}
	}
	shapes := map[int]bool{}
	wrong := map[string]bool{}
	var errs []error
	for i := range g.Cells {
		c := &g.Cells[i]
		if shapes[c.Shape] || !needed[c.Key] {
			continue
		}
		shapes[c.Shape] = true
		d := g.Shapes[c.Shape].Config.Data
		for _, file := range [][2]string{{"data.name", d.Name}, {"data.test", d.Test}} {
			if err := checkFile(file[1]); err != nil && !wrong[file[1]] {
				wrong[file[1]] = true
				errs = append(errs, fmt.Errorf("%s = %s: %w (the cell %s)", file[0], file[1], err, g.Label(c)))
			}
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return &train.RefusedError{Err: &FileError{Errs: errs}}
}

// checkFile returns what is wrong with npy:FILE; other names are none.
func checkFile(name string) error {
	path, isFile := strings.CutPrefix(name, config.FilePrefix)
	if !isFile {
		return nil
	}
	_, _, err := datasets.ArrayShape(path)
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "datasets: "+name+": "))
	}
	return nil
}
