package cpu

import (
	"testing"
	"time"
)

// pace finds the faster way soon after it became the faster one, and then spends few runs on the slower one.
func TestPace(t *testing.T) {
	const fast, slow = 20 * time.Millisecond, 40 * time.Millisecond
	for _, c := range []struct {
		name   string
		better func(run int) int
		want   int // of the last runs
		most   int // runs on the other way, of 640
	}{
		{"together", func(int) int { return together }, together, 48},
		{"apart", func(int) int { return apart }, apart, 48},
		{"together, after a start on one core", func(run int) int {
			if run < 8 {
				return apart
			}
			return together
		}, together, 60},
		{"apart, when the cores move away from each other", func(run int) int {
			if run < 320 {
				return together
			}
			return apart
		}, apart, 320},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, other, last := pace{worthTrying: true}, 0, 0
			for run := range 640 {
				last = p.choose()
				d := slow
				if last == c.better(run) {
					d = fast
				}
				if last != c.want {
					other++
				}
				p.took(d, 1)
			}
			if last != c.want || other > c.most {
				t.Errorf("ends with way %d after %d runs on the other one, want way %d and at most %d runs", last, other, c.want, c.most)
			}
		})
	}
}
