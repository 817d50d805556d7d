package hardphase

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"autoamp/amp"
)

// exact is what enumeration says of one encoder.
type exact struct {
	entropy float64 // H(y)/d in bits
	mse     float64 // E‖x − E[x|y]‖²/d
}

// enumerate goes through all inputs of sparse Rademacher data with that p, 2^d of them for p = 1 and 3^d otherwise, behind a Haar
// encoder (n, d) with n ≤ 64. The input 0 has the code of all ones: its probability is (1−p)^d.
func enumerate(p float64, n, d int, r *rand.Rand) (exact, error) {
	b, err := amp.Haar(n, d, r)
	if err != nil {
		return exact{}, err
	}
	e := newEnumeration(p, d)
	for j := range d {
		for i := range n {
			e.columns[j] = append(e.columns[j], b.At(i, j))
		}
	}
	e.extend(0, 0, make([]float64, n))
	slices.SortFunc(e.inputs, func(a, b input) int { return cmp.Compare(a.code, b.code) })
	return e.average(), nil
}

// enumeration is the list of all inputs with their codes.
type enumeration struct {
	letters     []float64 // the values of a coordinate
	probability []float64 // of each letter
	columns     [][]float64
	inputs      []input
	depth       [][]float64 // depth[j] is Bx over the first j coordinates
}

// input is one x: its code as bits, and x as a number whose digits are the letters.
type input struct {
	code  uint64
	index uint32
}

func newEnumeration(p float64, d int) *enumeration {
	x := 1 / math.Sqrt(p)
	e := &enumeration{letters: []float64{x, -x}, probability: []float64{p / 2, p / 2}, columns: make([][]float64, d), depth: make([][]float64, d+1)}
	if p < 1 {
		e.letters, e.probability = append(e.letters, 0), append(e.probability, 1-p)
	}
	return e
}

// extend goes through the letters of coordinate j behind those that index holds, where z is Bx so far.
func (e *enumeration) extend(j int, index uint32, z []float64) {
	if j == len(e.columns) {
		e.inputs = append(e.inputs, input{codeOf(z), index})
		return
	}
	if e.depth[j] == nil {
		e.depth[j] = make([]float64, len(z))
	}
	for k, letter := range e.letters {
		for i, b := range e.columns[j] {
			e.depth[j][i] = z[i] + letter*b
		}
		e.extend(j+1, index*uint32(len(e.letters))+uint32(k), e.depth[j])
	}
}

// codeOf packs the signs.
func codeOf(z []float64) (code uint64) {
	for i, v := range z {
		if v >= 0 {
			code |= 1 << i
		}
	}
	return code
}

// average adds up the sorted inputs, code by code.
func (e *enumeration) average() exact {
	var sum exact
	d := len(e.columns)
	x, first := make([]float64, d), make([]float64, d)
	for start := 0; start < len(e.inputs); {
		probability, second := 0.0, 0.0
		clear(first)
		end := start
		for ; end < len(e.inputs) && e.inputs[end].code == e.inputs[start].code; end++ {
			weight := e.decode(e.inputs[end].index, x)
			probability += weight
			for j, v := range x {
				first[j] += weight * v
				second += weight * v * v
			}
		}
		sum.entropy -= probability * math.Log2(probability)
		for _, f := range first {
			second -= f * f / probability
		}
		sum.mse += second
		start = end
	}
	return exact{sum.entropy / float64(d), sum.mse / float64(d)}
}

// decode writes the input of that number to x and returns its probability.
func (e *enumeration) decode(index uint32, x []float64) float64 {
	probability := 1.0
	for j := len(x) - 1; j >= 0; j-- {
		k := index % uint32(len(e.letters))
		index /= uint32(len(e.letters))
		x[j] = e.letters[k]
		probability *= e.probability[k]
	}
	return probability
}
