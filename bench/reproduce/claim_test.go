package reproduce

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// five is a number found with five seeds: Student's t is 4.604 for 99 % two-sided and 3.747 one-sided.
func five(value, stderr float64) Estimate { return Estimate{Value: value, Stderr: stderr, Seeds: 5} }

func TestClaims(t *testing.T) {
	t.Parallel()
	half := five(0.5, 0.01)
	for _, test := range []struct {
		name  string
		claim Claim
		want  Status
	}{
		{"within the margin", Equal("", Exact(1.009), ClosedForm(1), 1, 0.01), Pass},
		{"outside the margin", Equal("", Exact(1.011), ClosedForm(1), 1, 0.01), Fail},
		{"within Student's t", Equal("", half, Quadrature(0.546), 1, 0), Pass},
		{"outside Student's t", Equal("", half, Quadrature(0.5461), 1, 0), Fail},
		{"both errors count", Equal("", half, Simulation(Estimate{Value: 0.547, Stderr: 0.01, Seeds: 5}), 1, 0), Pass}, // s.e. 0.0141, 8 degrees of freedom: ±0.0475
		{"and no further", Equal("", half, Simulation(Estimate{Value: 0.548, Stderr: 0.01, Seeds: 5}), 1, 0), Fail},
		{"exactly equal", Equal("", Exact(0), ClosedForm(0), 1, 0), Pass},
		{"not resolved", Equal("", half, ClosedForm(0.5), 0.18, 0), Fail}, // the tolerance is 0.046
		{"a margin that hides the effect", Equal("", Exact(1), ClosedForm(1), 0.1, 0.026), Fail},
		{"no effect", Equal("", Exact(1), ClosedForm(1), 0, 0), Fail},
		{"two seeds", Equal("", Estimate{Value: 1, Stderr: 0.001, Seeds: 2}, ClosedForm(1), 1, 0.1), Fail},
		{"an error from no seeds", Equal("", Estimate{Value: 1, Stderr: 0.001, Seeds: 0}, ClosedForm(1), 1, 0.1), Fail},
		{"below", Below("", half, Printed(0.5376), 1), Pass},
		{"not enough below", Below("", half, Printed(0.5374), 1), Fail},
		{"equal is not below", Below("", Exact(1), Printed(1), 1), Fail},
		{"further below than the effect", Below("", half, Printed(0.9), 0.3), Fail},
		{"above", Above("", half, Printed(0.4624), 1), Pass},
		{"not above", Above("", half, Printed(0.4626), 1), Fail},
		{"further above than the effect", Above("", half, Printed(0.1), 0.3), Fail},
		{"NaN", Equal("", Exact(math.NaN()), ClosedForm(1), 100, 10), Fail},
		{"infinite error", Equal("", Estimate{Value: 1, Stderr: math.Inf(1), Seeds: 5}, ClosedForm(1), 1, 0), Fail},
	} {
		if got := test.claim.Outcome(); got != test.want {
			t.Errorf("%s: %s, want %s: %s", test.name, got, test.want, test.claim.Note())
		}
	}
}

