package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"autoamp/amp"
	"autoamp/train"
)

// theoryCmd is autoamp theory.
type theoryCmd struct {
	Data        string   `complete:"@laws" required:"" help:"${laws}, or npy:FILE: the law of the numbers of an array that train reads too, scaled to unit second moment, without the rows that would take minutes: time-sharing, r_IT and Shannon's bound." placeholder:"D"`
	P           *float64 `name:"p" help:"Probability of a coordinate not to be zero; not for gaussian and npy." placeholder:"P"`
	Rate        *float64 `help:"Bits of code per coordinate, r = n/d; may exceed 1." placeholder:"R"`
	MixtureMean *float64 `help:"Mean m of sparse-mixture, whose variance is 1/p − m². Default: 1." placeholder:"M"`
	Dim         *int     `help:"Dimension d: adds the errors at finite d." placeholder:"D"`
	Model       string   `enum:",shallow,denoiser,rigamp,bayes" default:"" help:"Only what this model reaches: shallow (eq. 2), denoiser (eq. 4), rigamp or bayes." placeholder:"M"`
	Iterations  *int     `help:"Iterations of RI-GAMP. Default: 5." placeholder:"T"`
	Sweep       string   `complete:"-" help:"A curve, as PARAM=FROM:TO:STEP: p=0.05:1:0.05 or rate=0.1:1.5:0.1. Prints CSV, or with --json an array." placeholder:"RANGE"`
	Out         string   `complete:"dir" help:"Directory for curves.csv and the figure curves.svg, curves.png of a sweep; it may exist." placeholder:"DIR"`
	Explain     bool     `xor:"form" help:"Say for every number which formula of which paper it is."`
	JSON        bool     `name:"json" xor:"form" help:"Print one JSON object."`

	samples int               // read from npy:FILE; 0 for other laws
	leftOut []*amp.Prediction // points of a sweep without some error at finite d
}

// Run prints the theory's values.
func (c *theoryCmd) Run(ctx context.Context, a *app) error {
	if err := c.check(); err != nil {
		return err
	}
	study, swept, err := c.study(ctx)
	if err != nil {
		return err
	}
	if study.Law != nil && c.Sweep != "" { // the output of a single point includes this note
		a.log.Info("scaled the samples to unit second moment", "samples", c.samples, "rms", study.Law.Scale())
	}
	if c.Sweep != "" {
		err := c.sweep(ctx, a, study, swept)
		if n := len(c.leftOut); n > 0 {
			a.log.Warn("left out errors at finite d", "points", n, "first", fmt.Sprintf("p = %g, rate %g: %s", c.leftOut[0].P, c.leftOut[0].Rate, c.leftOut[0].FiniteDimNote))
		}
		return err
	}
	prediction, err := study.Point()
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		return c.writeJSON(a.stdout, prediction)
	case c.Explain:
		return writeExplanation(a.stdout, c, prediction)
	}
	c.writePrediction(a.stdout, prediction)
	return nil
}

// maxIterations bounds the RI-GAMP list; all of them have converged long before.
const maxIterations = 1000

// check refuses flags that contradict each other or are out of bounds.
func (c *theoryCmd) check() error {
	switch {
	case c.Dim != nil && *c.Dim < 1:
		return usagef("amp: dim = %d: must be at least 1", *c.Dim)
	case c.Iterations != nil && (*c.Iterations < 1 || *c.Iterations > maxIterations):
		return usagef("amp: iterations = %d: must be from 1 to %d", *c.Iterations, maxIterations)
	case c.Out != "" && c.Sweep == "":
		return usagef("--out is for curves: give --sweep as well, for example --sweep p=0.05:1:0.05")
	case c.Explain && c.Sweep != "":
		return usagef("--explain is for one point: give --p and --rate instead of --sweep")
	}
	return c.checkLaw()
}

// checkLaw refuses flags of parameters that the law has not, by train's rule.
func (c *theoryCmd) checkLaw() error {
	law := train.DataConfig{Name: c.Data}
	if c.P != nil {
		law.P = []float64{*c.P}
	}
	if c.MixtureMean != nil {
		law.MixtureMean = *c.MixtureMean
	}
	if err := law.CheckLaw(); err != nil {
		return &usageError{err: withFlag(err)}
	}
	return nil
}

