package figure

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// RoundTicks are four to eleven labels at multiples of 1, 2 or 5 and a power of ten: a plot.TickerFunc.
func RoundTicks(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10(high-low)))
	for _, factor := range []float64{0.5, 0.4, 0.5} { // 0.5, 0.2, 0.1
		if (high-low)/step >= 4 {
			break
		}
		step *= factor
	}
	var ticks []plot.Tick
	for k := int(math.Ceil(low/step - 1e-9)); float64(k)*step <= high*(1+1e-12); k++ {
		v := float64(k) * step
		ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 6, 64)})
	}
	return ticks
}

// Decades are the ticks of a logarithmic axis: all powers of ten have labels and, in an axis of fewer than two, so have
// 2 and 5 times them. It is a plot.TickerFunc.
func Decades(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	few := high/low < 100
	for e := math.Floor(math.Log10(low)); math.Pow(10, e) <= high*(1+1e-9); e++ {
		for k := 1.0; k < 10; k++ {
			v := k * math.Pow(10, e)
			if v < low*(1-1e-9) || v > high*(1+1e-9) {
				continue
			}
			text := ""
			if k == 1 || few && (k == 2 || k == 5) {
				text = power(v)
			}
			ticks = append(ticks, plot.Tick{Value: v, Label: text})
		}
	}
	return ticks
}

// power writes a number of one digit without an exponent where that is short.
func power(v float64) string {
	if v >= 1e-3 && v < 1e7 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'e', -1, 64)
}
