// Package cuda executes programs of package graph on an NVIDIA GPU.
//
// The package is complete only in builds with the tag gpu (make build-gpu), which use cgo; in others
// Open returns ErrNotBuilt. The driver is opened when the process starts and cuBLAS when a device is
// opened, both at run time: the same binary works on the CPU of a machine without a GPU, and with
// cuBLAS 11, 12 or 13.
//
// A Runner owns one allocation of device memory for everything: weights, optimizer state and inputs,
// kept for all replicas side by side, and the temporaries of a step, placed by their lifetimes. A
// training step, fresh data and update included, is captured once as a CUDA graph and then launched
// again and again; losses collect in a ring on the device, which is read at the end of a Run. The
// kernels of kernels/*.cu do elementwise operations, and cuBLAS does matrix products. One launch
// serves a batch of replicas.
//
//	exec, err := cuda.Open(cuda.Settings{Ordinal: 0})
//	defer exec.Close()
//	runner, err := exec.Load(replicas, program)
//	defer runner.Close()
//	err = runner.Run(0, 0, 1000, losses)
//
// The tests run on a driver for tests (cuda/emulated), which executes the same kernels on the host: make test-gpu.
package cuda
