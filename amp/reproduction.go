package amp

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// reproduction is the law q of the reproduction that solves the dual of DistortionRateAt at a slope. For a law that is even, y ≥ 0
// stands for ±y.
type reproduction struct {
	source *source
	width  float64   // 1/√(2·slope) for which the source was discretised
	grid   []float64 // the first y: from end to end of the source, a width apart
	y, q   []float64 // sorted by y; q sums to 1

	slope  float64
	kernel [][]float64 // row i: e^{−s(x−y)²} from column first[i] on
	first  []int
	z, c   []float64
}

// tradeOff is a point of the curve with its certificate, in nats.
type tradeOff struct {
	rate, distortion float64
	logZ, logMax     float64 // E ln Z, ln max c
}

// newReproduction discretises the law for slopes near the given one and starts with a q that is spread over the source.
func newReproduction(p Prior, slope float64) (*reproduction, bool) {
	width := 1 / math.Sqrt(2*slope)
	s, ok := newSource(p, width)
	if !ok {
		return nil, false
	}
	r := &reproduction{source: s, width: width}
	low, high := s.reach()
	if s.even {
		low = 0
	}
	n := int(math.Ceil((high-low)/width)) + 1 // Gaussians at a distance of their width add up to a constant but for 5e-9
	for j := range n {
		r.grid = append(r.grid, low+(high-low)*float64(j)/math.Max(1, float64(n-1)))
		r.q = append(r.q, 1/float64(n))
	}
	r.y = slices.Clone(r.grid)
	return r, true
}

// fits reports whether the discretisation serves another slope.
func (r *reproduction) fits(slope float64) bool {
	ratio := slope * 2 * r.width * r.width
	return ratio > 0.5 && ratio < 2
}

// kernelReach is where the kernel is cut: s(x−y)² = 20, 2e-9 of its top.
const kernelReach = 20

// at returns e^{−s(x−y)²}, averaged over ±y for an even law.
func (r *reproduction) at(x, y float64) float64 {
	k := math.Exp(-r.slope * (x - y) * (x - y))
	if !r.source.even {
		return k
	}
	return (k + math.Exp(-r.slope*(x+y)*(x+y))) / 2
}

// prepare computes the kernel of the slope and the points y.
func (r *reproduction) prepare(slope float64) {
	r.slope = slope
	reach := math.Sqrt(kernelReach / slope)
	n := len(r.source.x)
	r.kernel, r.first = make([][]float64, n), make([]int, n)
	for i, x := range r.source.x {
		from, _ := slices.BinarySearch(r.y, x-reach)
		to, _ := slices.BinarySearch(r.y, x+reach)
		if to == from { // no point near: take the nearest
			from = min(max(from-1, 0), len(r.y)-1)
			to = min(from+2, len(r.y))
		}
		row := make([]float64, to-from)
		for j := range row {
			row[j] = math.Max(r.at(x, r.y[from+j]), math.SmallestNonzeroFloat64)
		}
		r.kernel[i], r.first[i] = row, from
	}
}

// evaluate computes Z, c and E ln Z.
func (r *reproduction) evaluate() (logZ float64) {
	r.z = resized(r.z, len(r.source.x))
	r.c = resized(r.c, len(r.y))
	for i, row := range r.kernel {
		q := r.q[r.first[i]:]
		z := 0.0
		for j, k := range row {
			z += k * q[j]
		}
		z = math.Max(z, math.SmallestNonzeroFloat64)
		r.z[i] = z
		logZ += r.source.weight[i] * math.Log(z)
		share := r.source.weight[i] / z
		c := r.c[r.first[i]:]
		for j, k := range row {
			c[j] += k * share
		}
	}
	return logZ
}

