package amp

import "math"

// discrete is a law of this package that may consist of point masses alone; embedding it in another type keeps the method.
type discrete interface {
	// pointMasses returns all point masses; nil where the law has a density too.
	pointMasses() []Atom
}

// pointMassesOf returns the point masses of a discrete law, nil for any other.
func pointMassesOf(p Prior) []Atom {
	if law, ok := p.(discrete); ok {
		return law.pointMasses()
	}
	return nil
}

// DiscreteEntropy returns the entropy of a discrete law in bits per coordinate; for sparse Rademacher data it is p + h₂(p).
// ok is false for a law with a density, and for a law from outside that does not embed a *Law: see Prior.
func DiscreteEntropy(p Prior) (bits float64, ok bool) {
	atoms := pointMassesOf(p)
	if len(atoms) == 0 {
		return math.NaN(), false
	}
	for _, a := range atoms {
		bits -= a.Weight * math.Log2(a.Weight)
	}
	return bits, true
}

func (s SparseRademacher) pointMasses() []Atom { return pairOfAtoms(s.P, 1/math.Sqrt(s.P)) }

func (s SparseMixture) pointMasses() []Atom {
	if s.variance() != 0 {
		return nil
	}
	return pairOfAtoms(s.P, s.Mean)
}

// pairOfAtoms is ±m with probability p/2 each, else 0.
func pairOfAtoms(p, m float64) []Atom {
	if !isProbability(p) {
		return nil
	}
	atoms := []Atom{{-m, p / 2}, {m, p / 2}}
	if p < 1 {
		atoms = append(atoms, Atom{0, 1 - p})
	}
	return atoms
}

func (e *Empirical) pointMasses() []Atom {
	atoms := make([]Atom, len(e.components))
	for i, c := range e.components {
		if c.variance != 0 {
			return nil
		}
		atoms[i] = Atom{c.mean, c.weight}
	}
	return atoms
}

func (l *Law) pointMasses() []Atom {
	if l.density != nil {
		return nil
	}
	return l.atoms
}
