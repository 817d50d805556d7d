//go:build gpu

package cuda

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"gorgonia.org/cu"

	"autoamp/graph"
	"autoamp/kernels/fatbin"
)

// Built says whether this build can use a GPU.
const Built = true

// Executor runs programs on one GPU. It holds the device's context and the kernels; close it after its runners.
type Executor struct {
	settings    Settings
	device      cu.Device
	context     cu.CUContext
	module      *cu.Module // nil until the kernels are loaded
	blas        library
	shared      int  // bytes of a block's shared memory, at most
	graphsOnly  bool // leave oneBlock out; tests compare with it
	description string

	mutex     sync.Mutex
	functions map[string]cu.Function
	chosen    Precision // of the programs that were loaded last
}

// Open takes hold of a device. Its error names the missing part: a driver, a driver that is new enough, the
// device, or cuBLAS.
func Open(s Settings) (*Executor, error) {
	if s.Precision == "" {
		s.Precision = FP32
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if err := preflight(s.Ordinal); err != nil {
		return nil, err
	}
	e := &Executor{settings: s, functions: map[string]cu.Function{}}
	var err error
	if e.device, err = cu.GetDevice(s.Ordinal); err != nil {
		return nil, checkCu(err, fmt.Sprintf("open device %d", s.Ordinal))
	}
	if e.context, err = primaryContext(e.device); err != nil {
		return nil, err
	}
	if err := e.load(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// load opens cuBLAS and brings the kernels onto the device.
func (e *Executor) load() error {
	leave, err := e.enter()
	if err != nil {
		return err
	}
	defer leave()
	if e.blas, err = openLibrary(); err != nil {
		return err
	}
	module, err := cu.LoadData(string(fatbin.Code))
	if err != nil {
		return checkCu(err, "load the kernels")
	}
	e.module = &module
	if e.shared, err = mostShared(e.device); err != nil {
		return err
	}
	name, err := e.device.Name()
	if err != nil {
		return checkCu(err, "ask for the device's name")
	}
	memory, err := e.device.TotalMem()
	if err != nil {
		return checkCu(err, "ask for the device's memory")
	}
	e.description = fmt.Sprintf("gpu:%d: %s, %s, cuBLAS %s", e.settings.Ordinal, name, size(memory), e.blas.version())
	return nil
}

// enter ties the calling goroutine to its thread and the device's context to that thread, until leave is called.
func (e *Executor) enter() (leave func(), err error) {
	runtime.LockOSThread()
	if err := checkCu(cu.SetCurrentContext(e.context), "enter the device's context"); err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	return runtime.UnlockOSThread, nil
}

// function finds a kernel by its name.
func (e *Executor) function(name string) (cu.Function, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if f, known := e.functions[name]; known {
		return f, nil
	}
	f, err := e.module.Function(name)
	if err != nil {
		return f, checkCu(err, "find the kernel "+name)
	}
	e.functions[name] = f
	return f, nil
}

// Device describes the device, its memory, cuBLAS and the precision of products: for Auto the one that the programs have that
// were loaded last.
func (e *Executor) Device() string { return fmt.Sprintf("%s, %s", e.description, e.current()) }

// current is the precision of the programs that were loaded last, or of those to be loaded.
func (e *Executor) current() Precision {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.chosen != "" {
		return e.chosen
	}
	return e.settings.Precision
}

// settle notes the precision of programs that are being loaded.
func (e *Executor) settle(programs []*graph.Program) (Precision, error) {
	precision, err := e.precisionOf(programs)
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.chosen = precision
	return precision, err
}

// precisionOf is the precision of programs that are loaded together: that of the first one.
func (e *Executor) precisionOf(programs []*graph.Program) (Precision, error) {
	if e.settings.Precision != Auto {
		return e.settings.Precision, nil
	}
	card, known := CardOf(e.description)
	if !known {
		return FP32, nil
	}
	return choose(programs[0], card)
}

// Flops counts the floating-point operations that the device executes for one step's matrix products, 2·m·n·k each. It is 0
// for a program that cannot be loaded.
func (e *Executor) Flops(p *graph.Program) float64 {
	precision, err := e.precisionOf([]*graph.Program{p})
	if err != nil {
		return 0
	}
	l, err := planOf(p, precision)
	if err != nil {
		return 0
	}
	var flops float64
	for _, in := range l.pass {
		for _, c := range l.passCosts(in) {
			flops += c.product.flops()
		}
	}
	return flops
}

// Close takes the kernels off the device. The device's context stays until the process ends. A second Close does nothing.
func (e *Executor) Close() error {
	err := e.unload()
	e.context = cu.CUContext{}
	return err
}

func (e *Executor) unload() error {
	if e.module == nil {
		return nil
	}
	leave, err := e.enter()
	if err != nil {
		return err
	}
	defer leave()
	err = checkCu(e.module.Unload(), "unload the kernels")
	e.module = nil
	return err
}

var _ graph.Executor = (*Executor)(nil)
