package main

import (
	"fmt"
	"runtime"
	"strings"

	"autoamp/cuda"
	"autoamp/kernels"
	"autoamp/kernels/cpu"
	"autoamp/kernels/openblas"
	"autoamp/train/machine"
)

// versionCmd is autoamp version.
type versionCmd struct{}

// Run prints the version of autoamp, its device, its matrix product and its libraries.
func (versionCmd) Run(a *app) error {
	exec, err := cpu.New(cpu.Settings{})
	if err != nil {
		return err
	}
	product := productOf(exec.Device())
	lines := [][2]string{
		{"autoamp", revision()},
		{"go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
		{"device", exec.Device()},
		{"threads", itoa(exec.Threads())},
		{"simd", kernels.BestLevel().String()},
		{"product", product},
		{"openblas", found(cpu.ProductOpenBLAS)},
		{"gpu", gpu()},
	}
	if runtime.GOOS == "darwin" {
		lines = append(lines, [2]string{"accelerate", found(cpu.ProductAccelerate)})
	}
	for _, line := range lines {
		fmt.Fprintf(a.stdout, "%-10s %s\n", line[0], line[1])
	}
	if product == "go" && openblas.Built {
		fmt.Fprintln(a.stdout, installOpenBLAS)
	}
	return nil
}

// found names a library for products that was found, or says why there is none.
func found(product cpu.Product) string {
	if !openblas.Built {
		return "not in this build; make build builds bin/autoamp"
	}
	exec, err := cpu.New(cpu.Settings{Product: product})
	if err != nil {
		return "not found"
	}
	return productOf(exec.Device())
}

// gpu describes the first GPU, or says why there is none.
func gpu() string {
	if !cuda.Built {
		return "not in this build; make build-gpu builds bin/autoamp-gpu"
	}
	exec, err := cuda.Open(cuda.Settings{})
	if err != nil {
		return err.Error()
	}
	defer exec.Close()
	return exec.Device()
}

// installOpenBLAS is for processors without vector kernels; ours are as fast as OpenBLAS.
const installOpenBLAS = `
Matrix products run in plain Go. They are several times faster with OpenBLAS, which is opened at run time:
  Debian, Ubuntu   apt install libopenblas0
  Fedora           dnf install openblas
  macOS            brew install openblas`

// productOf is the last part of a device's description, the matrix product.
func productOf(device string) string {
	parts := strings.Split(device, ", ")
	return parts[len(parts)-1]
}

// revision is the module's version, or the commit that it was built from.
func revision() string { return machine.Version() }
