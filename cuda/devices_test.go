//go:build gpu

package cuda

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
	"gorgonia.org/cu"
)

// emulate finds a function of the emulated driver, see cuda/emulated/driver.cpp.
func emulate[F any](t *testing.T, name string) (f F) {
	t.Helper()
	lib, err := purego.Dlopen("libcuda.so.1", purego.RTLD_NOW)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := purego.Dlsym(lib, name); err != nil {
		t.Skip("a real driver has as many devices as there are: make test-gpu runs this on the emulated one")
	}
	purego.RegisterLibFunc(&f, lib, name)
	return f
}

// emulateDevices lets the emulated driver have so many devices until the test ends. The devices are whole then.
func emulateDevices(t *testing.T, n int32) {
	t.Helper()
	set, fault := emulate[func(int32)](t, "autoamp_emulated_devices"), emulate[func(string)](t, "autoamp_emulated_fault")
	set(n)
	t.Cleanup(func() { fault(""); set(1) })
}

// on opens another device and calls a function on the test's thread with that device current.
func (r rig) on(ordinal int, f func(rig)) {
	r.Helper()
	e, err := Open(Settings{Ordinal: ordinal})
	r.must(err)
	leave, err := e.enter()
	r.must(err)
	f(rig{r.T, e})
	leave()
	_ = e.Close() // a test may have lost the device
	r.must(checkCu(cu.SetCurrentContext(r.context), "come back"))
}

// Every device has a name, memory and functions of its own.
func TestDevicesAreApart(t *testing.T) {
	emulateDevices(t, 3)
	r := newRig(t)
	x := r.tensor([]float32{3}, []float32{5})
	first, _, err := cu.MemInfo()
	r.must(err)
	f, err := r.function("Scale")
	r.must(err)
	r.on(2, func(other rig) {
		if !strings.HasPrefix(other.Device(), "gpu:2: Emulated GPU 2") {
			t.Errorf("device %q", other.Device())
		}
		fresh, total, err := cu.MemInfo()
		r.must(err)
		if fresh != total || first >= total {
			t.Errorf("%d of %d bytes are free, and on the first device %d", fresh, total, first)
		}
		if err := cu.MemcpyHtoD(cu.DevicePtr(x.data), unsafe.Pointer(&x), 4); err == nil {
			t.Error("one device's memory was written from another")
		}
		if err := launch(f, "Scale", cu.Stream{}, [3]int{1, 1, 1}, [2]int{256, 1}, x, x, x, int32(0), int64(1)); err == nil {
			t.Error("one device's function was launched on another")
		}
	})
	if _, err := Open(Settings{Ordinal: 3}); err == nil || !strings.Contains(err.Error(), "device = gpu:3: must be gpu:0 to gpu:2") {
		t.Errorf("a device that is absent: error %v", err)
	}
}

// A kernel that reaches another device's memory loses its own device, and no other.
func TestKernelsReachOneDevice(t *testing.T) {
	emulateDevices(t, 2)
	r := newRig(t)
	s, x, two := r.newStream(), r.tensor([]float32{3}, []float32{5}), r.tensor([]float32{2}, []float32{2})
	r.on(1, func(other rig) {
		stream, err := cu.MakeStream(cu.NonBlocking)
		r.must(err)
		r.must(other.scale(stream, x, two)())
		if err := checkCu(stream.Synchronize(), "wait"); err == nil || !strings.Contains(err.Error(), "CUDA_ERROR_ILLEGAL_ADDRESS") {
			t.Errorf("error %v", err)
		}
	})
	r.must(r.scale(s, x, two)())
	r.must(s.Synchronize())
	if got := r.read(x, 1)[0][0]; got != 6 {
		t.Errorf("x = %g after another device failed, want 6", got)
	}
}

// The emulated driver catches the faults of kernels, and leaves Go's to Go.
func TestGoFaultsStayGos(t *testing.T) {
	emulateDevices(t, 1)
	newRig(t)
	defer func() {
		if fault := recover(); fault == nil || !strings.Contains(fmt.Sprint(fault), "nil pointer dereference") {
			t.Errorf("recovered %v", fault)
		}
	}()
	var missing *tensor
	missing.data++
}
