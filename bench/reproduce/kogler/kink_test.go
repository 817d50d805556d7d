package kogler

import (
	"math"
	"testing"

	"autoamp/bench/reproduce"
)

// TestKink: with ζ = 1/8 the paper's line changes its slope at r = 7/8. Errors on it pass, with the spread of the norms they deviate, errors
// that bend at r = 1 instead fail, and so do errors whose bend is lost where the norms are known. At another rate there is no claim.
func TestKink(t *testing.T) {
	t.Parallel()
	const zeta, kappa = 0.125, 0.8
	bent := func(kappa float64) func(float64) float64 {
		return func(rate float64) float64 { return linearOnImages(rate, zeta, kappa) }
	}
	straight := func(rate float64) float64 { return (1 - zeta) * (1 - 2/math.Pi*rate) }
	for _, c := range []struct {
		name           string
		middle         float64
		unknown, known func(rate float64) float64
		want           []reproduce.Status
	}{
		{"on the line", 0.875, bent(1), bent(1), []reproduce.Status{reproduce.Pass}},
		{"spread norms", 0.875, bent(kappa), bent(1), []reproduce.Status{reproduce.Deviates}},
		{"no bend", 0.875, straight, straight, []reproduce.Status{reproduce.Fail}},
		{"no bend with the norms", 0.875, bent(kappa), straight, []reproduce.Status{reproduce.Fail}},
		{"another rate", 0.75, bent(1), bent(1), nil},
	} {
		var rows []reproduce.Row
		for _, rate := range []float64{0.5, c.middle, 1} {
			for norms, error := range map[string]func(float64) float64{normsUnknown: c.unknown, normsKnown: c.known} {
				for seed, off := range []float64{-0.001, 0, 0.001} {
					rows = append(rows, reproduce.Row{"class": "3", "p": 0.8, "rate": rate, "dim": 64, "zeta": zeta, "encoder": "trained", "norms": norms,
						"norm_factor": kappa, "seed": seed, "train_mse": error(rate) + off*rate*rate})
				}
			}
		}
		claims := kinks(rows)
		if len(claims) != len(c.want) {
			t.Fatalf("%s: %d claims", c.name, len(claims))
		}
		for i, want := range c.want {
			if got := claims[i].Outcome(); got != want {
				t.Errorf("%s: %s, want %s: found %v, the line %v", c.name, got, want, claims[i].Found, claims[i].Reference.Value)
			}
		}
	}
}
