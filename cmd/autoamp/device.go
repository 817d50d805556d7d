package main

import (
	"autoamp/graph"
	"autoamp/kernels/cpu"
)

// deviceFlags choose what runs the programs.
type deviceFlags struct {
	Device  string `group:"device" enum:"cpu,gpu" default:"cpu" help:"What trains: cpu or gpu."`
	Threads int    `group:"device" help:"Worker threads on the CPU. Default: all cores." placeholder:"N"`
	Product string `group:"device" enum:"auto,openblas,simd,go" default:"auto" help:"Matrix products on the CPU: auto (the fastest found), openblas, simd or go."`
}

// Validate is called by kong.
func (f *deviceFlags) Validate() error {
	if f.Threads < 0 {
		return usagef("--threads = %d: must be at least 1; leave it out for all cores", f.Threads)
	}
	if f.Device == "gpu" {
		return usagef("--device = gpu: this version of autoamp runs on the CPU only; leave --device out")
	}
	return nil
}

// open returns the executor.
func (f *deviceFlags) open() (graph.Executor, error) {
	exec, err := cpu.New(cpu.Settings{Threads: f.Threads, Product: cpu.Product(f.Product)})
	if err != nil {
		return nil, &usageError{err: err}
	}
	return exec, nil
}

// openProfiled returns an executor whose runners measure every instruction.
func (f *deviceFlags) openProfiled() (graph.Executor, error) {
	return cpu.New(cpu.Settings{Threads: f.Threads, Product: cpu.Product(f.Product), Profile: true})
}

// args are the flags as a command line would repeat them, defaults left out.
func (f *deviceFlags) args() []string {
	var args []string
	if f.Device != "cpu" {
		args = append(args, "--device", f.Device)
	}
	if f.Threads != 0 {
		args = append(args, "--threads", itoa(f.Threads))
	}
	if f.Product != "auto" {
		args = append(args, "--product", f.Product)
	}
	return args
}
