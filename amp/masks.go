package amp

import (
	"math"
	"math/rand/v2"
)

// Mask is a set of coordinates that are not zero, with its probability or Monte-Carlo weight.
type Mask struct {
	Keep   []bool  // (d)
	Weight float64 // the weights of a list sum to 1
}

// maxEnumerated bounds the dimension of AllMasks: 2¹⁸ masks.
const maxEnumerated = 18

// AllMasks returns the 2ᵈ masks with their probabilities under sparsity p, for 1 ≤ d ≤ 18.
func AllMasks(d int, p float64) ([]Mask, error) {
	if d < 1 || d > maxEnumerated {
		return nil, &DomainError{"d", d, "must be between 1 and 18 to enumerate masks; use SampleMasks"}
	}
	if err := checkProbability(p); err != nil {
		return nil, err
	}
	masks := make([]Mask, 0, 1<<d)
	for bits := range 1 << d {
		m := Mask{Keep: make([]bool, d), Weight: 1}
		for j := range d {
			m.Keep[j] = bits>>j&1 == 1
			if m.Keep[j] {
				m.Weight *= p
			} else {
				m.Weight *= 1 - p
			}
		}
		if m.Weight > 0 {
			masks = append(masks, m)
		}
	}
	return masks, nil
}

// SampleMasks draws count masks of equal weight. A risk evaluated on the masks to which the decoder was fitted is
// biased low by a few 1e-3 at 30 masks and d = 200: use fresh ones for the value you report.
func SampleMasks(d, count int, p float64, r *rand.Rand) ([]Mask, error) {
	if d < 1 || count < 1 {
		return nil, &DomainError{"d, count", math.Min(float64(d), float64(count)), "must be at least 1"}
	}
	if err := checkProbability(p); err != nil {
		return nil, err
	}
	if r == nil {
		return nil, &DomainError{"r", "nil", "must be a random source"}
	}
	masks := make([]Mask, count)
	for i := range masks {
		masks[i] = Mask{Keep: make([]bool, d), Weight: 1 / float64(count)}
		for j := range d {
			masks[i].Keep[j] = r.Float64() < p
		}
	}
	return masks, nil
}
