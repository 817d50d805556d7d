package reproduce

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// CheckOrigins judges the table of an experiment at quick with other seeds in the cells that a claim rests on, for each claim, and compares its
// numbers. A seed s becomes freshFrom + 2s, which has its place among twice as many seeds.
func CheckOrigins(ctx context.Context, e *Experiment, dir string) error {
	r := &runner{e: e, Settings: Settings{Params: Params{Scale: Quick, Seed: 1}, Dir: dir, OnlyPlot: true}, outcome: &Outcome{Experiment: e}}
	var err error
	if r.Disk, err = r.hold(); err != nil {
		return err
	}
	results, err := r.compute(ctx)
	if err != nil {
		return err
	}
	claims, err := r.claims(results)
	if err != nil {
		return err
	}
	var errs []error
	judged := map[string][]Claim{}
	for _, c := range claims {
		families := c.restsOn()
		if families == "" {
			if c.Found.Seeds > 0 || c.Reference.Seeds > 0 {
				errs = append(errs, fmt.Errorf("%s: names no cell", c.Text))
			}
			continue
		}
		names := together(claims, families)
		of := strings.Join(names, " ")
		if judged[of] == nil {
			p := r.Params
			p.Fresh = true
			if judged[of], err = r.claims(&Results{Params: p, Rows: reseeded(results.Rows, names), matrices: results.matrices, known: results.known}); err != nil {
				return err
			}
		}
		same := slices.IndexFunc(judged[of], func(other Claim) bool { return other.Text == c.Text })
		if same < 0 {
			errs = append(errs, fmt.Errorf("%s: is no claim with other seeds in %q", c.Text, of))
			continue
		}
		other := judged[of][same]
		for _, pair := range [][2]float64{
			{c.Found.Value, other.Found.Value}, {c.Found.Stderr, other.Found.Stderr}, {c.Reference.Value, other.Reference.Value}, {c.Effect, other.Effect},
		} {
			if d := math.Abs(pair[0] - pair[1]); !(d <= 1e-9*math.Abs(pair[0])+1e-12) {
				errs = append(errs, fmt.Errorf("%s: %g, with other seeds in %q %g", c.Text, pair[0], of, pair[1]))
				break
			}
		}
		if other.Outcome() != c.Outcome() {
			errs = append(errs, fmt.Errorf("%s: %s, with other seeds in %q %s: %s", c.Text, c.Outcome(), of, other.Outcome(), other.Note()))
		}
	}
	return errors.Join(errs...)
}

func reseeded(rows []Row, families []string) []Row {
	out := slices.Clone(rows)
	for i, row := range out {
		if seed := row.Num("seed"); !math.IsNaN(seed) && slices.Contains(families, family(row.Text(cellOfRow))) {
			out[i] = maps.Clone(row)
			out[i]["seed"] = fmt.Sprint(freshFrom + 2*int(seed))
		}
	}
	return out
}
