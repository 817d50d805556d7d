package reproduce

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Kind says where a reference is from.
type Kind string

// The kinds of references.
const (
	ClosedFormKind Kind = "closed form"
	QuadratureKind Kind = "quadrature"
	SimulationKind Kind = "simulation"      // measured, in the same run
	PrintedKind    Kind = "paper's number"  // printed in the paper
	EarlierKind    Kind = "our earlier run" // a regression: it says nothing about the paper
)

// Reference is the number that a claim compares with.
type Reference struct {
	Estimate
	Kind Kind
}

// ClosedForm is a reference that a formula gives.
func ClosedForm(value float64) Reference { return Reference{Exact(value), ClosedFormKind} }

// Quadrature is a reference that numerical integration of the theory gives.
func Quadrature(value float64) Reference { return Reference{Exact(value), QuadratureKind} }

// Simulation is a reference that was measured.
func Simulation(e Estimate) Reference { return Reference{e, SimulationKind} }

// Printed is a number that the paper prints.
func Printed(value float64) Reference { return Reference{Exact(value), PrintedKind} }

// Earlier is a number of our own earlier run. A claim with it is a regression.
func Earlier(value float64) Reference { return Reference{Exact(value), EarlierKind} }

// Criterion is what a claim says about the found number and its reference.
type Criterion string

// The criteria.
const (
	IsEqual Criterion = "equal"
	IsBelow Criterion = "below"
	IsAbove Criterion = "above"
)

// The rules for all claims.
const (
	// Level is the confidence of a tolerance: two-sided for a claim of equality, one-sided for the others.
	Level = 0.99
	// Resolution is the largest share of the effect that a tolerance may have.
	Resolution = 0.25
	// LeastSeeds is the smallest number of seeds behind a found number that has an error.
	LeastSeeds = 3
)

// Claim is one assertion of a verdict, with its numbers. Equal, Below and Above make one.
type Claim struct {
	Text      string // the claim in words: "p = 0.3: trained error is the Haar value at d = 100"
	Criterion Criterion
	Found     Estimate
	Reference Reference
	// Effect is the size of what the figure shows at this point, for example the distance of two candidates. A claim that
	// holds for numbers that differ by the effect says nothing.
	Effect float64
	// Margin is what the theory leaves open, for example the next order in 1/d.
	Margin float64
	// Why explains a deviation; empty if the claim names none. Corrected are the claims that test the explanation.
	Why       string
	Corrected []Claim
	// First is the claim as the first run found it, where it failed and was tried again with other seeds.
	First *Claim
}

// Equal claims that found is the reference, within the margin and Student's t times the standard error of the difference.
func Equal(text string, found Estimate, reference Reference, effect, margin float64) Claim {
	return Claim{Text: text, Criterion: IsEqual, Found: found, Reference: reference, Effect: effect, Margin: margin}
}

// Below claims that found is less than the reference, and not by chance.
func Below(text string, found Estimate, reference Reference, effect float64) Claim {
	return Claim{Text: text, Criterion: IsBelow, Found: found, Reference: reference, Effect: effect}
}

// Above claims that found is more than the reference, and not by chance.
func Above(text string, found Estimate, reference Reference, effect float64) Claim {
	return Claim{Text: text, Criterion: IsAbove, Found: found, Reference: reference, Effect: effect}
}

// Deviates is the claim of a paper that may not hold here: why says the reason, and the corrected claims test the reason. If
// the claim does not hold and all of the corrected claims do, the outcome is DEVIATES.
func (c Claim) Deviates(why string, corrected ...Claim) Claim {
	c.Why, c.Corrected = why, corrected
	return c
}

// Tolerance is the distance from the reference that an equal claim allows, and the least distance of the others.
func (c Claim) Tolerance() float64 {
	e := c.difference().Stderr
	if e == 0 {
		return c.Margin
	}
	level := Level
	if c.Criterion == IsEqual {
		level = 1 - (1-Level)/2
	}
	return math.Max(c.Margin, quantile(level, freedom(c.Found, c.Reference.Estimate))*e)
}

// quantile is Student's, and the normal law's where freedom is infinite.
func quantile(level, freedom float64) float64 {
	if math.IsInf(freedom, 1) {
		return distuv.UnitNormal.Quantile(level)
	}
	return distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(level)
}

func (c Claim) difference() Estimate { return c.Found.Minus(c.Reference.Estimate) }

// Regression says whether the reference is our own earlier run.
func (c Claim) Regression() bool { return c.Reference.Kind == EarlierKind }

