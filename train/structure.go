package train

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/graph"
)

// Structure says how near a model is to the theory's two candidates, the weight-tied Haar encoder and the identity. With
// short = min(n, d) and B's rows of unit length:
type Structure struct {
	// GramRMS and GramMax are the root mean square and the largest size of the entries off the diagonal of BBᵀ or, for
	// n > d, of (d/n)·BᵀB. Both are 0 for either candidate; random rows have GramRMS = 1/√max(n, d).
	GramRMS float64 `json:"gram_rms"`
	GramMax float64 `json:"gram_max"`
	// Tied is min over α of ‖AB − α·BᵀB‖/‖AB‖ (Frobenius): 0 where the decoder is a multiple of Bᵀ on B's rows, 1 where
	// it has nothing to do with it. It is null for a model without a linear decoder A behind the encoder.
	Tied *float64 `json:"tied"`
	// Permutation is the distance ‖B − P‖/√short to the nearest signed permutation P: for n ≤ d every row of P has one ±1,
	// in columns of their own; for n > d only d rows, one for each column, are chosen and compared. It is 0 for such a P and
	// near √2 for a large Haar matrix, at d = 100 about 1.3.
	Permutation float64 `json:"permutation"`
}

// structureHeader names the columns of structure.csv.
var structureHeader = []string{"step", "replica", "seed", "p", "gram_rms", "gram_max", "tied", "permutation"}

func (s Structure) fields(step, replica int, rep graph.Replica) []string {
	tied := ""
	if s.Tied != nil {
		tied = ftoa(*s.Tied)
	}
	return []string{
		strconv.Itoa(step), strconv.Itoa(replica), strconv.FormatUint(rep.Seed, 10), ftoa(rep.P),
		ftoa(s.GramRMS), ftoa(s.GramMax), tied, ftoa(s.Permutation),
	}
}

