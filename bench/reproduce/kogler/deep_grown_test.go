package kogler

import (
	"testing"

	"autoamp/bench/reproduce"
)

// A net at its end is judged, and one that is still falling only where more steps cannot undo what it claims.
func TestGrownClaims(t *testing.T) {
	t.Parallel()
	g := grownNets[reproduce.Paper][0]
	for name, c := range map[string]struct {
		half, end float64 // of the net; the denoiser's error is 0.55
		outcomes  []reproduce.Status
	}{
		"ends below":           {0.541, 0.54, []reproduce.Status{reproduce.Deviates, reproduce.Pass}},
		"below, still falling": {0.546, 0.54, []reproduce.Status{reproduce.Deviates}},
		"above, still falling": {0.57, 0.56, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &reproduce.Results{Params: reproduce.Params{Scale: reproduce.Paper}}
			for seed := range 4 {
				for kind, mse := range map[string]float64{denoiserKind: 0.55, halfKind: c.half, grownKind: c.end} {
					r.Rows = append(r.Rows, reproduce.Row{"kind": kind, "p": g.p, "rate": g.rate, "dim": g.dim, "depth": g.depth, "width": g.width,
						"steps": g.steps, "seed": seed, "test_mse": mse + 1e-4*float64(seed)*(mse-0.5), "test_mse_stderr": 0.001})
				}
			}
			at, err := g.candidates(r)
			if err != nil {
				t.Fatal(err)
			}
			var got []reproduce.Status
			for _, claim := range g.claims(r, at) {
				got = append(got, claim.Outcome())
			}
			if len(got) != len(c.outcomes) {
				t.Fatalf("outcomes %v, want %v", got, c.outcomes)
			}
			for i := range got {
				if got[i] != c.outcomes[i] {
					t.Errorf("outcomes %v, want %v", got, c.outcomes)
				}
			}
		})
	}
}
