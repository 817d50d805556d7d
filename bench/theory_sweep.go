package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"autoamp/amp"
)

// MaxSweepPoints bounds a range given to ParseRange.
const MaxSweepPoints = 100_000

// Range is the parameter of a curve and the values that it takes.
type Range struct {
	Param  string // "p" or "rate"
	Values []float64
}

// ParseRange reads "p=0.05:1:0.05": from, to and step, both ends included. The values are rounded to twelve digits, so
// that the third one is 0.15 and not 0.15000000000000002.
func ParseRange(s string) (Range, error) {
	param, text, ok := strings.Cut(s, "=")
	if !ok || param != "p" && param != "rate" {
		return Range{}, rangeError(s, "must be like p=0.05:1:0.05 or rate=0.1:1.5:0.1")
	}
	var bounds [3]float64
	fields := strings.Split(text, ":")
	if len(fields) != len(bounds) {
		return Range{}, rangeError(s, "must have three numbers, from:to:step")
	}
	for i, field := range fields {
		x, err := strconv.ParseFloat(field, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return Range{}, rangeError(s, strconv.Quote(field)+" must be a finite number")
		}
		bounds[i] = x
	}
	from, to, step := bounds[0], bounds[1], bounds[2]
	count := math.Floor((to-from)/step*(1+1e-12)+1e-9) + 1
	switch {
	case !(step > 0):
		return Range{}, rangeError(s, fmt.Sprintf("step %g must be positive", step))
	case from > to:
		return Range{}, rangeError(s, fmt.Sprintf("%g must not be above %g", from, to))
	case !(count <= MaxSweepPoints):
		return Range{}, rangeError(s, fmt.Sprintf("step %g must be larger: at most %d points", step, MaxSweepPoints))
	}
	return Range{Param: param, Values: ladder(from, step, int(count))}, nil
}

func rangeError(value, allowed string) error {
	return &amp.DomainError{Field: "sweep", Value: value, Allowed: allowed}
}

// ladder returns from, from+step, …, rounded.
func ladder(from, step float64, count int) []float64 {
	values := make([]float64, count)
	for i := range values {
		values[i], _ = strconv.ParseFloat(strconv.FormatFloat(from+float64(i)*step, 'g', 12, 64), 64)
	}
	return values
}

// TheorySettings says for which law the theory is evaluated, and how.
type TheorySettings struct {
	Data        string  // a name that amp.NewPrior knows, or what Law is called
	P           float64 // ignored where P is swept or Law is given
	MixtureMean float64
	Rate        float64 // ignored where the rate is swept
	// Law is the law of measured samples. Nil means the law called Data.
	Law *amp.Empirical
	// Share is the share of Law's samples that are not zero; it takes P's place in the results.
	Share float64
	// Amp goes to amp.Predict. Nil means its defaults.
	Amp *amp.Settings
	// Progress hears of every point that is done. Nil means nobody.
	Progress func(done, total int)
}

// Point evaluates the theory at one point.
func (s TheorySettings) Point() (*amp.Prediction, error) {
	if s.Law == nil {
		return amp.Predict(amp.Point{Data: s.Data, P: s.P, MixtureMean: s.MixtureMean, Rate: s.Rate}, s.Amp)
	}
	p, err := amp.PredictPrior(s.Law, s.Rate, s.Amp)
	if err == nil {
		p.Data, p.P = s.Data, s.Share
	}
	return p, err
}

// at is the settings at one value of the swept parameter.
func (s TheorySettings) at(param string, value float64) TheorySettings {
	if param == "p" {
		s.P = value
	} else {
		s.Rate = value
	}
	return s
}

// Sweep evaluates the theory at every value of r and hands the points to visit in order. All values are checked before
// the first is evaluated. Between points it looks at ctx.
func (s TheorySettings) Sweep(ctx context.Context, r Range, visit func(*amp.Prediction) error) error {
	if err := s.checkSweep(r); err != nil {
		return err
	}
	for i, value := range r.Values {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("bench: theory stopped after %d of %d points: %w", i, len(r.Values), err)
		}
		p, err := s.at(r.Param, value).Point()
		if err != nil {
			return err
		}
		if err := visit(p); err != nil {
			return err
		}
		if s.Progress != nil {
			s.Progress(i+1, len(r.Values))
		}
	}
	return nil
}

// checkSweep reports the first value out of bounds. Both bounds are intervals, so the ends of the range decide, but the
// error names the value that a user sees in the curve.
func (s TheorySettings) checkSweep(r Range) error {
	if r.Param == "p" && (s.Law != nil || s.Data == "gaussian") {
		return rangeError("p", fmt.Sprintf("must be rate: %s has no p", s.Data))
	}
	for _, value := range r.Values {
		if r.Param == "rate" && !(value > 0) {
			return &amp.DomainError{Field: "rate", Value: value, Allowed: "must be positive"}
		}
		if r.Param == "p" {
			if _, err := amp.NewPrior(s.Data, value, s.MixtureMean); err != nil {
				return err
			}
		}
	}
	return nil
}

// The models whose reach the theory knows, for TheoryQuantities.
const (
	ModelShallow  = "shallow"
	ModelDenoiser = "denoiser"
	ModelRIGAMP   = "rigamp"
	ModelBayes    = "bayes"
)

