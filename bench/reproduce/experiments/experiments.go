package experiments

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"autoamp/bench/reproduce"
	"autoamp/bench/reproduce/hardphase"
	"autoamp/bench/reproduce/kogler"
	"autoamp/bench/reproduce/nguyen"
	"autoamp/bench/reproduce/rangamani"
)

// All lists the experiments, in the order of the papers; last is one that goes beyond them.
func All() []*reproduce.Experiment {
	return slices.Concat(kogler.Experiments(), rangamani.Experiments(), nguyen.Experiments(), hardphase.Experiments())
}

// Find returns the experiment of that name, or an *UnknownError.
func Find(name string) (*reproduce.Experiment, error) {
	var names []string
	for _, e := range All() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(edits(name, a), edits(name, b)) })
	return nil, &UnknownError{Name: name, Nearest: names[:min(3, len(names))]}
}

// UnknownError is a name that no experiment has.
type UnknownError struct {
	Name    string
	Nearest []string // at most three, the nearest first
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("reproduce: experiment = %q: there is none of that name; nearest: %s", e.Name, strings.Join(e.Nearest, ", "))
}

// edits is Levenshtein's distance: the number of letters to insert, delete or change.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
