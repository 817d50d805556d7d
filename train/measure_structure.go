package train

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/train/rundir"
)

// MeasureStructure measures an encoder B (n, d) and its decoder A (d, n), which may be nil. The rows of B are normalised
// inside. Cost O(nd·min(n, d)). Beside the weights it needs memory for some hundred rows of them and, for n > d, for nd numbers.
func MeasureStructure(b, a mat.Matrix) (Structure, error) {
	n, d := b.Dims()
	if a != nil {
		if r, c := a.Dims(); r != d || c != n {
			return Structure{}, fmt.Errorf("train: structure: A is %d×%d, want %d×%d, the transpose of B's shape", r, c, d, n)
		}
	}
	if !finite(b) || a != nil && !finite(a) {
		return Structure{}, errors.New("train: structure: a weight is not finite")
	}
	u := newUnitRows(b)
	var s Structure
	s.GramRMS, s.GramMax = offDiagonal(u)
	if a != nil {
		tied := tiedDistance(u, a)
		s.Tied = &tied
	}
	s.Permutation = permutationDistance(u)
	s.EmptyColumns = emptyColumns(u)
	s.PermutationRows = permutationRows(u)
	return s, nil
}

func finite(m mat.Matrix) bool {
	rows, cols := m.Dims()
	row, sum := make([]float64, cols), 0.0
	for i := range rows {
		sum += floats.Sum(mat.Row(row, i, m)) // of weights: far from overflow, unless one is not finite
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

// unitRows is B from W: Bᵢ = Wᵢ/‖Wᵢ‖, computed where it is read.
type unitRows struct {
	mat.Matrix
	scale []float64 // by row
}

func newUnitRows(w mat.Matrix) unitRows {
	n, d := w.Dims()
	u := unitRows{w, make([]float64, n)}
	row := make([]float64, d)
	for i := range u.scale {
		u.scale[i] = 1
		if norm := floats.Norm(mat.Row(row, i, w), 2); norm > 0 {
			u.scale[i] = 1 / norm
		}
	}
	return u
}

// At returns Bᵢⱼ.
func (u unitRows) At(i, j int) float64 { return u.scale[i] * u.Matrix.At(i, j) }

// T returns Bᵀ.
func (u unitRows) T() mat.Matrix { return mat.Transpose{Matrix: u} }

// rows writes the rows from the given one on to m, as many as it has or as there are, and returns their number.
func (u unitRows) rows(m *mat.Dense, from int) int {
	n, _ := u.Dims()
	most, _ := m.Dims()
	count := min(most, n-from)
	for i := range count {
		row := m.RawRowView(i)
		mat.Row(row, from+i, u.Matrix)
		floats.Scale(u.scale[from+i], row)
	}
	return count
}

// strip is the number of rows that are in memory as float64 at a time.
const strip = 128

// offDiagonal returns root mean square and maximum of |m_ij|, i ≠ j, of m = BBᵀ or, for n > d, (d/n)·BᵀB.
func offDiagonal(b unitRows) (rms, most float64) {
	n, d := b.Dims()
	size := min(n, d)
	if size < 2 {
		return 0, 0
	}
	g := gram{b: b, part: mat.NewDense(strip, size, nil), rows: mat.NewDense(strip, d, nil), other: mat.NewDense(strip, d, nil)}
	compute := g.ofRows
	if n > d {
		compute = g.ofColumns
	}
	for from := 0; from < size; from += strip {
		compute(from)
		for i := range min(strip, size-from) {
			for _, v := range g.part.RawRowView(i)[:from+i] {
				rms += v * v
				most = math.Max(most, math.Abs(v))
			}
		}
	}
	return math.Sqrt(2 * rms / float64(size*(size-1))), most
}

// gram computes a Gram matrix left of its diagonal, a strip of rows at a time.
type gram struct {
	b           unitRows
	part        *mat.Dense // (strip, size)
	rows, other *mat.Dense // (strip, d) of B
}

// ofRows computes the rows of BBᵀ from the given one on.
func (g gram) ofRows(from int) {
	count := g.b.rows(g.rows, from)
	for first := 0; first < from+count; first += strip {
		for j := range g.b.rows(g.other, first) {
			for i := max(0, first+j-from+1); i < count; i++ {
				g.part.Set(i, first+j, floats.Dot(g.rows.RawRowView(i), g.other.RawRowView(j)))
			}
		}
	}
}

// ofColumns computes the rows of (d/n)·BᵀB from the given one on.
func (g gram) ofColumns(from int) {
	n, d := g.b.Dims()
	g.part.Zero()
	scaled := g.other.RawRowView(0)
	for first := 0; first < n; first += strip {
		for k := range g.b.rows(g.rows, first) {
			row := g.rows.RawRowView(k)
			floats.ScaleTo(scaled, float64(d)/float64(n), row)
			for i := range min(strip, d-from) {
				floats.AddScaled(g.part.RawRowView(i)[:from+i], row[from+i], scaled[:from+i])
			}
		}
	}
}

// tiedDistance is Structure.Tied: ‖x − αy‖/‖x‖ at the best α, for x = AB and y = BᵀB, a strip of rows at a time. The inner products of
// x and y, or of their factors, would lose half of the digits of a small distance. So they are those of x − α₀y and y, where α₀ is the
// best factor of the first strip: it is α itself where the distance is 0, and what is left to subtract is then as small as the distance.
func tiedDistance(b unitRows, a mat.Matrix) float64 {
	_, d := b.Dims()
	p := newProducts(b, a)
	var xx, rr, ry, yy, alpha float64
	for from := 0; from < d; from += strip {
		x, y := p.strip(from)
		if from == 0 {
			if own := floats.Dot(y, y); own > 0 {
				alpha = floats.Dot(x, y) / own
			}
		}
		norm := floats.Norm(x, 2)
		xx += norm * norm
		floats.AddScaled(x, -alpha, y)
		rr += floats.Dot(x, x)
		ry += floats.Dot(x, y)
		yy += floats.Dot(y, y)
	}
	if xx == 0 {
		return 1
	}
	return math.Sqrt(math.Max(0, rr-ry*ry/yy) / xx)
}

// products are strips of AB and BᵀB.
type products struct {
	b          unitRows
	a          mat.Matrix
	x, y, rows *mat.Dense // (strip, d)
	left       *mat.Dense // (strip, n) of A
}

func newProducts(b unitRows, a mat.Matrix) products {
	n, d := b.Dims()
	dense := func(cols int) *mat.Dense { return mat.NewDense(strip, cols, nil) }
	return products{b: b, a: a, x: dense(d), y: dense(d), rows: dense(d), left: dense(n)}
}

// strip returns rows of AB and of BᵀB, from the given one on, row after row. They are valid until the next call.
func (p products) strip(from int) (x, y []float64) {
	n, d := p.b.Dims()
	count := min(strip, d-from)
	for i := range count {
		mat.Row(p.left.RawRowView(i), from+i, p.a)
	}
	p.x.Zero()
	p.y.Zero()
	ofA, ofX, ofY := general(p.left, count), general(p.x, count), general(p.y, count)
	for first := 0; first < n; first += strip {
		rows := general(p.rows, p.b.rows(p.rows, first))
		ofA.Data, ofA.Cols = p.left.RawMatrix().Data[first:], rows.Rows
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, ofA, rows, 1, ofX)
		columns := rows
		columns.Data, columns.Cols = rows.Data[from:], count
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, columns, rows, 1, ofY)
	}
	return ofX.Data[:count*d], ofY.Data[:count*d]
}

