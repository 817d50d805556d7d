package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// coreType is the environment variable that chooses OpenBLAS's kernels.
const coreType = "OPENBLAS_CORETYPE"

// coreTypes are the kernels that OpenBLAS has for processors of the last ten years. A processor ends a process with kernels that it
// does not have.
var coreTypes = []string{"Haswell", "Zen", "SkylakeX", "Cooperlake", "Sapphirerapids", "ARMV8", "NEOVERSEN1", "NEOVERSEV1", "VORTEX"}

// fairGain is how much faster kernels must be than those that OpenBLAS chose itself, so that noise does not choose.
const fairGain = 1.05

// blasSpeed is the speed of a peer's matrix product.
type blasSpeed struct {
	BLAS    string  `json:"blas"`    // such as OpenBLAS 0.3.21; empty for another library
	Kernels string  `json:"kernels"` // such as Zen
	GFLOPS  float64 `json:"gflops"`
}

// blasChoice is the kernels that the peers run.
type blasChoice struct {
	own    blasSpeed // what OpenBLAS chose
	chosen blasSpeed
	env    []string // makes a peer run the chosen kernels
}

// String says which kernels the peers run, and why.
func (c blasChoice) String() string {
	switch {
	case c.own.BLAS == "":
		return "not OpenBLAS"
	case len(c.env) > 0:
		return fmt.Sprintf("%s, kernels for %s by %s: its own choice, %s, has %.0f %% of their speed here", c.own.BLAS, c.chosen.Kernels,
			coreType, c.own.Kernels, 100*c.own.GFLOPS/c.chosen.GFLOPS)
	case os.Getenv(coreType) != "":
		return fmt.Sprintf("%s, kernels for %s by %s of the environment", c.own.BLAS, c.own.Kernels, coreType)
	}
	return fmt.Sprintf("%s, kernels for %s: its own choice, and no others are faster here", c.own.BLAS, c.own.Kernels)
}

// chooseBLAS finds the fastest kernels of the peers' OpenBLAS for one thread of this processor. OpenBLAS knows processors by their
// numbers, and on a virtual machine or a newer processor it may fall back to kernels of half the speed, or a tenth. A user's own
// choice stays.
func chooseBLAS(ctx context.Context, speed func(ctx context.Context, env ...string) (blasSpeed, error)) (blasChoice, error) {
	own, err := speed(ctx)
	c := blasChoice{own: own, chosen: own}
	if err != nil || own.BLAS == "" || os.Getenv(coreType) != "" {
		return c, err
	}
	for _, name := range coreTypes {
		env := coreType + "=" + name
		s, err := speed(ctx, env)
		if ctx.Err() != nil {
			return c, ctx.Err()
		}
		// OpenBLAS answers a name that it does not know with its own choice.
		if err == nil && s.Kernels == name && name != own.Kernels && s.GFLOPS > fairGain*own.GFLOPS && s.GFLOPS > c.chosen.GFLOPS {
			c.chosen, c.env = s, []string{env}
		}
	}
	return c, nil
}

// torchProduct measures the product of a Python's torch on one thread.
func torchProduct(python string) func(ctx context.Context, env ...string) (blasSpeed, error) {
	return func(ctx context.Context, env ...string) (blasSpeed, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, python, "-c", torchStep, "--product", strconv.Itoa(1024), "--threads", "1")
		cmd.Env = append(append(os.Environ(), threadsEnv(1)...), env...)
		out, err := cmd.Output()
		if err != nil {
			return blasSpeed{}, fmt.Errorf("bench: torch's product: %w", err)
		}
		var s blasSpeed
		if err := json.Unmarshal(out, &s); err != nil {
			return blasSpeed{}, fmt.Errorf("bench: torch's product: %w", err)
		}
		return s, nil
	}
}
