//go:build gpu

package cuda

// #include "init.h"
import "C"

import (
	"fmt"

	"gorgonia.org/cu"
)

// oldest is the oldest usable version of CUDA in a driver, 11.4: instantiation of graphs as in driver.c began there.
const oldest = 11040

// onCPU ends every message about a device that cannot be used.
const onCPU = "or leave --device out to train on the CPU"

// Count returns the number of devices that the process sees. Its error names a missing feature of the driver.
func Count() (int, error) {
	if err := checkDriver(); err != nil {
		return 0, err
	}
	count, err := cu.NumDevices()
	if err != nil {
		return 0, checkCu(err, "count the devices")
	}
	if count == 0 {
		return 0, &Error{Op: "count the devices", Code: "0", Hint: hints["CUDA_ERROR_NO_DEVICE"]}
	}
	return count, nil
}

// checkDriver reports an error that names a missing feature of the driver.
func checkDriver() error {
	if missing := C.initMissing(); missing != nil {
		return &Error{Op: "open the NVIDIA driver", Code: C.GoString(missing), Hint: "install the driver of the GPU (nvidia-smi must work), " + onCPU}
	}
	if err := check(C.initStatus(), "start the NVIDIA driver"); err != nil {
		return err
	}
	if v := cu.Version(); v < oldest {
		return &Error{Op: "start the NVIDIA driver", Code: fmt.Sprintf("it supports CUDA %d.%d", v/1000, v%1000/10),
			Hint: fmt.Sprintf("install a driver for CUDA %d.%d or newer, %s", oldest/1000, oldest%1000/10, onCPU)}
	}
	return nil
}

// preflight reports an error that names a missing feature of the driver, or a device that is not there.
func preflight(ordinal int) error {
	count, err := Count()
	if err != nil {
		return err
	}
	if ordinal >= count {
		return fmt.Errorf("cuda: device = gpu:%d: must be %s", ordinal, present(count))
	}
	return capable(ordinal)
}

// oldestCapability is the oldest compute capability that the fatbin has code for, 8.0.
const oldestCapability = 80

// capable reports a device that the kernels are not compiled for.
func capable(ordinal int) error {
	d, err := cu.GetDevice(ordinal)
	var major, minor int
	if err == nil {
		major, err = d.Attribute(cu.ComputeCapabilityMajor)
	}
	if err == nil {
		minor, err = d.Attribute(cu.ComputeCapabilityMinor)
	}
	var name string
	if err == nil {
		name, err = d.Name()
	}
	op := fmt.Sprintf("open gpu:%d", ordinal)
	if err != nil || 10*major+minor >= oldestCapability {
		return checkCu(err, op)
	}
	return &Error{Op: op, Code: fmt.Sprintf("%s has compute capability %d.%d", name, major, minor),
		Hint: fmt.Sprintf("the kernels need %d.%d (A100, RTX 30) or newer: choose such a GPU with --device gpu:N, %s",
			oldestCapability/10, oldestCapability%10, onCPU)}
}

// present lists the devices there are.
func present(count int) string {
	if count == 1 {
		return "gpu:0, the only one here"
	}
	return fmt.Sprintf("gpu:0 to gpu:%d", count-1)
}
