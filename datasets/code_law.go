package datasets

import (
	"fmt"
	"math"
	"strings"

	"autoamp/kernels"
)

// The laws of the codes x* of a dictionary model y = A*ᵀx* + η, m atoms, k entries that are not zero at random places.
const (
	// Mixture is one entry, 1: a mixture of Gaussians around the atoms.
	Mixture = "mixture"
	// SparseCodes have entries of random sign and of magnitude uniform on [lo, hi].
	SparseCodes = "sparse-codes"
	// NonNegativeCodes have entries uniform on [lo, hi].
	NonNegativeCodes = "nonnegative-codes"
)

// CodeNames lists the laws of codes.
func CodeNames() []string { return []string{Mixture, SparseCodes, NonNegativeCodes} }

// NewCodeLaw returns a law of codes by its name, with support k from 1 to atoms and amplitudes 0 < lo ≤ hi. Zeros stand for
// the defaults: support 1, and amplitudes 1 for sparse-codes (unit variance), [1, 2] for nonnegative-codes. The
// mixture has neither.
//
// Source: Nguyen, Wong, Hegde 2019, section 3: the three models, with their a₁ = lo and a₂ = hi.
func NewCodeLaw(name string, atoms, support int, lo, hi float64) (kernels.CodeLaw, error) {
	law := kernels.CodeLaw{Support: max(support, 1), Lo: lo, Hi: hi, Signed: name == SparseCodes}
	switch {
	case name == Mixture && (support > 1 || lo != 0 || hi != 0):
		return law, fmt.Errorf("datasets: support = %d, amplitudes [%g, %g]: the mixture has neither; leave them out", support, lo, hi)
	case name == NonNegativeCodes && lo == 0 && hi == 0:
		law.Lo, law.Hi = 1, 2
	case lo == 0 && hi == 0:
		law.Lo, law.Hi = 1, 1
	}
	switch {
	case name != Mixture && name != SparseCodes && name != NonNegativeCodes:
		return law, fmt.Errorf("datasets: data = %q: must be one of %s", name, strings.Join(CodeNames(), ", "))
	case support < 0 || law.Support > atoms:
		return law, fmt.Errorf("datasets: support = %d: must be from 1 to the %d atoms", support, atoms)
	case !(law.Lo > 0 && law.Lo <= law.Hi) || math.IsInf(law.Hi, 0):
		return law, fmt.Errorf("datasets: amplitudes [%g, %g]: must be positive and in order", law.Lo, law.Hi)
	}
	return law, nil
}
