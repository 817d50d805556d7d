package gdmin

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
	"autoamp/train/matrix"
	"autoamp/train/rundir"
)

// Trace compares the trajectories of replicas with the spectral flow, row by row of gdmin.csv.
type Trace struct {
	replicas *Replicas
	starts   []*start
	rows     []rundir.GDMinRow // all so far
	file     *rundir.CSV       // gdmin.csv, nil if nothing is written
}

// start is B_0 of a seed.
type start struct {
	u, v   mat.Dense // (n, k), (d, k) with k = min(n, d)
	lambda []float64 // (n), descending, zeros included
}

func newStart(b *mat.Dense) (*start, error) {
	n, _ := b.Dims()
	var svd mat.SVD
	if !svd.Factorize(b, mat.SVDThin) {
		return nil, fmt.Errorf("train: gd-min: the singular value decomposition of the initial encoder fails")
	}
	s := &start{lambda: make([]float64, n)}
	svd.UTo(&s.u)
	svd.VTo(&s.v)
	for i, v := range svd.Values(nil) {
		s.lambda[i] = v * v
	}
	return s, nil
}

// NewTrace makes the trace of replicas from their initial encoders.
func NewTrace(r *Replicas) (*Trace, error) {
	t := &Trace{replicas: r}
	bySeed := map[uint64]*start{}
	for _, m := range r.models {
		if bySeed[m.Seed] == nil {
			b := matrix.UnitRows(matrix.Widened(r.config.Model.Code(), r.config.Model.Dim, startOf(r.config, m.Seed)))
			var err error
			if bySeed[m.Seed], err = newStart(b); err != nil {
				return nil, err
			}
		}
		t.starts = append(t.starts, bySeed[m.Seed])
	}
	return t, nil
}

// Open opens gdmin.csv of a run directory for the rows to come. They follow the rows up to the checkpoint, whose extent is at.
func (t *Trace) Open(dir *rundir.Directory, at rundir.Extent) error {
	var err error
	if t.file, err = rundir.OpenCSV(dir.Disk, dir.File(rundir.GDMinFile), at, rundir.GDMinHeader); err != nil {
		return fmt.Errorf("train: gdmin: %w", err)
	}
	if dir.Checkpoint == nil {
		return nil
	}
	data, err := dir.Checkpoint.ReadRows(rundir.GDMinFile)
	if err == nil {
		t.rows, err = rundir.ParseGDMin(data)
	}
	if err != nil {
		return fmt.Errorf("train: gdmin: %w", err)
	}
	return nil
}

// File is gdmin.csv, nil if nothing is written.
func (t *Trace) File() *rundir.CSV { return t.file }

// Rows returns all rows so far, including the rows of earlier sessions.
func (t *Trace) Rows() []rundir.GDMinRow { return t.rows }

// Record measures every replica after a step. losses (batches, replicas) are the losses of an evaluation after that step.
func (t *Trace) Record(step int, losses []float64) error {
	rows := make([]rundir.GDMinRow, len(t.starts))
	atOne := map[uint64]float64{} // MSE at p = 1 by seed
	for i, m := range t.replicas.models {
		row, err := t.starts[i].measure(m.b, t.replicas.config.GDMin.StepSize*float64(step))
		if err != nil {
			return err
		}
		row.Step, row.Replica, row.Seed, row.P, row.FitMSE = step, i, m.Seed, m.P, m.mse
		row.MSE = meanOf(losses, i, len(rows))
		if row.P == 1 {
			atOne[row.Seed] = row.MSE
		}
		rows[i] = row
	}
	for i := range rows {
		rows[i].Gap = math.NaN()
		if mse, ok := atOne[rows[i].Seed]; ok {
			rows[i].Gap = math.Abs(rows[i].MSE - mse)
		}
		if t.file != nil {
			if err := t.file.Line(rows[i].Fields()); err != nil {
				return fmt.Errorf("train: gdmin: %w", err)
			}
		}
	}
	t.rows = append(t.rows, rows...)
	return nil
}

