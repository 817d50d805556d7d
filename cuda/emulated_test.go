//go:build gpu

package cuda

import (
	"math"
	"strings"
	"testing"
	"unsafe"

	"gorgonia.org/cu"
)

// These tests check that the emulated driver is as strict as CUDA, because the other tests rely on it. Most of them hold on a
// GPU too.

// newStream makes a stream that does not wait for the default one.
func (r rig) newStream() cu.Stream {
	r.Helper()
	s, err := cu.MakeStream(cu.NonBlocking)
	r.must(err)
	r.Cleanup(func() { r.must(s.Destroy()) })
	return s
}

// scale returns a function that enqueues x ← 2x for x = (x₀) of both replicas. The kernel is looked up before: drivers older
// than 12.3 load a module at its first use, and refuse to do so during a capture.
func (r rig) scale(s cu.Stream, x, two tensor) func() error {
	f, err := r.function("Scale")
	r.must(err)
	return func() error {
		return launch(f, "Scale", s, [3]int{1, testReplicas, 1}, [2]int{256, 1}, x, x, two, int32(0), int64(1))
	}
}

// alone captures operations without branches.
func alone(enqueue func() error) func(*captured) error {
	return func(*captured) error { return enqueue() }
}

// Captured operations run once for each launch of the graph.
func TestCaptureDoesNotRun(t *testing.T) {
	r := newRig(t)
	s, x, two := r.newStream(), r.tensor([]float32{3}, []float32{5}), r.tensor([]float32{2}, []float32{2})
	g, err := capture(s, alone(r.scale(s, x, two)))
	r.must(err)
	for _, want := range []float32{3, 6, 12} {
		r.must(s.Synchronize())
		if got := r.read(x, 1)[0][0]; got != want {
			t.Fatalf("x = %g, want %g", got, want)
		}
		r.must(g.launch(s))
	}
	r.must(s.Synchronize())
	r.must(g.destroy())
}

// During a capture the driver refuses every operation that would wait for the captured stream.
func TestCaptureRefuses(t *testing.T) {
	r := newRig(t)
	s := r.newStream()
	for name, call := range map[string]func() error{
		"synchronize": s.Synchronize,
		"allocate": func() error {
			_, err := cu.MemAlloc(4)
			return err
		},
	} {
		_, err := capture(s, alone(call))
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "capture") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// needEmulator skips on a real device.
func (r rig) needEmulator(why string) {
	r.Helper()
	if !strings.Contains(r.Device(), "Emulated GPU") {
		r.Skip(why + ": make test-gpu runs this on the emulated driver")
	}
}

// Work on a stream has not happened before somebody waits for it.
func TestStreamsAreLate(t *testing.T) {
	r := newRig(t)
	r.needEmulator("a GPU may be done at any time")
	s, x, two := r.newStream(), r.tensor([]float32{3}, []float32{5}), r.tensor([]float32{2}, []float32{2})
	host, err := newPinned(4)
	r.must(err)
	defer func() { r.must(host.free()) }()
	r.must(r.scale(s, x, two)())
	r.must(cu.MemcpyDtoHAsync(host.p, cu.DevicePtr(x.data), 4, s))
	if early := view[float32](host, 0, 1)[0]; early == early {
		t.Errorf("before waiting: %g", early)
	}
	r.must(s.Synchronize())
	if late := view[float32](host, 0, 1)[0]; late != 6 {
		t.Errorf("after waiting: %g, want 6", late)
	}
}

// Memory that nobody wrote is NaN, and writing beyond an allocation is noticed.
func TestMemoryIsPoisoned(t *testing.T) {
	r := newRig(t)
	r.needEmulator("memory of a GPU holds what it held")
	p, err := cu.MemAlloc(4096)
	r.must(err)
	fresh := make([]float32, 1024)
	r.fetch(uint64(p), fresh)
	for i, v := range fresh {
		if !math.IsNaN(float64(v)) {
			t.Fatalf("element %d is %g", i, v)
		}
	}
	r.must(cu.MemFree(p))
	if err := cu.MemcpyHtoD(p, unsafe.Pointer(&fresh[0]), 4096); err == nil {
		t.Error("copied to memory that was freed")
	}
}
