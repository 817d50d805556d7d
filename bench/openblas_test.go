package bench

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestChooseBLAS: kernels that the processor does not have, unknown names and noise are not chosen.
func TestChooseBLAS(t *testing.T) {
	for name, test := range map[string]struct {
		own         string
		speeds      map[string]float64 // others end the process
		environment string
		env         []string
		says        string
	}{
		"a fallback": {own: "Prescott", speeds: map[string]float64{"Prescott": 6, "Haswell": 60, "Zen": 65},
			env: []string{"OPENBLAS_CORETYPE=Zen"}, says: "kernels for Zen by OPENBLAS_CORETYPE: its own choice, Prescott, has 9 %"},
		"the best": {own: "Zen", speeds: map[string]float64{"Zen": 60, "Haswell": 62}, says: "kernels for Zen: its own choice"},
		"the user's": {own: "Haswell", speeds: map[string]float64{"Haswell": 60, "SkylakeX": 120}, environment: "Haswell",
			says: "of the environment"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(coreType, test.environment)
			c, err := chooseBLAS(t.Context(), func(_ context.Context, env ...string) (blasSpeed, error) {
				kernels := test.own
				if len(env) > 0 {
					kernels = strings.TrimPrefix(env[0], coreType+"=")
				}
				if kernels == "Cooperlake" { // not in this OpenBLAS
					kernels = test.own
				}
				if test.speeds[kernels] == 0 {
					return blasSpeed{}, errors.New("signal: illegal instruction")
				}
				return blasSpeed{BLAS: "OpenBLAS 0.3.21", Kernels: kernels, GFLOPS: test.speeds[kernels]}, nil
			})
			if err != nil || !slices.Equal(c.env, test.env) || !strings.Contains(c.String(), test.says) {
				t.Errorf("%v, %v: %s", c.env, err, c)
			}
		})
	}
}

// TestTorchProduct asks the torch that is here: its kernels are those of the environment.
func TestTorchProduct(t *testing.T) {
	python, err := findTorch(t.Context(), SuiteSettings{}.withDefaults().Python)
	if err != nil {
		t.Skip("needs a Python with torch: ", err)
	}
	speed := torchProduct(python)
	own, err := speed(t.Context())
	if err != nil || !(own.GFLOPS > 0) {
		t.Fatalf("%+v, %v", own, err)
	}
	if own.BLAS == "" {
		t.Skip("this torch has another library than OpenBLAS")
	}
	if other, err := speed(t.Context(), coreType+"=Prescott"); err == nil && other.Kernels == own.Kernels && own.Kernels != "Prescott" {
		t.Errorf("%s=Prescott: %+v", coreType, other)
	}
}
