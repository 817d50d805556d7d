package amp

import "math"

// TwoIterations is the state evolution of two optimal RI-GAMP iterations behind a Haar encoder, in closed form up to
// two quadratures. Names as in amp/THEORY.md §9: x¹ = μ1·X + noise, x² = μ2·X + noise with noise covariance Ω;
// (G, z¹) has covariance Σ.
type TwoIterations struct {
	MSE1, MSE2       float64 // errors after one and two iterations, f2 a function of x¹ and x²
	MSE2Only         float64 // error if f2 sees x² only
	Mu1, Mu2         float64
	Omega11, Omega12 float64
	Omega22          float64
	Sigma01, Sigma11 float64
	Alpha11, Beta21  float64 // Onsager coefficients
}

// RIGAMPTwo returns the two-iteration state evolution for rate > 0. It equals RIGAMPStateEvolution with two iterations,
// and MSE2 equals the second pass of StateEvolution. The error is a *DomainError.
//
// Where the first iteration recovers the signal perfectly, its error below 1e-12, all that comes after it stays 0.
//
// For Gaussian data at rate ≤ 1 the first iteration is already optimal: z¹ vanishes, x² repeats x¹, MSE2 is MSE1.
//
// Source: amp/THEORY.md §9.4; Venkataramanan, Kögler, Mondelli 2022 for the general form.
func RIGAMPTwo(p Prior, rate float64) (*TwoIterations, error) {
	if err := checkPriorRate(p, rate); err != nil {
		return nil, err
	}
	phi0, small := math.Sqrt(2/math.Pi), math.Min(1, rate)
	r := &TwoIterations{}
	r.Mu1, r.Omega11 = HaarChannel(rate)
	r.MSE1 = DenoiserMSE(p, rate)
	if r.MSE1 < perfect {
		r.MSE1 = 0
		return r, nil
	}
	q, psi := 1-r.MSE1, r.Mu1*r.MSE1/r.Omega11
	r.Alpha11 = psi
	r.Sigma01 = q - small*psi*phi0
	r.Sigma11 = q - small*(2*psi*phi0*q+psi*psi) + 2*small*small*psi*psi*phi0*phi0

	ratio := 0.0
	if r.Sigma11 > vanishing {
		ratio = r.Sigma01 / r.Sigma11
	}
	v := 1 - r.Sigma01*ratio
	j := ProbitGain((1 - v) / v)
	slopeG, slopeZ := j/v, -ratio*j/v
	r.Mu2 = rate * (slopeG - small*slopeZ*psi*phi0)
	r.Beta21 = rate * slopeZ

	omega := slopeZ * psi
	f11, f12 := phi0*phi0, phi0*(slopeG+slopeZ*q)
	f22 := slopeG*slopeG + 2*slopeG*slopeZ*q + slopeZ*slopeZ*q
	delta12, delta22 := phi0, j/v // v(1+ρ) = 1
	m2 := small * small
	r.Omega12 = rate * (delta12 - small*(omega+f12) + 2*m2*omega*f11)
	r.Omega22 = rate * (delta22 - small*(2*omega*delta12+f22) + 2*m2*(omega*omega+2*omega*f12) - 5*m2*small*omega*omega*f11)
	r.MSE2Only = p.MMSE(r.Omega22 / (r.Mu2 * r.Mu2))
	r.MSE2 = p.MMSE(1 / r.jointSNR())
	return r, nil
}

// vanishing is the variance, of order 1 otherwise, below which an iterate is rounding error.
const vanishing = 1e-12

// jointSNR is μᵀΩ⁻¹μ for x¹ and x² together: the first channel plus the innovation of the second.
func (r *TwoIterations) jointSNR() float64 {
	first := r.Mu1 * r.Mu1 / r.Omega11
	gain := r.Mu2 - r.Omega12/r.Omega11*r.Mu1
	noise := r.Omega22 - r.Omega12*r.Omega12/r.Omega11
	if noise <= 1e-14*r.Omega22 || gain*gain <= 1e-28*r.Mu2*r.Mu2 {
		return first
	}
	return first + gain*gain/noise
}
