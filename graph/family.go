package graph

import (
	"fmt"

	"autoamp/kernels"
)

// Family is a parametric scalar denoiser f(u; θ), the f of the decoder x̂ = f(A y) (ICML 2024,
// eq. (4)). kernels.Family lists the families.
type Family = kernels.Family

// Names of families for callers of this package, without an import of kernels.
const (
	// G2 is the family of models that do not choose one.
	G2 = kernels.G2
	// SplineRange is the outermost knot of a spline.
	SplineRange = kernels.SplineRange
	// MaxKnots bounds the number of a spline's knots.
	MaxKnots = kernels.MaxKnots
	// DefaultKnots is a knot every quarter.
	DefaultKnots = kernels.DefaultKnots
)

// Spline is kernels.Spline.
func Spline(knots int, monotone bool) Family { return kernels.Spline(knots, monotone) }

// ParseFamily is kernels.ParseFamily.
func ParseFamily(name string) (Family, error) { return kernels.ParseFamily(name) }

// Families lists the families with a closed form and the default splines.
func Families() []Family {
	return append(kernels.Families(), Spline(DefaultKnots, false), Spline(DefaultKnots, true))
}

// FamilyNames lists the families with a closed form by their names.
func FamilyNames() []string { return kernels.FamilyNames() }

// validateFamily reports an unknown family.
func validateFamily(f Family) error {
	if knots, _, ok := f.Knots(); ok && (knots < 2 || knots > MaxKnots) {
		return fmt.Errorf("graph: denoiser = %q: must have from 2 to %d knots", f, MaxKnots)
	}
	if f.Params() == 0 {
		return fmt.Errorf("graph: denoiser = %q: must be one of %v, or a spline with other knots", f, Families())
	}
	return nil
}
