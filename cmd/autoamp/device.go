package main

import (
	"errors"
	"strings"

	"autoamp/cuda"
	"autoamp/graph"
	"autoamp/graph/devices"
	"autoamp/kernels/cpu"
)

// deviceFlags choose the executor of the programs.
type deviceFlags struct {
	Device    string `complete:"@devices" group:"device" default:"cpu" help:"What trains: cpu; gpu or gpu:N, the N-th GPU from 0; or several, gpu:0,1 or gpu:all." placeholder:"D"`
	Precision string `group:"device" enum:"fp32,tf32,split,auto" default:"fp32" help:"Matrix products on the GPU: fp32; tf32; split, sums of bf16 products; or auto, fp32 or split by size and card."`
	Threads   *int   `group:"device" help:"Worker threads on the CPU. Default: all cores." placeholder:"N"`
	Product   string `group:"device" enum:"auto,openblas,accelerate,simd,go" default:"auto" help:"Matrix products on the CPU: auto (the fastest found), openblas, accelerate (macOS), simd or go."`
}

// Validate is called by kong.
func (f *deviceFlags) Validate() error {
	if f.Threads != nil {
		if err := checkThreads(*f.Threads); err != nil {
			return err
		}
	}
	if f.Device == "cpu" {
		return nil
	}
	if !strings.HasPrefix(f.Device, "gpu") {
		return usagef("--device = %q: must be cpu, gpu or gpu:N with N = 0, 1, …; several are gpu:0,1 or gpu:all", f.Device)
	}
	if _, err := cuda.ParseDevices(f.Device); err != nil {
		return usagef("--device = %q: %w", f.Device, err)
	}
	if !cuda.Built {
		return usagef("--device = %s: %w", f.Device, cuda.ErrNotBuilt)
	}
	return nil
}

// maxThreads is beyond the cores of any machine. Each thread takes a goroutine and buffers, and a million threads would take
// all memory.
const maxThreads = 1024

// checkThreads checks a number of threads.
func checkThreads(n int) error {
	if n < 1 || n > maxThreads {
		return usagef("--threads = %d: must be at least 1 and at most %d; leave it out for all cores", n, maxThreads)
	}
	return nil
}

// threads is --threads, 0 for all cores.
func (f *deviceFlags) threads() int {
	if f.Threads == nil {
		return 0
	}
	return *f.Threads
}

// open returns the executor: that of several devices divides replicas over them. Give it back with release.
func (f *deviceFlags) open() (graph.Executor, error) {
	list, err := f.openEach()
	if err != nil {
		return nil, err
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return devices.New(list...), nil
}

// openEach returns an executor for each device. Give them back with release.
func (f *deviceFlags) openEach() ([]graph.Executor, error) {
	if f.Device == "cpu" {
		exec, err := f.openCPU()
		return []graph.Executor{exec}, err
	}
	ordinals, err := f.ordinals()
	if err != nil {
		return nil, &usageError{err: err}
	}
	var list []graph.Executor
	for _, n := range ordinals {
		exec, err := cuda.Open(cuda.Settings{Ordinal: n, Precision: cuda.Precision(f.Precision)})
		if err != nil {
			return nil, &usageError{err: errors.Join(err, devices.New(list...).Close())}
		}
		list = append(list, exec)
	}
	return list, nil
}

// ordinals are the numbers of the GPUs of --device.
func (f *deviceFlags) ordinals() ([]int, error) {
	ordinals, err := cuda.ParseDevices(f.Device)
	if err != nil || ordinals != nil {
		return ordinals, err
	}
	count, err := cuda.Count()
	for n := range count {
		ordinals = append(ordinals, n)
	}
	return ordinals, err
}

// each names the devices of --device one by one.
func (f *deviceFlags) each() ([]string, error) {
	if f.Device == "cpu" {
		return []string{f.Device}, f.checkCPU()
	}
	ordinals, err := f.ordinals()
	if err != nil {
		return nil, &usageError{err: err}
	}
	var names []string
	for _, n := range ordinals {
		names = append(names, "gpu:"+itoa(n))
	}
	return names, nil
}

// checkCPU refuses what the CPU does not have.
func (f *deviceFlags) checkCPU() error {
	if f.Precision != "fp32" {
		return usagef("--precision = %s: is for --device gpu; products on the CPU are fp32", f.Precision)
	}
	return nil
}

// openCPU returns the executor of the CPU.
func (f *deviceFlags) openCPU() (graph.Executor, error) {
	if err := f.checkCPU(); err != nil {
		return nil, err
	}
	exec, err := cpu.New(cpu.Settings{Threads: f.threads(), Product: cpu.Product(f.Product)})
	if err != nil {
		return nil, &usageError{err: err}
	}
	return exec, nil
}

// openProfiled returns an executor whose runners measure every instruction; nil for a GPU, which runs a step as one
// launch.
func (f *deviceFlags) openProfiled() (graph.Executor, error) {
	if f.Device != "cpu" {
		return nil, nil
	}
	return cpu.New(cpu.Settings{Threads: f.threads(), Product: cpu.Product(f.Product), Profile: true})
}

// release gives the devices of executors back.
func (a *app) release(list ...graph.Executor) {
	if err := devices.New(list...).Close(); err != nil {
		a.log.Warn("a device was not released", "err", err)
	}
}

// args are the flags as a command line would repeat them, defaults left out.
func (f *deviceFlags) args() []string {
	var args []string
	if f.Device != "cpu" {
		args = append(args, "--device", f.Device)
	}
	if f.Precision != "fp32" {
		args = append(args, "--precision", f.Precision)
	}
	if f.Threads != nil {
		args = append(args, "--threads", itoa(*f.Threads))
	}
	if f.Product != "auto" {
		args = append(args, "--product", f.Product)
	}
	return args
}