// meanOf is the mean of column i of values (rows, width).
func meanOf(values []float64, i, width int) float64 {
	mean, n := 0.0, float64(len(values)/width)
	for ; i < len(values); i += width {
		mean += values[i] / n
	}
	return mean
}

// measure compares unit rows b at a time with their start.
func (s *start) measure(b *mat.Dense, time float64) (rundir.GDMinRow, error) {
	n, d := b.Dims()
	k := min(n, d)
	row := rundir.GDMinRow{Time: time}
	ode, err := amp.SpectralFlow(s.lambda, time)
	if err != nil {
		return row, err
	}
	row.ODEMSE = amp.SpectralMSE(ode, float64(n)/float64(d))
	slices.SortFunc(ode, descending)
	lambda, err := eigenvalues(b)
	if err != nil {
		return row, err
	}
	ideal := math.Max(1, float64(n)/float64(d))
	for j := range k {
		row.ODEError = math.Max(row.ODEError, math.Abs(lambda[j]/ode[j]-1))
		row.ODEOrthogonality = math.Max(row.ODEOrthogonality, math.Abs(ode[j]-ideal))
	}
	row.LambdaMax, row.LambdaMin, row.ODEMax, row.ODEMin = lambda[0], lambda[k-1], ode[0], ode[k-1]
	values, rest := s.split(b)
	for _, v := range values {
		row.Orthogonality = math.Max(row.Orthogonality, math.Abs(v*v-ideal))
	}
	row.Drift = mat.Norm(rest, 2) / math.Sqrt(float64(n))
	squares, err := eigenvalues(rest)
	if err != nil {
		return row, err
	}
	row.DriftNorm = math.Sqrt(math.Max(0, squares[0]))
	return row, nil
}

// split returns the diagonal of UᵀBV and R = B − U·diag·Vᵀ.
func (s *start) split(b *mat.Dense) (values []float64, rest *mat.Dense) {
	var bv, image mat.Dense
	bv.Mul(b, &s.v)
	n, k := bv.Dims()
	values = make([]float64, k)
	for i := range n {
		floats.Add(values, floats.MulTo(make([]float64, k), s.u.RawRowView(i), bv.RawRowView(i)))
	}
	scaled := mat.DenseCopyOf(&s.u)
	for i := range n {
		floats.Mul(scaled.RawRowView(i), values)
	}
	image.Mul(scaled, s.v.T())
	image.Sub(b, &image)
	return values, &image
}

// eigenvalues returns the min(n, d) largest eigenvalues of MMᵀ, descending.
func eigenvalues(m *mat.Dense) ([]float64, error) {
	n, d := m.Dims()
	var gram mat.SymDense
	if n <= d {
		gram.SymOuterK(1, m)
	} else {
		gram.SymOuterK(1, m.T())
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(&gram, false) {
		return nil, fmt.Errorf("train: gd-min: the eigenvalues of BBᵀ do not converge")
	}
	values := eigen.Values(nil)
	slices.SortFunc(values, descending)
	return values, nil
}

func descending(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

// Results returns a result for every replica.
func (t *Trace) Results() []*rundir.GDMinResult {
	out := make([]*rundir.GDMinResult, len(t.starts))
	counts := make([]float64, len(t.starts))
	for i := range out {
		out[i] = &rundir.GDMinResult{}
	}
	for _, row := range t.rows {
		g := out[row.Replica]
		g.Last = row
		g.MaxODEError, g.MaxDrift = math.Max(g.MaxODEError, row.ODEError), math.Max(g.MaxDrift, row.Drift)
		if math.IsNaN(row.Gap) {
			continue
		}
		if g.MaxGap == nil {
			g.MaxGap, g.MeanGap = new(float64), new(float64)
		}
		counts[row.Replica]++
		*g.MaxGap = math.Max(*g.MaxGap, row.Gap)
		*g.MeanGap += (row.Gap - *g.MeanGap) / counts[row.Replica]
	}
	return out
}
