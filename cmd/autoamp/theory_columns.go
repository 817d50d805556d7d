package main

import (
	"fmt"
	"slices"
	"strconv"

	"autoamp/amp"
)

// The models with theory, for quantitiesOf.
const (
	reachShallow  = "shallow"
	reachDenoiser = "denoiser"
	reachRIGAMP   = "rigamp"
	reachBayes    = "bayes"
)

// quantity is one number of a prediction.
type quantity struct {
	Name    string                         // in the header of the CSV
	Title   string                         // in tables
	Label   string                         // beside a curve; empty for a quantity without a curve
	Formula string                         // in a few words
	Value   func(*amp.Prediction) *float64 // nil where the theory has none
	Rate    func(*amp.Prediction) *float64 // r* of time-sharing; nil for the other quantities
	models  []string                       // that reach it
	limit   bool                           // computed by amp.Limits
}

// formula is Formula, with the r* of time-sharing.
func (q quantity) formula(p *amp.Prediction) string {
	if q.Rate == nil || q.Rate(p) == nil {
		return q.Formula
	}
	best := *q.Rate(p)
	if best == p.Rate {
		return "time-sharing gains nothing here"
	}
	return fmt.Sprintf("time-sharing: rate r* = %.4f on %.1f %% of the coordinates", best, 100*p.Rate/best)
}

// quantitiesOf returns the quantities for a model, in the order of tables and columns. The empty name means all.
// iterations is the length of the RI-GAMP list, dim > 0 adds the errors at that dimension.
func quantitiesOf(model string, iterations, dim int) []quantity {
	all := baseQuantities()
	for t := 2; t <= iterations; t++ {
		all = append(all, rigampQuantity(t))
	}
	all = append(all, bayesQuantities()...)
	all = append(all, sharedQuantities(iterations)...)
	all = append(all, shannonQuantity())
	all = append(all, criticalQuantities()...)
	if dim > 0 {
		all = append(all, finiteQuantities(dim)...)
	}
	return slices.DeleteFunc(all, func(q quantity) bool { return model != "" && !slices.Contains(q.models, model) })
}

func baseQuantities() []quantity {
	return []quantity{
		{
			Name: "gaussian", Title: "gaussian", Label: "linear decoder (Gaussian)", Formula: "Haar encoder, linear decoder",
			Value: func(p *amp.Prediction) *float64 { return &p.Gaussian }, models: []string{reachShallow},
		},
		{
			Name: "identity", Title: "identity", Label: "identity encoder", Formula: "identity encoder, linear decoder, 1 − r(E|x|)²",
			Value: func(p *amp.Prediction) *float64 { return p.Identity }, models: []string{reachShallow, reachDenoiser},
		},
		{
			Name: "chain", Title: "chain", Label: "chain encoder", Formula: "sign of the first non-zero of x_i, x_{i+1}, …, linear",
			Value: func(p *amp.Prediction) *float64 { return p.Chain }, models: []string{reachShallow, reachDenoiser},
		},
		{
			Name: "pairs", Title: "pairs", Label: "pairs of rows", Formula: "two rows, t·e_i ± Δ_i, for some coordinates, linear",
			Value: func(p *amp.Prediction) *float64 { return p.Pairs }, models: []string{reachShallow, reachDenoiser},
		},
		{
			Name: "denoiser", Title: "denoiser", Label: "denoiser", Formula: "Haar encoder, posterior mean",
			Value: func(p *amp.Prediction) *float64 { return &p.Denoiser }, models: []string{reachDenoiser, reachRIGAMP},
		},
	}
}

func rigampQuantity(t int) quantity {
	return quantity{
		Name: fmt.Sprintf("rigamp_%d", t), Title: fmt.Sprintf("rigamp %d", t), Label: fmt.Sprintf("RI-GAMP, %d iterations", t),
		Formula: fmt.Sprintf("Haar encoder, RI-GAMP, %d iterations", t),
		Value:   func(p *amp.Prediction) *float64 { return &p.RIGAMP[t-1] }, models: []string{reachRIGAMP},
	}
}

func bayesQuantities() []quantity {
	return []quantity{
		{
			Name: "amp", Title: "amp", Label: "AMP", Formula: "Haar encoder, the fixed point that AMP reaches",
			Value: func(p *amp.Prediction) *float64 { return &p.AMP }, models: []string{reachBayes},
		},
		{
			Name: "bayes", Title: "bayes", Label: "Bayes optimal", Formula: "Haar encoder, best decoder",
			Value: func(p *amp.Prediction) *float64 { return &p.Bayes }, models: []string{reachBayes},
		},
		{
			Name: "rate_it", Title: "r_IT", Formula: "from this rate on the code determines discrete data",
			Value: func(p *amp.Prediction) *float64 { return p.RateIT }, models: []string{reachBayes}, limit: true,
		},
	}
}

