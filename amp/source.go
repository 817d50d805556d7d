package amp

import (
	"math"
	"slices"
	"sort"

	"autoamp/amp/internal/quadrature"
)

// source is a law as a list of points, for expectations of functions that bend on a given scale.
type source struct {
	x, weight []float64 // sorted by x; the weights sum to 1
	even      bool      // x ≥ 0 stands for ±x
}

// panelWidth is the length of a quadrature panel in units of the scale on which the functions bend.
const panelWidth = 8

// newSource lists the points of a law. Point masses are exact, and where the law has a density the points are the nodes of a quadrature
// whose panels end at its breaks. ok is false for a law that says nothing of its density: see smoothedSource.
func newSource(p Prior, scale float64) (s *source, ok bool) {
	s = &source{}
	if e, measured := p.(*Empirical); measured {
		s.addComponents(e.components)
	} else if law, described := p.(interface{ description() *Law }); described {
		s.addLaw(law.description(), scale)
	} else {
		return nil, false
	}
	s.finish()
	return s, len(s.x) > 0
}

// addLaw adds atoms and nodes. A panel ends at 0 too, so that a symmetric law has symmetric nodes.
func (s *source) addLaw(l *Law, scale float64) {
	for _, a := range l.atoms {
		s.add(a.X, a.Weight)
	}
	for i := 1; i < len(l.breaks); i++ {
		a, b := l.breaks[i-1], l.breaks[i]
		node := func(x, weight float64) { s.add(x, weight*l.density(x)) }
		if a < 0 && b > 0 {
			quadrature.Visit(a, 0, panelWidth*scale, node)
			a = 0
		}
		quadrature.Visit(a, b, panelWidth*scale, node)
	}
}

// addComponents adds the normal components of an empirical law, four points each: their bins are narrow.
func (s *source) addComponents(components []component) {
	for _, c := range components {
		if c.variance == 0 {
			s.add(c.mean, c.weight)
			continue
		}
		fourPoints(c.mean, c.variance, c.weight, s.add)
	}
}

// leastWeight is the weight times 1 + x² below which a point is left out.
const leastWeight = 1e-12

func (s *source) add(x, weight float64) {
	if weight*(1+x*x) > leastWeight {
		s.x, s.weight = append(s.x, x), append(s.weight, weight)
	}
}

// finish sorts, normalises and folds.
func (s *source) finish() {
	sort.Sort(s)
	sum := 0.0
	for _, w := range s.weight {
		sum += w
	}
	for i := range s.weight {
		s.weight[i] /= sum
	}
	s.fold()
}

// fold keeps the points x ≥ 0 of a law whose points lie symmetrically.
func (s *source) fold() {
	n := len(s.x)
	for i := range n {
		j := n - 1 - i
		if math.Abs(s.x[i]+s.x[j]) > 1e-9*math.Abs(s.x[i]) || math.Abs(s.weight[i]-s.weight[j]) > 1e-9*s.weight[i] {
			return
		}
	}
	s.even = true
	s.x, s.weight = s.x[n/2:], s.weight[n/2:]
	for i, x := range s.x {
		if x != 0 {
			s.weight[i] *= 2
		}
	}
}

// reach is the range of the points.
func (s *source) reach() (low, high float64) {
	return slices.Min(s.x), slices.Max(s.x)
}

// Len, Less and Swap sort by x.
func (s *source) Len() int           { return len(s.x) }
func (s *source) Less(i, j int) bool { return s.x[i] < s.x[j] }
func (s *source) Swap(i, j int) {
	s.x[i], s.x[j] = s.x[j], s.x[i]
	s.weight[i], s.weight[j] = s.weight[j], s.weight[i]
}
