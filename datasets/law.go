package datasets

import (
	"fmt"
	"math"
	"strings"

	"autoamp/kernels"
)

// Names lists the laws of synthetic data.
func Names() []string { return kernels.LawNames() }

// slack forgives the rounding of p = 1/m².
const slack = 1e-12

// NewLaw returns the law of one coordinate by its name, with mean 0 and second moment 1. It is
// zero with probability 1 − p, 0 < p ≤ 1; mean is m of the sparse mixture, 0 ≤ m ≤ 1/√p. The
// Gaussian law ignores both, the others mean. Errors name the argument as the command line does.
func NewLaw(name string, p, mean float64) (kernels.Law, error) {
	kind, err := kernels.ParseLaw(name)
	if err != nil {
		return kernels.Law{}, fmt.Errorf("datasets: data = %q: must be one of %s", name, strings.Join(Names(), ", "))
	}
	law := kernels.Law{Kind: kind, P: p, Mean: mean}
	return law, check(law)
}

func check(law kernels.Law) error {
	if _, err := kernels.ParseLaw(law.Kind.String()); err != nil {
		return fmt.Errorf("datasets: %w", err)
	}
	if !law.Kind.UsesP() {
		return nil
	}
	if !(law.P > 0 && law.P <= 1) {
		return fmt.Errorf("datasets: p = %g: must be in (0, 1]", law.P)
	}
	if m := law.Mean; law.Kind.UsesMean() && !(m >= 0 && m*m*law.P <= 1+slack) {
		return fmt.Errorf("datasets: mixture_mean = %g: must be in [0, 1/√p], at p = %g in [0, %.6g]",
			m, law.P, 1/math.Sqrt(law.P))
	}
	return nil
}