// general is the first rows of m.
func general(m *mat.Dense, rows int) blas64.General {
	g := m.RawMatrix()
	g.Rows = rows
	return g
}

// permutationDistance is Structure.Permutation: of unit rows, ‖B − P‖² = Σ(1 + 1 − 2|B_iπ(i)|), so that the best P has the
// largest sum of |B_iπ(i)|.
func permutationDistance(b unitRows) float64 {
	n, d := b.Dims()
	short, long := min(n, d), max(n, d)
	at, one := b, mat.NewDense(1, long, nil)
	if n > d { // rows are read many times, and columns would be slow
		at = unitRows{mat.DenseCopyOf(b.T()), slices.Repeat([]float64{1}, d)}
	}
	cost := func(i int) []float64 {
		at.rows(one, i)
		row := one.RawRowView(0)
		for j, v := range row {
			row[j] = -math.Abs(v)
		}
		return row
	}
	square := 0.0
	for i, j := range assign(cost, short, long) {
		square += 2 - 2*math.Abs(at.At(i, j))
	}
	return math.Sqrt(math.Max(0, square) / float64(short))
}

// emptyColumns is Structure.EmptyColumns of unit rows.
func emptyColumns(b unitRows) float64 {
	n, d := b.Dims()
	energy, row := make([]float64, d), mat.NewDense(1, d, nil)
	for i := range n {
		b.rows(row, i)
		for j, v := range row.RawRowView(0) {
			energy[j] += v * v
		}
	}
	return float64(floats.Count(func(e float64) bool { return e <= rundir.EmptyColumn }, energy)) / float64(d)
}

// permutationRows is Structure.PermutationRows of unit rows.
func permutationRows(b unitRows) float64 {
	n, d := b.Dims()
	like, row := 0.0, mat.NewDense(1, d, nil)
	for i := range n {
		b.rows(row, i)
		if most := floats.Norm(row.RawRowView(0), math.Inf(1)); most*most > 0.5 {
			like++
		}
	}
	return like / float64(n)
}
