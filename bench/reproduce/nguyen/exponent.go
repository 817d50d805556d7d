package nguyen

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// exponentOf is the exponent of y in x, by least squares of the logarithms.
func exponentOf(x, y []float64) float64 {
	logs := func(v []float64) []float64 {
		out := make([]float64, len(v))
		for i := range v {
			out[i] = math.Log(v[i])
		}
		return out
	}
	_, slope := stat.LinearRegression(logs(x), logs(y), nil, false)
	return slope
}
