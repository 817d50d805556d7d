package cpu

import (
	"fmt"
	"runtime"

	"autoamp/graph"
	"autoamp/kernels"
)

// Settings configures the CPU executor. The zero value uses every core and the fastest
// products found.
type Settings struct {
	// Threads is the number of worker threads. Zero means GOMAXPROCS.
	Threads int
	// Product chooses the implementation of matrix products. Empty means ProductAuto.
	Product Product
	// Profile measures the time of every instruction, see Runner.Profile.
	Profile bool
}

// Executor runs programs on the CPU.
type Executor struct {
	settings Settings
	product  string
}

// New checks the settings and finds the products.
func New(s Settings) (*Executor, error) {
	if s.Threads == 0 {
		s.Threads = runtime.GOMAXPROCS(0)
	}
	if s.Threads < 0 {
		return nil, fmt.Errorf("cpu: threads = %d: must be at least 1 (0 means all cores)", s.Threads)
	}
	if s.Product == "" {
		s.Product = ProductAuto
	}
	_, product, err := newGemmers(s.Product, 1)
	if err != nil {
		return nil, err
	}
	return &Executor{settings: s, product: product}, nil
}

// Device describes the executor: threads, SIMD level, products.
func (e *Executor) Device() string {
	threads := "1 thread"
	if e.settings.Threads > 1 {
		threads = fmt.Sprintf("%d threads", e.settings.Threads)
	}
	return fmt.Sprintf("cpu: %s, %v, %s", threads, kernels.BestLevel(), e.product)
}

// Threads returns the number of worker threads.
func (e *Executor) Threads() int { return e.settings.Threads }

var _ graph.Executor = (*Executor)(nil)
