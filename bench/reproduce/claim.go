package reproduce

import (
	"fmt"
	"math"
	"slices"
)

// Estimate is a number with its standard error, 0 for an exact number.
type Estimate struct {
	Value, Stderr float64
}

// Exact is an estimate without error, for example the theory's value.
func Exact(value float64) Estimate { return Estimate{Value: value} }

// Mean is the mean of a column over rows, for example over seeds. Its standard error is the larger of two: from the spread
// of the rows, and from the rows' own errors in the column stderr. The second is larger for one row, or for a few rows that
// agree by luck. stderr may be empty.
func Mean(rows []Row, column, stderr string) Estimate {
	n := float64(len(rows))
	var sum, squares, own float64
	for _, r := range rows {
		sum += r.Num(column)
		if e := r.Num(stderr); stderr != "" && !math.IsNaN(e) {
			own += e * e
		}
	}
	mean := sum / n
	for _, r := range rows {
		squares += (r.Num(column) - mean) * (r.Num(column) - mean)
	}
	spread := 0.0
	if n > 1 {
		spread = math.Sqrt(squares / (n * (n - 1)))
	}
	return Estimate{mean, math.Max(spread, math.Sqrt(own)/n)}
}

// Median is the median of a column over rows. Its standard error is 0. It suits seeds with a broad spread.
func Median(rows []Row, column string) Estimate {
	values := make([]float64, len(rows))
	for i, r := range rows {
		values[i] = r.Num(column)
	}
	slices.Sort(values)
	n := len(values)
	if n == 0 {
		return Exact(math.NaN())
	}
	return Exact((values[(n-1)/2] + values[n/2]) / 2)
}

// Minus is the difference of two independent estimates.
func (e Estimate) Minus(other Estimate) Estimate {
	return Estimate{e.Value - other.Value, math.Hypot(e.Stderr, other.Stderr)}
}

// Claim is one assertion of a verdict, with its numbers.
type Claim struct {
	Text      string  // the claim in words: "p = 0.3: trained error is the Haar value at d = 100"
	Value     float64 // the number that was found
	Stderr    float64 // of Value
	Reference float64 // the number that Value is compared with, usually the value of the theory
	RefStderr float64 // of Reference, 0 for theory
	Allowed   string  // the criterion, in words
	Pass      bool
}

// Tolerance is the allowed distance of an estimate from its reference: the largest of the three.
type Tolerance struct {
	Relative float64 // share of the reference
	Absolute float64
	Sigmas   float64 // standard errors of the difference
}

// Within is the usual tolerance: a share of the reference, or four standard errors.
func Within(relative float64) Tolerance { return Tolerance{Relative: relative, Sigmas: 4} }

func (t Tolerance) String() string {
	text := ""
	add := func(s string) {
		if text != "" {
			text += " or "
		}
		text += s
	}
	if t.Relative > 0 {
		add(fmt.Sprintf("%g %%", 100*t.Relative))
	}
	if t.Absolute > 0 {
		add(fmt.Sprintf("±%.2g", t.Absolute))
	}
	if t.Sigmas > 0 {
		add(fmt.Sprintf("%g σ", t.Sigmas))
	}
	return "within " + text
}

// Equal claims that found is reference within a tolerance.
func Equal(text string, found, reference Estimate, t Tolerance) Claim {
	difference := found.Minus(reference)
	allowed := math.Max(math.Max(t.Relative*math.Abs(reference.Value), t.Absolute), t.Sigmas*difference.Stderr)
	return claim(text, found, reference, t.String(), math.Abs(difference.Value) <= allowed)
}

// Below claims that found is less than reference by more than sigmas standard errors of the difference.
func Below(text string, found, reference Estimate, sigmas float64) Claim {
	difference := reference.Minus(found)
	return claim(text, found, reference, beyond("below", sigmas), difference.Value > sigmas*difference.Stderr)
}

// Above claims that found is more than reference by more than sigmas standard errors of the difference.
func Above(text string, found, reference Estimate, sigmas float64) Claim {
	difference := found.Minus(reference)
	return claim(text, found, reference, beyond("above", sigmas), difference.Value > sigmas*difference.Stderr)
}

func beyond(side string, sigmas float64) string {
	if sigmas == 0 {
		return side
	}
	return fmt.Sprintf("%s by more than %g σ", side, sigmas)
}

// Check is a claim with any criterion. allowed is the criterion in words, and pass is its result.
func Check(text string, found, reference Estimate, allowed string, pass bool) Claim {
	return claim(text, found, reference, allowed, pass)
}

// claim is the numbers of a claim. A claim with a number that is not finite has failed.
func claim(text string, found, reference Estimate, allowed string, pass bool) Claim {
	for _, x := range []float64{found.Value, found.Stderr, reference.Value, reference.Stderr} {
		pass = pass && !math.IsNaN(x) && !math.IsInf(x, 0)
	}
	return Claim{text, found.Value, found.Stderr, reference.Value, reference.Stderr, allowed, pass}
}

// Sigma is the distance from the reference in standard errors of the difference, nil where there is no error.
func (c Claim) Sigma() *float64 {
	return quotient(c.Value-c.Reference, math.Hypot(c.Stderr, c.RefStderr))
}

// Percent is the distance from the reference in percent of it, nil where the reference is 0.
func (c Claim) Percent() *float64 { return quotient(100*(c.Value-c.Reference), math.Abs(c.Reference)) }

// quotient is a/b, nil unless it is a finite number.
func quotient(a, b float64) *float64 {
	q := a / b
	if b == 0 || math.IsNaN(q) || math.IsInf(q, 0) {
		return nil
	}
	return &q
}
