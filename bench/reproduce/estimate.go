package reproduce

import (
	"math"
)

// Estimate is a number with its standard error, from a number of seeds. Seeds is 0 for an exact number, such as a value of the
// theory.
type Estimate struct {
	Value, Stderr float64
	Seeds         int

	origin string // the families of the cells that it is from
}

// Exact is an estimate without error.
func Exact(value float64) Estimate { return Estimate{Value: value} }

// Mean is the mean of a column over rows, one row for each seed. Its standard error is the larger of two: from the spread
// of the rows, and from the rows' own errors in the column stderr. The second is larger for a few rows that agree by luck.
// stderr may be empty.
func Mean(rows []Row, column, stderr string) Estimate {
	var own float64
	for _, r := range rows {
		if e := r.Num(stderr); stderr != "" && !math.IsNaN(e) {
			own += e * e
		}
	}
	e := over(rows, func(r Row) float64 { return r.Num(column) })
	e.Stderr, e.origin = math.Max(e.Stderr, math.Sqrt(own)/float64(len(rows))), origin(rows)
	return e
}

// PerSeed is a statistic of the rows of each seed, for example a slope: its mean over seeds and the standard error of the mean.
func PerSeed(rows []Row, statistic func([]Row) float64) Estimate {
	var seeds []string
	of := map[string][]Row{}
	for _, r := range rows {
		seed := r.Text("seed")
		if of[seed] == nil {
			seeds = append(seeds, seed)
		}
		of[seed] = append(of[seed], r)
	}
	e := over(seeds, func(seed string) float64 { return statistic(of[seed]) })
	e.origin = origin(rows)
	return e
}

// over is the mean of a number over samples, with the standard error of the mean.
func over[T any](samples []T, number func(T) float64) Estimate {
	n := float64(len(samples))
	var sum, squares float64
	for _, s := range samples {
		sum += number(s)
	}
	mean := sum / n
	for _, s := range samples {
		squares += (number(s) - mean) * (number(s) - mean)
	}
	e := Estimate{Value: mean, Seeds: len(samples)}
	if n > 1 {
		e.Stderr = math.Sqrt(squares / (n * (n - 1)))
	}
	return e
}

// Plus is the sum of two independent estimates.
func (e Estimate) Plus(other Estimate) Estimate {
	return Estimate{e.Value + other.Value, math.Hypot(e.Stderr, other.Stderr), fewest(e, other), bothOrigins(e.origin, other.origin)}
}

// Minus is the difference of two independent estimates.
func (e Estimate) Minus(other Estimate) Estimate { return e.Plus(other.Times(-1)) }

// Times is the multiple of an estimate.
func (e Estimate) Times(factor float64) Estimate {
	return Estimate{factor * e.Value, math.Abs(factor) * e.Stderr, e.Seeds, e.origin}
}

// Over is the quotient of two independent estimates, with its error to first order.
func (e Estimate) Over(other Estimate) Estimate {
	q := e.Value / other.Value
	return Estimate{q, math.Hypot(e.Stderr, q*other.Stderr) / math.Abs(other.Value), fewest(e, other), bothOrigins(e.origin, other.origin)}
}

// fewest is the smaller number of seeds of two estimates; an exact one does not count.
func fewest(a, b Estimate) int {
	if a.Seeds == 0 || b.Seeds == 0 {
		return max(a.Seeds, b.Seeds)
	}
	return min(a.Seeds, b.Seeds)
}

// freedom is the number of degrees of freedom of the error of a difference, by Welch and Satterthwaite. It is infinite where
// neither error is from seeds.
func freedom(a, b Estimate) float64 {
	share := func(e Estimate) (variance, perFreedom float64) {
		variance = e.Stderr * e.Stderr
		if e.Seeds < 2 {
			return variance, 0
		}
		return variance, variance * variance / float64(e.Seeds-1)
	}
	va, fa := share(a)
	vb, fb := share(b)
	if fa+fb == 0 {
		return math.Inf(1)
	}
	return (va + vb) * (va + vb) / (fa + fb)
}
