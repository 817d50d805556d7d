package graph

import "fmt"

// Generate draws the input of a model from a dictionary model y = A*ᵀx* + η in every step: the code x* has a fixed number of
// non-zero entries at random places, the dictionary has a row for each entry of x*, and η is N(0, Noise²) in every coordinate.
// Codes and noise are functions of the replica's seed, the stream, the step and the row alone.
type Generate struct {
	// Atoms is m, the number of rows of the dictionary, a kept tensor (m, d) named DictionaryWeight that the caller
	// writes and no step changes.
	Atoms int
	// Support is k, the number of non-zero entries of x*, from 1 to m. The magnitudes of these entries are uniform on [Lo,
	// Hi], 0 < Lo ≤ Hi. Their signs are random if Signed, else positive. The mixture of Gaussians around the rows is Support
	// 1, Lo = Hi = 1.
	Support int
	Lo, Hi  float64
	Signed  bool
	// Noise is the standard deviation of η, at least 0.
	Noise float64
	// Stream and CodeStream separate training data, evaluation data and other uses of one seed: noise is drawn
	// from the first, codes from the second.
	Stream, CodeStream uint32
}

// DictionaryWeight is the name of the dictionary A*, (m, d).
const DictionaryWeight = "dictionary.weight"

// The names of the inputs.
const (
	inputName = "x"
	// TrueCode is x* of a dictionary model, (b, n), for the proxy gradient.
	TrueCode = "true_code"
)

// Validate reports the first setting that has no meaning.
func (g Generate) Validate() error {
	switch {
	case g.Support < 1 || g.Support > g.Atoms:
		return fmt.Errorf("graph: support = %d: must be from 1 to the %d atoms of the dictionary", g.Support, g.Atoms)
	case !(g.Lo > 0 && g.Lo <= g.Hi):
		return fmt.Errorf("graph: amplitudes [%g, %g]: must be positive and in order", g.Lo, g.Hi)
	case !(g.Noise >= 0):
		return fmt.Errorf("graph: noise = %g: must be at least 0", g.Noise)
	}
	return nil
}

// generateInput makes the input a temporary: the sum of noise and the product of codes and dictionary. The codes are the
// model's own input TrueCode where it has one.
func generateInput(p *Program, g Generate) (*Program, error) {
	if err := g.Validate(); err != nil {
		return nil, err
	}
	q := p.clone()
	x, code := q.named(inputName), q.named(TrueCode)
	batch, dim := q.Buffers[x].Shape[0], q.Buffers[x].Shape[1]
	if code < 0 {
		q.Buffers = append(q.Buffers, Buffer{Name: TrueCode, Shape: []int{batch, g.Atoms}})
		code = len(q.Buffers) - 1
	}
	if n := q.Buffers[code].Cols(); n != g.Atoms {
		return nil, fmt.Errorf("graph: code = %d: must be the %d atoms of the dictionary for the proxy gradient", n, g.Atoms)
	}
	q.Buffers[x].Kind, q.Buffers[code].Kind = Temp, Temp
	q.Buffers = append(q.Buffers, Buffer{Name: DictionaryWeight, Shape: []int{g.Atoms, dim}, Kind: Weight})
	dictionary := len(q.Buffers) - 1
	draw := []Instr{{Op: SampleCodes{Support: g.Support, Lo: g.Lo, Hi: g.Hi, Signed: g.Signed, Stream: g.CodeStream}, Out: []int{code}}}
	if g.Noise > 0 {
		draw = append(draw, Instr{Op: SampleNormal{Std: g.Noise, Stream: g.Stream}, Out: []int{x}})
	}
	draw = append(draw, Instr{Op: MatMul{Accumulate: g.Noise > 0}, In: []int{code, dictionary}, Out: []int{x}})
	q.Instrs = append(draw, q.Instrs...)
	return q, nil
}
