package rundir

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
)

// GDMinRow is a line of gdmin.csv: the quantities of Theorem 4.1 for one replica after a number of steps. B_0 = U·S_0·Vᵀ,
// λ are the min(n, d) largest eigenvalues of BBᵀ, and the ODE is amp.SpectralFlow, started from the eigenvalues of B_0.
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
	// ODEError is the largest relative distance of an eigenvalue to the ODE's eigenvalue of the same rank.
	ODEError float64 `json:"ode_error"`
	// Orthogonality is the largest |s_i² − max(1, n/d)| with S = diag(UᵀBV), ‖SSᵀ − I‖ for n ≤ d, and ODEOrthogonality the ODE's.
	Orthogonality    float64 `json:"orthogonality"`
	ODEOrthogonality float64 `json:"ode_orthogonality"`
	// Drift and DriftNorm are the Frobenius norm relative to ‖B‖ and the operator norm of R = B − U·S·Vᵀ, the rotation of
	// the singular vectors: the entries off the diagonal of UᵀBV and the part outside the span of V.
	Drift     float64 `json:"drift"`
	DriftNorm float64 `json:"drift_norm"`
	// MSE is the error on masks or samples that the decoder was not fitted to. Its mean is not below the infimum over
	// decoders. FitMSE is the error on the masks or samples of the fit. Its mean is not above that infimum. At p = 1
	// both are exact and equal.
	MSE    float64 `json:"mse"`
	FitMSE float64 `json:"fit_mse"`
	ODEMSE float64 `json:"ode_mse"` // 1 − r·mean λ/(λ + c₀) of the ODE, which ignores p
	// Gap is |MSE − MSE at p = 1| of the same seed, NaN if there is no p = 1 in the run.
	Gap float64 `json:"-"`
}

// GDMinHeader names the columns of gdmin.csv.
var GDMinHeader = []string{
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

// Fields are the columns of a line of gdmin.csv.
func (r *GDMinRow) Fields() []string {
	out := []string{
		strconv.Itoa(r.Step), Decimal(r.Time), strconv.Itoa(r.Replica), strconv.FormatUint(r.Seed, 10), Decimal(r.P),
	}
	for _, v := range r.numbers() {
		if math.IsNaN(*v) {
			out = append(out, "")
			continue
		}
		out = append(out, Decimal(*v))
	}
	return out
}

// parseGDMinRow is the inverse of Fields.
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
	data, err := readRows(dir, GDMinFile)
	if err != nil {
		return nil, fmt.Errorf("train: gdmin: %w", err)
	}
	rows, err := ParseGDMin(data)
	if err != nil {
		return nil, fmt.Errorf("train: %s: %w", filepath.Join(dir, GDMinFile), err)
	}
	return rows, nil
}

// ParseGDMin reads a gdmin.csv.
func ParseGDMin(data []byte) ([]GDMinRow, error) {
	lines, err := records(data, GDMinHeader)
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

// GDMinResult is the result of alternating minimisation for one replica.
type GDMinResult struct {
	Last        GDMinRow `json:"last"`          // the last row of gdmin.csv
	MaxODEError float64  `json:"max_ode_error"` // the largest GDMinRow.ODEError of all rows
	MaxDrift    float64  `json:"max_drift"`     // the largest GDMinRow.Drift of all rows
	MaxGap      *float64 `json:"max_gap"`       // the largest GDMinRow.Gap of all rows, null without p = 1
	MeanGap     *float64 `json:"mean_gap"`      // its mean over rows
}
