package amp

import (
	"math"

	"autoamp/amp/root"
)

// Share is the best time-sharing of an encoder: the share rate/Share.Rate of the coordinates gets all bits, at the rate Share.Rate,
// and the others get none and are decoded as 0. Where Share.Rate is the rate itself, time-sharing gains nothing.
type Share struct {
	// MSE is the error per coordinate, the lower convex envelope of the errors D(r) and of 1 at rate 0:
	// 1 − rate·max (1 − D(r))/r over r ≥ rate.
	MSE float64 `json:"mse"`
	// Rate is the r of the maximum, r* or, above it, the rate itself.
	Rate float64 `json:"rate"`
}

// Coordinates returns the share of the coordinates that get bits at that rate. The columns of the others are 0.
func (s Share) Coordinates(rate float64) float64 { return rate / s.Rate }

// TimeShare returns the best time-sharing at that rate of a decoder whose error at rate r is curve(r), which must be between 0 and 1
// and not increase; it may jump down. Share.Rate is accurate to 1e-4 of itself where the curve is smooth, MSE to 1e-7; where it jumps
// at r*, MSE is accurate to 1e-4. curve is called some forty times.
//
// The linear decoder gains nothing: RGauss is linear up to rate 1, and convex. Denoiser, RI-GAMP and Bayes gain for sparse laws, whose
// errors are concave at small rates.
//
// NaN for a rate that is not positive, and where the curve is NaN.
//
// Source: amp/THEORY.md §6.2; not in the papers.
func TimeShare(curve func(rate float64) float64, rate float64) Share {
	return (&sharing{curve: curve}).at(rate)
}

// DenoiserShare is TimeShare of DenoiserMSE.
func DenoiserShare(p Prior, rate float64) Share {
	return denoiserSharing(p).at(rate)
}

// RIGAMPShare is TimeShare of RI-GAMP after that many iterations ≥ 1; one iteration is the denoiser.
func RIGAMPShare(p Prior, rate float64, iterations int) Share {
	if checkPriorRate(p, rate) != nil || iterations < 1 {
		return Share{math.NaN(), math.NaN()}
	}
	return rigampSharing(p, iterations).at(rate)
}

// BayesShare is TimeShare of BayesMSE. For a discrete law r* may be RateIT, from which on the error is 0.
func BayesShare(p Prior, rate float64) Share {
	if checkPriorRate(p, rate) != nil {
		return Share{math.NaN(), math.NaN()}
	}
	rateIT, _ := RateIT(p)
	return bayesSharing(p, rateIT).at(rate)
}

// sharing searches for the best time-sharing of a curve, and remembers it for the next rate.
type sharing struct {
	curve func(rate float64) float64
	kinks []float64 // rates where the curve may jump or bend, tried as they are; NaN is none
	from  float64   // the rate of the last search, 0 before the first
	best  Share     // its result
}

// denoiserSharing and its like are the curves; behind a Haar encoder all of them bend at rate 1.
func denoiserSharing(p Prior) *sharing {
	return &sharing{curve: func(r float64) float64 { return DenoiserMSE(p, r) }, kinks: []float64{1}}
}

func rigampSharing(p Prior, iterations int) *sharing {
	s := sharingSettings(iterations)
	return &sharing{curve: func(r float64) float64 { return stateEvolution(p, r, s).After(iterations) }, kinks: []float64{1}}
}

func ampSharing(p Prior) *sharing {
	s := sharingSettings(0)
	return &sharing{curve: func(r float64) float64 { return stateEvolution(p, r, s).Final() }, kinks: []float64{1}}
}

func bayesSharing(p Prior, rateIT float64) *sharing {
	s := sharingSettings(0)
	curve := func(r float64) float64 {
		if r >= rateIT {
			return 0
		}
		return bayesMSE(p, r, stateEvolution(p, r, s), s)
	}
	return &sharing{curve: curve, kinks: []float64{1, rateIT}}
}

// sharingSettings stops the recursion at a tolerance that is fine enough for Share.MSE. passes = 0 means no bound of its own.
func sharingSettings(passes int) Settings {
	s, _ := (&Settings{MaxPasses: passes, Tolerance: 1e-9}).withDefaults()
	return s
}

// gain is what a bit takes off the error, (1 − D(r))/r.
func (s *sharing) gain(rate float64) float64 { return (1 - s.curve(rate)) / rate }

// noise is the least relative gain that is not rounding; it also keeps r* at the rate where the curve is linear.
func noise(rate float64) float64 { return 1e-9 + 1e-11/rate }

// at returns the best time-sharing. Between the last search's rate and its r* the maximum stays the same.
func (s *sharing) at(rate float64) Share {
	if s.from > 0 && rate >= s.from && rate <= s.best.Rate && s.best.Rate > s.from {
		return Share{math.Max(0, 1-rate*(1-s.best.MSE)/s.from), s.best.Rate}
	}
	here := s.gain(rate)
	if !(rate > 0) || math.IsNaN(here) {
		return Share{math.NaN(), math.NaN()}
	}
	top, best := here*(1+noise(rate)), rate
	for _, bracket := range s.brackets(rate, here) {
		x, negative := root.Minimum(func(x float64) float64 { return -s.gain(math.Exp(x)) }, bracket[0], bracket[1], shareAccuracy)
		if -negative > top {
			top, best = -negative, math.Exp(x)
		}
	}
	for _, kink := range s.kinks {
		if kink > rate && s.gain(kink) > top {
			top, best = s.gain(kink), kink
		}
	}
	s.from, s.best = rate, Share{math.Max(0, 1-rate*top), best}
	if best == rate {
		s.best.MSE = math.Max(0, 1-rate*here)
	}
	return s.best
}

const (
	shareStep     = 1.0 / 6 // of the grid, in ln r
	shareAccuracy = 1e-4    // of ln r*
	shareReach    = 1e6     // bounds the grid where the curve is 1 but for rounding
)

// brackets scans the gain on a grid from the rate on and returns brackets, in ln r, of its local maxima, without those that are
// clearly below the largest. No r above rate/(1 − D(rate)) gains more, since no error is below 0.
func (s *sharing) brackets(rate, here float64) [][2]float64 {
	start, end := math.Log(rate), math.Log(math.Max(rate, math.Min(1/here, shareReach*rate)))
	values, largest := []float64{here}, here
	for x := start; x < end; {
		x = start + float64(len(values))*shareStep
		v := s.gain(math.Exp(x))
		values = append(values, v)
		largest = math.Max(largest, v)
	}
	var brackets [][2]float64
	for i, v := range values {
		left, right := i == 0 || v >= values[i-1], i == len(values)-1 || v > values[i+1]
		if !left || !right || v < (1-shareStep)*largest || i == 0 && s.gain(rate*(1+shareAccuracy)) <= here*(1+noise(rate)) {
			continue // not a maximum, or the gain falls from the rate itself on
		}
		x := start + float64(i)*shareStep
		brackets = append(brackets, [2]float64{math.Max(start, x-shareStep), x + shareStep})
	}
	return brackets
}
