package cpu

import (
	"fmt"

	"autoamp/kernels"
)

// Product names an implementation of float32 matrix products.
type Product string

const (
	ProductAuto       Product = "auto"       // the fastest one here; the empty string means the same
	ProductOpenBLAS   Product = "openblas"   // libopenblas, opened at run time
	ProductAccelerate Product = "accelerate" // Apple's Accelerate, opened at run time; nobody has run it yet
	ProductSIMD       Product = "simd"       // kernels.Gemm at the best level of this processor
	ProductGo         Product = "go"         // kernels.Gemm in plain Go
)

// gemmer computes products as kernels.Gemm does. A gemmer
// belongs to one worker: it runs on the calling thread and holds that worker's memory.
type gemmer interface {
	gemm(p kernels.Product)
}

// newGemmers returns one gemmer for each worker, and their name, such as "simd (avx512)" or
// "OpenBLAS 0.3.21 (Cooperlake)".
func newGemmers(p Product, workers int) ([]gemmer, string, error) {
	switch p {
	case "", ProductAuto:
		return autoGemmers(workers)
	case ProductOpenBLAS:
		return blasGemmers(openOpenBLAS, workers)
	case ProductAccelerate:
		return blasGemmers(openAccelerate, workers)
	case ProductSIMD:
		gemmers, description := vectorGemmers(kernels.BestLevel(), workers)
		return gemmers, description, nil
	case ProductGo:
		gemmers, description := vectorGemmers(kernels.Scalar, workers)
		return gemmers, description, nil
	}
	return nil, "", fmt.Errorf("cpu: product = %q: want auto, openblas, accelerate, simd or go", string(p))
}

// autoGemmers takes the product of package kernels if it has vector code for the processor.
// BenchmarkGemm compared it with OpenBLAS 0.3.21 on one core of a Zen 4 (AVX-512). It is 0 to
// 20 % faster at the products of a training step from d = 200 to 2048. At d = 100 it is 15 % faster at
// x·Bᵀ and 1 to 4 % slower at the other two products, so a whole step is faster. The product is the
// same code on every machine, and splitting it by rows changes no bit. NEON has not
// been compared. Without vectors, OpenBLAS is several times faster than plain Go.
func autoGemmers(workers int) ([]gemmer, string, error) {
	if level := kernels.BestLevel(); level > kernels.Scalar {
		gemmers, description := vectorGemmers(level, workers)
		return gemmers, description, nil
	}
	if gemmers, description, err := blasGemmers(openOpenBLAS, workers); err == nil {
		return gemmers, description, nil
	}
	gemmers, description := vectorGemmers(kernels.Scalar, workers)
	return gemmers, description, nil
}

func blasGemmers(open func() (*blas, error), workers int) ([]gemmer, string, error) {
	lib, err := open()
	if err != nil {
		return nil, "", err
	}
	gemmers := make([]gemmer, workers)
	for i := range gemmers {
		gemmers[i] = lib.newGemmer()
	}
	return gemmers, lib.version, nil
}

func vectorGemmers(level kernels.Level, workers int) ([]gemmer, string) {
	gemmers := make([]gemmer, workers)
	for i := range gemmers {
		gemmers[i] = kernelGemmer{kernels.NewWorkspace(level)}
	}
	if level == kernels.Scalar {
		return gemmers, "go"
	}
	return gemmers, "simd (" + level.String() + ")"
}

// kernelGemmer is kernels.Gemm with its workspace.
type kernelGemmer struct{ ws *kernels.Workspace }

func (g kernelGemmer) gemm(p kernels.Product) {
	kernels.Gemm(g.ws, p)
}

// sparseWorkspace returns a workspace for products that are the gemmer's bit for bit, or nil where there are none.
func sparseWorkspace(g gemmer) *kernels.SparseWorkspace {
	if own, ok := g.(kernelGemmer); ok && own.ws.Level() > kernels.Scalar {
		return kernels.NewSparseWorkspace(own.ws)
	}
	return nil
}
