package graph

import (
	"fmt"
	"math"
)

// Rule is an optimizer's update rule.
type Rule string

// The update rules. Each is applied to every trained tensor, elementwise.
const (
	Adam     Rule = "adam"     // Kingma and Ba 2015, bias-corrected
	Momentum Rule = "momentum" // v ← μv + g, w ← w − ηv; plain SGD at μ = 0
	RMSProp  Rule = "rmsprop"  // v ← ρv + (1−ρ)g², w ← w − ηg/√(v + ε): ε under the root, as in TensorFlow
	// Normalised is gradient descent w ← w − ηg after which every row of a matrix is divided by its norm.
	Normalised Rule = "normalised"
)

// Update says how a training program changes its weights.
type Update struct {
	Rule Rule
	// Beta1 and Beta2 are Adam's decay rates. Momentum uses Beta1 as μ, RMSProp Beta2 as ρ.
	Beta1, Beta2 float64
	// Epsilon is added to the root of the second moment (Adam) or under it (RMSProp).
	Epsilon float64
	// ClipNorm bounds the Euclidean norm of all gradients together. Zero means no clipping.
	ClipNorm float64
	// Project divides the rows of the encoder's W by their norms after every update. The loss does not depend on them, but an
	// update turns a row by an angle of about η√d/‖W_i‖: without Project the norms grow, and the angles shrink under every
	// schedule.
	Project bool
	// Schedule multiplies the replica's learning rate.
	Schedule Schedule
}

// Shape is the shape of a learning-rate schedule after warm-up.
type Shape string

// The schedules.
const (
	Constant Shape = "constant"
	Cosine   Shape = "cosine" // from 1 to Final along half a cosine, over Steps
	StepDown Shape = "step"   // times Factor every Every steps
)

// Schedule is a learning rate as a function of the step, relative to its peak.
type Schedule struct {
	Shape Shape
	// WarmUp is the number of first steps over which the rate rises linearly from peak/WarmUp.
	WarmUp uint64
	// Steps is the step at which Cosine reaches Final.
	Steps uint64
	// Final is the relative rate at which Cosine ends.
	Final float64
	// Every and Factor describe StepDown.
	Every  uint64
	Factor float64
}

// At returns the multiplier of the learning rate at a step, counted from 0.
func (s Schedule) At(step uint64) float64 {
	if step < s.WarmUp {
		return float64(step+1) / float64(s.WarmUp)
	}
	switch s.Shape {
	case Cosine:
		span := float64(s.Steps) - float64(s.WarmUp)
		t := 1.0
		if span > 0 {
			t = math.Min(1, float64(step-s.WarmUp)/span)
		}
		return s.Final + (1-s.Final)*0.5*(1+math.Cos(math.Pi*t))
	case StepDown:
		return math.Pow(s.Factor, float64((step-s.WarmUp)/s.Every))
	}
	return 1
}

// Validate reports the first setting that has no meaning.
func (u Update) Validate() error {
	switch u.Rule {
	case Adam, Momentum, RMSProp, Normalised:
	default:
		return fmt.Errorf("graph: optimizer = %q: must be adam, momentum, rmsprop or normalised", u.Rule)
	}
	switch s := u.Schedule; s.Shape {
	case Constant, Cosine:
	case StepDown:
		if s.Every == 0 {
			return fmt.Errorf("graph: schedule.every = 0: must be at least 1 for the step schedule")
		}
	default:
		return fmt.Errorf("graph: schedule = %q: must be constant, cosine or step", s.Shape)
	}
	return nil
}
