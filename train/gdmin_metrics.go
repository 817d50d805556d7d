package train

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"autoamp/amp"
)

// GDMinRow is what Theorem 4.1 speaks of, for one replica after so many steps: a line of gdmin.csv. B_0 = U·S_0·Vᵀ, λ are
// the min(n, d) largest eigenvalues of BBᵀ, and the ODE is amp.SpectralFlow from those of B_0.
type GDMinRow struct {
	Step      int     `json:"step"` // updates done, from 0 on
	Time      float64 `json:"time"` // s = η·step
	Replica   int     `json:"replica"`
	Seed      uint64  `json:"seed"`
	P         float64 `json:"p"`
	LambdaMin float64 `json:"lambda_min"`
	LambdaMax float64 `json:"lambda_max"`
	ODEMin    float64 `json:"ode_min"`
	ODEMax    float64 `json:"ode_max"`
	// ODEError is the largest relative distance of an eigenvalue to the ODE's of the same rank.
	ODEError float64 `json:"ode_error"`
	// Orthogonality is the largest |s_i² − max(1, n/d)| with S = diag(UᵀBV), ‖SSᵀ − I‖ for n ≤ d, and ODEOrthogonality the ODE's.
	Orthogonality    float64 `json:"orthogonality"`
	ODEOrthogonality float64 `json:"ode_orthogonality"`
	// Drift and DriftNorm are the Frobenius norm relative to ‖B‖ and the operator norm of R = B − U·S·Vᵀ, the rotation of
	// the singular vectors: what is off the diagonal of UᵀBV or outside the span of V.
	Drift     float64 `json:"drift"`
	DriftNorm float64 `json:"drift_norm"`
	// MSE is on masks or samples other than those the decoder was fitted to, and so not below the infimum over decoders;
	// FitMSE is on those themselves, and so not above it, in the mean. At p = 1 both are exact and equal.
	MSE    float64 `json:"mse"`
	FitMSE float64 `json:"fit_mse"`
	ODEMSE float64 `json:"ode_mse"` // 1 − r·mean λ/(λ + c₀) of the ODE, which ignores p
	// Gap is |MSE − MSE at p = 1| of the same seed, NaN if there is no p = 1 in the run.
	Gap float64 `json:"-"`
}

var gdminHeader = []string{
	"step", "time", "replica", "seed", "p", "lambda_min", "lambda_max", "ode_min", "ode_max", "ode_error",
	"orthogonality", "ode_orthogonality", "drift", "drift_norm", "mse", "fit_mse", "ode_mse", "gap",
}

// numbers are the columns after p.
func (r *GDMinRow) numbers() []*float64 {
	return []*float64{
		&r.LambdaMin, &r.LambdaMax, &r.ODEMin, &r.ODEMax, &r.ODEError, &r.Orthogonality, &r.ODEOrthogonality,
		&r.Drift, &r.DriftNorm, &r.MSE, &r.FitMSE, &r.ODEMSE, &r.Gap,
	}
}

func (r *GDMinRow) fields() []string {
	out := []string{
		strconv.Itoa(r.Step), ftoa(r.Time), strconv.Itoa(r.Replica), strconv.FormatUint(r.Seed, 10), ftoa(r.P),
	}
	for _, v := range r.numbers() {
		if math.IsNaN(*v) {
			out = append(out, "")
			continue
		}
		out = append(out, ftoa(*v))
	}
	return out
}

// parseGDMinRow is the inverse of fields.
func parseGDMinRow(f []string) (row GDMinRow, err error) {
	keep := func(e error) {
		if err == nil {
			err = e
		}
	}
	number := func(s string) float64 {
		if s == "" {
			return math.NaN()
		}
		v, e := strconv.ParseFloat(s, 64)
		keep(e)
		return v
	}
	var e error
	row.Step, e = strconv.Atoi(f[0])
	keep(e)
	row.Time = number(f[1])
	row.Replica, e = strconv.Atoi(f[2])
	keep(e)
	row.Seed, e = strconv.ParseUint(f[3], 10, 64)
	keep(e)
	row.P = number(f[4])
	for i, v := range row.numbers() {
		*v = number(f[5+i])
	}
	return row, err
}

// ReadGDMin returns the rows of gdmin.csv of a run directory, as ReadMetrics does.
func ReadGDMin(dir string) ([]GDMinRow, error) {
	data, err := readVerified(dir, gdminFile)
	if err != nil {
		return nil, fmt.Errorf("train: gdmin: %w", err)
	}
	rows, err := parseGDMin(data)
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", filepath.Join(dir, gdminFile), err)
	}
	return rows, nil
}