// Quantity is one number of a prediction.
type Quantity struct {
	Name    string                         // in the header of the CSV
	Title   string                         // in tables
	Label   string                         // beside a curve; empty for what is no curve
	Formula string                         // in a few words
	Value   func(*amp.Prediction) *float64 // nil where the theory has none
	models  []string                       // that reach it
}

// TheoryQuantities returns what a model reaches, in the order of tables and columns; the empty name means everything.
// iterations is the length of the RI-GAMP list, dim > 0 adds the errors at that dimension.
func TheoryQuantities(model string, iterations, dim int) []Quantity {
	all := baseQuantities()
	for t := 2; t <= iterations; t++ {
		all = append(all, rigampQuantity(t))
	}
	all = append(all, bayesQuantity())
	all = append(all, criticalQuantities()...)
	if dim > 0 {
		all = append(all, finiteQuantities(dim)...)
	}
	return slices.DeleteFunc(all, func(q Quantity) bool { return model != "" && !slices.Contains(q.models, model) })
}

func baseQuantities() []Quantity {
	return []Quantity{
		{
			Name: "gaussian", Title: "gaussian", Label: "linear decoder (Gaussian)", Formula: "Haar encoder, linear decoder",
			Value: func(p *amp.Prediction) *float64 { return &p.Gaussian }, models: []string{ModelShallow},
		},
		{
			Name: "identity", Title: "identity", Label: "identity encoder", Formula: "identity encoder, linear decoder, 1 − r(E|x|)²",
			Value: func(p *amp.Prediction) *float64 { return p.Identity }, models: []string{ModelShallow, ModelDenoiser},
		},
		{
			Name: "chain", Title: "chain", Label: "chain encoder", Formula: "sign of the first non-zero of x_i, x_{i+1}, …, linear",
			Value: func(p *amp.Prediction) *float64 { return p.Chain }, models: []string{ModelShallow, ModelDenoiser},
		},
		{
			Name: "denoiser", Title: "denoiser", Label: "denoiser", Formula: "Haar encoder, posterior mean",
			Value: func(p *amp.Prediction) *float64 { return &p.Denoiser }, models: []string{ModelDenoiser, ModelRIGAMP},
		},
	}
}

func rigampQuantity(t int) Quantity {
	return Quantity{
		Name: fmt.Sprintf("rigamp_%d", t), Title: fmt.Sprintf("rigamp %d", t), Label: fmt.Sprintf("RI-GAMP, %d iterations", t),
		Formula: fmt.Sprintf("Haar encoder, RI-GAMP, %d iterations", t),
		Value:   func(p *amp.Prediction) *float64 { return &p.RIGAMP[t-1] }, models: []string{ModelRIGAMP},
	}
}

func bayesQuantity() Quantity {
	return Quantity{
		Name: "bayes", Title: "bayes", Label: "Bayes optimal", Formula: "Haar encoder, Bayes-optimal decoder (VAMP fixed point)",
		Value: func(p *amp.Prediction) *float64 { return &p.Bayes }, models: []string{ModelBayes},
	}
}

func criticalQuantities() []Quantity {
	return []Quantity{
		{
			Name: "critical_p", Title: "critical p", Formula: "above it identity beats Haar, linear decoder",
			Value: func(p *amp.Prediction) *float64 { return p.CriticalP }, models: []string{ModelShallow},
		},
		{
			Name: "critical_p_denoiser", Title: "critical p, denoiser", Formula: "above it identity beats Haar, denoiser",
			Value: func(p *amp.Prediction) *float64 { return p.CriticalDenoiser }, models: []string{ModelDenoiser},
		},
	}
}

func finiteQuantities(dim int) []Quantity {
	return []Quantity{
		{
			Name: "gaussian_finite", Title: fmt.Sprintf("gaussian, d = %d", dim), Label: fmt.Sprintf("linear decoder, d = %d", dim),
			Formula: "with the 1/d correction",
			Value:   func(p *amp.Prediction) *float64 { linear, _ := finite(p); return linear }, models: []string{ModelShallow},
		},
		{
			Name: "denoiser_finite", Title: fmt.Sprintf("denoiser, d = %d", dim), Label: fmt.Sprintf("denoiser, d = %d", dim),
			Formula: "with the 1/d correction",
			Value:   func(p *amp.Prediction) *float64 { _, denoiser := finite(p); return denoiser }, models: []string{ModelDenoiser},
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

// TheoryHeader is the first row of the CSV. The last column says how the recursion behind the Bayes-optimal error ended.
func TheoryHeader(quantities []Quantity) []string {
	header := []string{"data", "p", "rate"}
	for _, q := range quantities {
		header = append(header, q.Name)
		if q.Name == "bayes" {
			header = append(header, "bayes_status")
		}
	}
	return header
}

// TheoryRow is the row of a point; empty where there is no value. Values have the twelve digits that package amp
// stands for.
func TheoryRow(p *amp.Prediction, quantities []Quantity) []string {
	row := []string{p.Data, shortest(p.P), shortest(p.Rate)}
	for _, q := range quantities {
		cell := ""
		if v := q.Value(p); v != nil {
			cell = strconv.FormatFloat(*v, 'g', 12, 64)
		}
		row = append(row, cell)
		if q.Name == "bayes" {
			row = append(row, p.BayesStatus.String())
		}
	}
	return row
}

// shortest has as many digits as it takes to give back x.
func shortest(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
