package rotation

import (
	"fmt"
	"strings"

	"autoamp/amp"
	"autoamp/kernels"
)

// Kind is a family of rotations. Files of codes store its number.
type Kind uint32

const (
	// Haar is a uniformly distributed matrix: n·d numbers, O(nd) operations a row.
	Haar Kind = 1
	// Hadamard is a product of random signs and Walsh–Hadamard transforms: O(m log m) operations a row, m = max(n, d).
	Hadamard Kind = 2
)

var kindNames = map[Kind]string{Haar: "haar", Hadamard: "hadamard"}

// String returns the name, such as "haar".
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("Kind(%d)", uint32(k))
}

// ParseKind is the inverse of String.
func ParseKind(name string) (Kind, error) {
	for k, known := range kindNames {
		if known == name {
			return k, nil
		}
	}
	return 0, fmt.Errorf("rotation = %q: must be haar or hadamard", strings.TrimSpace(name))
}

// Spec determines a rotation, bit by bit on machines of one architecture.
type Spec struct {
	Kind Kind
	// Bits and Dim are n and d.
	Bits, Dim int
	Seed      uint64
}

const (
	// maxHaar bounds n·d of a Haar matrix: 256 MiB of float32, and minutes to draw it.
	maxHaar = 1 << 26
	// maxLength bounds n and d.
	maxLength = 1 << 24
)

// Check reports what is wrong with the specification.
func (s Spec) Check() error {
	switch {
	case kindNames[s.Kind] == "":
		return fmt.Errorf("rotation = %d: must be 1 (haar) or 2 (hadamard)", uint32(s.Kind))
	case s.Dim < 1 || s.Dim > maxLength:
		return fmt.Errorf("rotation: d = %d: must be from 1 to %d", s.Dim, maxLength)
	case s.Bits < 1 || s.Bits > maxLength:
		return fmt.Errorf("rotation: n = %d bits of a row: must be from 1 to %d", s.Bits, maxLength)
	case s.Kind == Haar && s.Bits > maxHaar/s.Dim:
		return fmt.Errorf("rotation = haar: a matrix of %d×%d: must have at most %d entries; hadamard has no such bound", s.Bits, s.Dim, maxHaar)
	}
	return nil
}

// Rotation is an encoder B (n, d). It is safe for concurrent use.
type Rotation struct {
	spec Spec
	own  encoder
}

// encoder is a kind of rotation. Its products in float32 have room for one row, or more, in a workspace of their own.
type encoder interface {
	apply(dst, x []float64)
	applyTransposed(dst, z []float64)
	newWorker() Worker
}

// Worker multiplies rows in float32. It is for one goroutine.
type Worker interface {
	// Forward writes B·x of each row of x (rows, d) to dst (rows, n). The sign bit of an exact 0 is a function of its place and, for
	// Hadamard, a coin of the seed.
	Forward(dst, x []float32)
	// Back writes Bᵀ·z of each row of z (rows, n) to dst (rows, d).
	Back(dst, z []float32)
}

// New draws the rotation.
func New(s Spec) (*Rotation, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if s.Kind == Haar {
		own, err := newHaar(s)
		return &Rotation{s, own}, err
	}
	return &Rotation{s, newHadamard(s, rounds)}, nil
}

// NewRounds draws a fast rotation with another number of rounds than the three of New, to study how many data need: files of codes
// know only New's.
func NewRounds(s Spec, rounds int) (*Rotation, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if s.Kind != Hadamard || rounds < 1 || rounds > maxRounds {
		return nil, fmt.Errorf("rotation = %v, rounds = %d: must be hadamard, and from 1 to %d rounds", s.Kind, rounds, maxRounds)
	}
	return &Rotation{s, newHadamard(s, rounds)}, nil
}

// Spec returns what determines the rotation.
func (r *Rotation) Spec() Spec { return r.spec }

// Dims returns n and d.
func (r *Rotation) Dims() (n, d int) { return r.spec.Bits, r.spec.Dim }

// Rate returns n/d.
func (r *Rotation) Rate() float64 { return float64(r.spec.Bits) / float64(r.spec.Dim) }

// Apply writes B·x to dst, in float64; x is (d), dst is (n).
func (r *Rotation) Apply(dst, x []float64) { r.own.apply(dst, x) }

// ApplyTransposed writes Bᵀ·z to dst, in float64; z is (n), dst is (d).
func (r *Rotation) ApplyTransposed(dst, z []float64) { r.own.applyTransposed(dst, z) }

// Codes returns the codes of rows x (rows, d), sign(Bx), ⌈n/8⌉ bytes each, the first bit lowest.
func (r *Rotation) Codes(x []float32) []byte {
	n, d := r.Dims()
	const block = 32 // rows: a product of matrices, for Haar
	w, z, size := r.NewWorker(), make([]float32, block*n), (n+7)/8
	codes := make([]byte, 0, len(x)/d*size)
	for ; len(x) > 0; x = x[min(block*d, len(x)):] {
		rows := min(block, len(x)/d)
		w.Forward(z[:rows*n], x[:rows*d])
		for i := range rows {
			codes = append(codes, make([]byte, size)...)
			kernels.PackSigns(codes[len(codes)-size:], z[i*n:][:n])
		}
	}
	return codes
}

// NewWorker returns a worker for one goroutine.
func (r *Rotation) NewWorker() Worker { return r.own.newWorker() }

var _ amp.Operator = (*Rotation)(nil)