func parseGDMin(data []byte) ([]GDMinRow, error) {
	lines, err := records(data, gdminHeader)
	if err != nil {
		return nil, err
	}
	rows := make([]GDMinRow, len(lines))
	for i, line := range lines {
		if rows[i], err = parseGDMinRow(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return rows, nil
}

// gdminTrace measures the trajectories of a run.
type gdminTrace struct {
	file   *CSV // gdmin.csv, nil if nothing is written
	starts []*gdminStart
	rows   []GDMinRow // all so far
}

// gdminStart is B_0 of a seed.
type gdminStart struct {
	u, v   mat.Dense // (n, k), (d, k) with k = min(n, d)
	lambda []float64 // (n), descending, zeros included
}

func newGDMinStart(b *mat.Dense) (*gdminStart, error) {
	n, _ := b.Dims()
	var svd mat.SVD
	if !svd.Factorize(b, mat.SVDThin) {
		return nil, fmt.Errorf("train: gd-min: the singular value decomposition of the initial encoder fails")
	}
	s := &gdminStart{lambda: make([]float64, n)}
	svd.UTo(&s.u)
	svd.VTo(&s.v)
	for i, v := range svd.Values(nil) {
		s.lambda[i] = v * v
	}
	return s, nil
}

// openTrace prepares the trace of a run of alternating minimisation. It is opened when the weights are in place.
func (r *run) openTrace() error {
	if !r.config.alternating() {
		return nil
	}
	r.trace = &gdminTrace{}
	bySeed := map[uint64]*gdminStart{}
	for _, rep := range r.replicas {
		if bySeed[rep.Seed] == nil {
			values, err := startOf(r.programs.Model.Params[0], 0, rep.Seed)
			if err != nil {
				return err
			}
			b := unitRows(widened(r.config.Model.Code(), r.config.Model.Dim, values))
			if bySeed[rep.Seed], err = newGDMinStart(b); err != nil {
				return err
			}
		}
		r.trace.starts = append(r.trace.starts, bySeed[rep.Seed])
	}
	if r.dir == nil {
		return nil
	}
	var err error
	if r.trace.file, err = openCSV(r.dir.disk, r.dir.file(gdminFile), r.Rows[gdminFile], gdminHeader); err != nil {
		return fmt.Errorf("train: gdmin: %w", err)
	}
	if r.dir.checkpoint == nil {
		return nil
	}
	data, err := r.dir.checkpoint.readRows(gdminFile)
	if err == nil {
		r.trace.rows, err = parseGDMin(data)
	}
	if err != nil {
		return fmt.Errorf("train: gdmin: %w", err)
	}
	return nil
}

// recordTrace measures every replica now; losses (batches, replicas) are those of an evaluation.
func (r *run) recordTrace(losses []float64) error {
	if r.trace == nil {
		return nil
	}
	models := r.runner.(*gdminRunner).models
	rows := make([]GDMinRow, len(models))
	dense := map[uint64]float64{} // MSE at p = 1 by seed
	var err error
	for i, m := range models {
		if rows[i], err = r.trace.starts[i].measure(m.b, r.config.GDMin.StepSize*float64(r.step())); err != nil {
			return err
		}
		row := &rows[i]
		row.Step, row.Replica, row.Seed, row.P, row.FitMSE = r.step(), i, m.replica.Seed, m.replica.P, m.mse
		row.MSE, _ = meanStderr(column(losses, i, len(models)))
		if row.P == 1 {
			dense[row.Seed] = row.MSE
		}
	}
	for i := range rows {
		rows[i].Gap = math.NaN()
		if mse, ok := dense[rows[i].Seed]; ok {
			rows[i].Gap = math.Abs(rows[i].MSE - mse)
		}
		if r.trace.file != nil {
			if err := r.trace.file.line(rows[i].fields()); err != nil {
				return fmt.Errorf("train: gdmin: %w", err)
			}
		}
	}
	r.trace.rows = append(r.trace.rows, rows...)
	return nil
}

// measure compares unit rows b at a time with their start.
func (s *gdminStart) measure(b *mat.Dense, time float64) (GDMinRow, error) {
	n, d := b.Dims()
	k := min(n, d)
	row := GDMinRow{Time: time}
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
func (s *gdminStart) split(b *mat.Dense) (values []float64, rest *mat.Dense) {
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

// GDMinResult is what a run of alternating minimisation says about one replica.
type GDMinResult struct {
	Last        GDMinRow `json:"last"`          // the last row of gdmin.csv
	MaxODEError float64  `json:"max_ode_error"` // the largest GDMinRow.ODEError of all rows
	MaxDrift    float64  `json:"max_drift"`     // the largest GDMinRow.Drift of all rows
	MaxGap      *float64 `json:"max_gap"`       // the largest GDMinRow.Gap of all rows, null without p = 1
	MeanGap     *float64 `json:"mean_gap"`      // its mean over rows
}

// results returns a result for every replica.
func (t *gdminTrace) results(replicas int) []*GDMinResult {
	out := make([]*GDMinResult, replicas)
	counts := make([]float64, replicas)
	for i := range out {
		out[i] = &GDMinResult{}
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
