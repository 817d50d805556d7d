package amp

import (
	"fmt"
	"math"
)

// DistortionRate is Shannon's distortion–rate function at a rate, with its certificate.
type DistortionRate struct {
	// MSE is the estimate: on the tangent of the curve, next to the point at which it was computed.
	MSE float64
	// Lower and Upper are bounds of the law as it was discretised: the dual's, for any slope, and the error of a test channel.
	Lower, Upper float64
}

// Gap is the width of the certificate.
func (d DistortionRate) Gap() float64 { return d.Upper - d.Lower }

// DistortionRateAt returns Shannon's distortion–rate function D(rate) of the law, in bits and squared error per coordinate: no
// code of that rate has a smaller error, whatever encoder and decoder. Gaussian data have 2^(−2·rate). For a discrete law D is 0 from
// DiscreteEntropy on.
//
// It maximises the dual at a slope s over laws q of the reproduction,
//
//	Z(x) = E_q e^{−s(x−y)²},   c(y) = E e^{−s(X−y)²}/Z(X),   −sD − E ln Z − ln max c ≤ R(D) ≤ −sD − E ln Z (nats),
//
// by Blahut's steps and, where they are slow, Newton's, and looks for the slope of the rate. The support of q is not confined to a
// grid: new points are put where c is largest. Lower and Upper are 1e-4 apart or less. Point masses are exact; a density is
// discretised by a quadrature that changes D by less than 1e-6.
//
// The error is a *DomainError: a rate out of bounds, E x⁴ above 1e5, or a law that does not say where
// its mass lies, see Prior.
//
// Source: amp/THEORY.md §18; Blahut 1972.
func DistortionRateAt(p Prior, rate float64) (DistortionRate, error) {
	if err := checkPriorRate(p, rate); err != nil {
		return DistortionRate{math.NaN(), math.NaN(), math.NaN()}, err
	}
	if bits, ok := DiscreteEntropy(p); ok && rate >= bits {
		return DistortionRate{}, nil
	}
	if _, ok := p.(Gaussian); ok {
		d := math.Exp2(-2 * rate)
		return DistortionRate{d, d, d}, nil
	}
	if m4 := p.FourthMoment(); !(m4 <= distortionSparsest) {
		return DistortionRate{math.NaN(), math.NaN(), math.NaN()}, &DomainError{"E x⁴", m4, fmt.Sprintf("must be at most %g for the distortion–rate function", float64(distortionSparsest))}
	}
	search := &slopeSearch{prior: p, nats: rate * math.Ln2, below: tradeOff{distortion: 1}}
	d, ok := search.run()
	if ok && !(d.Gap() <= 2*distortionGap) {
		return d, &DomainError{"rate", rate, fmt.Sprintf("must be one at which the distortion–rate function is found: it is between %.6f and %.6f", d.Lower, d.Upper)}
	}
	if !ok {
		return d, &DomainError{"prior", fmt.Sprintf("%T", p), "must embed a *Law for the distortion–rate function"}
	}
	return d, nil
}

const (
	// distortionGap is the width of the certificate at which the search ends.
	distortionGap = 1e-4
	// distortionFloor is the error below which nothing is resolved.
	distortionFloor = 2e-5
	// distortionSparsest bounds E x⁴: the points of a sparser law are too many.
	distortionSparsest = 1e5
	// roughRate is the distance in nats to the rate within which a slope is worth a certificate.
	roughRate = 0.004
	// roughSlopes is the number of slopes after which every slope gets one.
	roughSlopes = 6
)

// slopeSearch looks for the slope s = −dR/dD at a rate.
type slopeSearch struct {
	prior   Prior
	nats    float64
	problem *reproduction // of the last slope
	fine    bool          // every slope from here on gets a certificate
	best    DistortionRate
	below   tradeOff // the point of the largest rate that is not above the wanted one; first the code of no bits
	above   tradeOff // the point of the smallest rate above it; rate 0 before the first
}

