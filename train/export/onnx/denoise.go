package onnx

import (
	"fmt"
	"math"

	"autoamp/graph"
)

// denoise is f(u; θ); package kernels has the formulas of the families.
func (t *translator) denoise(out, u string, f graph.Family, theta constant) error {
	if knots, _, ok := f.Knots(); ok {
		t.spline(out, u, f, knots, theta)
		return nil
	}
	v := theta.floats()
	number := func(name string, value float32) string { return t.number(theta.name+"."+name, float64(value)) }
	parts := map[string]string{}
	for _, p := range f.Parts() {
		parts[p.Name] = p.Value
	}
	base, k, err := t.base(out, u, parts["base"], v, number)
	if err != nil {
		return fmt.Errorf("train: onnx: denoiser %v: %w", f, err)
	}
	terms := []string{base}
	if parts["is_linear"] == "true" {
		terms = append(terms, t.add(out+".linear", "Mul", []string{u, number("linear", v[k])}))
		k++
	}
	if parts["has_step"] == "true" {
		steep := t.add(out+".steep", "Mul", []string{u, number("steepness", v[k+1])})
		tanh := t.add(out+".tanh", "Tanh", []string{steep})
		terms = append(terms, t.add(out+".step", "Mul", []string{tanh, number("step", v[k])}))
	}
	t.sum(out, terms)
	return nil
}

// base is the first term of a family. params is the number of its parameters.
func (t *translator) base(
	out, u, base string, v []float32, number func(string, float32) string,
) (term string, params int, err error) {
	switch base {
	case "GATE": // u·(a0 + a1·σ(a2 + ρu²)), ρ = softplus(a3)
		square := t.add(out+".square", "Mul", []string{u, u})
		curve := t.add(out+".curve", "Mul", []string{square, number("rho", float32(softplus(float64(v[3]))))})
		shift := t.add(out+".shift", "Add", []string{curve, number("a2", v[2])})
		gate := t.add(out+".gate", "Sigmoid", []string{shift})
		open := t.add(out+".open", "Mul", []string{gate, number("a1", v[1])})
		factor := t.add(out+".factor", "Add", []string{open, number("a0", v[0])})
		return t.add(out+".base", "Mul", []string{u, factor}), 4, nil
	case "PAIR": // c·(tanh(a·u + e) + tanh(a·u − e))
		steep := t.add(out+".a", "Mul", []string{u, number("a", v[1])})
		e := number("e", v[2])
		right := t.add(out+".right", "Tanh", []string{t.add(out+".plus", "Add", []string{steep, e})})
		left := t.add(out+".left", "Tanh", []string{t.add(out+".minus", "Sub", []string{steep, e})})
		pair := t.add(out+".pair", "Add", []string{right, left})
		return t.add(out+".base", "Mul", []string{pair, number("c", v[0])}), 3, nil
	}
	return "", 0, fmt.Errorf("base %q: has no translation", base)
}

// sum adds terms up.
func (t *translator) sum(out string, terms []string) {
	if len(terms) == 1 {
		t.add(out, "Identity", terms)
		return
	}
	total := terms[0]
	for i, term := range terms[1:] {
		name := out
		if i < len(terms)-2 {
			name = fmt.Sprintf("%s.sum%d", out, i+1)
		}
		total = t.add(name, "Add", []string{total, term})
	}
}

// spline is v_k + t·(v_{k+1} − v_k) with k = ⌊x⌋ but from 0 to K−2, t = x − k, x = u/h + (K−1)/2.
func (t *translator) spline(out, u string, f graph.Family, knots int, theta constant) {
	values, rises := splineCells(f, knots, theta.floats())
	size := []int{knots - 1}
	left := t.initialise(theta.name+".values", values, size...)
	rise := t.initialise(theta.name+".rises", rises, size...)
	per := t.number(theta.name+".inverse", float64(knots-1)/(2*graph.SplineRange))
	x := t.add(out+".x", "Add", []string{t.add(out+".scaled", "Mul", []string{u, per}), t.number(theta.name+".centre", float64(knots-1)/2)})
	floor := t.add(out+".floor", "Floor", []string{x})
	k := t.add(out+".k", "Clip", []string{floor, t.number("zero", 0), t.number(theta.name+".last", float64(knots-2))})
	part := t.add(out+".t", "Sub", []string{x, k})
	index := t.add(out+".index", "Cast", []string{k}, attribute{"to", int64Type})
	start := t.add(out+".start", "Gather", []string{left, index})
	slope := t.add(out+".rise", "Gather", []string{rise, index})
	t.add(out, "Add", []string{t.add(out+".part", "Mul", []string{part, slope}), start})
}

// splineCells are the values at the left knots of the cells, and the rises in the cells.
func splineCells(f graph.Family, knots int, theta []float32) (values, rises []float32) {
	wide := make([]float64, len(theta))
	for i, v := range theta {
		wide[i] = float64(v)
	}
	at, unused := f.At(wide), make([]float64, len(theta))
	h := 2 * graph.SplineRange / float64(knots-1)
	for k := range knots - 1 {
		value, slope := at((float64(k)+0.5)*h-graph.SplineRange, unused) // the middle: no knot is on either side by rounding
		values = append(values, float32(value-slope*h/2))
		rises = append(rises, float32(slope*h))
	}
	return values, rises
}

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
