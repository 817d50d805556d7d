//go:build ((linux && !android) || darwin) && !static

package openblas

import (
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	got := version("OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Cooperlake MAX_THREADS=64", "Cooperlake")
	if want := "OpenBLAS 0.3.21 (Cooperlake)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestOpen asks for a routine that no OpenBLAS has: the error names every file tried.
func TestOpen(t *testing.T) {
	t.Parallel()
	lib, err := Open("no_such_routine_")
	if err == nil {
		t.Fatalf("opened %s", lib.Version())
	}
	for _, name := range files() {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%v: does not name %s", err, name)
		}
	}
}
