// Command elementwise writes the vector kernels of package kernels, but for the matrix product, into kernels/internal/vector:
// assembly, declarations, and the functions that choose between AVX-512 and AVX2 (ladders.go).
//
// Each kernel is written once, against type machine, and emitted for AVX-512 and for AVX2. It performs the same
// rounded operations in the same order as its scalar twin in package kernels, whose file says what it computes.
package main

import "autoamp/kernels/asm/ladder"

// functions are the kernels of this generator.
var functions ladder.Set

func main() { functions.Main("elementwise", emit, lawKind(), familyKind()) }

func emit() {
	shuffleStreams()
	for _, m := range machines {
		vectorKernels(m)
		functionKernels(m)
		signKernels(m)
		sampleKernels(m)
		denoiseKernels(m)
		splineKernels(m)
		optimizerKernels(m)
		hadamardKernel(m)
		signBitKernels(m)
	}
	writeIota()
	writeLow()
	writeCounterTable()
	writeHadamardTables()
	writeTable()
}

func lawKind() ladder.Kind {
	k := ladder.Kind{Name: "Law"}
	for _, l := range laws {
		k.Variants = append(k.Variants, l.name)
	}
	return k
}

func familyKind() ladder.Kind {
	k := ladder.Kind{Name: "Family"}
	for _, f := range families {
		k.Variants = append(k.Variants, f.name)
	}
	return k
}
