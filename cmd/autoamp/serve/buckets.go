package serve

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
)

// window is which points of a file of rows are asked for.
type window struct {
	points   int
	log      bool // evenly spaced in the logarithm of the step
	from, to int  // steps, both included
}

// The numbers of points.
const (
	defaultPoints = 600
	maxPoints     = 4000
	// maxNumbers bounds points times replicas.
	maxNumbers = 60_000
)

// parseWindow reads a query.
func parseWindow(query url.Values) (window, error) {
	w := window{points: defaultPoints, from: 0, to: math.MaxInt}
	switch spacing := query.Get("spacing"); spacing {
	case "", "linear":
	case "log":
		w.log = true
	default:
		return w, fmt.Errorf("spacing = %q: must be linear or log", spacing)
	}
	for name, to := range map[string]*int{"points": &w.points, "from": &w.from, "to": &w.to} {
		if text := query.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return w, fmt.Errorf("%s = %q: must be a whole number, at least 0", name, text)
			}
			*to = n
		}
	}
	if w.points < 2 || w.points > maxPoints {
		return w, fmt.Errorf("points = %d: must be at least 2 and at most %d", w.points, maxPoints)
	}
	return w, nil
}

// bucket is consecutive steps: the places of its first and behind its last in a list of steps.
type bucket struct{ first, end int }

// buckets divides ascending steps into at most the wanted number of buckets, evenly spaced on the axis. Steps outside the window
// are in none.
func (w window) buckets(steps []int, replicas int) []bucket {
	first, end := 0, len(steps)
	for first < end && steps[first] < w.from {
		first++
	}
	for end > first && steps[end-1] > w.to {
		end--
	}
	points := max(2, min(w.points, maxNumbers/max(1, replicas)))
	if end-first <= points {
		points = math.MaxInt // each step alone
	}
	var out []bucket
	current := -1
	for i := first; i < end; i++ {
		at := i
		if points < math.MaxInt {
			at = w.place(steps[i], steps[first], steps[end-1], points)
		}
		if at != current || len(out) == 0 {
			out, current = append(out, bucket{i, i}), at
		}
		out[len(out)-1].end = i + 1
	}
	return out
}

// place is the number of the bucket of a step between a lowest and a highest, in [0, points).
func (w window) place(step, low, high, points int) int {
	x, from, to := float64(step), float64(low), float64(high)
	if w.log {
		x, from, to = math.Log1p(x), math.Log1p(from), math.Log1p(to)
	}
	if to <= from {
		return 0
	}
	return min(points-1, int(float64(points)*(x-from)/(to-from)))
}
