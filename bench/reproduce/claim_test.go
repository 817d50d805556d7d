package reproduce

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestClaims(t *testing.T) {
	t.Parallel()
	half := Estimate{0.5, 0.01}
	for _, test := range []struct {
		name  string
		claim Claim
		want  bool
	}{
		{"within a share", Equal("", Exact(1.009), Exact(1), Tolerance{Relative: 0.01}), true},
		{"outside a share", Equal("", Exact(1.011), Exact(1), Tolerance{Relative: 0.01}), false},
		{"within 4 σ", Equal("", half, Exact(0.539), Within(0.01)), true},
		{"outside 4 σ", Equal("", half, Exact(0.541), Within(0.01)), false},
		{"both errors count", Equal("", half, Estimate{0.555, 0.01}, Tolerance{Sigmas: 4}), true}, // σ = 0.0141, 3.9 of them
		{"absolute, at 0", Equal("", Exact(1e-3), Exact(0), Tolerance{Absolute: 2e-3}), true},
		{"below", Below("", half, Exact(0.54), 3), true},
		{"not enough below", Below("", half, Exact(0.52), 3), false},
		{"equal is not below", Below("", Exact(1), Exact(1), 0), false},
		{"above", Above("", half, Exact(0.46), 3), true},
		{"not above", Above("", half, Exact(0.5), 0), false},
		{"NaN", Equal("", Exact(math.NaN()), Exact(1), Tolerance{Absolute: 10}), false},
		{"infinite error", Equal("", Estimate{1, math.Inf(1)}, Exact(1), Within(0.01)), false},
		{"NaN, whatever the criterion", Check("", Exact(math.NaN()), Exact(1), "", true), false},
	} {
		if test.claim.Pass != test.want {
			t.Errorf("%s: %v, want %v", test.name, test.claim.Pass, test.want)
		}
	}
}

// TestDistance: 0.53 ± 0.03 is 3/5 of its distance's error above 0.5 ± 0.04, and 6 % of it.
func TestDistance(t *testing.T) {
	t.Parallel()
	c := Equal("x", Estimate{0.53, 0.03}, Estimate{0.5, 0.04}, Within(0.01))
	if s, p := c.Sigma(), c.Percent(); s == nil || math.Abs(*s-0.6) > 1e-12 || p == nil || math.Abs(*p-6) > 1e-12 {
		t.Errorf("σ %v, %% %v", s, p)
	}
	if c := Equal("x", Exact(1), Exact(0), Tolerance{}); c.Sigma() != nil || c.Percent() != nil {
		t.Error("a distance without a unit")
	}
}

func TestMean(t *testing.T) {
	t.Parallel()
	rows := []Row{{"x": 1.0, "e": 0.3}, {"x": 3.0, "e": 0.4}}
	if e := Mean(rows, "x", ""); e.Value != 2 || e.Stderr != 1 { // spread 2/√2 over √2
		t.Errorf("%v, want 2 ± 1", e)
	}
	if e := Mean([]Row{{"x": 2.0, "e": 0.3}, {"x": 2.0, "e": 0.4}}, "x", "e"); e.Value != 2 || math.Abs(e.Stderr-0.25) > 1e-12 {
		t.Errorf("seeds that agree: %v, want 2 ± 0.25", e)
	}
	if e := Mean(nil, "x", ""); !math.IsNaN(e.Value) {
		t.Errorf("no rows: %v", e)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	e := &Experiment{Name: "e", Claim: "one is one"}
	good, bad := Equal("one", Exact(1), Exact(1), Tolerance{}), Equal("two", Exact(math.NaN()), Exact(1), Tolerance{})
	for _, test := range []struct {
		claims []Claim
		want   Status
	}{{[]Claim{good}, Pass}, {[]Claim{good, bad}, Fail}, {nil, Fail}} {
		v := judge(e, Params{Quick, 1}, test.claims)
		if v.Status != test.want {
			t.Errorf("%d claims: %s, want %s", len(test.claims), v.Status, test.want)
		}
		if data, err := json.Marshal(v); err != nil || strings.Contains(string(data), "NaN") {
			t.Errorf("%s, %v", data, err)
		}
		var text strings.Builder
		if err := v.Write(&text); err != nil || !strings.HasPrefix(text.String(), string(test.want)) {
			t.Errorf("%s, %v", text.String(), err)
		}
	}
}

func TestRow(t *testing.T) {
	t.Parallel()
	rows := []Row{{"p": 0.1, "n": 3, "seed": uint64(1 << 63), "s": "a"}, {"p": math.Copysign(0, -1), "s": "b"}, {"p": math.NaN()}}
	if len(Where(rows, "p", 0)) != 1 || len(Where(rows, "s", "a", "n", 3.0)) != 1 || len(Where(rows, "seed", uint64(1<<63))) != 1 {
		t.Error("Where misses a row")
	}
	if d := Distinct(rows, "p"); len(d) != 2 {
		t.Errorf("Distinct: %v", d)
	}
	if !math.IsNaN(Pick(rows, "s", "c").Num("p")) || rows[2].Text("p") != "" {
		t.Error("what is not there is a number")
	}
}
