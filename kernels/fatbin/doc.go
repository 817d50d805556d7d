// Package fatbin is the CUDA kernels of package kernels, compiled. It is empty in a build without the GPU.
package fatbin
