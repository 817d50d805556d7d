package experiments

import (
	"errors"
	"strings"
	"testing"

	"autoamp/bench/reproduce"
)

func TestFind(t *testing.T) {
	t.Parallel()
	if e, err := Find("kogler-fig13"); err != nil || e.Name != "kogler-fig13" {
		t.Errorf("%v, %v", e, err)
	}
	var unknown *UnknownError
	if _, err := Find("kogler-fog7"); !errors.As(err, &unknown) || unknown.Nearest[0] != "kogler-fig7" {
		t.Errorf("%v", err)
	}
}

// TestExperiments: every declaration can be run at every scale that it has, and states its claim.
func TestExperiments(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, e := range All() {
		if names[e.Name] || e.Paper == "" || e.Title == "" || e.Claim == "" || e.Claims == nil || e.Minutes.Quick == 0 {
			t.Errorf("%s: a double name, or something is missing", e.Name)
		}
		names[e.Name] = true
		for _, s := range reproduce.Scales() {
			cells, err := e.Cells(reproduce.Params{Scale: s, Seed: 1})
			var missing *reproduce.NotRunError
			if errors.As(err, &missing) {
				continue
			}
			if err != nil || len(cells) == 0 {
				t.Errorf("%s, %s: %d cells, %v", e.Name, s, len(cells), err)
			}
			keys := map[string]bool{}
			for _, c := range cells {
				key, err := c.Key()
				if err != nil || keys[key] || strings.ContainsAny(key, "/ ") {
					t.Errorf("%s, %s: key %q is taken or unfit, %v", e.Name, s, key, err)
				}
				keys[key] = true
			}
		}
	}
}
