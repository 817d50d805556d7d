package machine_test

import (
	"runtime"
	"testing"

	"autoamp/train/machine"
)

// The peak of the memory is at least what a slice takes that was written to.
func TestPeakBytes(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("not known on this system")
	}
	const size = 64 << 20
	held := make([]byte, size)
	for i := range held {
		held[i] = 1
	}
	if peak := machine.PeakBytes(); peak < size || peak > 1<<40 {
		t.Errorf("peak %d bytes after %d were written", peak, size)
	}
	runtime.KeepAlive(held)
}

func TestThis(t *testing.T) {
	m := machine.This()
	if m.CPU == "" || m.Cores < 1 || m.OS != runtime.GOOS || m.Arch != runtime.GOARCH {
		t.Errorf("%+v", m)
	}
}
