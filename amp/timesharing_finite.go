package amp

import (
	"fmt"
	"math"
)

// FiniteDenoiserShare returns the error of DenoiserShare at data dimension d: the share c of the coordinates is a problem of a Haar
// encoder in dimension cd at rate r*, so that the excess is that of FiniteDimension at r*, c·slope/(cd). That r* is the best rate
// only as d → ∞ changes the error by O(1/d²).
//
// The expansion holds by NewFiniteDim's rule in dimension cd. Where it does not, for cd < E x⁴ or where the first order leads to no
// error, and for a law that FiniteDimension does not take, the error says so; it is a *DomainError.
func FiniteDenoiserShare(p Prior, rate float64, d int) (float64, error) {
	if err := checkPriorRate(p, rate); err != nil {
		return math.NaN(), err
	}
	return finiteShare(p, rate, d, DenoiserShare(p, rate))
}

// finiteShare is FiniteDenoiserShare with the limit at hand.
func finiteShare(p Prior, rate float64, d int, limit Share) (float64, error) {
	if err := checkIntegrable(p, "the denoiser at finite d"); err != nil {
		return math.NaN(), err
	}
	share := limit.Coordinates(rate)
	served, m4 := share*float64(d), p.FourthMoment()
	if !(m4 <= served) {
		return math.NaN(), &DomainError{"dim", d, fmt.Sprintf("must be at least %.6g for time-sharing: E x⁴ = %.6g over the share %.3g of coordinates with bits", m4/share, m4, share)}
	}
	linear := RGauss(limit.Rate) + linearSlope(m4, limit.Rate)/served
	denoiser := DenoiserMSE(p, limit.Rate) + denoiserSlope(p, limit.Rate)/served
	if !(denoiser >= 0 && denoiser <= linear+finiteRounding) {
		return math.NaN(), &DomainError{"dim", d, "must be larger for time-sharing: to first order in 1/d the denoiser's error is not between 0 and the linear decoder's"}
	}
	return 1 - share*(1-denoiser), nil
}
