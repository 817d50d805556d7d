package terminal

import (
	"math"
	"strings"
)

// Bar is a progress bar on a line of its own.
type Bar struct{ Done, Total float64 }

// widestBar is the number of columns that are enough for a bar.
const widestBar = 60

func (b *Bar) lines(s Style, columns int) []string {
	if !(b.Total > 0) {
		return nil
	}
	columns = min(columns, widestBar)
	done := int(float64(columns) * math.Min(1, math.Max(0, b.Done/b.Total)))
	full, rest := "█", "░"
	if !s.Unicode {
		full, rest = "#", "-"
	}
	return []string{s.paint(strings.Repeat(full, done)) + strings.Repeat(rest, columns-done)}
}
