//go:build gpu

package cuda

/*
#cgo CFLAGS: -I/usr/local/cuda/include -I/opt/cuda/include
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "driver.h"
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"gorgonia.org/cu"
)

// outOfMemory is CUDA's name of a lack of memory. Package cuda answers it with sizes that fit, see tooBig.
const outOfMemory = "CUDA_ERROR_OUT_OF_MEMORY"

// hints maps CUDA's name of a failure to its remedy.
var hints = map[string]string{
	outOfMemory:                          "lower replicas, batch or dim, or see with nvidia-smi who else uses the device",
	"CUDA_ERROR_NO_DEVICE":               "no GPU is visible; see nvidia-smi and CUDA_VISIBLE_DEVICES, or leave --device out to train on the CPU",
	"CUDA_ERROR_NO_BINARY_FOR_GPU":       "the kernels need compute capability 8.0 (A100, RTX 30) or newer; leave --device out to train on the CPU",
	"CUDA_ERROR_UNSUPPORTED_PTX_VERSION": "the driver is too old for this GPU's kernels: install a newer one",
	"CUDA_ERROR_DEVICES_UNAVAILABLE":     "another process uses the device alone; choose another with --device gpu:N",
}

// lost is the hint for every failure after which the context is unusable.
const lost = "the device cannot be used by this process any more; the last checkpoint, if there is one, is whole: run again, with --resume then, and see dmesg if it happens again"

// deadly lists the failures that leave an unusable context behind.
var deadly = map[string]bool{
	"CUDA_ERROR_LAUNCH_FAILED": true, "CUDA_ERROR_ILLEGAL_ADDRESS": true, "CUDA_ERROR_ECC_UNCORRECTABLE": true,
	"CUDA_ERROR_HARDWARE_STACK_ERROR": true, "CUDA_ERROR_ILLEGAL_INSTRUCTION": true, "CUDA_ERROR_MISALIGNED_ADDRESS": true,
	"CUDA_ERROR_LAUNCH_TIMEOUT": true, "CUDA_ERROR_CONTEXT_IS_DESTROYED": true, "CUDA_ERROR_DEVICE_UNAVAILABLE": true,
	"CUDA_ERROR_UNKNOWN": true, "CUDA_ERROR_ASSERT": true, "CUDA_ERROR_INVALID_PC": true, "CUDA_ERROR_NVLINK_UNCORRECTABLE": true,
	"CUDA_ERROR_EXTERNAL_DEVICE": true,
}

// check turns the result of a driver call into an error; op names the call's purpose.
func check(code C.CUresult, op string) error {
	if code == C.CUDA_SUCCESS {
		return nil
	}
	name := C.GoString(C.errorName(code))
	hint := hints[name]
	if deadly[name] {
		hint = lost
	}
	return &Error{Op: op, Code: name, Hint: hint, lost: deadly[name]}
}

// checkCu does the same for an error of package cu. The type of such an error is an integer that package cu does not export.
func checkCu(err error, op string) error {
	if err == nil {
		return nil
	}
	if v := reflect.ValueOf(err); v.CanInt() {
		return check(C.CUresult(v.Int()), op)
	}
	return &Error{Op: op, Code: err.Error()}
}

// launch enqueues a kernel. Arguments are fixed-size values laid out as in C.
func launch(f cu.Function, name string, stream cu.Stream, grid [3]int, block [2]int, args ...any) error {
	return launchShared(f, name, stream, grid, block, 0, args...)
}

// launchShared enqueues a kernel that uses shared memory of a size that only the launch knows.
func launchShared(f cu.Function, name string, stream cu.Stream, grid [3]int, block [2]int, shared int, args ...any) error {
	var buf []byte
	offsets := make([]C.int, len(args))
	for i, a := range args {
		offsets[i] = C.int(len(buf))
		var err error
		if buf, err = binary.Append(buf, binary.LittleEndian, a); err != nil {
			return fmt.Errorf("cuda: launch %s: argument %d: %w", name, i, err)
		}
		for len(buf)%8 != 0 {
			buf = append(buf, 0)
		}
	}
	g := [3]C.uint{C.uint(grid[0]), C.uint(grid[1]), C.uint(grid[2])}
	b := [2]C.uint{C.uint(block[0]), C.uint(block[1])}
	return check(C.launch(*(*C.CUfunction)(unsafe.Pointer(&f)), &g[0], &b[0], C.uint(shared), streamOf(stream),
		(*C.char)(unsafe.Pointer(unsafe.SliceData(buf))), unsafe.SliceData(offsets), C.int(len(args))), "launch "+name)
}

// mostShared is the shared memory that a launch may ask for on a device.
func mostShared(d cu.Device) (bytes int, err error) {
	var n C.int
	err = check(C.mostShared(C.CUdevice(d), &n), "ask for the device's shared memory")
	return int(n), err
}

func streamOf(s cu.Stream) C.CUstream { return *(*C.CUstream)(unsafe.Pointer(&s)) }

// graphExec is a captured program that can be launched.
type graphExec struct{ exec C.CUgraphExec }

// captured is a graph that is being captured from a stream.
type captured struct {
	stream C.CUstream
	root   C.CUgraphNode     // an empty node before all others
	ends   [][]C.CUgraphNode // the last nodes of every part
}

// capture records the operations that enqueue puts on the stream. It does not run them.
func capture(stream cu.Stream, enqueue func(c *captured) error) (g graphExec, err error) {
	c := &captured{stream: streamOf(stream)}
	if err := check(C.beginCapture(c.stream), "begin stream capture"); err != nil {
		return g, err
	}
	failed := check(C.captureRoot(c.stream, &c.root), "begin a graph")
	if failed == nil {
		failed = enqueue(c)
	}
	err = check(C.endCapture(c.stream, &g.exec), "instantiate the graph")
	if failed != nil {
		_ = g.destroy()
		return graphExec{}, failed
	}
	return g, err
}

// add captures what enqueue puts on the stream as the next part of the graph. It runs after the parts that are named, and
// otherwise in any order.
func (c *captured) add(after []int, enqueue func() error) error {
	nodes := []C.CUgraphNode{c.root}
	if len(after) > 0 {
		nodes = nil
	}
	for _, part := range after {
		nodes = append(nodes, c.ends[part]...)
	}
	if err := check(C.captureAfter(c.stream, &nodes[0], C.size_t(len(nodes))), "begin a branch of the graph"); err != nil {
		return err
	}
	if err := enqueue(); err != nil {
		return err
	}
	var last *C.CUgraphNode
	var n C.size_t
	if err := check(C.captureLast(c.stream, &last, &n), "end a branch of the graph"); err != nil {
		return err
	}
	c.ends = append(c.ends, slices.Clone(unsafe.Slice(last, n)))
	return nil
}

func (g graphExec) launch(stream cu.Stream) error {
	return check(C.launchGraph(g.exec, streamOf(stream)), "launch a graph of steps")
}

func (g *graphExec) destroy() error {
	if g.exec == nil {
		return nil
	}
	err := check(C.destroyGraph(g.exec), "destroy a graph")
	g.exec = nil
	return err
}

// pinned is host memory that the device copies from and to at full speed.
type pinned struct{ p unsafe.Pointer }

func newPinned(bytes int) (m pinned, err error) {
	return m, check(C.allocPinned(&m.p, C.size_t(bytes)), fmt.Sprintf("allocate %s of pinned memory", size(int64(bytes))))
}

func (m *pinned) free() error {
	if m.p == nil {
		return nil
	}
	err := checkCu(cu.MemFreeHost(m.p), "free pinned memory")
	m.p = nil
	return err
}

// view is the pinned memory as n elements of a type, from a byte on.
func view[T any](m pinned, at, n int) []T { return unsafe.Slice((*T)(unsafe.Add(m.p, at)), n) }

// size prints a number of bytes.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%d bytes", bytes)
}
