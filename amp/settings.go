package amp

// Settings tunes the fixed-point iterations and Predict. The zero value holds the defaults, and nil means the zero value.
type Settings struct {
	// Iterations is the length of the RI-GAMP list, at least 1. Zero means 5.
	Iterations int `yaml:"iterations" json:"iterations"`
	// MaxPasses bounds the passes of a fixed-point iteration. Zero means 5000.
	MaxPasses int `yaml:"max_passes" json:"max_passes"`
	// Tolerance is the estimated distance of the error to its fixed point at which the iteration stops, in (0, 1).
	// Zero means 1e-12.
	Tolerance float64 `yaml:"tolerance" json:"tolerance"`
	// Damping δ ∈ [0, 1) mixes each new precision with the old one, (1−δ)·new + δ·old. Zero means none.
	Damping float64 `yaml:"damping" json:"damping"`
	// Dim is the data dimension d ≥ 1 for which Predict adds the finite-dimension correction. Zero means none.
	Dim int `yaml:"dim" json:"dim"`
}

// withDefaults fills in the zeros and checks the bounds.
func (s *Settings) withDefaults() (Settings, error) {
	var r Settings
	if s != nil {
		r = *s
	}
	if r.Iterations == 0 {
		r.Iterations = 5
	}
	if r.MaxPasses == 0 {
		r.MaxPasses = 5000
	}
	if r.Tolerance == 0 {
		r.Tolerance = 1e-12
	}
	return r, r.check()
}

// check reports the first setting out of bounds.
func (s *Settings) check() error {
	switch {
	case s.Iterations < 0:
		return &DomainError{"iterations", s.Iterations, "must be at least 1"}
	case s.MaxPasses < 0:
		return &DomainError{"max_passes", s.MaxPasses, "must be at least 1"}
	case !(s.Tolerance > 0 && s.Tolerance < 1):
		return &DomainError{"tolerance", s.Tolerance, "must be in (0, 1)"}
	case !(s.Damping >= 0 && s.Damping < 1):
		return &DomainError{"damping", s.Damping, "must be in [0, 1)"}
	case s.Dim < 0:
		return &DomainError{"dim", s.Dim, "must be at least 1"}
	}
	return nil
}
