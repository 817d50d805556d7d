package cuda

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"autoamp/graph"
)

// Settings configures the executor. The zero value is the first device in fp32.
type Settings struct {
	// Ordinal numbers the device as nvidia-smi and CUDA_VISIBLE_DEVICES do, from 0.
	Ordinal int
	// Precision is the precision of matrix products. Empty means FP32.
	Precision Precision
}

// Precision names a way to compute matrix products. All other arithmetic is float32.
type Precision string

// The precisions.
const (
	// FP32 multiplies and adds in IEEE float32.
	FP32 Precision = "fp32"
	// TF32 keeps 11 bits of the operands, which Hopper truncates, and multiplies on tensor cores.
	TF32 Precision = "tf32"
	// Split writes an operand as the sum of two bf16 numbers, 16 bits together, and multiplies on
	// tensor cores with sums in float32. A code is ±1, which one bf16 holds exactly: a product with a
	// code costs two products of bf16. Any other product costs three; its fourth and smallest term is
	// left out.
	Split Precision = "split"
	// Auto is FP32 or Split, whichever the model of Predict expects to be faster for a program, and FP32 on a
	// device that is not among Cards.
	Auto Precision = "auto"
)

// Validate reports a setting that no device can have.
func (s Settings) Validate() error {
	if s.Ordinal < 0 {
		return fmt.Errorf("cuda: ordinal = %d: must be at least 0", s.Ordinal)
	}
	switch s.Precision {
	case "", FP32, TF32, Split, Auto:
		return nil
	}
	return fmt.Errorf("cuda: precision = %q: must be fp32, tf32, split or auto", string(s.Precision))
}

// ParseDevices returns the ordinals of the devices that a name stands for: gpu is the first one, gpu:N another, and gpu:N,M,…
// are several, each once. Of gpu:all, which stands for every device, it returns none.
func ParseDevices(name string) (ordinals []int, err error) {
	list, found := strings.CutPrefix(name, "gpu:")
	switch {
	case name == "gpu":
		return []int{0}, nil
	case list == "all":
		return nil, nil
	}
	for _, number := range strings.Split(list, ",") {
		n, err := strconv.Atoi(number)
		if !found || err != nil || n < 0 || number != strconv.Itoa(n) {
			return nil, errors.New("must be gpu or gpu:N with N = 0, 1, …; several are gpu:0,1 or gpu:all")
		}
		if slices.Contains(ordinals, n) {
			return nil, fmt.Errorf("names GPU %d twice", n)
		}
		ordinals = append(ordinals, n)
	}
	return ordinals, nil
}

// ErrNotBuilt is returned by Open in a build without the tag gpu.
var ErrNotBuilt = errors.New("cuda: this autoamp was built for the CPU only; make build-gpu builds bin/autoamp-gpu, " +
	"which needs a C compiler and the CUDA toolkit (make cuda-toolkit)")

// Error is a failure of the device or of its libraries.
type Error struct {
	Op   string // the action that failed
	Code string // CUDA's name of the failure
	Hint string // the remedy; may be empty
	lost bool   // the device can do nothing any more
}

// Is reports whether a failure leaves an unusable device behind, for graph.ErrLost.
func (e *Error) Is(target error) bool { return target == graph.ErrLost && e.lost }

func (e *Error) Error() string {
	if e.Hint == "" {
		return fmt.Sprintf("cuda: %s: %s", e.Op, e.Code)
	}
	return fmt.Sprintf("cuda: %s: %s: %s", e.Op, e.Code, e.Hint)
}