// run brackets ln s and closes in by the secant rule, confined to the bracket. The first slopes are evaluated on a grid of y alone,
// and their bracket and their points are forgotten.
func (s *slopeSearch) run() (DistortionRate, bool) {
	s.best = DistortionRate{MSE: 1, Upper: 1}
	b := slopeBracket{low: math.Inf(-1), high: math.Inf(1), at: math.Log(s.firstSlope()), excessBefore: math.NaN()}
	for i := range 30 {
		rough := !s.fine
		if rough && i == roughSlopes {
			s.refine()
		}
		excess, distortion, ok := s.solve(math.Exp(b.at))
		if !ok {
			return s.best, false
		}
		if s.fine && s.best.Gap() <= distortionGap || distortion < distortionFloor && excess < 0 || b.high-b.low < 1e-10 {
			break
		}
		if rough && s.fine {
			b.low, b.high, b.excessBefore = math.Inf(-1), math.Inf(1), math.NaN()
		}
		b.next(excess, s.nats)
	}
	return s.best, true
}

// refine begins with certificates. The points so far have larger errors than others of their rates.
func (s *slopeSearch) refine() {
	s.fine, s.below, s.above = true, tradeOff{distortion: 1}, tradeOff{}
}

// slopeBracket is the state of the search for the ln s at which the excess rate is 0.
type slopeBracket struct {
	low, high, at        float64
	before, excessBefore float64 // the last point
}

// next moves to the secant's zero. Where that is outside of the bracket or far away, as on a straight piece of the curve, on which the excess does
// not change, next moves to the middle of the bracket or, as long as it has one end, by a step: of 1 if the secant points on, and else of about what a
// Gaussian law needs.
func (b *slopeBracket) next(excess, nats float64) {
	if excess > 0 {
		b.high = b.at
	} else {
		b.low = b.at
	}
	next := b.at - excess*(b.at-b.before)/(excess-b.excessBefore)
	switch far := math.Abs(next-b.at) > 2; {
	case next > b.low && next < b.high && !far:
	case !math.IsInf(b.high-b.low, 1):
		next = (b.low + b.high) / 2
	case far && (next > b.at) == (excess < 0):
		next = b.at - math.Copysign(1, excess)
	default:
		next = b.at - math.Copysign(math.Min(1, 2*math.Abs(excess)/nats), excess)
	}
	b.before, b.excessBefore, b.at = b.at, excess, next
}

// firstSlope is that of a code that tells the non-zero coordinates and codes them as Gaussian, D = 2^(−2(R−h)/p), or sooner of
// Gaussian data.
func (s *slopeSearch) firstSlope() float64 {
	filled, ok := filledProbability(s.prior)
	if !ok || !(filled > 0 && filled <= 1) {
		filled = 1
	}
	h := 0.0
	if filled < 1 {
		h = -filled*math.Log(filled) - (1-filled)*math.Log1p(-filled)
	}
	d := math.Min(1, math.Exp(-2*(s.nats-h)/filled))
	return filled / 2 / math.Max(d, distortionFloor)
}

// solve improves the certificate at one slope and returns how far the rate found is above the wanted one, and the error there.
func (s *slopeSearch) solve(slope float64) (excess, distortion float64, ok bool) {
	if s.problem == nil || !s.problem.fits(slope) {
		if s.problem, ok = newReproduction(s.prior, slope); !ok {
			return 0, 0, false
		}
	}
	rounds := 1
	if s.fine {
		rounds = 12
	}
	point := s.problem.solve(slope, distortionGap*slope/4, rounds)
	if excess = point.rate - s.nats; !s.fine && math.Abs(excess) < roughRate {
		s.refine()
		point = s.problem.solve(slope, distortionGap*slope/4, 12)
		excess = point.rate - s.nats
	}
	s.best.Lower = math.Max(s.best.Lower, (-point.logZ-point.logMax-s.nats)/slope)
	s.best.Upper = math.Min(s.best.Upper, s.chord(point))
	s.best.MSE = math.Min(math.Max(point.distortion+excess/slope, s.best.Lower), s.best.Upper)
	return excess, point.distortion, true
}

// chord is the error at the wanted rate of the best mixture of two codes found so far, of which one has no bits. The curve is straight
// where two supports are equally good; there no slope has the rate.
func (s *slopeSearch) chord(point tradeOff) float64 {
	if point.rate <= s.nats && point.rate >= s.below.rate {
		s.below = point
	}
	if point.rate > s.nats && (s.above.rate == 0 || point.rate < s.above.rate) {
		s.above = point
	}
	if s.above.rate == 0 {
		return s.below.distortion
	}
	share := (s.nats - s.below.rate) / (s.above.rate - s.below.rate)
	return math.Min(s.below.distortion, s.below.distortion+share*(s.above.distortion-s.below.distortion))
}
