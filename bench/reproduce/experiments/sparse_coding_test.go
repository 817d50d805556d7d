package experiments

import (
	"testing"

	"autoamp/bench/reproduce"
	"autoamp/kernels/cpu"
)

// TestSparseCoding runs the experiments of the two sparse-coding papers that take seconds. Their claims compare
// measurements with tabulated values, so that the verdict is the test.
func TestSparseCoding(t *testing.T) {
	t.Parallel()
	exec, err := cpu.New(cpu.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"nguyen-theorem4"} {
		e, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		s := reproduce.Settings{Params: reproduce.Params{Scale: reproduce.Quick, Seed: 2}, Executor: exec, Dir: t.TempDir()}
		outcome, err := reproduce.Run(t.Context(), e, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range outcome.Verdict.Claims {
			if c.Outcome() == reproduce.Fail {
				t.Errorf("%s: %s: found %v, reference %v, %s", name, c.Text, c.Found, c.Reference, c.Note())
			}
		}
		if outcome.Verdict.Status == reproduce.Fail || len(outcome.Figures) == 0 {
			t.Errorf("%s: %s with %d figures", name, outcome.Verdict.Status, len(outcome.Figures))
		}
	}
}
