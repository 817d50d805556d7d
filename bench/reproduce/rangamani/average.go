package rangamani

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
)

// average is the loss ½E‖y − ŷ‖² at W = A* + t·ΔW, averaged over codes, over dictionaries and over directions, whose columns are
// independent and uniform on the sphere: a sum over atoms of the support, which are drawn, and an integral over the other units.
//
// A unit outside the support is independent of y. Its pre-activation is |W|·c·|y| − ε with c a coordinate of a point on the
// sphere, so that it adds to ŷ a multiple of y and, independently from unit to unit, a vector across it (amp/THEORY.md §13.4).
type average struct {
	setting
	rng *rand.Rand
	// rho and c are nodes of quadrature on [−1, 1]; width is how far a coordinate of a point on the sphere can be from 0, and mass
	// the integral of density up to there.
	rho, c      []node
	width, mass float64
	// k and epsilon are the setting's support and bias.
	k       int
	epsilon float64
}

func (s setting) newAverage(seed uint64) average {
	a := average{setting: s.withDefaults(), rng: rand.New(rand.NewPCG(seed, 13)), rho: nodes(16), c: nodes(10)}
	a.k, a.epsilon = a.support(), a.bias()
	a.width = math.Min(1, 6/math.Sqrt(float64(a.Dim)))
	for _, c := range nodes(40) {
		a.mass += a.width * c.weight * a.density(a.width*c.at)
	}
	return a
}

// averageLosses are the losses at ts, a mean over samples. The samples are the same for every t.
func (s setting) averageLosses(ts []float64, samples int, seed uint64) []float64 {
	a := s.newAverage(seed)
	losses := make([]float64, len(ts))
	for range samples {
		sample := a.draw()
		for i, t := range ts {
			losses[i] += a.loss(sample, t) / float64(samples)
		}
	}
	return losses
}

// support is a code of k entries with its atoms and the directions of their units.
type support struct {
	x                 []float64
	atoms, directions [][]float64
	y                 []float64
}

func (a average) draw() support {
	s := support{y: make([]float64, a.Dim)}
	for range a.k {
		x, atom := a.Lo+(a.Hi-a.Lo)*a.rng.Float64(), a.unit()
		s.x, s.atoms, s.directions = append(s.x, x), append(s.atoms, atom), append(s.directions, a.unit())
		floats.AddScaled(s.y, x, atom)
	}
	return s
}

// unit is uniform on the sphere.
func (a average) unit() []float64 {
	v := make([]float64, a.Dim)
	for i := range v {
		v[i] = a.rng.NormFloat64()
	}
	floats.Scale(1/floats.Norm(v, 2), v)
	return v
}

// loss is ½E‖u − v‖², where u = y − Σ r_jW_j over the support, and v is the sum over the other units, of mean (h−k)·m·y/|y| and
// mean square (h−k)·q + (h−k)(h−k−1)·m².
func (a average) loss(s support, t float64) float64 {
	u, w := append([]float64(nil), s.y...), make([]float64, a.Dim)
	for j, atom := range s.atoms {
		floats.AddScaledTo(w, atom, t, s.directions[j])
		if r := floats.Dot(w, s.y) - a.epsilon; r > 0 {
			floats.AddScaled(u, -r, w)
		}
	}
	length, others := floats.Norm(s.y, 2), float64(a.H-len(s.atoms))
	m, q := a.outside(length, t)
	return (floats.Dot(u, u) - 2*floats.Dot(u, s.y)/length*others*m + others*q + others*(others-1)*m*m) / 2
}

// outside returns E[r·|W|c] and E[r²|W|²], to 1e-5 of them at n = 100, of a unit outside the support, r = (|W|·c·length − ε)₊ and |W|² = 1 + t² + 2tρ. Both c
// and ρ are coordinates of points on the sphere. The kink of r is the end of the integral over c.
func (a average) outside(length, t float64) (m, q float64) {
	for _, rho := range a.rho {
		size := math.Sqrt(max(0, 1+t*t+2*t*a.width*rho.at))
		from := a.epsilon / (size * length)
		if !(from < a.width) {
			continue
		}
		weight := a.width * rho.weight * a.density(a.width*rho.at) * (a.width - from) / 2
		for _, node := range a.c {
			c := (a.width+from)/2 + (a.width-from)/2*node.at
			r, p := size*c*length-a.epsilon, weight*node.weight*a.density(c)
			m += p * r * size * c
			q += p * r * r * size * size
		}
	}
	return m / (a.mass * a.mass), q / (a.mass * a.mass)
}

// density is that of a coordinate of a point on the sphere, up to a factor.
func (a average) density(c float64) float64 { return math.Exp(float64(a.Dim-3) / 2 * math.Log1p(-c*c)) }

// node is a node of Gauss–Legendre quadrature on [−1, 1].
type node struct{ at, weight float64 }

func nodes(count int) []node {
	x, w := make([]float64, count), make([]float64, count)
	quad.Legendre{}.FixedLocations(x, w, -1, 1)
	out := make([]node, count)
	for i := range out {
		out[i] = node{x[i], w[i]}
	}
	return out
}
