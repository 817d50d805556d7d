// Package ptx reads PTX, the assembly that nvcc writes into a fatbin for GPUs to come.
//
// Parse returns a module: its variables and its functions, whose bodies are lists of labels and instructions. Names are resolved:
// a register of an inner scope has a name of its own. What instructions compute is the business of package cpp.
//
// Source: NVIDIA, Parallel Thread Execution ISA, version 7.8 and later, chapters 4 to 5 and 11.
package ptx
