package bench

import (
	"os/exec"
	"strings"
	"testing"
)

// TestTheorySpeed: the peer agrees with amp within the error of its sampling. The standard deviation of the posterior
// variance is below 0.6 here, so that 100 000 samples err by 2e-3, and the recursion by not much more.
func TestTheorySpeed(t *testing.T) {
	t.Parallel()
	s := TheorySpeedSettings{Repetitions: 1, CurvePoints: 2, Samples: 100_000}
	r, err := TheorySpeedTable(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := findNumpy(t.Context(), []string{"python3", "/usr/bin/python3"}); err != nil {
		t.Skip("apt install python3-numpy would make it run: ", err)
	}
	for _, row := range r.Results {
		for what, c := range map[string]PeerCompare{"denoiser": row.MMSE, "bayes": row.Bayes} {
			if row.Data != closedForm && (c.Error == nil || *c.Error > 8e-3) {
				t.Errorf("%s, %s: autoamp %g, numpy's error %v (%s)", row.Data, what, c.Value, c.Error, r.Absent)
			}
		}
	}
}

func TestTheorySpeedWithoutPeer(t *testing.T) {
	t.Parallel()
	settings := TheorySpeedSettings{Repetitions: 1, CurvePoints: 1, Python: []string{"no-such-python"}}
	r, err := TheorySpeedTable(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := r.Markdown(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "NumPy is absent: no Python that can import numpy") {
		t.Error(text.String())
	}
	broken, err := exec.LookPath("false")
	if err != nil {
		t.Skip("needs a program called false")
	}
	if err := settings.withDefaults().askPeer(t.Context(), broken, &r.Results[1], r.Versions); err == nil {
		t.Error("a peer that fails is taken for one that ran")
	}
}
