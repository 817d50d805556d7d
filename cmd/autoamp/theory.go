package main

import (
	"encoding/json"
	"fmt"
	"io"

	"autoamp/amp"
)

// theoryCmd is autoamp theory.
type theoryCmd struct {
	Data        string   `required:"" help:"gaussian, sparse-gaussian, sparse-rademacher, sparse-laplace or sparse-mixture." placeholder:"D"`
	P           *float64 `name:"p" help:"Probability of a coordinate not to be zero; not for gaussian." placeholder:"P"`
	Rate        float64  `required:"" help:"Bits of code per coordinate, r = n/d; may exceed 1." placeholder:"R"`
	MixtureMean float64  `default:"1" help:"Mean m of sparse-mixture, whose variance is 1/p − m². Default: ${default}." placeholder:"M"`
	Dim         *int     `help:"Dimension d: adds the errors at finite d." placeholder:"D"`
	JSON        bool     `name:"json" help:"Print one JSON object."`
}

// Run prints the theory's values.
func (c *theoryCmd) Run(a *app) error {
	var settings amp.Settings
	if c.Dim != nil {
		if *c.Dim < 1 {
			return usagef("amp: dim = %d: must be at least 1", *c.Dim)
		}
		settings.Dim = *c.Dim
	}
	p, err := c.probability()
	if err != nil {
		return err
	}
	prediction, err := amp.Predict(c.Data, p, c.MixtureMean, c.Rate, &settings)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(prediction)
	}
	writePrediction(a.stdout, prediction)
	return nil
}

// probability is --p, which only the Gaussian law does without.
func (c *theoryCmd) probability() (float64, error) {
	switch {
	case c.P != nil:
		return *c.P, nil
	case c.Data == "gaussian":
		return 1, nil
	}
	return 0, usagef("--p is missing: the probability in (0, 1] that a coordinate of %s data is not zero", c.Data)
}

// writePrediction prints every value with its formula in a word.
func writePrediction(w io.Writer, p *amp.Prediction) {
	fmt.Fprintf(w, "%s, p = %s, rate %s: error per coordinate as d → ∞\n\n", p.Data, ftoa(p.P), ftoa(p.Rate))
	rows := [][]string{
		{"quantity", "value", "formula"},
		{"gaussian", number(&p.Gaussian), "Haar encoder, linear decoder"},
		{"identity", number(p.Identity), "identity encoder, linear decoder, 1 − r(E|x|)²"},
		{"denoiser", number(&p.Denoiser), "Haar encoder, posterior mean"},
	}
	for t := 1; t < len(p.RIGAMP); t++ {
		rows = append(rows, []string{
			fmt.Sprintf("rigamp %d", t+1), number(&p.RIGAMP[t]), fmt.Sprintf("Haar encoder, RI-GAMP, %d iterations", t+1),
		})
	}
	rows = append(rows,
		[]string{"bayes", number(&p.Bayes), "Haar encoder, Bayes-optimal decoder (VAMP fixed point)"},
		[]string{"critical p", number(p.CriticalP), "above it identity beats Haar, linear decoder"},
		[]string{"critical p, denoiser", number(p.CriticalDenoiser), "above it identity beats Haar, denoiser"},
	)
	if f := p.FiniteDim; f != nil {
		rows = append(rows,
			[]string{fmt.Sprintf("gaussian, d = %d", f.Dim), number(&f.Linear), "with the 1/d correction"},
			[]string{fmt.Sprintf("denoiser, d = %d", f.Dim), number(&f.Denoiser), "with the 1/d correction"},
		)
	}
	writeTable(w, rows)
	if p.BayesStatus != amp.Converged {
		fmt.Fprintf(w, "\nThe Bayes-optimal recursion ended with status %v.\n", p.BayesStatus)
	}
}

// number is a value, or a dash where the theory has none.
func number(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.6f", *x)
}