// study is the point or, with its range, the sweep to evaluate.
func (c *theoryCmd) study(ctx context.Context) (theoryStudy, sweepRange, error) {
	s := theoryStudy{
		Data: c.Data, MixtureMean: c.mixtureMean(), Limits: c.Model != reachShallow, Amp: &amp.Settings{Dim: c.dim(), Iterations: c.iterations()},
	}
	var swept sweepRange
	var err error
	if c.Sweep != "" {
		if swept, err = parseRange(c.Sweep); err != nil {
			return s, swept, err
		}
	}
	if file, ok := strings.CutPrefix(c.Data, "npy:"); ok {
		if c.P != nil {
			return s, swept, usagef("--p = %s: must be left out, the law of %s has no p", ftoa(*c.P), c.Data)
		}
		if s.Law, s.Share, c.samples, err = empiricalLaw(ctx, file); err != nil {
			return s, swept, err
		}
	}
	if s.P, err = c.probability(swept.Param); err != nil {
		return s, swept, err
	}
	s.Limits = s.Limits && s.Law == nil
	s.Rate, err = c.rate(swept.Param)
	return s, swept, err
}

func (c *theoryCmd) dim() int {
	if c.Dim == nil {
		return 0
	}
	return *c.Dim
}

func (c *theoryCmd) mixtureMean() float64 {
	if c.MixtureMean == nil {
		return 1
	}
	return *c.MixtureMean
}

func (c *theoryCmd) iterations() int {
	if c.Iterations == nil {
		return 5
	}
	return *c.Iterations
}

// probability is --p. A sweep over p and the laws without p need no --p.
func (c *theoryCmd) probability(swept string) (float64, error) {
	switch {
	case c.P != nil && swept == "p":
		return 0, usagef("--p and --sweep p can't be used together: give one of them")
	case c.P != nil:
		return *c.P, nil
	case swept == "p", c.Data == "gaussian", c.samples > 0:
		return 1, nil
	}
	return 0, usagef("--p is missing: the probability in (0, 1] that a coordinate of %s data is not zero", c.Data)
}

// rate is --rate, which a sweep does without.
func (c *theoryCmd) rate(swept string) (float64, error) {
	switch {
	case c.Rate != nil && swept == "rate":
		return 0, usagef("--rate and --sweep rate can't be used together: give one of them")
	case c.Rate != nil:
		return *c.Rate, nil
	case swept == "rate":
		return 1, nil
	}
	return 0, usagef("--rate is missing: the bits of code per coordinate, r = n/d, a positive number")
}

// quantities leaves out, for measured samples, what would take minutes.
func (c *theoryCmd) quantities() []quantity {
	return slices.DeleteFunc(quantitiesOf(c.Model, c.iterations(), c.dim()), func(q quantity) bool { return c.samples > 0 && q.limit })
}

// sweep evaluates a curve and writes it to standard output or to a directory.
func (c *theoryCmd) sweep(ctx context.Context, a *app, study theoryStudy, swept sweepRange) error {
	defer a.clear()
	study.Progress = newPoints(a, "theory", "point").update
	if c.Out != "" {
		return c.sweepTo(ctx, a, study, swept)
	}
	if c.JSON {
		return c.sweepJSON(ctx, a.stdout, study, swept)
	}
	return c.sweepCSV(ctx, a.stdout, study, swept)
}

// sweepCSV writes every row as soon as it is computed, so that an interrupted sweep leaves the finished rows.
func (c *theoryCmd) sweepCSV(ctx context.Context, w io.Writer, study theoryStudy, swept sweepRange) error {
	out, quantities, begun := csv.NewWriter(w), c.quantities(), false
	return study.Sweep(ctx, swept, func(p *amp.Prediction) error {
		c.count(p)
		if !begun { // after the first point, so that bad input prints nothing
			begun = true
			if err := out.Write(curveHeader(quantities)); err != nil {
				return err
			}
		}
		err := out.Write(curveRow(p, quantities))
		out.Flush()
		return errors.Join(err, out.Error())
	})
}

