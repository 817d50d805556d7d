package reproduce

import (
	"context"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"autoamp/datasets/durable"
)

// A failure has to be found twice.
//
// A run judges hundreds of claims with 99 % confidence, so that some of them fail by the luck of its seeds, or are not resolved. Where claims on
// numbers of seeds fail, the cells that they rest on are run again, with twice as many seeds, of which the run had none, and these claims are
// judged by them alone. A claim that holds fails twice once in ten thousand times. One that does not hold fails again, with a smaller
// tolerance. Claims that passed stay as they are.

// freshFrom is the distance of the first seed of the second run from that of the first. Some cells make seeds of their own, thousands further on.
const freshFrom = 500_000

// SeedsAfter is more than the number of seeds from the first of a run to the last that it may take.
const SeedsAfter = 2 * freshFrom

// cellOfRow is the column in which Results name the cell of a row. No table has it.
const cellOfRow = "cell"

// seedInName is the seed in the name of a cell that has only one.
var seedInName = regexp.MustCompile(`-seed\d+|-\d+$`)

// family is the name of a cell without its seed.
func family(cell string) string { return seedInName.ReplaceAllString(cell, "") }

// origin is the families of the cells of rows, one in a line, in alphabetical order.
func origin(rows []Row) string {
	of := map[string]bool{}
	for _, r := range rows {
		for name := range strings.Lines(r.Text(cellOfRow)) {
			of[family(strings.TrimSuffix(name, "\n"))] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(of)), "\n")
}

// bothOrigins is the origin of a number that was made of two.
func bothOrigins(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	all := append(strings.Split(a, "\n"), strings.Split(b, "\n")...)
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "\n")
}

// restsOn is the origin of all numbers of a claim, empty where other seeds would change none of them.
func (c Claim) restsOn() string {
	of := bothOrigins(c.Found.origin, c.Reference.origin)
	for _, corrected := range c.Corrected {
		of = bothOrigins(of, corrected.restsOn())
	}
	return of
}

// failing is the origin of the claims that fail, and of the claims that share cells with them: the numbers of a claim are all from the same seeds.
func failing(claims []Claim) []string {
	of := ""
	for _, c := range claims {
		if c.Outcome() == Fail {
			of = bothOrigins(of, c.restsOn())
		}
	}
	if of == "" {
		return nil
	}
	return together(claims, of)
}

// together is an origin with those of the claims that share cells with it, and so on.
func together(claims []Claim, of string) []string {
	for before := ""; before != of; {
		before = of
		for _, c := range claims {
			if other := c.restsOn(); overlap(of, other) {
				of = bothOrigins(of, other)
			}
		}
	}
	return strings.Split(of, "\n")
}

// overlap says whether two origins have a family in common.
func overlap(a, b string) bool {
	all := strings.Split(b, "\n")
	return slices.ContainsFunc(strings.Split(a, "\n"), func(f string) bool { return f != "" && slices.Contains(all, f) })
}

// fresh declares the cells of families with other seeds than those of the given cells. A cell without seeds has none.
func (e *Experiment) fresh(p Params, cells []Cell, families []string) ([]Cell, error) {
	if len(families) == 0 {
		return nil, nil
	}
	p.Fresh = true
	all, err := e.Cells(p)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for i := range cells {
		key, err := cells[i].Key()
		if err != nil {
			return nil, err
		}
		known[key] = true
	}
	var fresh []Cell
	for _, c := range all {
		key, err := c.Key()
		if err != nil {
			return nil, err
		}
		if known[key] || !slices.Contains(families, family(c.Name)) {
			continue
		}
		run := c.Run
		c.Run = func(ctx context.Context, env *Env) (*Output, error) {
			out, err := run(ctx, env)
			if out != nil {
				out.Matrices = nil // those of the first run are drawn
			}
			return out, err
		}
		fresh = append(fresh, c)
	}
	return fresh, nil
}

// storedAgain reads from a verdict which cells are run again. A verdict that cannot be read names none.
func storedAgain(dir string) []string {
	var v StoredVerdict
	if err := durable.ReadJSON(filepath.Join(dir, verdictFile), maxJSON, &v); err != nil {
		return nil
	}
	return v.Again
}

// replicate runs the cells of claims that fail again with other seeds, and judges these claims by them. Where the cells cannot be run here,
// the claims stay, and the outcome says how many cells are open.
func (r *runner) replicate(ctx context.Context, first *Results, claims []Claim) ([]Claim, error) {
	families := failing(claims)
	if err := r.declareFresh(families); err != nil {
		return nil, err
	}
	r.again = nil
	if len(r.cells) == r.first {
		return claims, nil
	}
	r.again = families
	open := len(r.cells) - r.done()
	if open > 0 && (r.OnlyPlot || r.Gather) {
		r.outcome.Open = open
		return claims, nil
	}
	if open > 0 {
		r.log().Warn("claims failed: their cells run again, with twice as many other seeds", "experiment", r.e.Name, "cells", open)
		// If this process ends here, the next one, or a worker, reads which cells are left.
		r.outcome.Verdict = r.judge(claims)
		if err := r.writeVerdict(); err != nil {
			return nil, err
		}
		if err := r.runCells(ctx, r.first, len(r.cells)); err != nil {
			return nil, err
		}
	}
	second := *first // with what is known of the theory
	second.Fresh, second.Rows = true, r.freshRows()
	again, err := r.claims(&second)
	if err != nil {
		return nil, err
	}
	for i, c := range claims {
		same := slices.IndexFunc(again, func(other Claim) bool { return other.Text == c.Text })
		if c.Outcome() != Fail || c.restsOn() == "" || same < 0 {
			continue
		}
		claims[i], claims[i].First = again[same], &c
	}
	return claims, nil
}

// Open counts the cells of outcomes that are still to be run with other seeds.
func Open(outcomes []*Outcome) int {
	open := 0
	for _, o := range outcomes {
		open += o.Open
	}
	return open
}

// declareFresh lists the cells of families with other seeds behind the cells of the first run.
func (r *runner) declareFresh(families []string) error {
	r.cells, r.keys, r.outcome.Settings = r.cells[:r.first], r.keys[:r.first], r.outcome.Settings[:r.first]
	fresh, err := r.e.fresh(r.Params, r.cells, families)
	if err != nil {
		return err
	}
	return r.list(fresh)
}

// rows are the rows of a cell, with its name.
func (r *runner) rows(cell int) []Row {
	var rows []Row
	for _, row := range r.table.Rows(r.keys[cell : cell+1]) {
		row = maps.Clone(row)
		row[cellOfRow] = r.cells[cell].Name
		rows = append(rows, row)
	}
	return rows
}

// freshRows is the table with the rows of the second run in the place of those of the first, where there are any.
func (r *runner) freshRows() []Row {
	fresh := map[string][]Row{}
	for i := r.first; i < len(r.cells); i++ {
		of := family(r.cells[i].Name)
		fresh[of] = append(fresh[of], r.rows(i)...)
	}
	var rows []Row
	taken := map[string]bool{}
	for i := range r.first {
		of := family(r.cells[i].Name)
		switch {
		case fresh[of] == nil:
			rows = append(rows, r.rows(i)...)
		case !taken[of]:
			rows, taken[of] = append(rows, fresh[of]...), true
		}
	}
	return rows
}
