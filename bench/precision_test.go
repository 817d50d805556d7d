package bench

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"autoamp/graph"
)

// TestPrecision measures the CPU's executor. Its products are float32: their error against float64
// is below 10·u·√k and not 0.
func TestPrecision(t *testing.T) {
	t.Parallel()
	r, err := Precision(t.Context(), PrecisionSettings{
		Precisions: []string{"a", "b"}, Sizes: [][2]int{{16, 32}}, Steps: 300, Seeds: 2, Product: [2]int{48, 33},
		Open: func(string) (graph.Executor, error) { return open(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Rows {
		if len(row.Products) != 5 {
			t.Errorf("%d products", len(row.Products))
		}
		for _, p := range row.Products {
			if limit := 10 * math.Sqrt(48) / (1 << 24); !(p.Error > 0 && p.Error <= limit) {
				t.Errorf("%s: error %g, want at most %g and not 0", p.Product, p.Error, limit)
			}
		}
		// Far from trained, but better than no code, whose error is 1.
		if m := row.Trained[0]; !(m.TestMSE < 0.9 && m.TestMSE > 0.2 && m.TestMSEStderr > 0) || m.Steps != 300 {
			t.Errorf("%+v", m)
		}
	}
	if r.Rows[0].Trained[0].TestMSE != r.Rows[1].Trained[0].TestMSE {
		t.Error("the same arithmetic and seeds end at different errors")
	}
	var s bytes.Buffer
	if err := r.Markdown(&s); err != nil || strings.Count(s.String(), "\n| 16, 32 | 300 |") != 2 {
		t.Errorf("%v\n%s", err, s.String())
	}
}
