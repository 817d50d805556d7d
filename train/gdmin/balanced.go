package gdmin

import (
	"math/rand/v2"

	"autoamp/amp"
)

// balancedMasks draws count masks of equal weight in which every coordinate is kept in ⌊p·count⌋ or ⌈p·count⌉ of them, the
// number and the masks at random, each coordinate on its own. So a mask alone has the law of amp.SampleMasks: independent
// coordinates, each kept with probability p. Together they are a Latin hypercube: a sum over masks of terms with one
// coordinate each, such as E B̂_m and E B̂_mB̂_mᵀ to leading order, has almost no noise. The noise that remains is smaller by
// √d than independent masks' (amp/THEORY.md §4.5).
func balancedMasks(d, count int, p float64, r *rand.Rand) []amp.Mask {
	masks := make([]amp.Mask, count)
	for i := range masks {
		masks[i] = amp.Mask{Keep: make([]bool, d), Weight: 1 / float64(count)}
	}
	order := r.Perm(count)
	for j := range d {
		r.Shuffle(count, func(a, b int) { order[a], order[b] = order[b], order[a] })
		for _, i := range order[:int(p*float64(count)+r.Float64())] {
			masks[i].Keep[j] = true
		}
	}
	return masks
}
