package report

import (
	"strings"
	"testing"
)

// The command that repeats a run names its product in the words of --product; auto goes without.
func TestCommandNamesTheProduct(t *testing.T) {
	t.Parallel()
	for device, want := range map[string]string{
		"cpu: 2 threads, avx2, OpenBLAS 0.3.21 (Haswell)": " --product openblas ",
		"cpu: 8 threads, neon, Accelerate":                " --product accelerate ",
		"cpu: 1 thread, avx2, simd (avx2)":                " --product simd ",
		"cpu: 1 thread, scalar, go":                       " --product go ",
	} {
		if got := command(device); !strings.Contains(got, want) {
			t.Errorf("%s: %s: want %s", device, got, want)
		}
	}
}
