package theory

import (
	"math"

	"autoamp/amp"
	"autoamp/train/config"
)

// Candidate is an encoder with the error that it gives a model.
type Candidate struct {
	// Name is one of the names below.
	Name string
	// Finite is the error at this d. It is 0 where no correction is known or its expansion in 1/d does not hold.
	Finite float64
	// Limit is the error as d → ∞.
	Limit float64
}

// The names of the candidates.
const (
	Haar        = "haar"
	Identity    = "identity"
	TimeSharing = "time-sharing"
	Spiked      = "spiked"
	// SpikedLinear is the spiked encoder beside a model whose decoder has more than the linear one for which its error is known.
	SpikedLinear = "spiked, linear"
	// Paired and PairedLinear are their continuation above rate 1: some coordinates have two rows.
	Paired       = "paired"
	PairedLinear = "paired, linear"
)

// value is the number by which candidates are compared.
func (c Candidate) value() float64 {
	if c.Finite > 0 {
		return c.Finite
	}
	return c.Limit
}

// Best returns the candidate with the smallest error among those that a model can reach: a Haar encoder, and, where the encoder
// is trained, the identity, time-sharing, the spiked encoder and, above rate 1, paired rows. It is zero where there is no theory. The chain encoder
// (amp/THEORY.md §6.2) is not among them, because training does not reach it.
//
// For a data set the limit is the limit for independent coordinates with the same law. For a linear decoder it is the
// limit for Gaussian rows with the same spectrum.
//
// For deep the candidates are the denoiser's, which that decoder does not clearly beat.
func Best(m config.ModelConfig, t *amp.Prediction) Candidate {
	if t == nil {
		return Candidate{}
	}
	best := haar(m, t)
	if m.Encoder != "trained" {
		return best
	}
	return best.or(identity(t)).or(timeSharing(m, t)).or(spiked(m, t))
}

// OfPaper is Best of the two candidates of ICML 2024 alone, a Haar encoder and, up to rate 1, the identity.
func OfPaper(m config.ModelConfig, t *amp.Prediction) Candidate {
	if t == nil {
		return Candidate{}
	}
	best := haar(m, t)
	if m.Encoder == "trained" && t.Identity != nil {
		best = best.or(identity(t))
	}
	return best
}

// or is the better of two candidates; the second may be zero.
func (c Candidate) or(other Candidate) Candidate {
	if other.Name != "" && other.value() < c.value() {
		return other
	}
	return c
}

// haar is the Haar encoder.
//
// For rigamp the error is that of RI-GAMP with the same number of iterations and the whole history. Its 1/d correction is not
// known, so the denoiser's is used. That correction agrees within 2e-4 with untrained networks at d = 1000 (T = 2, p = 0.2 and
// 0.4, rates 0.5, 1 and 1.5).
func haar(m config.ModelConfig, t *amp.Prediction) Candidate {
	linear, denoiser := finiteErrors(t)
	switch m.Name {
	case "denoiser", "deep":
		return Candidate{Haar, denoiser, t.Denoiser}
	case "rigamp":
		c := Candidate{Name: Haar, Limit: t.RIGAMP[min(m.Iterations, len(t.RIGAMP))-1]}
		if denoiser > 0 {
			c.Finite = math.Max(0, c.Limit+denoiser-t.Denoiser)
		}
		return c
	}
	if t.Bound != nil && m.Name == "shallow" {
		return Candidate{Haar, linear, *t.Bound}
	}
	return Candidate{Haar, linear, t.Gaussian}
}

// identity is the identity encoder, whose error is the same at every d. Above rate 1 it leaves the other bits unused.
func identity(t *amp.Prediction) Candidate {
	if t.Identity != nil {
		return Candidate{Identity, *t.Identity, *t.Identity}
	}
	if t.Prior == nil || t.Rows != nil {
		return Candidate{}
	}
	mse, ok := amp.IdentityMSE(t.Prior, 1)
	if !ok || t.Rate < 1 {
		return Candidate{}
	}
	return Candidate{Identity, mse, mse}
}

// timeSharing is a Haar encoder of a share of the coordinates, with a denoiser: amp.DenoiserShare. A linear decoder gains nothing
// by it.
func timeSharing(m config.ModelConfig, t *amp.Prediction) Candidate {
	if m.Name != "denoiser" || t.Prior == nil || t.Rows != nil {
		return Candidate{}
	}
	share := amp.DenoiserShare(t.Prior, t.Rate)
	if !(share.MSE < t.Denoiser-leastGain) {
		return Candidate{}
	}
	c := Candidate{Name: TimeSharing, Limit: share.MSE}
	if mse, err := amp.FiniteDenoiserShare(t.Prior, t.Rate, m.Dim); err == nil {
		c.Finite = mse
	}
	return c
}

// spiked is the spiked encoder, amp.SpikedMSE, with a linear decoder, and above rate 1 paired rows, amp.PairedMSE, which at rate 2 tell
// what they can. Their 1/d corrections are not known.
func spiked(m config.ModelConfig, t *amp.Prediction) Candidate {
	if t.Prior == nil || t.Rows != nil {
		return Candidate{}
	}
	names := [2]string{Spiked, SpikedLinear}
	mse, spike, ok := amp.SpikedMSE(t.Prior, math.Min(1, t.Rate))
	if t.Rate > 1 {
		names = [2]string{Paired, PairedLinear}
		mse, ok = amp.PairedMSE(t.Prior, math.Min(2, t.Rate))
		ok = ok && mse < t.Gaussian // a limit, like mse; haar's error at this d may be above both
	} else if spike == 0 { // which is Haar
		return Candidate{}
	}
	if !ok {
		return Candidate{}
	}
	if m.Name != "shallow" {
		return Candidate{Name: names[1], Limit: mse}
	}
	return Candidate{Name: names[0], Limit: mse}
}

// LimitOnly reports whether the error of the candidate of that name is known in the limit alone, and hardly depends on d: spiked and
// paired encoders are best for laws with few outliers.
func LimitOnly(name string) bool { return OfSpikes(name) || OfPairs(name) }

// OfSpikes reports whether every row of the candidate of that name has a spike of its own, a coordinate, beside small entries.
func OfSpikes(name string) bool { return name == Spiked || name == SpikedLinear }

// OfPairs reports whether the candidate of that name has two rows for some coordinates.
func OfPairs(name string) bool { return name == Paired || name == PairedLinear }

// leastGain is the least gain of time-sharing that is not rounding of the search for its rate.
const leastGain = 1e-5