// sweepJSON writes one array.
func (c *theoryCmd) sweepJSON(ctx context.Context, w io.Writer, study theoryStudy, swept sweepRange) error {
	points := make([]any, 0, len(swept.Values))
	err := study.Sweep(ctx, swept, func(p *amp.Prediction) error {
		c.count(p)
		point, err := c.object(p)
		points = append(points, point)
		return err
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(points)
}

// sweepTo writes the CSV and the figure into --out and, with --json, the array to standard output.
func (c *theoryCmd) sweepTo(ctx context.Context, a *app, study theoryStudy, swept sweepRange) error {
	if err := makeOut(c.Out); err != nil {
		return err
	}
	var points []*amp.Prediction
	err := study.Sweep(ctx, swept, func(p *amp.Prediction) error {
		c.count(p)
		points = append(points, p)
		return nil
	})
	if err != nil {
		return fmt.Errorf("%w; wrote no curves to %s", err, c.Out)
	}
	files, err := writeCurves(c.Out, c.title(swept.Param), swept.Param, points, c.quantities())
	if err != nil {
		return err
	}
	if !c.JSON {
		_, err = fmt.Fprintln(a.stdout, strings.Join(files, "\n"))
		return err
	}
	objects := make([]any, len(points))
	for i, p := range points {
		if objects[i], err = c.object(p); err != nil {
			return err
		}
	}
	return json.NewEncoder(a.stdout).Encode(objects)
}

// count remembers a point that lacks an error at finite d.
func (c *theoryCmd) count(p *amp.Prediction) {
	if c.finiteNote(p) != "" {
		c.leftOut = append(c.leftOut, p)
	}
}

// finiteNote is the reason why a requested error at finite d is left out; it is empty if none is left out.
func (c *theoryCmd) finiteNote(p *amp.Prediction) string {
	for _, q := range c.quantities() {
		if (q.Name == "gaussian_finite" || q.Name == "denoiser_finite") && q.Value(p) == nil {
			return p.FiniteDimNote
		}
	}
	return ""
}

// title names the parameters that a curve keeps fixed.
func (c *theoryCmd) title(swept string) string {
	title := c.Data
	if c.samples == 0 {
		title = strings.NewReplacer("-", " ", "gaussian", "Gaussian", "rademacher", "Rademacher", "laplace", "Laplace").Replace(title)
	}
	if c.P != nil && swept != "p" && c.Data != "gaussian" {
		title += ", p = " + ftoa(*c.P)
	}
	if c.Data == "sparse-mixture" {
		title += ", m = " + ftoa(c.mixtureMean())
	}
	if swept != "rate" {
		title += ", rate " + ftoa(*c.Rate)
	}
	return title
}

// writeJSON prints one object.
func (c *theoryCmd) writeJSON(w io.Writer, p *amp.Prediction) error {
	object, err := c.object(p)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(object)
}

// object is a point in JSON: the whole prediction or, with --model, the fields that this model reaches.
func (c *theoryCmd) object(p *amp.Prediction) (any, error) {
	whole := prediction{Prediction: p}
	if law, ok := p.Prior.(*amp.Empirical); ok {
		scale := law.Scale()
		whole.Samples, whole.Scale = c.samples, &scale
	}
	if c.Model == "" {
		return whole, nil
	}
	text, err := json.Marshal(whole)
	if err != nil {
		return nil, err
	}
	fields := map[string]any{}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	maps.DeleteFunc(fields, func(name string, _ any) bool { return !strings.Contains(fieldsOf[c.Model]+fieldsOf[""], " "+name+" ") })
	fields["model"] = c.Model
	return fields, nil
}

// prediction is amp's prediction with the number and the scale of measured samples.
type prediction struct {
	*amp.Prediction
	Samples int      `json:"samples,omitempty"`
	Scale   *float64 `json:"scale,omitempty"` // the samples were divided by it
}

// fieldsOf lists the JSON fields that --model keeps.
var fieldsOf = map[string]string{
	"":            " data p rate samples scale ",
	reachShallow:  " gaussian identity chain pairs critical_p finite_dim finite_dim_note ",
	reachDenoiser: " denoiser identity chain pairs time_sharing critical_p_denoiser finite_dim finite_dim_note ",
	reachRIGAMP:   " rigamp time_sharing ",
	reachBayes:    " amp bayes rate_it time_sharing shannon ",
}

// writePrediction prints every value with its formula in a word.
func (c *theoryCmd) writePrediction(w io.Writer, p *amp.Prediction) {
	fmt.Fprintf(w, "%s: error per coordinate as d → ∞\n\n", c.heading(p))
	rows := [][]string{{"quantity", "value", "formula"}}
	for _, q := range c.quantities() {
		rows = append(rows, []string{q.Title, number(q.Value(p)), q.formula(p)})
	}
	writeTable(w, rows)
	if note := c.finiteNote(p); note != "" {
		fmt.Fprintf(w, "\n%s\n", note)
	}
	if p.AMPStatus != amp.Converged {
		fmt.Fprintf(w, "\nThe recursion of amp ended with status %v.\n", p.AMPStatus)
	}
}

// heading names the point, and the scaling of measured samples.
func (c *theoryCmd) heading(p *amp.Prediction) string {
	law, ok := p.Prior.(*amp.Empirical)
	if !ok {
		return fmt.Sprintf("%s, p = %s, rate %s", p.Data, ftoa(p.P), ftoa(p.Rate))
	}
	return fmt.Sprintf("%s, %d samples (%.4g %% not zero) divided by %.6g to unit second moment, rate %s",
		p.Data, c.samples, 100*p.P, law.Scale(), ftoa(p.Rate))
}

// number is a value, or a dash where the theory has none.
func number(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.6f", *x)
}
