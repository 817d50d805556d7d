package rangamani

import (
	"context"

	"gonum.org/v1/gonum/floats"

	"autoamp/bench/reproduce/sparsecoding"
	"autoamp/datasets"
	"autoamp/graph"
)

// proxyRow is what Lemmas 5.1 and 5.2 speak of, at one W beside one dictionary. Alpha, Beta and Rest are means over columns of
// E proxy_i = α_iW_i − β_iA*_i + e_i in units of k/h, so that their scale is the second moment m₂ of an amplitude.
type proxyRow struct {
	recoveryRow
	// Norm and Proxy are the mean norms of the true gradient and of the proxy, Difference that of their difference.
	Norm, Proxy, Difference float64
	// Alpha and Beta are the coefficients, Rest is ‖e_i‖ with e_i across W_i and A*_i.
	Alpha, Beta, Rest float64
}

// proxy measures both gradients for the one k and the one δ of a recovery.
func (r recovery) proxy(ctx context.Context, exec graph.Executor) (*proxyRow, error) {
	r = r.withDefaults()
	measured, err := r.measure(ctx)
	if err != nil {
		return nil, err
	}
	row := &proxyRow{recoveryRow: measured[0]}
	dictionary, err := datasets.Dictionary(r.H, r.Dim, r.Seed)
	if err != nil {
		return nil, err
	}
	law, err := datasets.NewCodeLaw(datasets.NonNegativeCodes, r.H, row.Support, r.Lo, r.Hi)
	if err != nil {
		return nil, err
	}
	source := &datasets.Bilinear{Dictionary: dictionary, Atoms: r.H, Law: law, Seed: r.Seed}
	w := sparsecoding.Moved(dictionary, row.Delta, sparsecoding.UnitRows(r.H, r.Dim, r.Seed, sparsecoding.Displacement))
	g, err := gradientAt(ctx, exec, source, row.Bias, r.Samples, w, false)
	if err != nil {
		return nil, err
	}
	p, err := gradientAt(ctx, exec, source, row.Bias, r.Samples, w, true)
	if err != nil {
		return nil, err
	}
	row.Norm, row.Proxy, row.Difference = meanRowNorm(g, r.H), meanRowNorm(p, r.H), meanRowNorm(minus(p, g), r.H)
	row.project(p, w, dictionary, r.H)
	return row, nil
}

// project is the mean over columns of the projections of the proxy gradient on the plane of W_i and A*_i, by least squares.
func (row *proxyRow) project(proxy []float64, w, dictionary []float32, h int) {
	dim, unit := len(w)/h, float64(row.Support) // in units of k/h, averaged over h columns: the sum over 1/k
	for i := range h {
		g, wi, ai := proxy[i*dim:(i+1)*dim], wide(w[i*dim:(i+1)*dim]), wide(dictionary[i*dim:(i+1)*dim])
		ww, wa, aa := floats.Dot(wi, wi), floats.Dot(wi, ai), floats.Dot(ai, ai)
		gw, ga := floats.Dot(g, wi), floats.Dot(g, ai)
		determinant := ww*aa - wa*wa
		alpha, minusBeta := (gw*aa-ga*wa)/determinant, (ga*ww-gw*wa)/determinant
		rest := append([]float64(nil), g...)
		floats.AddScaled(rest, -alpha, wi)
		floats.AddScaled(rest, -minusBeta, ai)
		row.Alpha += alpha / unit
		row.Beta -= minusBeta / unit
		row.Rest += floats.Norm(rest, 2) / unit
	}
}

// coefficients are α_i and β_i in units of k/h where the active units are the support, up to terms of order k/n: with
// λ = ⟨W_i, A*_i⟩ and m₁, m₂ the moments of an amplitude,
//
//	α = λ²m₂ − 2λεm₁ + ε²,   β = λm₂ + (1 − ‖W_i‖²)(λm₂ − εm₁)
//
// at λ = 1, ‖W_i‖² = 1 + δ², their means over random columns.
//
// Source: amp/THEORY.md §13.2.
func (r recovery) coefficients(delta, bias float64) (alpha, beta float64) {
	m1, m2 := (r.Lo+r.Hi)/2, secondMoment(r.Lo, r.Hi)
	return m2*(1+delta*delta/float64(r.Dim)) - 2*bias*m1 + bias*bias, m2 - delta*delta*(m2-bias*m1)
}

func wide(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
