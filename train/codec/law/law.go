package law

import (
	"fmt"
	"slices"
	"strings"

	"autoamp/amp"
)

// Empirical is the name of the law of the sample itself.
const Empirical = "empirical"

// Auto is the list of all laws: Fit takes the best of amp's laws, or the empirical law where none fits.
const Auto = "auto"

// Law is the law of a coordinate, of unit second moment.
type Law struct {
	// Name is one of amp.PriorNames, or Empirical.
	Name string
	// P and Mean are the parameters of amp.NewPrior. They are 0 for the empirical law.
	P, Mean float64
	// Divergence is how badly the law fits the sample it was chosen for, in nats per coordinate: see Fit.
	Divergence float64

	empirical *amp.Empirical
}

// New returns amp's law of that name.
func New(name string, p, mean float64) (*Law, error) {
	l := &Law{Name: name, P: p, Mean: mean}
	_, err := amp.NewPrior(name, p, mean)
	return l, err
}

// NewEmpirical returns the law of components, as amp.Empirical.MarshalBinary stores them.
func NewEmpirical(components []byte) (*Law, error) {
	l := &Law{Name: Empirical, empirical: new(amp.Empirical)}
	return l, l.empirical.UnmarshalBinary(components)
}

// Components returns what NewEmpirical takes, nil for another law.
func (l *Law) Components() []byte {
	if l.empirical == nil {
		return nil
	}
	b, _ := l.empirical.MarshalBinary() // has no error
	return b
}

// Prior returns the law.
func (l *Law) Prior() amp.Prior {
	if l.empirical != nil {
		return l.empirical
	}
	p, err := amp.NewPrior(l.Name, l.P, l.Mean)
	if err != nil {
		return amp.Gaussian{} // New has refused it
	}
	return p
}

// String returns the name and the parameters that the law has.
func (l *Law) String() string {
	switch l.Name {
	case Empirical, "gaussian":
		return l.Name
	case "sparse-mixture":
		return fmt.Sprintf("%s, p = %.4g, mean %.4g", l.Name, l.P, l.Mean)
	}
	return fmt.Sprintf("%s, p = %.4g", l.Name, l.P)
}

// ParseNames returns the laws of a list such as "auto" or "sparse-gaussian,empirical".
func ParseNames(list string) ([]string, error) {
	known := append(amp.PriorNames(), Empirical)
	if list == Auto {
		return known, nil
	}
	names := strings.Split(list, ",")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if !slices.Contains(known, names[i]) {
			return nil, fmt.Errorf("law = %q: must be %s, or some of %s, separated by commas", list, Auto, strings.Join(known, ", "))
		}
	}
	return names, nil
}
