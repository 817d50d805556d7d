//go:build gpu

package cuda_test

import (
	"context"
	"errors"
	"testing"

	"autoamp/cuda"
)

// TestCeilings asks for positive numbers. Their values depend on the device.
func TestCeilings(t *testing.T) {
	for _, precision := range []cuda.Precision{cuda.FP32, cuda.TF32, cuda.Split} {
		exec := open(t, cuda.Settings{Precision: precision})
		bytes, flops, err := exec.Ceilings(t.Context())
		if err != nil || !(bytes > 0) || !(flops > 0) {
			t.Errorf("%s: %g B/s, %g flop/s, %v", precision, bytes, flops, err)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := exec.Ceilings(cancelled); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", precision, err)
		}
	}
}
