package terminal

import (
	"math"
	"strings"
)

// Curve is an error against the step, on one line: columns are steps from 0 to Total, heights are logarithms. What is not reached
// is blank, so that the line is a progress bar as well.
type Curve struct {
	// Total is the number of steps.
	Total int
	// Floor is the error of the lowest height, if no error is below it; 0 is none.
	Floor float64

	sums   [buckets]float64 // of logarithms
	counts [buckets]int
	newest int // the number of buckets that are reached
}

// buckets bounds the memory, and the columns that differ.
const buckets = 512

// Add adds an error after a step from 0 to Total. One that is no positive number is left out.
func (c *Curve) Add(step int, mse float64) {
	if !(mse > 0) || math.IsInf(mse, 0) || c.Total < 1 {
		return
	}
	i := c.bucket(step)
	c.sums[i] += math.Log(mse)
	c.counts[i]++
	c.newest = max(c.newest, i+1)
}

// Reach says that a step is done, without an error of its own.
func (c *Curve) Reach(step int) {
	if c.newest > 0 {
		c.newest = max(c.newest, c.bucket(step)+1)
	}
}

func (c *Curve) bucket(step int) int {
	return int(min(buckets-1, max(0, int64(step)*buckets/int64(c.Total))))
}

// heights are the signs for eight heights.
var heights = map[bool][]string{
	true:  {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	false: {"_", ".", "-", "~", "=", "+", "*", "#"},
}

// lines is one line, none before the first error.
func (c *Curve) lines(s Style, columns int) []string {
	values := c.columns(columns)
	low, high, ok := c.extent(values, columns)
	if !ok {
		return nil
	}
	var line strings.Builder
	for _, v := range values {
		if math.IsNaN(v) {
			line.WriteByte(' ')
			continue
		}
		line.WriteString(heights[s.Unicode][height(v, low, high)])
	}
	return []string{s.paint(line.String())}
}

// extent is the logarithms that the heights are between. The first twentieth of the steps, with errors far above the others, is cut off once a fifth
// is done.
func (c *Curve) extent(values []float64, columns int) (low, high float64, ok bool) {
	if early := columns / 20; len(values) > 4*early {
		values = values[early:]
	}
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	if c.Floor > 0 {
		low = min(low, math.Log(c.Floor))
	}
	return low, max(high, low+leastSpan), !math.IsInf(high, -1)
}

// leastSpan is the least distance of the logarithms of the greatest height and the lowest, a fifth: noise is no mountain.
const leastSpan = 0.2

// height is the height of a value between two others, from 0 to 7.
func height(v, low, high float64) int {
	return int(math.Round(7 * (min(max(v, low), high) - low) / (high - low)))
}

// columns are the mean logarithms of the errors in columns; NaN before the first. A column without an error has that of the column
// before it. There are none for columns that are not reached.
func (c *Curve) columns(n int) []float64 {
	var out []float64
	last := math.NaN()
	for i := range n {
		from := i * buckets / n
		to := max(from+1, (i+1)*buckets/n)
		if from >= c.newest {
			break
		}
		var sum float64
		var count int
		for j := from; j < to; j++ {
			sum, count = sum+c.sums[j], count+c.counts[j]
		}
		if count > 0 {
			last = sum / float64(count)
		}
		out = append(out, last)
	}
	return out
}
