package amp_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"autoamp/amp"

	"gonum.org/v1/gonum/mat"
)

// referenceRow is one row of testdata/reference.csv (amp/THEORY.md §15).
type referenceRow struct {
	quantity, distribution, extra string
	p, rate, value, tolerance     float64
}

// extraValue returns the number after "key=" in the extra column.
func (r referenceRow) extraValue(key string) float64 {
	for field := range strings.SplitSeq(r.extra, ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(field), key+"="); ok {
			x, err := strconv.ParseFloat(v, 64)
			if err == nil {
				return x
			}
		}
	}
	return math.NaN()
}

// prior returns the row's law.
func (r referenceRow) prior(t *testing.T) amp.Prior {
	t.Helper()
	prior, err := amp.NewPrior(priorName(r.distribution), r.p, r.extraValue("m"))
	if err != nil {
		t.Fatal(err)
	}
	return prior
}

// priorName translates the file's two-letter names.
func priorName(short string) string {
	return map[string]string{
		"G": "gaussian", "SG": "sparse-gaussian", "SR": "sparse-rademacher", "SL": "sparse-laplace", "SM": "sparse-mixture",
	}[short]
}

// readReference reads the table.
func readReference(t *testing.T) []referenceRow {
	t.Helper()
	f, err := os.Open("testdata/reference.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]referenceRow, 0, len(records))
	for _, rec := range records[1:] {
		number := func(s string) float64 {
			x, err := strconv.ParseFloat(s, 64)
			if err != nil {
				return math.NaN()
			}
			return x
		}
		rows = append(rows, referenceRow{
			quantity: rec[0], distribution: rec[1], extra: rec[4],
			p: number(rec[2]), rate: number(rec[3]), value: number(rec[5]), tolerance: number(rec[6]),
		})
	}
	return rows
}

// referenceDigits bounds the rounding of the file's twelve significant digits; deterministic values must agree that
// well wherever the file's own tolerance is looser for historical reasons.
func referenceDigits(value float64) float64 { return math.Max(1e-8, math.Abs(value)*1e-11) }

// TestReference computes every row. The values are held to 1e-8 or the file's tolerance, whichever is tighter.
func TestReference(t *testing.T) {
	for _, row := range readReference(t) {
		name := fmt.Sprintf("%s/%s/p=%g/r=%g/%s", row.quantity, row.distribution, row.p, row.rate, row.extra)
		t.Run(name, func(t *testing.T) {
			compute := referenceFunc(row.quantity)
			if compute == nil {
				t.Fatal("no computation for this quantity")
			}
			got := compute(t, row)
			tolerance := math.Min(row.tolerance, referenceDigits(row.value))
			if diff := math.Abs(got - row.value); !(diff <= tolerance) {
				t.Errorf("got %.13g, want %.13g: difference %.2g, tolerance %.2g", got, row.value, diff, tolerance)
			}
		})
	}
}

// referenceFunc returns the computation of a quantity.
func referenceFunc(quantity string) func(t *testing.T, r referenceRow) float64 {
	return map[string]func(t *testing.T, r referenceRow) float64{
		"R_gauss":        func(t *testing.T, r referenceRow) float64 { return amp.RGauss(r.rate) },
		"channel_mu":     func(t *testing.T, r referenceRow) float64 { mu, _ := amp.HaarChannel(r.rate); return mu },
		"channel_sigma2": func(t *testing.T, r referenceRow) float64 { _, s := amp.HaarChannel(r.rate); return s },
		"abs_mean":       func(t *testing.T, r referenceRow) float64 { return r.prior(t).AbsMean() },
		"identity_mse": func(t *testing.T, r referenceRow) float64 {
			mse, _ := amp.IdentityMSE(r.prior(t), r.rate)
			return mse
		},
		"fstar": func(t *testing.T, r referenceRow) float64 {
			mean, _ := amp.PosteriorMean(r.prior(t), r.rate, r.extraValue("u"))
			return mean
		},
		"fstar_deriv": func(t *testing.T, r referenceRow) float64 {
			_, slope := amp.PosteriorMean(r.prior(t), r.rate, r.extraValue("u"))
			return slope
		},
		"denoiser_mse":  func(t *testing.T, r referenceRow) float64 { return amp.DenoiserMSE(r.prior(t), r.rate) },
		"bayes_mse":     func(t *testing.T, r referenceRow) float64 { return bayes(t, r).Final() },
		"bayes_gamma1":  func(t *testing.T, r referenceRow) float64 { return bayes(t, r).Gamma1 },
		"rigamp2_mse":   func(t *testing.T, r referenceRow) float64 { return bayes(t, r).After(2) },
		"probit_gain_J": func(t *testing.T, r referenceRow) float64 { return amp.ProbitGain(r.extraValue("rho")) },
		"p_crit_linear": func(t *testing.T, r referenceRow) float64 {
			return criticalP(t)(amp.CriticalP(priorName(r.distribution), r.extraValue("m"), 1))
		},
		"p_crit_denoiser": func(t *testing.T, r referenceRow) float64 {
			return criticalP(t)(amp.CriticalPDenoiser(priorName(r.distribution), r.extraValue("m"), r.rate))
		},
		"two_tanh_shift": func(t *testing.T, r referenceRow) float64 {
			_, shift, _ := amp.SparseRademacher{P: r.p}.TwoTanh(r.rate)
			return shift
		},
		"two_tanh_slope": func(t *testing.T, r referenceRow) float64 {
			slope, _, _ := amp.SparseRademacher{P: r.p}.TwoTanh(r.rate)
			return slope
		},
		"rigamp2_mse_x2only":           func(t *testing.T, r referenceRow) float64 { return two(t, r).MSE2Only },
		"rigamp_alpha11":               func(t *testing.T, r referenceRow) float64 { return two(t, r).Alpha11 },
		"rigamp_beta21":                func(t *testing.T, r referenceRow) float64 { return two(t, r).Beta21 },
		"rigamp_mu2":                   func(t *testing.T, r referenceRow) float64 { return two(t, r).Mu2 },
		"rigamp_Omega12":               func(t *testing.T, r referenceRow) float64 { return two(t, r).Omega12 },
		"rigamp_Omega22":               func(t *testing.T, r referenceRow) float64 { return two(t, r).Omega22 },
		"rigamp_Sigma01":               func(t *testing.T, r referenceRow) float64 { return two(t, r).Sigma01 },
		"rigamp_Sigma11":               func(t *testing.T, r referenceRow) float64 { return two(t, r).Sigma11 },
		"free_cumulant_kappa6":         kappa6,
		"waterfill_bound":              waterfill,
		"population_risk":              populationRisk,
		"population_risk_at_optimal_A": populationRiskAtOptimum,
		"sparse_coding_bias":           sparseBias,
		"sparse_coding_h^(p-1)":        func(t *testing.T, r referenceRow) float64 { return amp.SparseCodingScale(int(r.extraValue("h")), r.p) },
		"sparse_coding_grad_at_truth_k1": func(t *testing.T, r referenceRow) float64 {
			r.extra = "h=256;c=0.6;xi=0.1"
			return amp.SparseCodingGradient(256, sparseBias(t, r), 1, 3)
		},
		"spectral_flow_first": func(t *testing.T, r referenceRow) float64 {
			lambda, err := amp.SpectralFlow([]float64{0.4, 0.9, 1.7}, r.extraValue("t"))
			if err != nil {
				t.Fatal(err)
			}
			return lambda[0]
		},
		"finite_d_linear_slope": func(t *testing.T, r referenceRow) float64 {
			linear, _ := amp.FiniteDimension(r.prior(t), r.rate, 1)
			return linear - amp.RGauss(r.rate)
		},
	}[quantity]
}

// two runs the two-iteration state evolution for a row.
func two(t *testing.T, r referenceRow) *amp.TwoIterations {
	t.Helper()
	result, err := amp.RIGAMPTwo(r.prior(t), r.rate)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// kappa6 is the third free cumulant, of the flat spectrum by series inversion of its moments max(1, r)^{k−1}, and of the
// two-level one.
func kappa6(t *testing.T, r referenceRow) float64 {
	level := math.Max(1, r.rate)
	moments := []float64{1, level, level * level, level * level * level}
	if r.distribution != "flat" {
		var err error
		if moments, err = amp.SpectrumMoments([]float64{0.4, 1.6}, 4); err != nil {
			t.Fatal(err)
		}
	}
	kappa, err := amp.FreeCumulants(moments, r.rate)
	if err != nil {
		t.Fatal(err)
	}
	return kappa[2]
}

// waterfill is the bound at d = 200.
func waterfill(t *testing.T, r referenceRow) float64 {
	eigenvalues := make([]float64, 200)
	zero := r.extraValue("zero fraction")
	for i := range eigenvalues {
		share := (float64(i) + 0.5) / float64(len(eigenvalues))
		switch {
		case math.IsNaN(zero) && share < 0.5:
			eigenvalues[i] = 2
		case math.IsNaN(zero):
			eigenvalues[i] = 0.5
		case share > zero:
			eigenvalues[i] = 1
		}
	}
	bound, _, err := amp.WaterFilling(eigenvalues, r.rate)
	if err != nil {
		t.Fatal(err)
	}
	return bound
}

// sparseBias is the bias of a sparse-coding row: amplitudes U(1,3), δ = h^{−2p}.
func sparseBias(_ *testing.T, r referenceRow) float64 {
	h := r.extraValue("h")
	return amp.SparseCodingBias(int(h), r.p, 2, math.Pow(h, -2*r.p), r.extraValue("xi"), r.extraValue("c"))
}

// explicitPair is the encoder (3, 4) and decoder (4, 3) of the population rows.
func explicitPair() (a, b *mat.Dense) {
	a, b = mat.NewDense(4, 3, nil), mat.NewDense(3, 4, nil)
	for i := range 3 {
		for j := range 4 {
			b.Set(i, j, math.Sin(1+math.Pow(float64(i*4+j), 1.1)))
			a.Set(j, i, 0.3*math.Cos(0.7*float64(j*3+i)))
		}
	}
	return a, b
}

// rowMasks enumerates the masks of a population row.
func rowMasks(t *testing.T, r referenceRow) []amp.Mask {
	masks, err := amp.AllMasks(4, r.p)
	if err != nil {
		t.Fatal(err)
	}
	return masks
}

func populationRisk(t *testing.T, r referenceRow) float64 {
	a, b := explicitPair()
	risk, err := amp.PopulationRisk(a, b, r.p, rowMasks(t, r))
	if err != nil {
		t.Fatal(err)
	}
	return risk
}

func populationRiskAtOptimum(t *testing.T, r referenceRow) float64 {
	_, b := explicitPair()
	masks := rowMasks(t, r)
	a, err := amp.OptimalDecoder(b, r.p, masks)
	if err != nil {
		t.Fatal(err)
	}
	risk, err := amp.PopulationRisk(a, b, r.p, masks)
	if err != nil {
		t.Fatal(err)
	}
	return risk
}

// bayes runs the recursion for a row.
func bayes(t *testing.T, r referenceRow) *amp.Trajectory {
	t.Helper()
	trajectory, err := amp.StateEvolution(r.prior(t), r.rate, nil)
	if err != nil {
		t.Fatal(err)
	}
	return trajectory
}

// criticalP unwraps a transition that must exist.
func criticalP(t *testing.T) func(c amp.Critical, ok bool, err error) float64 {
	return func(c amp.Critical, ok bool, err error) float64 {
		t.Helper()
		if err != nil || !ok {
			t.Fatalf("no transition: %v", err)
		}
		return c.P
	}
}
