package amp

import (
	"errors"
	"fmt"
	"strings"
)

// DomainError says that an argument is outside what a function accepts: which one, its value, and what is allowed.
type DomainError struct {
	Field   string // the argument's name, as on the command line
	Value   any    // what was given
	Allowed string // a predicate: "must be positive"
}

// Error names field, value and what is allowed.
func (e *DomainError) Error() string {
	return fmt.Sprintf("amp: %s = %v: %s", e.Field, e.Value, e.Allowed)
}

// ErrUnknownPrior is wrapped by the error of NewPrior for a name that is not in PriorNames.
var ErrUnknownPrior = errors.New("unknown distribution")

// unknownPrior is the error for a name outside the table.
func unknownPrior(name string) error {
	return fmt.Errorf("amp: data = %q: %w; want one of %s", name, ErrUnknownPrior, strings.Join(PriorNames(), ", "))
}

// MinP is the least probability of a coordinate not to be zero. A non-zero coordinate is of order 1/√p: its powers, and
// their products with the precisions that minRate and maxRate leave, stay within float64.
const MinP = 1e-200

// checkProbability accepts MinP ≤ p ≤ 1.
func checkProbability(p float64) error {
	switch {
	case isProbability(p):
		return nil
	case p > 0 && p < MinP:
		return &DomainError{"p", p, fmt.Sprintf("must be at least %g, the least p of the theory, and at most 1", MinP)}
	}
	return &DomainError{"p", p, "must be in (0, 1]"}
}

// isProbability reports whether the laws accept p.
func isProbability(p float64) bool { return p >= MinP && p <= 1 }

// checkPrior accepts a law.
func checkPrior(p Prior) error {
	if p != nil {
		return nil
	}
	return &DomainError{"prior", "nil", "must be a law: see NewPrior, NewEmpirical and NewLaw"}
}

// checkPriorRate accepts a law and a rate.
func checkPriorRate(p Prior, rate float64) error {
	if err := checkPrior(p); err != nil {
		return err
	}
	return checkRate(rate)
}

// checkRate accepts a positive rate within minRate and maxRate.
func checkRate(rate float64) error {
	if rate >= minRate && rate <= maxRate {
		return nil
	}
	return &DomainError{"rate", rate, "must be positive, between 1e-12 and 1e9"}
}

// The rates that keep the channel's noise inside the range for which priors are stable.
const minRate, maxRate = 1e-12, 1e9

// checkIntegrable accepts a law whose posterior has a density and a grid; what is what needs it.
func checkIntegrable(p Prior, what string) error {
	if isIntegrable(p) {
		return nil
	}
	return &DomainError{"prior", fmt.Sprintf("%T", p), "must embed a *Law for " + what}
}