func TestDeviation(t *testing.T) {
	t.Parallel()
	holds, fails := Equal("", Exact(1), ClosedForm(1), 1, 0), Equal("", Exact(1), ClosedForm(2), 1, 0)
	unresolved := Equal("", Exact(1), ClosedForm(2), 1, 0.3)
	for _, test := range []struct {
		name  string
		claim Claim
		want  Status
	}{
		{"the paper is right after all", holds.Deviates("reason", holds), Pass},
		{"the reason holds", fails.Deviates("reason", holds), Deviates},
		{"the reason does not", fails.Deviates("reason", holds, fails), Fail},
		{"a reason without a test", fails.Deviates("reason"), Fail},
		{"a test that is a regression", fails.Deviates("reason", Equal("", Exact(1), Earlier(1), 1, 0)), Fail},
		{"the numbers do not decide", unresolved.Deviates("reason", holds), Fail},
	} {
		if got := test.claim.Outcome(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestMutants moves found numbers by the effect: no claim survives.
func TestMutants(t *testing.T) {
	t.Parallel()
	equal, below := Equal("", five(0.5, 0.01), ClosedForm(0.52), 0.2, 0.01), Below("", five(0.5, 0.01), ClosedForm(0.6), 0.15)
	above := Above("", five(0.5, 0.01), ClosedForm(0.4), 0.15)
	deviates := Equal("", five(0.5, 0.01), ClosedForm(2), 1, 0).Deviates("reason", equal, below)
	for _, test := range []struct {
		claim Claim
		want  int
	}{{equal, 2}, {below, 1}, {above, 1}, {deviates, 5}} {
		mutants := test.claim.Mutants()
		if len(mutants) != test.want || test.claim.Outcome() == Fail {
			t.Errorf("%v: %s with %d mutants, want %d", test.claim, test.claim.Outcome(), len(mutants), test.want)
		}
		for _, m := range mutants {
			if m.Outcome() != Fail {
				t.Errorf("%v survives: %s", m, m.Outcome())
			}
		}
	}
}

// TestDeviationIsOfItsNumber moves the number that deviates. It must be what one of the corrected claims is about: a reason that
// only other numbers test would hold for any value of it. A number that is moved onto the paper's reference meets the paper's claim.
func TestDeviationIsOfItsNumber(t *testing.T) {
	t.Parallel()
	fails := Equal("", Exact(1), ClosedForm(2), 1, 0)
	about := func(x float64) Claim { return Equal("", Exact(x), ClosedForm(x), 1, 0) }
	for _, test := range []struct {
		name     string
		claim    Claim
		up, down Status
	}{
		{"another number", fails.Deviates("reason", about(3)), Pass, Deviates},
		{"its own number", fails.Deviates("reason", about(3), about(1)), Pass, Fail},
		{"a bound on its own number", fails.Deviates("reason", Below("", Exact(1), ClosedForm(1.5), 1)), Pass, Fail},
	} {
		all := test.claim.Mutants()
		own := all[len(all)-2:]
		if up, down := own[0].Outcome(), own[1].Outcome(); test.claim.Outcome() != Deviates || up != test.up || down != test.down {
			t.Errorf("%s: %s, up %s, down %s, want up %s, down %s", test.name, test.claim.Outcome(), up, down, test.up, test.down)
		}
	}
}

// TestDistance: 0.53 ± 0.03 is 3/5 of its distance's error above 0.5 ± 0.04, and 6 % of it.
func TestDistance(t *testing.T) {
	t.Parallel()
	c := Equal("x", five(0.53, 0.03), Simulation(five(0.5, 0.04)), 1, 0)
	if s, p := c.Sigma(), c.Percent(); s == nil || math.Abs(*s-0.6) > 1e-12 || p == nil || math.Abs(*p-6) > 1e-12 {
		t.Errorf("σ %v, %% %v", s, p)
	}
	if c := Equal("x", Exact(1), ClosedForm(0), 1, 0); c.Sigma() != nil || c.Percent() != nil {
		t.Error("a distance without a unit")
	}
}

func TestEstimates(t *testing.T) {
	t.Parallel()
	rows := []Row{{"seed": 1, "x": 1.0, "e": 0.3}, {"seed": 2, "x": 3.0, "e": 0.4}}
	if e := Mean(rows, "x", ""); e != (Estimate{Value: 2, Stderr: 1, Seeds: 2}) { // spread 2/√2 over √2
		t.Errorf("%v, want 2 ± 1", e)
	}
	if e := Mean([]Row{{"x": 2.0, "e": 0.3}, {"x": 2.0, "e": 0.4}}, "x", "e"); e.Value != 2 || math.Abs(e.Stderr-0.25) > 1e-12 {
		t.Errorf("seeds that agree: %v, want 2 ± 0.25", e)
	}
	if e := Mean(nil, "x", ""); !math.IsNaN(e.Value) {
		t.Errorf("no rows: %v", e)
	}
	trace := []Row{{"seed": 1, "x": 1.0}, {"seed": 2, "x": 5.0}, {"seed": 1, "x": 2.0}, {"seed": 2, "x": 8.0}}
	rise := func(rows []Row) float64 { return rows[1].Num("x") - rows[0].Num("x") }
	if e := PerSeed(trace, rise); e != (Estimate{Value: 2, Stderr: 1, Seeds: 2}) {
		t.Errorf("rises 1 and 3: %v, want 2 ± 1", e)
	}
	a, b := Estimate{Value: 4, Stderr: 0.3, Seeds: 5}, Estimate{Value: 2, Stderr: 0.4, Seeds: 3}
	for _, test := range []struct{ got, want Estimate }{
		{a.Plus(b), Estimate{Value: 6, Stderr: 0.5, Seeds: 3}}, {a.Minus(b), Estimate{Value: 2, Stderr: 0.5, Seeds: 3}}, {a.Times(-2), Estimate{Value: -8, Stderr: 0.6, Seeds: 5}},
		{a.Minus(Exact(1)), Estimate{Value: 3, Stderr: 0.3, Seeds: 5}}, {a.Over(Exact(2)), Estimate{Value: 2, Stderr: 0.15, Seeds: 5}},
		{Estimate{Value: 4, Stderr: 0, Seeds: 5}.Over(b), Estimate{Value: 2, Stderr: 0.4, Seeds: 3}},
	} {
		if math.Abs(test.got.Value-test.want.Value)+math.Abs(test.got.Stderr-test.want.Stderr) > 1e-12 || test.got.Seeds != test.want.Seeds {
			t.Errorf("%v, want %v", test.got, test.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	e := &Experiment{Name: "e", Claim: "one is one"}
	good, bad := Equal("one", Exact(1), ClosedForm(1), 1, 0), Equal("two", Exact(math.NaN()), ClosedForm(1), 1, 0)
	deviates := Equal("three", Exact(1), ClosedForm(2), 1, 0).Deviates("it is one", good)
	same, other := Equal("four", Exact(1), Earlier(1), 1, 0), Equal("five", Exact(1), Earlier(2), 1, 0)
	for _, test := range []struct {
		claims []Claim
		want   Status
	}{
		{[]Claim{good}, Pass}, {[]Claim{good, bad}, Fail}, {nil, Fail}, {[]Claim{good, deviates}, Deviates}, {[]Claim{good, deviates, bad}, Fail},
		{[]Claim{good, same}, Pass}, {[]Claim{good, other}, Fail}, {[]Claim{same}, Fail},
	} {
		v := judge(e, Params{Scale: Quick, Seed: 1}, test.claims)
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
	v := judge(e, Params{Scale: Quick, Seed: 1}, []Claim{good, bad, deviates, same, other})
	if v.Claims[0].Text != "three" || v.Claims[1].Text != "two" || len(v.Regressions) != 2 || v.Count(Fail) != 2 {
		t.Errorf("claims %v, regressions %v: want deviations first, then failures, and regressions apart", v.Claims, v.Regressions)
	}
	tally := NewTally([]*Outcome{{Verdict: v}, {Verdict: judge(e, Params{Scale: Quick, Seed: 1}, []Claim{deviates})}, {Verdict: &Verdict{Heading: Heading{Status: NotRun}}}})
	if got, want := tally.String(), "0 PASS, 1 DEVIATES, 1 FAIL, 1 NOT RUN; of the claims 1 PASS, 2 DEVIATES, 2 FAIL; 2 regressions"; got != want {
		t.Errorf("tally %q, want %q", got, want)
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
