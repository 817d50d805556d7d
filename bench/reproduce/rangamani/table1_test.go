package rangamani

import (
	"math"
	"testing"

	"autoamp/amp"
	"autoamp/bench/reproduce"
)

// TestPaperMeetsItsClaims judges the paper's own table: every claim that is about its numbers must hold for them.
func TestPaperMeetsItsClaims(t *testing.T) {
	t.Parallel()
	var rows []reproduce.Row
	add := func(role string, c, hi float64) {
		for seed := range 3 {
			for i, h := range table1H {
				for j, p := range table1P {
					s := setting{H: h, P: p}
					rows = append(rows, reproduce.Row{
						"role": role, "h": h, "p": p, "prefactor": c, "hi": hi, "seed": seed, "support": s.support(),
						"norm": table1Norms[i][j], "paper_norm": table1Norms[i][j], "true_positive": 0.6, "expected_true_positive": 0.6,
					})
				}
			}
		}
	}
	add(roleTable, 0.6, 3)
	for _, c := range fitPrefactors {
		for _, hi := range fitHi {
			add(roleFit, c, hi)
		}
	}
	claims, err := table1Claims(&reproduce.Results{Rows: rows})
	if err != nil || len(claims) == 0 {
		t.Fatal(err)
	}
	for _, c := range claims {
		if c.Outcome() != reproduce.Pass {
			t.Errorf("%s: %s: found %g, reference %g, tolerance %g", c.Outcome(), c.Text, c.Found.Value, c.Reference.Value, c.Tolerance())
		}
	}
}

// TestLawDistance: the law of one number has the table's own spread, about one; h^{p−1} a third of that.
func TestLawDistance(t *testing.T) {
	t.Parallel()
	if d := lawDistance(func(int, float64) float64 { return 7 }); math.Abs(d-0.920) > 0.001 {
		t.Errorf("one number: %g, want .920 = √((.836² + .996²)/2)", d)
	}
	if d := lawDistance(amp.SparseCodingScale); math.Abs(d-0.320) > 0.001 {
		t.Errorf("h^{p−1}: %g, want .320 = √((.387² + .235²)/2)", d)
	}
}