// Outcome is Pass, Fail or Deviates.
func (c Claim) Outcome() Status {
	switch {
	case c.unfit() != "":
		return Fail
	case c.holds():
		return Pass
	case c.Why != "" && len(c.Corrected) > 0 && allPass(c.Corrected):
		return Deviates
	}
	return Fail
}

func allPass(claims []Claim) bool {
	for _, c := range claims {
		if c.Outcome() != Pass || c.Regression() {
			return false
		}
	}
	return true
}

// holds says whether the numbers meet the criterion.
func (c Claim) holds() bool {
	d, tolerance := c.difference().Value, c.Tolerance()
	switch c.Criterion {
	case IsEqual:
		return math.Abs(d) <= tolerance
	case IsBelow:
		return d < -tolerance
	case IsAbove:
		return d > tolerance
	}
	return false
}

// unfit says why the numbers cannot decide the claim; it is empty if they can.
func (c Claim) unfit() string {
	for _, x := range []float64{c.Found.Value, c.Found.Stderr, c.Reference.Value, c.Reference.Stderr, c.Effect, c.Margin} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return "a number is missing"
		}
	}
	surplus := -c.difference().Value
	if c.Criterion == IsAbove {
		surplus = -surplus
	}
	switch {
	case c.Found.Seeds > 0 && c.Found.Seeds < LeastSeeds, c.Found.Seeds == 0 && c.Found.Stderr > 0:
		return fmt.Sprintf("found with %d seeds: at least %d are needed", c.Found.Seeds, LeastSeeds)
	case c.Effect <= 0:
		return "no effect is stated"
	case c.Tolerance() > Resolution*c.Effect*(1+1e-12):
		return fmt.Sprintf("not resolved: the tolerance %s is more than a quarter of the effect %s", short(c.Tolerance()), short(c.Effect))
	case c.Criterion != IsEqual && surplus > c.Effect+c.Tolerance():
		return fmt.Sprintf("further from the reference than the effect %s: the claim could not fail", short(c.Effect))
	}
	return ""
}

// Note is what a reader must know about the outcome: the reason of a deviation, or why the numbers cannot decide.
func (c Claim) Note() string {
	if c.Outcome() == Deviates {
		return c.Why
	}
	return c.unfit()
}

// Mutants are the claim with its found number moved by the effect, in each direction that the criterion forbids. Each of them
// must fail. A claim that deviates has the mutants of its corrected claims, and its own number is moved in both directions, together
// with that of the corrected claims about the same number: none of them may deviate any more.
func (c Claim) Mutants() []Claim {
	if c.Outcome() == Deviates {
		return append(c.correctedMutants(), c.displaced(c.Effect), c.displaced(-c.Effect))
	}
	var mutants []Claim
	move := func(by float64) {
		mutant := c
		mutant.Why, mutant.Corrected = "", nil
		mutant.Found.Value += by
		mutants = append(mutants, mutant)
	}
	if c.Criterion != IsAbove {
		move(c.Effect)
	}
	if c.Criterion != IsBelow {
		move(-c.Effect)
	}
	return mutants
}

// correctedMutants are the claim with a mutant in place of one of the claims that test its reason.
func (c Claim) correctedMutants() (mutants []Claim) {
	for i, corrected := range c.Corrected {
		for _, m := range corrected.Mutants() {
			mutant := c
			mutant.Corrected = slices.Clone(c.Corrected)
			mutant.Corrected[i] = m
			mutants = append(mutants, mutant)
		}
	}
	return mutants
}

// displaced is the claim as if its number had been found elsewhere.
func (c Claim) displaced(by float64) Claim {
	found := c.Found
	c.Found.Value += by
	c.Corrected = slices.Clone(c.Corrected)
	for i := range c.Corrected {
		if c.Corrected[i].Found == found {
			c.Corrected[i].Found.Value += by
		}
	}
	return c
}

// Sigma is the distance from the reference in standard errors of the difference, nil where there is no error.
func (c Claim) Sigma() *float64 {
	d := c.difference()
	return quotient(d.Value, d.Stderr)
}

// Percent is the distance from the reference in percent of it, nil where the reference is 0.
func (c Claim) Percent() *float64 {
	return quotient(100*c.difference().Value, math.Abs(c.Reference.Value))
}

// quotient is a/b, nil unless it is a finite number.
func quotient(a, b float64) *float64 {
	q := a / b
	if b == 0 || math.IsNaN(q) || math.IsInf(q, 0) {
		return nil
	}
	return &q
}