func ftoa(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// MeasureStructure measures an encoder B (n, d) and its decoder A (d, n), which may be nil. The rows of B are normalised
// inside. Cost O(nd·min(n, d)).
func MeasureStructure(b, a *mat.Dense) (Structure, error) {
	n, d := b.Dims()
	if a != nil {
		if r, c := a.Dims(); r != d || c != n {
			return Structure{}, fmt.Errorf("train: structure: A is %d×%d, want %d×%d, the transpose of B's shape", r, c, d, n)
		}
	}
	if !finite(b) || a != nil && !finite(a) {
		return Structure{}, errors.New("train: structure: a weight is not finite")
	}
	b = unitRows(b)
	var s Structure
	var gram mat.SymDense
	if n <= d {
		gram.SymOuterK(1, b)
	} else {
		gram.SymOuterK(float64(d)/float64(n), b.T())
	}
	s.GramRMS, s.GramMax = offDiagonal(&gram)
	if a != nil {
		tied := tiedDistance(b, a)
		s.Tied = &tied
	}
	s.Permutation = permutationDistance(b)
	return s, nil
}

func finite(m *mat.Dense) bool {
	sum := floats.Sum(m.RawMatrix().Data) // of weights: far from overflow, unless one is not finite
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

// unitRows is B from W: Bᵢ = Wᵢ/‖Wᵢ‖.
func unitRows(w *mat.Dense) *mat.Dense {
	b := mat.DenseCopyOf(w)
	n, _ := b.Dims()
	for i := range n {
		row := b.RawRowView(i)
		if norm := floats.Norm(row, 2); norm > 0 {
			floats.Scale(1/norm, row)
		}
	}
	return b
}

// offDiagonal returns root mean square and maximum of |m_ij|, i ≠ j.
func offDiagonal(m *mat.SymDense) (rms, most float64) {
	n := m.SymmetricDim()
	for i := range n {
		for j := range i {
			v := math.Abs(m.At(i, j))
			rms += v * v
			most = math.Max(most, v)
		}
	}
	if n < 2 {
		return 0, 0
	}
	return math.Sqrt(2 * rms / float64(n*(n-1))), most
}

// tiedDistance is Structure.Tied. It forms AB and BᵀB, rather than the inner products of their factors, which would lose
// half of the digits of a small distance.
func tiedDistance(b, a *mat.Dense) float64 {
	var coded, tied mat.Dense
	coded.Mul(a, b)
	tied.Mul(b.T(), b)
	x, y := coded.RawMatrix().Data, tied.RawMatrix().Data
	norm := floats.Norm(x, 2)
	if norm == 0 {
		return 1
	}
	floats.AddScaled(x, -floats.Dot(x, y)/floats.Dot(y, y), y)
	return floats.Norm(x, 2) / norm
}

// permutationDistance is Structure.Permutation: of unit rows, ‖B − P‖² = Σ(1 + 1 − 2|B_iπ(i)|), so that the best P has the
// largest sum of |B_iπ(i)|.
func permutationDistance(b *mat.Dense) float64 {
	n, d := b.Dims()
	short, long := min(n, d), max(n, d)
	cost := make([]float64, short*long)
	for i := range short {
		for j := range long {
			if n <= d {
				cost[i*long+j] = -math.Abs(b.At(i, j))
			} else {
				cost[i*long+j] = -math.Abs(b.At(j, i))
			}
		}
	}
	square := 0.0
	for i, j := range Assign(cost, short, long) {
		square += 2 + 2*cost[i*long+j]
	}
	return math.Sqrt(math.Max(0, square) / float64(short))
}

// structureEvery is the number of steps between measurements of structure: a multiple of the steps between checkpoints, so
// large that the measurements cost less than a hundredth of a run. The last step has one in any case. A measurement
// takes as long as about 12·min(n, d)/batch updates of the same model on one thread (1.1 ms at n = d = 100, 47 ms at 400).
func structureEvery(c Config) int {
	updates := 12 * float64(min(c.Model.Code(), c.Model.Dim)) / math.Max(1, float64(c.Batch))
	if c.alternating() {
		updates = 3 // at p = 1; masks are dearer
	}
	affordable := 0.01 * float64(c.Steps) / math.Max(updates, 1)
	checkpoints := float64(c.Steps) / float64(c.Checkpoint.Every)
	if affordable < 2 {
		return c.Steps // the last step alone
	}
	return c.Checkpoint.Every * int(math.Ceil(checkpoints/affordable))
}

// structureDue says whether structure.csv has rows after a step.
func (r *run) structureDue(step int) bool {
	return r.dir != nil && (step == r.config.Steps || step%structureEvery(r.config) == 0)
}

// shape measures every replica, for the summary and for structure.csv.
func (r *run) shape() error {
	r.shapes = r.shapes[:0]
	for i := range r.replicas {
		s, err := r.shapeOf(i)
		if err != nil {
			return err
		}
		r.shapes = append(r.shapes, s)
	}
	return nil
}

// recordShape is shape with rows in structure.csv.
func (r *run) recordShape() error {
	if err := r.shape(); err != nil {
		return err
	}
	for i, s := range r.shapes {
		if err := r.structure.line(s.fields(r.step(), i, r.replicas[i])); err != nil {
			return fmt.Errorf("train: structure: %w", err)
		}
	}
	return nil
}

// shapeOf measures one replica.
func (r *run) shapeOf(replica int) (Structure, error) {
	n, d := r.config.Model.encoderRows(), r.config.Model.Dim
	b, err := r.weight(graph.EncoderWeight, replica, n, d)
	if err != nil {
		return Structure{}, err
	}
	var a *mat.Dense
	switch {
	case r.hasParam(graph.DecoderWeight):
		if a, err = r.weight(graph.DecoderWeight, replica, d, n); err != nil {
			return Structure{}, err
		}
	case r.hasParam(graph.DecoderScale):
		a = mat.DenseCopyOf(b.T()) // up to α, which the distance is free in
		if r.config.Model.Encoder == "trained" {
			a = mat.DenseCopyOf(unitRows(b).T())
		}
	}
	return MeasureStructure(b, a)
}

func (r *run) hasParam(name string) bool {
	for _, p := range r.programs.Model.Params {
		if p.Name == name {
			return true
		}
	}
	return false
}

// weight reads a matrix of one replica.
func (r *run) weight(name string, replica, rows, cols int) (*mat.Dense, error) {
	values := make([]float32, rows*cols)
	if err := r.runner.Read(name, replica, values); err != nil {
		return nil, fmt.Errorf("train: structure: read %s: %w", name, err)
	}
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return mat.NewDense(rows, cols, wide), nil
}
