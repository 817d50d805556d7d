package train

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/graph"
	"autoamp/train/matrix"
	"autoamp/train/rundir"
)

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
	b = matrix.UnitRows(b)
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
	s.EmptyColumns = emptyColumns(b)
	s.PermutationRows = permutationRows(b)
	return s, nil
}

func finite(m *mat.Dense) bool {
	sum := floats.Sum(m.RawMatrix().Data) // of weights: far from overflow, unless one is not finite
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
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

// tiedDistance is Structure.Tied. It forms AB and BᵀB. The inner products of their factors would lose half of the digits
// of a small distance.
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

// emptyColumns is Structure.EmptyColumns of unit rows.
func emptyColumns(b *mat.Dense) float64 {
	_, d := b.Dims()
	empty := 0.0
	for j := range d {
		if column := b.ColView(j); mat.Dot(column, column) <= rundir.EmptyColumn {
			empty++
		}
	}
	return empty / float64(d)
}

// permutationRows is Structure.PermutationRows of unit rows.
func permutationRows(b *mat.Dense) float64 {
	n, _ := b.Dims()
	like := 0.0
	for i := range n {
		if most := floats.Norm(b.RawRowView(i), math.Inf(1)); most*most > 0.5 {
			like++
		}
	}
	return like / float64(n)
}

// structureEvery is the number of steps between measurements of structure. It is a multiple of the steps between
// checkpoints, and so large that the measurements take less than a hundredth of a run. The last step always has a
// measurement. A measurement takes as long as about 12·min(n, d)/batch updates of the same model on one thread (1.1 ms at
// n = d = 100, 47 ms at 400).
func structureEvery(c Config) int {
	updates := 12 * float64(min(c.Model.Code(), c.Model.Dim)) / math.Max(1, float64(c.Batch))
	if c.Alternating() {
		updates = 3 // at p = 1; masks are dearer
	}
	affordable := 0.01 * float64(c.Steps) / math.Max(updates, 1)
	checkpoints := float64(c.Steps) / float64(c.Checkpoint.Every)
	if affordable < 2 {
		return c.Steps // the last step alone
	}
	return c.Checkpoint.Every * int(math.Ceil(checkpoints/affordable))
}

// structureDue says whether structure.csv and event files have rows after a step.
func (r *run) structureDue(step int) bool {
	return (r.dir != nil || r.events != nil) && (step == r.config.Steps || step%structureEvery(r.config) == 0)
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
		if r.structure != nil {
			if err := r.structure.Line(s.Fields(r.step(), i, r.replicas[i])); err != nil {
				return fmt.Errorf("train: structure: %w", err)
			}
		}
		if err := r.recordWeights(s, i); err != nil {
			return err
		}
	}
	return nil
}

// shapeOf measures one replica.
func (r *run) shapeOf(replica int) (Structure, error) {
	b, a, err := r.matrices(replica)
	if err != nil {
		return Structure{}, err
	}
	return MeasureStructure(b, a)
}

// matrices are the encoder B (n, d) of a replica, its rows not normalised, and the decoder A (d, n), nil where no such matrix decodes.
func (r *run) matrices(replica int) (b, a *mat.Dense, err error) {
	n, d := r.config.Model.EncoderRows(), r.config.Model.Dim
	if b, err = r.weight(graph.EncoderWeight, replica, n, d); err != nil {
		return nil, nil, err
	}
	switch {
	case r.hasWeight(graph.DecoderWeight):
		if a, err = r.weight(graph.DecoderWeight, replica, d, n); err != nil {
			return nil, nil, err
		}
	case r.hasWeight(graph.DecoderScale):
		a = mat.DenseCopyOf(b.T()) // up to α, which the distance is free in
		if r.config.Model.Encoder == "trained" {
			a = mat.DenseCopyOf(matrix.UnitRows(b).T())
		}
	}
	return b, a, nil
}

func (r *run) hasWeight(name string) bool {
	return slices.ContainsFunc(r.tensors, func(b graph.Buffer) bool { return b.Kind == graph.Weight && b.Name == name })
}

// weight reads a matrix of one replica.
func (r *run) weight(name string, replica, rows, cols int) (*mat.Dense, error) {
	values := make([]float32, rows*cols)
	if err := r.algorithm.Read(name, replica, values); err != nil {
		return nil, fmt.Errorf("train: structure: read %s: %w", name, err)
	}
	return matrix.Widened(rows, cols, values), nil
}
