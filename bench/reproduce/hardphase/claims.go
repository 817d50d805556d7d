package hardphase

import (
	"fmt"
	"math"

	"autoamp/amp"
	"autoamp/bench/reproduce"
)

// extrapolate is the value at d = ∞ of the polynomial in 1/d through the points.
func extrapolate(dims, values []float64) float64 {
	sum := 0.0
	for i, d := range dims {
		weight := 1.0
		for k, other := range dims {
			if k != i {
				weight *= d / (d - other)
			}
		}
		sum += weight * values[i]
	}
	return sum
}

// limit is the entropy of each seed, extrapolated by a polynomial of that degree in 1/d through the largest dimensions.
func limit(rows []reproduce.Row, degree int) reproduce.Estimate {
	return reproduce.PerSeed(rows, func(rows []reproduce.Row) float64 {
		var dims, values []float64
		for _, row := range rows {
			dims, values = append(dims, row.Num("dim")), append(values, row.Num("entropy"))
		}
		last := max(0, len(dims)-1-degree)
		return extrapolate(dims[last:], values[last:])
	})
}

// degree is that of the extrapolation. The term 1/d³ is left.
const degree = 2

// openOrder is what the term 1/d³ leaves open: at most what the term before it changes, as long as the series converges. At a single
// rate that one may vanish by chance, and the largest change at any rate of the law counts.
func (s studied) openOrder(rows []reproduce.Row) float64 {
	most := 0.0
	for _, rate := range s.rates {
		at := s.enumeratedAt(rows, rate)
		most = math.Max(most, math.Abs(limit(at, degree).Value-limit(at, degree-1).Value))
	}
	return most
}

func claims(r *reproduce.Results) ([]reproduce.Claim, error) {
	var all []reproduce.Claim
	for _, s := range laws(r.Scale) {
		some, err := s.claims(r.Rows)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// claims of a law: VAMP on AMP's fixed point, at the rates that tell; the entropy of the code on the branch of AMP below r_IT
// and at the entropy of the data above; the exact error far below AMP's there, and falling with d where it rises below r_IT.
func (s studied) claims(rows []reproduce.Row) ([]reproduce.Claim, error) {
	law := amp.SparseRademacher{P: s.p}
	rateIT, _ := amp.RateIT(law)
	bits, _ := amp.DiscreteEntropy(law)
	var all []reproduce.Claim
	for _, rate := range s.vamp[1:] { // the first is so near the linear decoder's error that it would take more inputs to tell
		t, err := amp.PredictPrior(law, rate, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, s.vampClaim(rows, t))
	}
	below, err := amp.CodeEntropy(law, s.below)
	if err != nil {
		return nil, err
	}
	branch, err := amp.CodeEntropy(law, s.above)
	if err != nil {
		return nil, err
	}
	open := s.openOrder(rows)
	// n independent bits would exceed the first entropy by the first effect; AMP's branch exceeds the data's by the second.
	all = append(all, reproduce.Equal(fmt.Sprintf("p = %g, r = %g below r_IT = %.4f: H(y)/d extrapolated in 1/d, beside AMP's branch", s.p, s.below, rateIT),
		limit(s.enumeratedAt(rows, s.below), degree), reproduce.Quadrature(below), s.below-below, open))
	if s.coarse {
		all = append(all, reproduce.Below(fmt.Sprintf("p = %g, r = %g above r_IT: H(y)/d extrapolated in 1/d, below AMP's branch", s.p, s.above),
			limit(s.enumeratedAt(rows, s.above), degree), reproduce.Quadrature(branch), 2*(branch-bits)))
	} else {
		all = append(all, reproduce.Equal(
			fmt.Sprintf("p = %g, r = %g above r_IT: H(y)/d extrapolated in 1/d, beside the entropy of the data; AMP's branch would have %.4f", s.p, s.above, branch),
			limit(s.enumeratedAt(rows, s.above), degree), reproduce.ClosedForm(bits), branch-bits, open))
	}
	errors, err := s.errorClaims(rows)
	return append(all, errors...), err
}

// enumeratedAt are the rows of enumeration at a rate.
func (s studied) enumeratedAt(rows []reproduce.Row, rate float64) []reproduce.Row {
	return reproduce.Where(rows, "kind", enumerated, "p", s.p, "rate", rate)
}

func (s studied) vampClaim(rows []reproduce.Row, t *amp.Prediction) reproduce.Claim {
	found := reproduce.Mean(reproduce.Where(rows, "kind", decoded, "p", s.p, "rate", t.Rate), "mse", "")
	effect, beside := t.Gaussian-t.AMP, fmt.Sprintf("the linear decoder has %.4f", t.Gaussian)
	if t.Bayes < t.AMP {
		effect, beside = t.AMP-t.Bayes, "the optimum is 0"
	}
	return reproduce.Equal(fmt.Sprintf("p = %g, r = %g: VAMP on AMP's fixed point; %s", s.p, t.Rate, beside), found, reproduce.Quadrature(t.AMP), effect, 0)
}

// errorClaims: in the hard phase the exact error is less than 0.7 of AMP's at the largest dimension, and falls with d; below r_IT
// it rises with d, towards AMP's.
func (s studied) errorClaims(rows []reproduce.Row) ([]reproduce.Claim, error) {
	law := amp.SparseRademacher{P: s.p}
	above, err := amp.PredictPrior(law, s.above, nil)
	if err != nil {
		return nil, err
	}
	below, err := amp.PredictPrior(law, s.below, nil)
	if err != nil {
		return nil, err
	}
	last := len(s.dims) - 1
	at := func(rate float64, i int) reproduce.Estimate {
		return reproduce.Mean(reproduce.Where(s.enumeratedAt(rows, rate), "dim", s.dims[i]), "mse", "")
	}
	change := func(rate float64) reproduce.Estimate { return at(rate, last).Minus(at(rate, last-1)) }
	falls := fmt.Sprintf("from d = %d to %d", s.dims[last-1], s.dims[last])
	return []reproduce.Claim{
		reproduce.Below(fmt.Sprintf("p = %g, r = %g above r_IT, d = %d: exact error below %g of AMP's %.4f", s.p, s.above, s.dims[last], farBelow, above.AMP),
			at(s.above, last), reproduce.Quadrature(farBelow*above.AMP), farBelow*above.AMP),
		reproduce.Below(fmt.Sprintf("p = %g, r = %g above r_IT: the exact error falls %s", s.p, s.above, falls),
			change(s.above), reproduce.ClosedForm(0), above.AMP/4),
		reproduce.Above(fmt.Sprintf("p = %g, r = %g below r_IT: the exact error rises %s", s.p, s.below, falls),
			change(s.below), reproduce.ClosedForm(0), below.AMP/4),
	}, nil
}

// farBelow is the share of AMP's error that the exact one stays below.
const farBelow = 0.7
