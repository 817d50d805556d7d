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
	"autoamp/bench/reproduce/pairs"
	"autoamp/bench/reproduce/rangamani"
	"autoamp/bench/reproduce/universality"
	"autoamp/train/config"
)

// All lists the experiments, in the order of the papers; last are those that go beyond them.
func All() []*reproduce.Experiment {
	return slices.Concat(kogler.Experiments(), rangamani.Experiments(), nguyen.Experiments(), hardphase.Experiments(), universality.Experiments(),
		pairs.Experiments())
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
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(config.Distance(name, a), config.Distance(name, b)) })
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