// sharedQuantities are the best time-sharing of the decoders that gain from it. RI-GAMP is there after its last iteration.
func sharedQuantities(iterations int) []quantity {
	shared := func(name, title, label, model string, value func(*amp.TimeSharing) (mse, rate *float64)) quantity {
		pick := func(rate bool) func(*amp.Prediction) *float64 {
			return func(p *amp.Prediction) *float64 {
				if p.TimeSharing == nil {
					return nil
				}
				mse, best := value(p.TimeSharing)
				if rate {
					return best
				}
				return mse
			}
		}
		return quantity{
			Name: name + "_shared", Title: title + ", shared", Label: label + ", time-sharing", Formula: "time-sharing",
			Value: pick(false), Rate: pick(true), models: []string{model}, limit: true,
		}
	}
	all := []quantity{shared("denoiser", "denoiser", "denoiser", reachDenoiser, func(t *amp.TimeSharing) (mse, rate *float64) {
		return &t.Denoiser, &t.DenoiserRate
	})}
	if last := iterations - 1; last > 0 {
		title := fmt.Sprintf("rigamp %d", iterations)
		all = append(all, shared(fmt.Sprintf("rigamp_%d", iterations), title, "RI-GAMP", reachRIGAMP, func(t *amp.TimeSharing) (mse, rate *float64) {
			return &t.RIGAMP[last], &t.RIGAMPRate[last]
		}))
	}
	return append(all, shared("bayes", "bayes", "Bayes optimal", reachBayes, func(t *amp.TimeSharing) (mse, rate *float64) {
		return &t.Bayes, &t.BayesRate
	}))
}

func shannonQuantity() quantity {
	return quantity{
		Name: "shannon", Title: "shannon", Label: "Shannon's bound", Formula: "no code of this rate is better, whatever encoder and decoder",
		Value: func(p *amp.Prediction) *float64 { return p.Shannon }, models: []string{reachBayes}, limit: true,
	}
}

func criticalQuantities() []quantity {
	return []quantity{
		{
			Name: "critical_p", Title: "critical p", Formula: "above it identity beats Haar, linear decoder",
			Value: func(p *amp.Prediction) *float64 { return p.CriticalP }, models: []string{reachShallow},
		},
		{
			Name: "critical_p_denoiser", Title: "critical p, denoiser", Formula: "above it identity beats Haar, denoiser",
			Value: func(p *amp.Prediction) *float64 { return p.CriticalDenoiser }, models: []string{reachDenoiser},
		},
	}
}

func finiteQuantities(dim int) []quantity {
	return []quantity{
		{
			Name: "gaussian_finite", Title: fmt.Sprintf("gaussian, d = %d", dim), Label: fmt.Sprintf("linear decoder, d = %d", dim),
			Formula: "with the 1/d correction",
			Value:   func(p *amp.Prediction) *float64 { linear, _ := finite(p); return linear }, models: []string{reachShallow},
		},
		{
			Name: "denoiser_finite", Title: fmt.Sprintf("denoiser, d = %d", dim), Label: fmt.Sprintf("denoiser, d = %d", dim),
			Formula: "with the 1/d correction",
			Value:   func(p *amp.Prediction) *float64 { _, denoiser := finite(p); return denoiser }, models: []string{reachDenoiser},
		},
		{
			Name: "denoiser_shared_finite", Title: fmt.Sprintf("denoiser, shared, d = %d", dim), Label: fmt.Sprintf("denoiser, time-sharing, d = %d", dim),
			Formula: "with the 1/d correction", models: []string{reachDenoiser}, limit: true,
			Value: func(p *amp.Prediction) *float64 {
				if p.TimeSharing == nil {
					return nil
				}
				return p.TimeSharing.DenoiserFinite
			},
		},
	}
}

// finite returns the errors at finite d, nil where they are left out.
func finite(p *amp.Prediction) (linear, denoiser *float64) {
	if p.FiniteDim == nil {
		return nil, nil
	}
	return &p.FiniteDim.Linear, p.FiniteDim.Denoiser
}

// curveHeader is the first row of the CSV. Beside amp is the status at the end of its recursion, beside a time-sharing its r*.
func curveHeader(quantities []quantity) []string {
	header := []string{"data", "p", "rate"}
	for _, q := range quantities {
		header = append(header, q.Name)
		switch {
		case q.Name == "amp":
			header = append(header, "amp_status")
		case q.Rate != nil:
			header = append(header, q.Name+"_rate")
		}
	}
	return header
}

// curveRow is the row of a point.
func curveRow(p *amp.Prediction, quantities []quantity) []string {
	row := []string{p.Data, ftoa(p.P), ftoa(p.Rate)}
	for _, q := range quantities {
		row = append(row, q.cell(q.Value(p)))
		switch {
		case q.Name == "amp":
			row = append(row, p.AMPStatus.String())
		case q.Rate != nil:
			row = append(row, q.cell(q.Rate(p)))
		}
	}
	return row
}

// cell is a value, empty where there is none. Twelve digits are the accuracy of package amp, six that of its limits.
func (q quantity) cell(x *float64) string {
	switch {
	case x == nil:
		return ""
	case q.limit:
		return strconv.FormatFloat(*x, 'g', 6, 64)
	}
	return strconv.FormatFloat(*x, 'g', 12, 64)
}
