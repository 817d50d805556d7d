package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"autoamp/amp"
)

// maxSweepPoints bounds a range given to parseRange.
const maxSweepPoints = 100_000

// sweepRange is the parameter of a curve and the values that it takes.
type sweepRange struct {
	Param  string // "p" or "rate"
	Values []float64
}

// parseRange reads "p=0.05:1:0.05": from, to and step, both ends included. The values are rounded to twelve digits, so
// that the third one is 0.15 and not 0.15000000000000002.
func parseRange(s string) (sweepRange, error) {
	param, text, ok := strings.Cut(s, "=")
	if !ok || param != "p" && param != "rate" {
		return sweepRange{}, rangeError(s, "must be like p=0.05:1:0.05 or rate=0.1:1.5:0.1")
	}
	var bounds [3]float64
	fields := strings.Split(text, ":")
	if len(fields) != len(bounds) {
		return sweepRange{}, rangeError(s, "must have three numbers, from:to:step")
	}
	for i, field := range fields {
		x, err := strconv.ParseFloat(field, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return sweepRange{}, rangeError(s, strconv.Quote(field)+" must be a finite number")
		}
		bounds[i] = x
	}
	from, to, step := bounds[0], bounds[1], bounds[2]
	count := math.Floor((to-from)/step*(1+1e-12)+1e-9) + 1
	switch {
	case !(step > 0):
		return sweepRange{}, rangeError(s, fmt.Sprintf("step %g must be positive", step))
	case from > to:
		return sweepRange{}, rangeError(s, fmt.Sprintf("%g must not be above %g", from, to))
	case !(count <= maxSweepPoints):
		return sweepRange{}, rangeError(s, fmt.Sprintf("step %g must be larger: at most %d points", step, maxSweepPoints))
	}
	return sweepRange{Param: param, Values: ladder(from, step, int(count))}, nil
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
