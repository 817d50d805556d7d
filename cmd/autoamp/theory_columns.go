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
	models  []string                       // that reach it
}

// quantitiesOf returns the quantities for a model, in the order of tables and columns. The empty name means all.
// iterations is the length of the RI-GAMP list, dim > 0 adds the errors at that dimension.
func quantitiesOf(model string, iterations, dim int) []quantity {
	all := baseQuantities()
	for t := 2; t <= iterations; t++ {
		all = append(all, rigampQuantity(t))
	}
	all = append(all, bayesQuantity())
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

func bayesQuantity() quantity {
	return quantity{
		Name: "bayes", Title: "bayes", Label: "Bayes optimal", Formula: "Haar encoder, Bayes-optimal decoder (VAMP fixed point)",
		Value: func(p *amp.Prediction) *float64 { return &p.Bayes }, models: []string{reachBayes},
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
	}
}

// finite returns the errors at finite d, nil where they are left out.
func finite(p *amp.Prediction) (linear, denoiser *float64) {
	if p.FiniteDim == nil {
		return nil, nil
	}
	return &p.FiniteDim.Linear, p.FiniteDim.Denoiser
}

// curveHeader is the first row of the CSV. The last column is the status at the end of the recursion behind the Bayes-optimal
// error.
func curveHeader(quantities []quantity) []string {
	header := []string{"data", "p", "rate"}
	for _, q := range quantities {
		header = append(header, q.Name)
		if q.Name == "bayes" {
			header = append(header, "bayes_status")
		}
	}
	return header
}

// curveRow is the row of a point; a cell without a value is empty. Values have twelve digits, the accuracy of
// package amp.
func curveRow(p *amp.Prediction, quantities []quantity) []string {
	row := []string{p.Data, ftoa(p.P), ftoa(p.Rate)}
	for _, q := range quantities {
		cell := ""
		if v := q.Value(p); v != nil {
			cell = strconv.FormatFloat(*v, 'g', 12, 64)
		}
		row = append(row, cell)
		if q.Name == "bayes" {
			row = append(row, p.AMPStatus.String())
		}
	}
	return row
}
