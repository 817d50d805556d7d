package figure

import (
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// TestBreakLabel: a label longer than the axis would leave a flat panel, as gonum makes room for it. Broken, it costs no height, and a
// short label stays.
func TestBreakLabel(t *testing.T) {
	t.Parallel()
	dc := draw.New(vgimg.New(6*vg.Inch, 1.8*vg.Inch))
	height := func(label string, fit bool) (vg.Length, int) {
		p := New("", "probability", label)
		p.X.Max, p.Y.Max = 1, 1
		if fit {
			breakLabel(p, dc)
		}
		return p.DataCanvas(dc).Size().Y, strings.Count(p.Y.Label.Text, "\n")
	}
	const long = "share of the rows that are like a permutation's"
	free, _ := height("", false)
	squeezed, _ := height(long, false)
	fitted, breaks := height(long, true)
	if squeezed > free/2 || fitted < free-1 || breaks == 0 {
		t.Errorf("axis of %.0f points, %.0f with a long label, %.0f with %d breaks", free.Points(), squeezed.Points(), fitted.Points(), breaks)
	}
	if h, breaks := height("share", true); h < free-1 || breaks != 0 {
		t.Errorf("a short label: axis of %.0f points, %d breaks", h.Points(), breaks)
	}
}
