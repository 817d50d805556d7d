//go:build (linux && !android) || darwin

package cpu

import "testing"

func TestOpenBLASVersion(t *testing.T) {
	t.Parallel()
	got := openBLASVersion("OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Cooperlake MAX_THREADS=64", "Cooperlake")
	if want := "OpenBLAS 0.3.21 (Cooperlake)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
