package rangamani

import (
	"math"
	"testing"
)

// TestProject finds the coefficients of a gradient that is 3W − 2A + e with e across both, of codes with two entries.
func TestProject(t *testing.T) {
	t.Parallel()
	w, a := []float32{1, 0.25, 0, 1, 0.5, 0}, []float32{1, 0, 0, 1, 0, 0}
	g := make([]float64, len(w))
	for i := range g {
		g[i] = 3*float64(w[i]) - 2*float64(a[i])
	}
	g[2], g[5] = 0.5, 0.7
	row := proxyRow{recoveryRow: recoveryRow{Support: 2}}
	row.project(g, w, a, 2)
	// Two columns in units of k/h = 1: the means.
	if math.Abs(row.Alpha-3) > 1e-12 || math.Abs(row.Beta-2) > 1e-12 || math.Abs(row.Rest-0.6) > 1e-12 {
		t.Errorf("α = %g, β = %g, ‖e‖ = %g, want 3, 2 and 0.6", row.Alpha, row.Beta, row.Rest)
	}
}

// TestCoefficients compares the proxy gradient of codes with one entry with its closed form. The frequencies of the atoms in the
// sample move both coefficients by 1 %, and their difference by less.
func TestCoefficients(t *testing.T) {
	t.Parallel()
	r := recovery{H: 20, Dim: 1000, Supports: []int{1}, Deltas: []float64{0.1}, Samples: 4000, Seed: 2}.withDefaults()
	row, err := r.proxy(t.Context(), executor(t))
	if err != nil {
		t.Fatal(err)
	}
	alpha, beta := r.coefficients(row.Delta, row.Bias)
	if math.Abs(row.Alpha-alpha) > 0.05 || math.Abs(row.Beta-beta) > 0.05 || row.Rest > 1e-4 {
		t.Errorf("α = %.4f, β = %.4f, ‖e‖ = %g, want %.4f, %.4f, 0", row.Alpha, row.Beta, row.Rest, alpha, beta)
	}
	if !row.Sufficient || row.Difference != 0 {
		t.Errorf("the proxy gradient differs by %g where no unit errs", row.Difference)
	}
}