// resized is a slice of n zeros.
func resized(s []float64, n int) []float64 {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

const (
	interiorSteps = 40   // at most; some 12 suffice
	interiorFall  = 0.15 // of μ in a step
)

// solve improves q until ln max c ≤ gap, in at most that many rounds with a support of its own, and returns the point of the curve.
func (r *reproduction) solve(slope, gap float64, rounds int) tradeOff {
	r.prune()
	for round := 1; ; round++ {
		r.prepare(slope)
		r.interior(gap)
		point := r.point()
		var peaks []float64
		peaks, point.logMax = r.peaks(gap)
		if point.logMax <= gap || round == rounds {
			return point
		}
		r.support(peaks)
	}
}

// interior maximises E ln Z − Σq over q ≥ 0 by the primal–dual method: with the slacks v = 1 − c and G = E KKᵀ/Z² it takes Newton's
// steps on qv = μ, (G + v/q)·dq = c − 1 + μ/q, while μ falls to 0.
func (r *reproduction) interior(gap float64) {
	n := len(r.q)
	r.evaluate()
	v := make([]float64, n)
	for j := range v {
		r.q[j] = math.Max(r.q[j], 1e-6/float64(n))
		v[j] = math.Max(1-r.c[j], 0.05)
	}
	for range interiorSteps {
		r.evaluate()
		if math.Log(slices.Max(r.c)) <= gap/2 && math.Abs(floats.Dot(r.q, r.c)-floats.Sum(r.q)) < gap/2 {
			break
		}
		mu := interiorFall * floats.Dot(r.q, v) / float64(n)
		dq, ok := r.interiorStep(v, mu)
		if !ok {
			break
		}
		r.advance(dq, v, mu)
	}
	r.normalise()
}

// interiorStep solves for dq. The factors are LAPACK's own: mat.BandCholesky would estimate a condition that nobody reads.
func (r *reproduction) interiorStep(v []float64, mu float64) (dq []float64, ok bool) {
	g := r.gram()
	dq = make([]float64, len(r.q))
	for j, q := range r.q {
		g.Data[j*g.Stride] += v[j] / q
		dq[j] = r.c[j] - 1 + mu/q
	}
	factor, ok := lapack64.Pbtrf(g)
	if !ok {
		return nil, false
	}
	lapack64.Pbtrs(factor, blas64.General{Rows: len(dq), Cols: 1, Stride: 1, Data: dq})
	return dq, true
}

// advance goes along dq, and along the slacks' step, up to a little before q, Z or a slack reaches 0.
func (r *reproduction) advance(dq, v []float64, mu float64) {
	step, slackStep := 1.0, 1.0
	dv := make([]float64, len(v))
	for j, q := range r.q {
		dv[j] = (mu-v[j]*dq[j])/q - v[j]
		step = fraction(step, q, dq[j])
		slackStep = fraction(slackStep, v[j], dv[j])
	}
	for i, row := range r.kernel {
		dz := 0.0
		for j, k := range row {
			dz += k * dq[r.first[i]+j]
		}
		step = fraction(step, r.z[i], dz)
	}
	for j := range r.q {
		r.q[j] += step * dq[j]
		v[j] += slackStep * dv[j]
	}
}

// fraction shortens a step so that x + step·dx stays positive.
func fraction(step, x, dx float64) float64 {
	if dx < 0 {
		return math.Min(step, -0.95*x/dx)
	}
	return step
}

// gram is G, as wide a band as the kernel has points y for an x.
func (r *reproduction) gram() blas64.SymmetricBand {
	band := 0
	for _, row := range r.kernel {
		band = max(band, len(row)-1)
	}
	n := len(r.y)
	band = min(band, n-1)
	g := make([]float64, n*(band+1))
	for i, row := range r.kernel {
		w := r.source.weight[i] / (r.z[i] * r.z[i])
		for a, ka := range row {
			line := g[(r.first[i]+a)*(band+1):]
			scaled := w * ka
			for b, kb := range row[a:] {
				line[b] += scaled * kb
			}
		}
	}
	return blas64.SymmetricBand{Uplo: blas.Upper, N: n, K: band, Stride: band + 1, Data: g}
}

// point is the rate and the error of the test channel q(y|x) = q(y)e^{−s(x−y)²}/Z(x).
func (r *reproduction) point() tradeOff {
	p := tradeOff{logZ: r.evaluate()}
	for i, x := range r.source.x {
		sum := 0.0
		for j, k := range r.kernel[i] {
			y := r.y[r.first[i]+j]
			error2 := (x - y) * (x - y)
			if r.source.even { // the other sign's share of the kernel
				other := math.Exp(-r.slope*(x+y)*(x+y)) / 2
				sum += r.q[r.first[i]+j] * ((k-other)*error2 + other*(x+y)*(x+y))
				continue
			}
			sum += r.q[r.first[i]+j] * k * error2
		}
		p.distortion += r.source.weight[i] * sum / r.z[i]
	}
	p.rate = math.Max(0, -r.slope*p.distortion-p.logZ)
	return p
}

// ratio is c(y) at any y.
func (r *reproduction) ratio(y float64) float64 {
	reach := math.Sqrt(kernelReach / r.slope)
	from, _ := slices.BinarySearch(r.source.x, y-reach)
	to, _ := slices.BinarySearch(r.source.x, y+reach)
	sum := 0.0
	for i := from; i < to; i++ {
		sum += r.source.weight[i] * r.at(r.source.x[i], y) / r.z[i]
	}
	return sum
}

// peaks scans c over the reach of the source, eight points to a width, and returns its local maxima above 1 + gap/4, refined by a
// parabola's top, and ln max c.
func (r *reproduction) peaks(gap float64) (peaks []float64, logMax float64) {
	low, high := r.source.reach()
	if r.source.even {
		low = 0
	}
	h := r.width / 8
	largest, before, here := 0.0, r.ratio(low-h), r.ratio(low)
	for y := low; y <= high+h; y += h {
		after := r.ratio(y + h)
		if curvature := before - 2*here + after; here >= before && here >= after && curvature < 0 {
			peak := math.Max(low, math.Min(y+h*(before-after)/(2*curvature), high))
			top := math.Max(here, r.ratio(peak))
			largest = math.Max(largest, top)
			if top > 1+gap/4 {
				peaks = append(peaks, peak)
			}
		}
		before, here = here, after
	}
	return peaks, math.Log(largest)
}

// prune drops the points beside the grid that have hardly any weight. The grid stays: without it a far x would be far from every y.
func (r *reproduction) prune() {
	kept := 0
	for j, y := range r.y {
		if _, found := slices.BinarySearch(r.grid, y); found || r.q[j] > 1e-6 {
			r.y[kept], r.q[kept] = y, r.q[j]
			kept++
		}
	}
	r.y, r.q = r.y[:kept], r.q[:kept]
	r.normalise()
}

// support adds the peaks, with a little weight.
func (r *reproduction) support(peaks []float64) {
	const start, least = 1e-3, 1e-3 // of the weight; of the width, the distance to the next point
	for _, y := range peaks {
		at, _ := slices.BinarySearch(r.y, y)
		if at < len(r.y) && r.y[at]-y < least*r.width || at > 0 && y-r.y[at-1] < least*r.width {
			continue
		}
		r.y, r.q = slices.Insert(r.y, at, y), slices.Insert(r.q, at, start)
	}
	r.normalise()
}

// normalise makes q sum to 1.
func (r *reproduction) normalise() {
	sum := 0.0
	for _, q := range r.q {
		sum += q
	}
	for j := range r.q {
		r.q[j] /= sum
	}
}
