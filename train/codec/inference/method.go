package inference

import (
	"fmt"
	"strings"
)

// Method is a decoder.
type Method int

// The decoders, in order of their errors.
const (
	Linear Method = iota
	Denoiser
	RIGAMP
	VAMP
)

var methodNames = []string{"linear", "denoiser", "rigamp", "vamp"}

// Methods returns all decoders.
func Methods() []Method { return []Method{Linear, Denoiser, RIGAMP, VAMP} }

// String returns the name on the command line.
func (m Method) String() string {
	if m < 0 || int(m) >= len(methodNames) {
		return fmt.Sprintf("Method(%d)", int(m))
	}
	return methodNames[m]
}

// ParseMethod is the inverse of String.
func ParseMethod(name string) (Method, error) {
	for i, known := range methodNames {
		if name == known {
			return Method(i), nil
		}
	}
	return 0, fmt.Errorf("decoder = %q: must be one of %s", name, strings.Join(methodNames, ", "))
}

// Settings choose a decoder.
type Settings struct {
	Method Method
	// Iterations is T, for rigamp and vamp. Zero means as many as bring the error of the state evolution within 0.1 % of the last that
	// they could reach.
	Iterations int
	// Damping is the share of a message of vamp that is kept from the iteration before, in [0, 1). The state evolution knows no damping:
	// it helps where rows are not as the law says.
	Damping float64
}

// maxIterations bounds vamp's.
const maxIterations = 200

// Check reports values out of range, and settings that the method does not have.
func (s Settings) Check() error {
	switch {
	case s.Method < Linear || s.Method > VAMP:
		return fmt.Errorf("decoder = %v: must be one of %s", s.Method, strings.Join(methodNames, ", "))
	case s.Iterations < 0 || s.Iterations > maxIterations:
		return fmt.Errorf("iterations = %d: must be from 1 to %d, or 0 for as many as are needed", s.Iterations, maxIterations)
	case s.Iterations > 0 && s.Method < RIGAMP:
		return fmt.Errorf("iterations = %d: the %s decoder has none", s.Iterations, s.Method)
	case !(s.Damping >= 0 && s.Damping < 1):
		return fmt.Errorf("damping = %g: must be at least 0 and below 1", s.Damping)
	case s.Damping > 0 && s.Method != VAMP:
		return fmt.Errorf("damping = %g: only vamp has it", s.Damping)
	}
	return nil
}
